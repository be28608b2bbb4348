"""How callers come, talk and give up: the shape of a day, made of chance and a seed.

Hour weights, parts of the talk time and patience are drawn through what Chinese and American lines have
published; most of their spreads are judgement, so they are good for a lively floor and no forecast. A
practice shift compresses time: `speed` 16 makes an hour pass in under four minutes and a talk of twenty
minutes in 75 seconds. Offers, wrap-up and heartbeats of the house run in real time and do not compress, so
patience and redial are compressed by the square root only; else everybody would have left before an answer.
"""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

HOUR_WEIGHTS: Final = (
    1.2, 1.0, 0.8, 0.5, 0.4, 0.35, 0.35, 0.4, 0.5, 0.7, 0.8, 0.8,
    0.8, 0.8, 0.8, 0.8, 0.85, 1.05, 1.7, 2.2, 2.2, 2.1, 1.6, 1.3,
)  # fmt: skip
"""Arrivals by the hour of the day, mean 1: the evening is the peak, midnight is above the mean."""

DAY_SECONDS: Final = 86_400.0
HOUR_SECONDS: Final = 3_600.0
PATIENCE_SECONDS_MEAN: Final = 300.0
PATIENCE_CRISIS_SECONDS_MEAN: Final = 600.0
REDIAL_CHANCE: Final = 0.5
REDIAL_SECONDS: Final = (60.0, 300.0)
SILENT_LEAVER_CHANCE: Final = 0.3
"""Of those who open a chat, who leave while they wait without a word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One kind of talk: its share of all, and the log-normal length that it has."""

    name: str
    share: float
    seconds_mean: float
    seconds_sd: float
    seconds_max: float

    def draw(self, chance: random.Random) -> float:
        """A length in seconds."""
        spread = math.log(1 + (self.seconds_sd / self.seconds_mean) ** 2)
        middle = math.log(self.seconds_mean) - spread / 2
        return min(chance.lognormvariate(middle, math.sqrt(spread)), self.seconds_max)


PARTS: Final = (
    Part(name="silent", share=0.15, seconds_mean=60, seconds_sd=60, seconds_max=600),
    Part(name="short", share=0.25, seconds_mean=240, seconds_sd=120, seconds_max=1_800),
    Part(name="ordinary", share=0.45, seconds_mean=1_200, seconds_sd=720, seconds_max=5_400),
    Part(name="long", share=0.11, seconds_mean=2_700, seconds_sd=900, seconds_max=7_200),
    Part(name="crisis", share=0.04, seconds_mean=3_600, seconds_sd=1_200, seconds_max=7_200),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What one caller brings: the kind, how long to talk and how long to wait, in real seconds."""

    kind: str
    talk_seconds: float
    patience_seconds: float
    leaves_silently: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A compressed day: it begins at `starts_at_hour`, and `speed` of its seconds pass in one."""

    per_day: float
    speed: float
    starts_at_hour: float

    def hour(self, seconds: float) -> float:
        """The hour of the compressed day, `seconds` (real) after its beginning."""
        return (self.starts_at_hour + seconds * self.speed / HOUR_SECONDS) % 24

    def rate(self, seconds: float) -> float:
        """Arrivals per real second at that moment."""
        return self.rate_mean * HOUR_WEIGHTS[int(self.hour(seconds))]

    @property
    def rate_mean(self) -> float:
        """Arrivals per real second over the whole day."""
        return self.per_day / DAY_SECONDS * self.speed

    def arrivals(self, chance: random.Random) -> Iterator[float]:
        """The moments of arrival, in real seconds from the beginning, without end.

        A Poisson process whose rate follows the hour: candidates at the highest rate, each kept with the
        share that the rate of its moment has in it.
        """
        highest = self.rate_mean * max(HOUR_WEIGHTS)
        at = 0.0
        while True:
            at += chance.expovariate(highest)
            if chance.random() * highest < self.rate(at):
                yield at

    def visit(self, chance: random.Random) -> Visit:
        """Who comes: drawn anew for every arrival."""
        part = chance.choices(PARTS, weights=[each.share for each in PARTS])[0]
        mean = PATIENCE_CRISIS_SECONDS_MEAN if part.name == "crisis" else PATIENCE_SECONDS_MEAN
        return Visit(
            kind=part.name,
            talk_seconds=part.draw(chance) / self.speed,
            patience_seconds=self.waited(chance.expovariate(1 / mean)),
            leaves_silently=chance.random() < SILENT_LEAVER_CHANCE,
        )

    def redial_seconds(self, chance: random.Random) -> float | None:
        """After how long somebody who gave up tries again, if at all."""
        return self.waited(chance.uniform(*REDIAL_SECONDS)) if chance.random() < REDIAL_CHANCE else None

    def waited(self, seconds: float) -> float:
        """A span of waiting, compressed by the root of the speed (never stretched)."""
        return seconds / math.sqrt(max(self.speed, 1.0))
