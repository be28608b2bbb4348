"""A second opinion on words in which the rules found nothing grave: weights of short pieces of text.

Rules miss paraphrase. This looks at every short piece of a message (one to three characters of Chinese,
two to four of other scripts), adds up what each was worth in labelled messages, and gives a likelihood.
It may put a mark below the flag, for a human to look at; it never takes anything away, and the rules
never wait for it. The weights are data: which piece counts how much can be read, and which pieces led
to a mark is shown.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import repeat
from operator import add
from typing import Final

SIZES: Final = {"zh": (1, 2, 3), "en": (2, 3, 4)}
"""Lengths of pieces in characters of the plain spelling."""

CHARACTERS_MAX: Final = 1_000
"""Of a longer text the first and the last half of this are looked at."""

PLACES_MAX: Final = 3
_HAN: Final = range(0x3400, 0xA000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """What is known of one language; from the likelihood `watch` on a message is marked for a human.

    There is no likelihood at which it would raise an alarm: that was measured, and does not pay.
    """

    bias: float
    pieces: Mapping[str, float]
    watch: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """Weights by language; `digest` names them in whatever they led to."""

    languages: Mapping[str, Weights]
    digest: str


def language_of(plain: str) -> str:
    """`zh` where any character is Chinese, else `en`."""
    return "zh" if any(ord(char) in _HAN for char in plain) else "en"


def pieces(plain: str, language: str) -> frozenset[str]:
    """The different short pieces of a text in plain spelling; English ones know where a word begins."""
    text = bounded(plain, language)
    grown: Iterable[str] = text
    found: set[str] = set()
    for size in range(1, SIZES[language][-1] + 1):
        if size >= SIZES[language][0]:
            found.update(grown := list(grown))
        grown = map(add, grown, text[size:])
    return frozenset(found)


def bounded(plain: str, language: str) -> str:
    """What of a text is looked at, with a blank at both ends where words have ends."""
    half = CHARACTERS_MAX // 2
    text = plain if len(plain) <= CHARACTERS_MAX else f"{plain[:half]}.{plain[-half:]}"
    return text if language == "zh" else f" {text} "


def likelihood(weights: Weights, plain: str, language: str) -> float:
    """How likely words like these are a wish to die, from 0 to 1; 0 for an empty text."""
    found = pieces(plain, language)
    if not found:
        return 0.0
    known = weights.pieces
    worth = weights.bias + math.fsum(map(known.get, found, repeat(0.0))) / math.sqrt(len(found))
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, worth))))


def places(weights: Weights, plain: str) -> Iterator[tuple[int, int]]:
    """Where the pieces stand that weighed most, so that a human sees what led to the mark."""
    worth = sorted(
        (weight, piece) for piece, weight in weights.pieces.items() if weight > 0 and piece.strip() in plain
    )
    for _, piece in worth[: -PLACES_MAX - 1 : -1]:
        bare = piece.strip()
        start = plain.find(bare)
        if bare and start >= 0:
            yield start, start + len(bare)
