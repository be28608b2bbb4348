"""Two people's changes of one text, laid together: what only one of them touched is taken from that one.

Where both touched the same lines and meant different things, somebody has to say whose stand; nothing is
ever dropped unasked.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

from hotline.base.errors import Refused

Whose = Literal["mine", "theirs"]


class _Hunk(NamedTuple):
    """Lines `start` to `end` of the base become `lines`."""

    start: int
    end: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """The text, and whether the two had changed the same lines differently."""

    text: str
    is_disputed: bool


def merge(base: str, mine: str, theirs: str, prefer: Whose = "mine") -> Merged:
    """Lay both changes of `base` together; `prefer` stands where they differ about the same lines."""
    lines = base.splitlines(keepends=True)
    own, other = _hunks(lines, mine), _hunks(lines, theirs)
    made: list[str] = []
    at, is_disputed = 0, False
    for start, end in _ranges(own, other):
        made += lines[at:start]
        ours, others = _applied(lines, own, start, end), _applied(lines, other, start, end)
        untouched = lines[start:end]
        if ours not in (others, untouched) and others != untouched:
            is_disputed = True
            made += ours if prefer == "mine" else others
        else:
            made += others if ours == untouched else ours
        at = end
    made += lines[at:]
    return Merged(text="".join(made), is_disputed=is_disputed)


def carried(
    base: Mapping[str, str], edits: Mapping[str, str | None], onto: Mapping[str, str], prefer: Whose | None
) -> dict[str, str | None]:
    """Edits of `base` as edits of `onto`, file by file.

    Raises:
        Refused: both sides changed the same lines, and nobody has said whose stand.
    """
    found: dict[str, str | None] = {}
    disputed: list[str] = []
    for name, mine in edits.items():
        merged, is_disputed = _file(base.get(name), mine, onto.get(name), prefer or "mine")
        if is_disputed:
            disputed.append(name)
        if merged != onto.get(name):
            found[name] = merged
    if disputed and prefer is None:
        raise Refused(
            "rulebook.disputed",
            f"You and somebody else changed the same lines of {', '.join(sorted(disputed))}: "
            "say whose shall stand.",
            tuple(sorted(disputed)),
        )
    return found


def _file(base: str | None, mine: str | None, theirs: str | None, prefer: Whose) -> tuple[str | None, bool]:
    if theirs in (base, mine):
        return mine, False
    if mine == base:
        return theirs, False
    if base is None or mine is None or theirs is None:
        return (mine if prefer == "mine" else theirs), True
    merged = merge(base, mine, theirs, prefer)
    return merged.text, merged.is_disputed


def _hunks(base: Sequence[str], text: str) -> list[_Hunk]:
    lines = text.splitlines(keepends=True)
    codes = SequenceMatcher(None, base, lines, autojunk=False).get_opcodes()
    return [_Hunk(i, j, tuple(lines[k:m])) for tag, i, j, k, m in codes if tag != "equal"]


def _ranges(own: Sequence[_Hunk], other: Sequence[_Hunk]) -> Iterator[tuple[int, int]]:
    """The places of the base that anybody touched; what overlaps or touches is one place."""
    start, end = -1, -1
    for hunk in sorted((*own, *other)):
        if hunk.start > end:
            if end >= 0:
                yield start, end
            start, end = hunk.start, hunk.end
        else:
            end = max(end, hunk.end)
    if end >= 0:
        yield start, end


def _applied(base: Sequence[str], hunks: Sequence[_Hunk], start: int, end: int) -> list[str]:
    """One side's lines in place of the base's from `start` to `end`."""
    made: list[str] = []
    at = start
    for hunk in hunks:
        if start <= hunk.start and hunk.end <= end:
            made += [*base[at : hunk.start], *hunk.lines]
            at = hunk.end
    return [*made, *base[at:end]]
