"""P12: reading a message for danger, 60 Chinese characters, with 500 and 5,000 phrases.

The floor is `any(phrase in text)` over the same phrases. The house's side is a message's whole reading: plain
spelling (variants, full width, inserted spaces), all places of all phrases, and what masks and company make
of them. It has read the messages once before: a house compiles its phrases when it starts, and learns each
character when it first meets it. The phrases are random Chinese words of two to six characters; one message
in ten holds one.
"""

import random
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from time import process_time
from typing import Final

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from hotline.domain.risk.lexicon import Lexicon, Scan, Signal
from hotline.domain.risk.normal import Plain
from hotline.domain.risk.terms import Dialect, parse
from hotline.policy import rulebook
from tests.bench.goal import Bound, Figures, Goal, Measure, Size
from tests.bench.meter import Watch

SEED: Final = 20261121
FIRST, LAST = 0x4E00, 0x5E00
CHARACTERS: Final = 60
MESSAGES: Final = 2000
PLACES_MAX: Final = 1000
HOLDS_ONE: Final = 10


def _words(count: int) -> list[str]:
    chance = random.Random(SEED)
    made: set[str] = set()
    while len(made) < count:
        made.add("".join(chr(chance.randrange(FIRST, LAST)) for _ in range(chance.randint(2, 6))))
    return sorted(made)


def _messages(words: list[str], count: int) -> list[str]:
    chance = random.Random(SEED + 1)
    made: list[str] = []
    for nth in range(count):
        text = "".join(chr(chance.randrange(FIRST, LAST)) for _ in range(CHARACTERS))
        word = chance.choice(words)
        made.append(text[: CHARACTERS - len(word)] + word if nth % HOLDS_ONE == 0 else text)
    return made


def floor(phrases: int) -> Callable[[Size], AbstractAsyncContextManager[Measure]]:
    """Every phrase looked for by itself."""

    @asynccontextmanager
    async def made(size: Size) -> AsyncGenerator[Measure]:
        words = _words(phrases)
        messages = _messages(words, size.count(MESSAGES, 20))

        async def measure(watch: Watch) -> Figures:
            with watch:
                began = process_time()
                found = sum(any(word in text for word in words) for text in messages)
                spent = process_time() - began
            return {"us": 1e6 * spent / len(messages), "found": found / len(messages)}

        yield measure

    return made


def side(phrases: int) -> Callable[[Size], AbstractAsyncContextManager[Measure]]:
    """The house's speller and lexicon."""

    @asynccontextmanager
    async def made(size: Size) -> AsyncGenerator[Measure]:
        words = _words(phrases)
        spell, lexicon = read_by_the_house(words)
        messages = _messages(words, size.count(MESSAGES, 20))
        for text in messages:
            lexicon.read(spell(text), PLACES_MAX)

        async def measure(watch: Watch) -> Figures:
            with watch:
                began = process_time()
                found = sum(bool(lexicon.read(spell(text), PLACES_MAX).kept) for text in messages)
                spent = process_time() - began
            began = process_time()
            for text in messages:
                spell(text)
            spelling = process_time() - began
            return {
                "us": 1e6 * spent / len(messages),
                "spelling_us": 1e6 * spelling / len(messages),
                "found": found / len(messages),
            }

        yield measure

    return made


def read_by_the_house(words: list[str]) -> tuple[Callable[[str], Plain], Lexicon]:
    """The shipped spelling, and a lexicon of one signal with all these phrases."""
    spell = rulebook.load(rulebook.DEFAULT_FOLDER).spell
    dialect = Dialect(words={}, spaced=False)
    phrases = tuple(parse(word, dialect, lambda text: spell(text).text) for word in words)
    return spell, Lexicon([Signal(id="said", category="said", phrases=phrases)], (), _scan_for)


def _scan_for(literals: list[str]) -> Scan:
    automaton = AhoCorasick(
        literals, matchkind=MatchKind.Standard, implementation=Implementation.ContiguousNFA
    )
    return lambda text: automaton.find_matches_as_indexes(text, overlapping=True)


GOAL = Goal(
    id="P12",
    sentence="A message of 60 characters read for danger: spelling, 500 phrases (and 5,000), masks, company.",
    sides={"any500": floor(500), "house": side(500), "any5000": floor(5000), "house5000": side(5000)},
    bounds=(
        Bound("500 phrases", "us", against="any500", passes=0.35, unit="us"),
        Bound("5,000 to 500 phrases", "us", side="house5000", against="house", passes=4, unit="us"),
        Bound("5,000 phrases", "us", side="house5000", against="any5000", unit="us"),
        Bound("of it spelling", "spelling_us", unit="us"),
        Bound("messages noticed", "found", against="any500"),
    ),
)
