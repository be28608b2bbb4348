"""Levels of risk as this room sees them, and verdicts that may be unsure.

Levels are ordered so that they combine by maximum and nothing else: rules raise, people lower. The word
itself lies at the bottom of the domain. Verdicts have three values, because a rule that could not be decided
is a fact of its own: `not unsure` is unsure, and only a miss on one side or a hit on the other can settle it.
"""

from enum import Enum

from hotline.domain.level import Level, band_of

__all__ = ["Level", "Verdict", "band_of"]


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
