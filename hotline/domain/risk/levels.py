"""Levels of risk, the queue band each one waits in, and verdicts that may be unsure.

Levels are ordered so that they combine by maximum and nothing else: rules raise, people lower. `unknown`
stands above `none_found` because a contact nobody has asked must not look calmer than one who was asked and
denied. Verdicts have three values, because a rule that could not be decided is a fact of its own: `not unsure`
is unsure, and only a miss on one side or a hit on the other can settle it.
"""

from dataclasses import dataclass
from enum import Enum

from hotline.domain.level import Level as Level


class Verdict(Enum):
    """What a rule says about some facts: three-valued, because not knowing is not a miss."""

    MISS = "miss"
    UNSURE = "unsure"
    HIT = "hit"

    def negated(self) -> "Verdict":
        """Not: a hit and a miss change places, unsure stays unsure."""
        return {Verdict.HIT: Verdict.MISS, Verdict.MISS: Verdict.HIT}.get(self, Verdict.UNSURE)

    def both(self, other: "Verdict") -> "Verdict":
        """And: one miss is enough for a miss; otherwise unsure on either side is unsure."""
        return min(self, other, key=_STRENGTH.index)

    def either(self, other: "Verdict") -> "Verdict":
        """Or: one hit is enough for a hit; otherwise unsure on either side is unsure."""
        return max(self, other, key=_STRENGTH.index)


_STRENGTH = (Verdict.MISS, Verdict.UNSURE, Verdict.HIT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bands:
    """Which queue band a level waits in; 0 is served first. A centre may hand in its own."""

    imminent: int = 0
    high: int = 1
    moderate: int = 2
    rest: int = 3

    def of(self, level: Level) -> int:
        """The band of a level; levels without a band of their own share `rest`."""
        named = {Level.IMMINENT: self.imminent, Level.HIGH: self.high, Level.MODERATE: self.moderate}
        return named.get(level, self.rest)


DEFAULT_BANDS = Bands()


def band_of(level: Level, bands: Bands = DEFAULT_BANDS) -> int:
    """Answer where in the queue's order a contact of this level waits."""
    return bands.of(level)
