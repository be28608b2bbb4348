"""A small rulebook made of pure parts only: no files, no engines, a scanner anybody can read."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from hotline.domain.background import Memory
from hotline.domain.risk.assess import Limits, Rulebook
from hotline.domain.risk.levels import Level, Verdict
from hotline.domain.risk.lexicon import How, Lexicon, Mask, Scan, Signal
from hotline.domain.risk.normal import Speller
from hotline.domain.risk.rules import Reason, Rule, View
from hotline.domain.risk.terms import Dialect, Gap, Phrase, parse

MEMORY = Memory(lately_minutes=30, just_messages=6, often_messages=3)
SPELLER = Speller({"殺": "杀", "劃": "划"})
ZH = Dialect(words={"die": ["死", "自杀"]}, spaced=False)
EN = Dialect(words={"myself": ["myself", "my self"]}, spaced=True)


def slow_scan(literals: list[str]) -> Scan:
    """What the engine does, literal by literal: places in the order of their ends."""

    def scan(text: str) -> Iterable[tuple[int, int, int]]:
        found = [
            (number, match.start(), match.start() + len(literal))
            for number, literal in enumerate(literals)
            for match in re.finditer(f"(?={re.escape(literal)})", text)
        ]
        return sorted(found, key=lambda place: place[2])

    return scan


def zh(*written: str) -> tuple[Phrase, ...]:
    return tuple(parse(one, ZH, SPELLER.term) for one in written)


def en(*written: str) -> tuple[Phrase, ...]:
    return tuple(parse(one, EN, SPELLER.term) for one in written)


def signal(name: str, category: str, *phrases: Phrase) -> Signal:
    return Signal(id=name, category=category, phrases=phrases)


def mask(how: How, *phrases: Phrase, unless: Sequence[Phrase] = (), becomes: str | None = None) -> Mask:
    return Mask(
        id=f"a_mask_{how.value}",
        phrases=phrases,
        exceptions=tuple(unless),
        how=how,
        hides=frozenset({"ideation"}),
        reach=Gap(4, commas=False, spaced=False),
        becomes=becomes,
    )


def lexicon(*masks: Mask) -> Lexicon:
    wish = signal("wish", "ideation", *zh("想<die>"), *en("kill <myself>"))
    return Lexicon([wish, signal("said_no", "denied")], masks, slow_scan)


def noticed(text: str, *masks: Mask) -> list[tuple[str, str]]:
    """The signals that stand in a text, each with the caller's own words."""
    plain = SPELLER.plain(text)
    spans = [(hit.signal, plain.span(hit.start, hit.end)) for hit in lexicon(*masks).read(plain, 100).kept]
    return [(name, text[start:end]) for name, (start, end) in spans]


def rule(name: str, level: Level, evidence: str, flag: str) -> Rule:
    return Rule(
        id=name,
        when=f"said.{evidence}",
        level=level,
        flags=frozenset({flag}),
        reason=Reason(zh="理由", en="a reason"),
        evidence=frozenset({evidence}),
    )


def rulebook(rules: Mapping[Rule, Callable[[View], Verdict]]) -> Rulebook:
    """A rulebook whose conditions are plain functions."""
    return Rulebook(
        spell=SPELLER.plain,
        lexicon=lexicon(),
        rules=tuple(rules),
        judge=lambda view: tuple(condition(view) for condition in rules.values()),
        limits=Limits(text_characters_max=40, places_max=20, memory=MEMORY, night_from=23, night_to=6),
        digest="d1",
    )


def says(category: str) -> Callable[[View], Verdict]:
    """A condition on one category: a miss only if the whole text was read."""

    def condition(view: View) -> Verdict:
        if category in view.said:
            return Verdict.HIT
        return Verdict.UNSURE if view.partial else Verdict.MISS

    return condition
