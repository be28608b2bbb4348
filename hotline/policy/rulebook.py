"""From the files of `config/risk` to a checked rulebook, or to a list of everything wrong with them.

Clinicians write the files; this module reads them strictly (an unknown field is a fault, not a surprise
at night), compiles every phrase and condition once, and runs every example that the files carry. All
faults are gathered before it gives up, each in a sentence that names the file, the entry and what to do.
The service does not start on a broken rulebook: a rule that silently never hits is worse than a night's
delay.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import cast

import opencc
from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from hotline.base.errors import Broken
from hotline.domain.background import Background, Past, ask, remember
from hotline.domain.risk.assess import Assessment, Facts, Rulebook
from hotline.domain.risk.levels import Level, Verdict
from hotline.domain.risk.lexicon import Lexicon, Mask, Near, Scan, Signal, unmarked
from hotline.domain.risk.normal import Speller
from hotline.domain.risk.rules import Judge, Reason, Rule, Speaker
from hotline.domain.risk.terms import Dialect, Gap, Phrase, parse
from hotline.policy import opinion
from hotline.policy.conditions import Condition, Conditions
from hotline.policy.memory import Memory
from hotline.policy.ruletext import (
    Document,
    ExampleRow,
    Files,
    MaskRow,
    RuleRow,
    SignalRow,
    files_of,
    read,
)

DEFAULT_FOLDER = Path(__file__).resolve().parents[2] / "config" / "risk"

_EVIDENCE = re.compile(r"\b(?:said|signal|noted)\.(\w+)")
_EARLIER = re.compile(r"\b(?:heard|lately|just|often|asked)\.")
_BEGUN = datetime(2026, 1, 1, 12, tzinfo=UTC)
"""When the made-up talks of examples begin."""
_OWN_VARIANTS = {
    "著": "着",
    "妳": "你",
    "祢": "你",
    "喺": "在",
    "唔": "不",
    "嘅": "的",
    "冇": "没",
    "咗": "了",
}
_LOOKALIKES = dict(zip("аеорсхуіѕԁһкмтнвӏјαοερικνυχτ", "aeopcxyisdhkmthbljaoepikvuxt", strict=True))
"""Cyrillic and Greek letters that pass for Latin ones, and so hide a word from a filter."""

_SCORES = {Level.LOW: 1, Level.MODERATE: 2, Level.HIGH: 3, Level.IMMINENT: 3}


class RulebookError(Broken):
    """A rulebook has faults; nothing is judged by it until a clinician has mended them."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        listed = "\n".join(f"- {fault}" for fault in self.faults)
        super().__init__("rulebook_broken", f"The rulebook has {len(self.faults)} fault(s):\n{listed}")


def load(folder: Path, memory: Memory | None = None) -> Rulebook:
    """Read, compile and self-check the rulebook of a folder.

    Raises:
        RulebookError: with every fault found, not only the first.
    """
    return made_of(files_of(folder), memory)


def made_of(files: Files, memory: Memory | None = None) -> Rulebook:
    """Compile and self-check the rulebook of these files; with a `memory`, its examples are tried once.

    Raises:
        RulebookError: with every fault found, not only the first.
    """
    document, rulebook = _built(files)
    if memory and memory.knows(document.digest):
        return rulebook
    faults = list(_examples(document, rulebook))
    if faults:
        raise RulebookError(faults)
    if memory:
        memory.keep(document.digest)
    return rulebook


def untried(files: Files) -> Rulebook:
    """Compile without running the examples: to look at a draft, never to judge a caller by.

    Raises:
        RulebookError: with every fault of reading and compiling.
    """
    return _built(files)[1]


def _built(files: Files) -> tuple[Document, Rulebook]:
    faults: list[str] = []
    document = read(files, faults)
    if faults:
        raise RulebookError(faults)
    rulebook = _Workshop(document, faults).build()
    if faults:
        raise RulebookError(faults)
    return document, rulebook


def compile_all(rulebook: Rulebook) -> None:
    """Compile every phrase now, which otherwise waits until a caller's words come near it."""
    lexicon = rulebook.lexicon
    for each in (*lexicon.signals, *lexicon.masks):
        for phrase in each.phrases:
            _ = phrase.fits
    for mask in lexicon.masks:
        for phrase in mask.exceptions:
            _ = phrase.fits


def judge(text: str) -> int:
    """A caller's message on the scale 0 none, 1 watch, 2 ideation or self-harm, 3 acute; 2 is a flag."""
    return _SCORES.get(_shipped().assess(Facts(text=text)).level, 0)


@cache
def _shipped() -> Rulebook:
    rulebook = load(DEFAULT_FOLDER)
    compile_all(rulebook)
    return rulebook


class _Workshop:
    """Builds a rulebook from its document; what cannot be built becomes a fault and is left out."""

    def __init__(self, document: Document, faults: list[str]) -> None:
        self._document = document
        self._faults = faults
        self._speller = Speller(_variants())
        self._spell = cache(self._speller.term)
        """Every phrase spells its word lists again."""
        self._dialects = {
            language: Dialect(words=words, spaced=language != "zh")
            for language, words in document.words.items()
        }

    def build(self) -> Rulebook:
        """Everything compiled; only to be used if no fault was added on the way."""
        self._check_names()
        rules, answers = self._rules()
        return Rulebook(
            spell=self._speller.plain,
            lexicon=Lexicon(self._signals(), self._masks(), _scan_for),
            rules=rules,
            judge=answers,
            limits=self._document.limits.limits(),
            digest=self._document.digest,
            opinion=opinion.in_use(),
        )

    def _check_names(self) -> None:
        document = self._document
        for kind, rows in (("signal", document.signals), ("mask", document.masks), ("rule", document.rules)):
            counted = Counter(row.id for _, row in rows)
            for name in (name for name, count in counted.items() if count > 1):
                self._faults.append(f"{kind} {name!r} stands there twice: give one of them another id.")
        known = frozenset(document.categories)
        for file, row in document.signals:
            near = row.near.categories if row.near else ()
            self._check_categories(file, f"signal {row.id!r}", {row.category, *near} - known)
        signals = {row.id for _, row in document.signals}
        for file, row in document.masks:
            self._check_categories(file, f"mask {row.id!r}", frozenset(row.hides) - known - {"all"})
            if row.becomes is not None and row.becomes not in signals:
                self._faults.append(
                    f"{file}: mask {row.id!r} turns into {row.becomes!r}, which is no signal: "
                    "add it or correct it."
                )

    def _check_categories(self, file: str, entry: str, unknown: Iterable[str]) -> None:
        self._faults += [
            f"{file}: {entry} names the category {name!r}: "
            "add it to `categories` in rules.yaml or correct it."
            for name in sorted(unknown)
        ]

    def _signals(self) -> list[Signal]:
        return [
            Signal(
                id=row.id,
                category=row.category,
                phrases=self._phrases(file, f"signal {row.id!r}", row.terms),
                whole=frozenset(unmarked(self._speller.plain(text).text) for text in row.whole),
                near=Near(categories=frozenset(row.near.categories), within=row.near.within)
                if row.near
                else None,
            )
            for file, row in self._document.signals
        ]

    def _masks(self) -> list[Mask]:
        everything = frozenset(self._document.categories)
        return [
            Mask(
                id=row.id,
                phrases=self._phrases(file, f"mask {row.id!r}", row.terms),
                exceptions=self._phrases(file, f"mask {row.id!r}", row.unless),
                how=row.how,
                hides=everything if "all" in row.hides else frozenset(row.hides),
                reach=Gap(row.reach, row.over_commas, self._dialects[self._language(file)].spaced),
                becomes=row.becomes,
            )
            for file, row in self._document.masks
        ]

    def _language(self, file: str) -> str:
        return self._document.languages[file]

    def _phrases(self, file: str, entry: str, terms: Iterable[str]) -> tuple[Phrase, ...]:
        phrases: list[Phrase] = []
        for term in terms:
            try:
                phrases.append(parse(term, self._dialects[self._language(file)], self._spell))
            except ValueError as error:
                self._faults.append(f"{file}: {entry}: {error}")
        return tuple(phrases)

    def _rules(self) -> tuple[tuple[Rule, ...], Judge]:
        document = self._document
        conditions = Conditions(document.categories, [row.id for _, row in document.signals])
        rules: list[Rule] = []
        expressions: list[Condition] = []
        for file, row in document.rules:
            try:
                expressions.append(conditions.compile(row.when))
            except ValueError as error:
                self._faults.append(f"{file}: rule {row.id!r}: {error} Correct its `when`.")
                continue
            if _EARLIER.search(row.when) and not _EVIDENCE.search(row.when):
                self._faults.append(
                    f"{file}: rule {row.id!r} speaks only of what was said before, and would speak at every "
                    "message: add what is said now (said.…)."
                )
            rules.append(_rule(row))
        return tuple(rules), conditions.judge(expressions)


def _rule(row: RuleRow) -> Rule:
    return Rule(
        id=row.id,
        when=row.when,
        level=row.level,
        flags=frozenset(row.flags),
        reason=Reason(zh=row.reason.zh, en=row.reason.en),
        evidence=frozenset(_EVIDENCE.findall(row.when)),
    )


def _scan_for(literals: list[str]) -> Scan:
    """One automaton for all literals; overlapping, because a short term may hide a longer one."""
    automaton = AhoCorasick(
        literals, matchkind=MatchKind.Standard, implementation=Implementation.ContiguousNFA
    )
    return lambda text: automaton.find_matches_as_indexes(text, overlapping=True)


@cache
def _variants() -> dict[str, str]:
    """Each traditional character with its simplified one, so that spelling never changes a text's length."""
    every = [chr(code) for code in (*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000))]
    convert = cast("Callable[[str], str]", opencc.OpenCC("t2s").convert)  # it ships no types of its own
    simple = convert("\n".join(every)).split("\n")
    return (
        {old: new for old, new in zip(every, simple, strict=True) if old != new} | _OWN_VARIANTS | _LOOKALIKES
    )


@dataclass(frozen=True, slots=True)
class _Trial:
    """One example of the rulebook, ready to be run."""

    file: str
    entry: str
    example: ExampleRow
    holds: Callable[[Assessment, set[str]], bool]
    should: str

    def fault(self, rulebook: Rulebook) -> str | None:
        told = rulebook.explain(in_talk(rulebook, self.example))
        if self.holds(told.assessment, {signal for signal, _ in told.hits}):
            return None
        return (
            f"{self.file}: {self.entry}: the example {self.example.shown()!r} should {self.should} "
            "and that is not so: mend the terms, a mask, or the example."
        )


def in_talk(rulebook: Rulebook, example: ExampleRow) -> Facts:
    """The facts of an example, with what was heard in the messages before it."""
    background = Background()
    for seq, row in enumerate(example.before, 1):
        if row.speaker is Speaker.COUNSELOR:
            background = ask(background, rulebook.topics(row.text), seq)
        else:
            said = rulebook.assess(Facts(text=row.text)).said
            background = remember(background, said, _BEGUN + timedelta(minutes=seq), seq)
    seq = len(example.before) + 1
    at = int((_BEGUN + timedelta(minutes=seq)).timestamp())
    return replace(example.facts(), past=Past(heard=background.heard, asked=background.asked, at=at, seq=seq))


def _examples(document: Document, rulebook: Rulebook) -> Iterator[str]:
    """The faults of all examples that do not come out as their authors meant."""
    for trial in _trials(document):
        if (fault := trial.fault(rulebook)) is not None:
            yield fault


def _trials(document: Document) -> Iterator[_Trial]:
    for file, signal in document.signals:
        yield from _signal_trials(file, signal)
    for file, mask in document.masks:
        yield from _mask_trials(file, mask)
    for file, rule in document.rules:
        yield from _rule_trials(file, rule)


def _signal_trials(file: str, row: SignalRow) -> Iterator[_Trial]:
    entry = f"signal {row.id!r}"
    for example in row.examples.hit:
        yield _Trial(file, entry, example, lambda _, heard: row.id in heard, "be noticed")
    for example in row.examples.miss:
        yield _Trial(file, entry, example, lambda _, heard: row.id not in heard, "not be noticed")


def _mask_trials(file: str, row: MaskRow) -> Iterator[_Trial]:
    entry = f"mask {row.id!r}"
    for example in row.examples.quiet:
        yield _Trial(
            file, entry, example, lambda found, _: found.level < Level.MODERATE, "stay below moderate"
        )
    for example in row.examples.heard:
        yield _Trial(file, entry, example, lambda found, _: found.level >= Level.MODERATE, "reach moderate")


def _rule_trials(file: str, row: RuleRow) -> Iterator[_Trial]:
    entry = f"rule {row.id!r}"

    def hits(found: Assessment) -> bool:
        return any(one.rule == row.id and one.verdict is Verdict.HIT for one in found.findings)

    for example in row.examples.hit:
        yield _Trial(file, entry, example, lambda found, _: hits(found), "hit")
    for example in row.examples.miss:
        yield _Trial(file, entry, example, lambda found, _: not hits(found), "miss")
