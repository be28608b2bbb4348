"""Erlang-A as a formula: what a queue of impatient callers comes to, from four numbers.

Callers come by chance at a steady rate, talk for a time that is exponential, give up after a patience that
is a mixture of exponentials, and are taken in the order of joining: M/M/n + G (Baccelli and Hebuterne),
which is Erlang-A when the mixture has one part. The density of the wait that somebody without end of
patience would have, above zero, is proportional to `exp(rate * H(x) - seats * x / handle)` with `H(x)` the
integral of the share that is still patient; everything else follows by integration. Talks are no
exponential in truth, so the same inputs go through `model`, too; this is the independent check of both,
and what planners know.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

STEPS: Final = 4_000
"""Intervals of the integration; even, for Simpson's rule."""
FADED: Final = 40.0
"""So many powers of e below the highest point a density is nothing any more."""
SEATS_MAX: Final = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """A steady floor: arrivals per second, seconds per served caller, parts of patience, seats.

    `patience` holds pairs of share and mean seconds. `handle_seconds` is everything that keeps a seat
    taken: ringing, talk, wrap-up.
    """

    rate: float
    handle_seconds: float
    patience: Sequence[tuple[float, float]]
    seats: int

    @property
    def erlangs(self) -> float:
        """The load that is offered, in seats."""
        return self.rate * self.handle_seconds

    def patient(self, seconds: float) -> float:
        """The share of callers who would wait longer than this."""
        return sum(share * math.exp(-seconds / mean) for share, mean in self.patience)

    def patient_seconds(self, seconds: float) -> float:
        """How much of the first so many seconds a caller would wait at most, on average."""
        return sum(share * mean * -math.expm1(-seconds / mean) for share, mean in self.patience)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """What the formula says; shares are of all who are offered, the waits those of the answered."""

    abandonment: float
    asa_seconds: float
    occupancy: float
    waits_share: float
    within: float


def predict(inputs: Inputs, within_seconds: float = 20.0) -> Prediction:
    """The steady state; `within` is the share of all that is answered within so many seconds."""
    end = _end(inputs)
    highest = max(_exponent(inputs, end * step / STEPS) for step in range(STEPS + 1))

    def density(seconds: float) -> float:
        return math.exp(_exponent(inputs, seconds) - highest)

    # With p the chance of finding exactly n - 1 seats taken: P(no wait) = p * ratio, f(x) = p * rate * e^...
    log_ratio = _log_ratio(inputs)
    above = inputs.rate * _integral(density, end)
    log_none, log_some = log_ratio - highest, math.log(above)
    top = max(log_none, log_some)
    none = math.exp(log_none - top) / (math.exp(log_none - top) + math.exp(log_some - top))
    scale = (1 - none) * inputs.rate / above
    served = none + scale * _integral(lambda x: density(x) * inputs.patient(x), end)
    waited = scale * _integral(lambda x: x * density(x) * inputs.patient(x), end)
    soon = scale * _integral(lambda x: density(x) * inputs.patient(x), min(end, within_seconds))
    return Prediction(
        abandonment=1 - served,
        asa_seconds=waited / served,
        occupancy=inputs.erlangs * served / inputs.seats,
        waits_share=1 - none,
        within=none + soon,
    )


def seats_for(inputs: Inputs, abandonment_max: float) -> int:
    """The fewest seats with which at most this share gives up; those of `inputs` are not looked at."""
    low, high = 0, 1
    while _loss(inputs, high) > abandonment_max:
        low, high = high, high * 2
        assert high <= SEATS_MAX
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _loss(inputs, middle) <= abandonment_max else (middle, high)
    return high


def _loss(inputs: Inputs, seats: int) -> float:
    fewer = Inputs(
        rate=inputs.rate, handle_seconds=inputs.handle_seconds, patience=inputs.patience, seats=seats
    )
    return predict(fewer).abandonment


def _log_ratio(inputs: Inputs) -> float:
    """The logarithm of P(fewer than n in the house) over P(exactly n - 1)."""
    ratio = 1.0
    for taken in range(1, inputs.seats):
        ratio = 1 + ratio * taken / inputs.erlangs
        if ratio > 1e250:  # so many seats for so few callers that nobody ever waits
            return math.log(ratio) + sum(
                math.log(each / inputs.erlangs) for each in range(taken + 1, inputs.seats)
            )
    return math.log(ratio)


def _exponent(inputs: Inputs, seconds: float) -> float:
    return inputs.rate * inputs.patient_seconds(seconds) - inputs.seats * seconds / inputs.handle_seconds


def _end(inputs: Inputs) -> float:
    """From here on nobody waits: the density has faded, and falls for good."""
    end = 1e-3
    highest = 0.0
    while True:
        here = _exponent(inputs, end)
        highest = max(highest, here)
        if here < highest - FADED:
            return end
        end *= 1.3


def _integral(of: Callable[[float], float], end: float) -> float:
    """Simpson's rule from zero."""
    width = end / STEPS
    inner = sum((4 if step % 2 else 2) * of(width * step) for step in range(1, STEPS))
    return (of(0.0) + inner + of(end)) * width / 3
