"""A rulebook on trial: checked, explained, compared and replayed away from those who serve callers.

What people write may take any time and any memory to compile. So it is tried in a process of its own
(see `workbench`), which knows no database and no keys, is the last to get the processor, and
is ended when its time is up. Command-line tools, which serve nobody, call these directly.
"""

import os
import pickle
import re
import resource
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, BinaryIO, Final

from hotline.domain import replay
from hotline.domain.replay import Compared, Said
from hotline.domain.risk.assess import Explanation, Facts, Rulebook
from hotline.policy import comparison, rulebook
from hotline.policy.comparison import Difference
from hotline.policy.rulebook import RulebookError
from hotline.policy.ruletext import Files

NICE: Final = 10
MEMORY_BYTES_MAX: Final = 2_000_000_000
LENGTH_BYTES: Final = 4

_PLACE: Final = re.compile(r"^(?P<file>[\w.-]+\.yaml): (?P<rest>.*)$", re.DOTALL)
_ENTRY: Final = re.compile(r"(?:signal|mask|rule) '(?P<named>[a-z0-9_]+)'|^\w+ '(?P<placed>[a-z0-9_]+)'")
_LINE: Final = re.compile(r"\bline (\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong, and where as far as that is known; lines count from 1."""

    file: str | None
    line: int | None
    entry: str | None
    sentence: str


def check(files: Files) -> tuple[Fault, ...]:
    """Everything that is wrong with these files; nothing, if they may be used."""
    try:
        rulebook.compile_all(rulebook.made_of(files))
    except RulebookError as error:
        return tuple(_located(sentence, files) for sentence in error.faults)
    return ()


def explain(files: Files, facts: Facts) -> Explanation:
    """What these files make of some facts, and why.

    Raises:
        RulebookError: they cannot be used.
    """
    return _made(_frozen(files)).explain(facts)


def differ(old: Files, new: Files) -> Difference:
    """What is another in `new`: entries, lines, and examples that come out differently.

    Raises:
        RulebookError: one of them cannot be used.
    """
    return comparison.differ(old, new, _made(_frozen(old)), _made(_frozen(new)))


def compare(old: Files, new: Files, said: Sequence[Said]) -> list[Compared]:
    """What both make of some contacts.

    Raises:
        RulebookError: one of them cannot be used.
    """
    before, after = _made(_frozen(old)), _made(_frozen(new))
    return [replay.compared(before, after, each) for each in said]


def _frozen(files: Files) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(files.items()))


@lru_cache(maxsize=2)
def _made(files: tuple[tuple[str, str], ...]) -> Rulebook:
    return rulebook.untried(dict(files))


def _located(sentence: str, files: Files) -> Fault:
    """The place of a fault, read from its sentence: where the entry begins, or where YAML gave up."""
    placed = _PLACE.match(sentence)
    if placed is None:
        return Fault(file=None, line=None, entry=None, sentence=sentence)
    file, rest = placed["file"], placed["rest"]
    named = _ENTRY.search(rest)
    entry = (named["named"] or named["placed"]) if named else None
    told = _LINE.findall(rest)
    line = _line_of(files.get(file, ""), entry) if entry else int(told[-1]) if told else None
    return Fault(file=file, line=line, entry=entry, sentence=rest)


def _line_of(text: str, entry: str) -> int | None:
    begins = re.compile(rf"\bid:\s*['\"]?{re.escape(entry)}['\"]?\s*([,}}#].*)?$")
    return next((at for at, line in enumerate(text.splitlines(), 1) if begins.search(line)), None)


DONE: Final = "done"
BROKEN: Final = "broken"
CRASHED: Final = "crashed"
DOES: Final[dict[str, Callable[..., Any]]] = {
    "check": check,
    "explain": explain,
    "differ": differ,
    "compare": compare,
}


def framed(value: object) -> bytes:
    """A value on its way through the pipe between the two processes of ours."""
    packed = pickle.dumps(value)
    return len(packed).to_bytes(LENGTH_BYTES, "big") + packed


def unpacked(packed: bytes) -> Any:
    """The value again; the pipe has nobody but us at its ends."""
    return pickle.loads(packed)  # noqa: S301  see above


def _serve(asked: BinaryIO, answered: BinaryIO) -> None:
    """Answer one question after another until nobody asks any more."""
    while head := asked.read(LENGTH_BYTES):
        name, arguments = unpacked(asked.read(int.from_bytes(head, "big")))
        try:
            answer = DONE, DOES[name](*arguments)
        except RulebookError as error:
            answer = BROKEN, error.faults
        except Exception as error:  # noqa: BLE001  said by its kind alone: it may hold somebody's words
            answer = CRASHED, type(error).__name__
        answered.write(framed(answer))
        answered.flush()


def main() -> None:
    """The child: last to get the processor, bounded in memory, ends when nobody asks any more."""
    os.nice(NICE)
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))
    _serve(sys.stdin.buffer, sys.stdout.buffer)
