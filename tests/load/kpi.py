"""The figures of a floor: the same formulas for what the service's rows say and for what a model says.

Of the requirements' list: answer rate (answered / offered, and without those who leave at once),
abandonment (abandoned / offered), speed of answer (wait of the answered), service level (answered within
20 s / offered), handle time and occupancy. Offered is whoever came into the queue; whoever hung up in the
greeting is not. Times are the model's seconds. A share of a floor is no coin thrown many times, because
waits hang together, so an interval is made from the means of batches.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

WITHIN_SECONDS: Final = 20.0
SHORT_SECONDS: Final = 10.0
BATCHES: Final = 10
T_OF_BATCHES: Final = 2.262
"""Student's t for 97.5 % and nine degrees of freedom."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """One contact that came into the queue at `at`; it was answered, or it left, after `wait_seconds`."""

    at: float
    wait_seconds: float
    is_answered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A seat that was not free, from the ring to the end of the rest after it."""

    since: float
    until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The part of a run that is counted, and how many seats it had."""

    since: float
    until: float
    seats: int

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.until - self.since

    def batches(self) -> list["Span"]:
        """It, in equal parts."""
        marks = [self.since + self.seconds * part / BATCHES for part in range(BATCHES + 1)]
        return [Span(since=since, until=until, seats=self.seats) for since, until in pairwise(marks)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The key figures of a span."""

    offered: int
    answered: int
    rate: float
    answer_rate: float
    answer_rate_strict: float
    abandonment: float
    within: float
    asa_seconds: float
    wait_p50: float
    wait_p90: float
    wait_p99: float
    abandoned_after_seconds: float
    handle_seconds: float
    occupancy: float


COMPARED: Final = (
    "rate",
    "answer_rate",
    "answer_rate_strict",
    "abandonment",
    "within",
    "asa_seconds",
    "wait_p50",
    "wait_p90",
    "abandoned_after_seconds",
    "handle_seconds",
    "occupancy",
)


def figures(passages: Iterable[Passage], taken: Iterable[Taken], span: Span) -> Figures:
    """The figures of those who came into the queue within the span."""
    came = [each for each in passages if span.since <= each.at < span.until]
    waits = sorted(each.wait_seconds for each in came if each.is_answered)
    left = [each.wait_seconds for each in came if not each.is_answered]
    short = sum(seconds < SHORT_SECONDS for seconds in left)
    busy = sum(max(0.0, min(each.until, span.until) - max(each.since, span.since)) for each in taken)
    return Figures(
        offered=len(came),
        answered=len(waits),
        rate=len(came) / span.seconds,
        answer_rate=_share(len(waits), len(came)),
        answer_rate_strict=_share(len(waits), len(came) - short),
        abandonment=_share(len(left), len(came)),
        within=_share(sum(wait <= WITHIN_SECONDS for wait in waits), len(came)),
        asa_seconds=_mean(waits),
        wait_p50=_quantile(waits, 0.5),
        wait_p90=_quantile(waits, 0.9),
        wait_p99=_quantile(waits, 0.99),
        abandoned_after_seconds=_mean(left),
        handle_seconds=_share(busy, len(waits)),
        occupancy=_share(busy, span.seats * span.seconds),
    )


def half_widths(passages: Sequence[Passage], taken: Sequence[Taken], span: Span) -> dict[str, float]:
    """Half the 95 % interval of every compared figure, from the means of batches."""
    parts = [figures(passages, taken, batch) for batch in span.batches()]
    return {name: _half_width([float(getattr(part, name)) for part in parts]) for name in COMPARED}


def band(values: Iterable[float]) -> tuple[float, float]:
    """Between which 95 of 100 repetitions lie."""
    ordered = sorted(value for value in values if not math.isnan(value))
    return _quantile(ordered, 0.025), _quantile(ordered, 0.975)


def of_each(kinds: Sequence[Figures], name: str, by: Callable[[Iterable[float]], float]) -> float:
    """One number for a figure of many repetitions."""
    return by([float(getattr(each, name)) for each in kinds])


def _half_width(values: Sequence[float]) -> float:
    known = [value for value in values if not math.isnan(value)]
    if len(known) < BATCHES:
        return math.nan
    mean = sum(known) / len(known)
    variance = sum((value - mean) ** 2 for value in known) / (len(known) - 1)
    return T_OF_BATCHES * math.sqrt(variance / len(known))


def _share(part: float, of: float) -> float:
    return part / of if of else math.nan


def _mean(values: Sequence[float]) -> float:
    return _share(sum(values), len(values))


def _quantile(ordered: Sequence[float], share: float) -> float:
    if not ordered:
        return math.nan
    return ordered[min(len(ordered) - 1, max(0, math.ceil(share * len(ordered)) - 1))]
