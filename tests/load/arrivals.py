"""Who comes when, with what, and how patient: the load model as a plan that a seed repeats.

The shape of the day, the parts of the talk, patience and redialling are the practice shift's
(`hotline.practice.shape`); here is what a shift does not need: weekdays, seasons, campaigns, callers who
come again and again, chats. All times are the model's own seconds; whoever plays the plan divides them by
a compression. The floor that is driven and the floor that is computed (`model`) take the same plan.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from hotline.practice.shape import (
    HOUR_SECONDS,
    HOUR_WEIGHTS,
    PARTS,
    PATIENCE_CRISIS_SECONDS_MEAN,
    PATIENCE_SECONDS_MEAN,
    REDIAL_CHANCE,
    REDIAL_SECONDS,
    SILENT_LEAVER_CHANCE,
)

WEEKDAYS: Final = (1.05, 1.05, 1.0, 0.95, 0.95, 0.95, 1.05)
"""Monday to Sunday: a little more from Sunday to Tuesday, less from Thursday to Saturday (the size is a
guess).
"""
SEASONS: Final = (1.28, 0.72, 0.84, 1.16)
"""By quarter; measured over ten years at one city's line, with the shares of the middle two a guess."""
FREQUENT_CALLERS: Final = 0.03
FREQUENT_CALLS: Final = 0.60
"""Three callers in a hundred make sixty of a hundred calls (of a month)."""
CRISIS_KEY_CHANCE: Final = 0.5
WRAP_UP_SECONDS: Final = (120.0, 300.0)
REACTION_SECONDS: Final = (1.0, 5.0)
"""From the ring at the desk to the acceptance."""
CHAT_SECONDS: Final = (2_700.0, 3_600.0)
SILENT_LEAVER_STAYS: Final = (0.1, 0.6)
"""Of their patience: how long somebody waits in a chat who then goes without a word."""
TRIES_MAX: Final = 8
MONTH_DAYS: Final = 30
NUMBER_DIGITS: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """A film, a news item, a disaster: for some minutes so many times as many callers (x3 to x10, 30 to
    120 min).
    """

    starts_at: float
    seconds: float
    factor: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One attempt to get through: how long to bear the wait, and after what pause to try again, if at all."""

    patience_seconds: float
    again_seconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """One person who reaches out at `at`, with everything that chance decides about it beforehand."""

    number: int
    at: float
    kind: str
    is_chat: bool
    talk_seconds: float
    wrap_up_seconds: float
    reaction_seconds: float
    tries: tuple[Try, ...]
    telephone: str = ""
    presses_crisis_key: bool = False
    leaves_silently: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """How many come, and what they bring.

    `rate` is per second at the busiest hour's weight when `starts_at_hour` is None (the rate then stays as
    it is), else of a mean hour. `handle_scale` shortens talks and wrap-up, so that fewer seats make the
    same floor.
    """

    rate: float
    seconds: float
    handle_scale: float = 1.0
    chat_share: float = 0.1
    starts_at_hour: float | None = None
    weekday: int = 2
    quarter: int = 0
    campaigns: Sequence[Campaign] = ()

    def rate_at(self, at: float) -> float:
        """Arrivals per second at this moment of the model's time."""
        rate = self.rate
        if self.starts_at_hour is not None:
            hours = self.starts_at_hour + at / HOUR_SECONDS
            weekday = (self.weekday + int(hours // 24)) % 7
            rate *= HOUR_WEIGHTS[int(hours % 24)] * WEEKDAYS[weekday] * SEASONS[self.quarter]
        for campaign in self.campaigns:
            if campaign.starts_at <= at < campaign.starts_at + campaign.seconds:
                rate *= campaign.factor
        return rate

    @property
    def rate_highest(self) -> float:
        """A rate that is never passed."""
        factor = max((campaign.factor for campaign in self.campaigns), default=1.0)
        if self.starts_at_hour is None:
            return self.rate * factor
        return self.rate * factor * max(HOUR_WEIGHTS) * max(WEEKDAYS) * SEASONS[self.quarter]

    @property
    def frequent_numbers(self) -> int:
        """How many telephones belong to those who call again and again, over a month of such days."""
        mean = self.rate / max(HOUR_WEIGHTS) if self.starts_at_hour is None else self.rate
        calls = mean * 24 * HOUR_SECONDS * MONTH_DAYS
        callers = calls * (1 - FREQUENT_CALLS) / (1 - FREQUENT_CALLERS)
        return max(1, round(callers * FREQUENT_CALLERS))

    @property
    def patience(self) -> tuple[tuple[float, float], ...]:
        """The mixture of exponentials that patience is, as the formula takes it."""
        crisis = next(part.share for part in PARTS if part.name == "crisis") * (1 - self.chat_share)
        return ((1 - crisis, PATIENCE_SECONDS_MEAN), (crisis, PATIENCE_CRISIS_SECONDS_MEAN))

    @property
    def handle_seconds(self) -> float:
        """Ring, talk and wrap-up on average, as planned; what is capped is drawn, so this is a mean of
        draws.
        """
        chance = random.Random("handle")
        drawn = [_draw(self, chance, number, 0.0) for number in range(20_000)]
        return sum(each.talk_seconds + each.wrap_up_seconds + each.reaction_seconds for each in drawn) / len(
            drawn
        )

    def comings(self, seed: int) -> Iterator[Coming]:
        """Everybody who comes, in order, until the time is over.

        A Poisson process whose rate follows `rate_at`: candidates at the highest rate, each kept with the
        share that the rate of its moment has in it.
        """
        chance = random.Random(seed)
        at, number = 0.0, 0
        while True:
            at += chance.expovariate(self.rate_highest)
            if at >= self.seconds:
                return
            if chance.random() * self.rate_highest < self.rate_at(at):
                yield _draw(self, chance, number, at)
                number += 1


def _draw(demand: Demand, chance: random.Random, number: int, at: float) -> Coming:
    part = chance.choices(PARTS, weights=[each.share for each in PARTS])[0]
    is_chat = chance.random() < demand.chat_share
    talk = chance.uniform(*CHAT_SECONDS) if is_chat else part.draw(chance)
    kind = "chat" if is_chat else part.name
    mean = PATIENCE_CRISIS_SECONDS_MEAN if kind == "crisis" else PATIENCE_SECONDS_MEAN
    coming = Coming(
        number=number,
        at=at,
        kind=kind,
        is_chat=is_chat,
        talk_seconds=talk * demand.handle_scale,
        wrap_up_seconds=chance.uniform(*WRAP_UP_SECONDS) * demand.handle_scale,
        reaction_seconds=chance.uniform(*REACTION_SECONDS),
        tries=tuple(_tries(chance, mean)),
        telephone=_telephone(demand, chance, number),
        presses_crisis_key=kind == "crisis" and chance.random() < CRISIS_KEY_CHANCE,
    )
    if not is_chat or chance.random() >= SILENT_LEAVER_CHANCE:
        return coming
    stays = coming.tries[0].patience_seconds * chance.uniform(*SILENT_LEAVER_STAYS)
    return replace(coming, leaves_silently=True, tries=(Try(patience_seconds=stays, again_seconds=None),))


def _tries(chance: random.Random, mean: float) -> Iterator[Try]:
    for _ in range(TRIES_MAX):
        pause = chance.uniform(*REDIAL_SECONDS) if chance.random() < REDIAL_CHANCE else None
        yield Try(patience_seconds=chance.expovariate(1 / mean), again_seconds=pause)
        if pause is None:
            return


def _telephone(demand: Demand, chance: random.Random, number: int) -> str:
    """A frequent caller's number, drawn from those of a month, or one that nobody else has."""
    drawn = chance.randrange(demand.frequent_numbers)
    is_frequent = chance.random() < FREQUENT_CALLS
    return f"+861{'8' if is_frequent else '9'}{drawn if is_frequent else number:0{NUMBER_DIGITS}d}"
