"""What a goal is: sides that are measured in turn, and bounds on how one side stands to another.

How a goal is written. One module `tests/bench/goals/pNN_what.py` with a `GOAL` (or `GOALS`, a tuple):

    @asynccontextmanager
    async def floor(size: Size) -> AsyncGenerator[Measure]:      # set up once for all rounds, not metered
        async with databases.bare() as url, asyncpg.create_pool(...) as pool:

            async def measure(watch: Watch) -> Figures:           # one round
                await seed(pool)                                  # not metered
                with watch:                                       # metered: wall clock and CPU
                    done = await lives(pool, size.seconds)
                return {"rate": done / watch.seconds, "cpu_ms": watch.cpu_ms / done}

            yield measure

    GOAL = Goal(
        id="P1",
        sentence="A contact's life in one process, 16 at once.",
        sides={"raw13": floor, "house": house},                   # measured in this order, again and again
        bounds=(
            Bound("lives/s", "rate", against="raw13", passes=0.6, stretch=1.0, is_more_better=True),
            Bound("CPU per life", "cpu_ms", against="raw13", passes=1.5, stretch=1.2),
            Bound("p99", "p99_ms", unit="ms", passes=15),         # absolute: no `against`
            Bound("whole life", "rate", side="whole"),            # neither: shown, not judged
        ),
        is_quick=True,
    )

Every side returns the figures that the bounds name; others are kept in the JSON. `watch.seen` holds the
latest figures of the sides measured before (for a pace of half of the floor's rate, say). Sizes come from
`size`: `size.seconds` for a span of load, `size.count(100_000)` for a number of things, so that the smoke
test runs the same code small. A side that is the project's is called `house`; the registry finds the module
by its name, and nothing else has to be told.

A verdict needs clean rounds: one in which something else used more than `FOREIGN_MAX` of the machine is
repeated, and without two clean ones a side (one, if only one was asked for) the verdict is `inconclusive`:
neither noise nor luck decides.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from statistics import median
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tests.bench.meter import Watch

FOREIGN_MAX: Final = 0.12
"""Of the whole machine; above it a round is not clean."""
CLEAN_ROUNDS_MIN: Final = 2
ROUNDS: Final = 3
WARM_SECONDS: Final = 0.5
HOUSE: Final = "house"

Figures = dict[str, float]
Measure = Callable[["Watch"], Awaitable[Figures]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is measured: seconds of load a round, and the share of every count."""

    seconds: float = 3.0
    share: float = 1.0

    @property
    def warm_seconds(self) -> float:
        """Of load before the first round, on either side: statements are prepared, plans are made."""
        return min(WARM_SECONDS, self.seconds)

    def count(self, full: int, least: int = 1) -> int:
        """So many of `full`, and never fewer than `least`."""
        return max(least, round(full * self.share))


Open = Callable[[Size], AbstractAsyncContextManager[Measure]]


class State(StrEnum):
    """What became of a bound."""

    STRETCH = "stretch"
    PASSED = "pass"
    MISSED = "MISSED"
    INCONCLUSIVE = "inconclusive"
    NOTED = "-"


@dataclass(frozen=True, slots=True)
class Bound:
    """How `figure` of one side has to stand: to that of `against`, or by itself.

    Without `passes` it is shown and not judged. `floor_figure` names the floor's figure where it differs.
    """

    name: str
    figure: str
    side: str = field(default=HOUSE, kw_only=True)
    against: str = field(default="", kw_only=True)
    floor_figure: str = field(default="", kw_only=True)
    passes: float | None = field(default=None, kw_only=True)
    stretch: float | None = field(default=None, kw_only=True)
    is_more_better: bool = field(default=False, kw_only=True)
    unit: str = field(default="", kw_only=True)

    @property
    def sides(self) -> tuple[str, ...]:
        """The sides that have to be measured cleanly for a verdict."""
        return (self.side, self.against) if self.against else (self.side,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """Sides in the order of measuring (floor first), and what must hold between them."""

    id: str
    sentence: str
    sides: Mapping[str, Open]
    bounds: tuple[Bound, ...]
    is_quick: bool = False
    rounds: int | None = None
    """At most so many, where a round takes long."""

    def judged(self) -> "Goal":
        """The goal without what is only shown: for who has little time."""
        bounds = tuple(bound for bound in self.bounds if bound.passes is not None)
        needed = {side for bound in bounds for side in bound.sides}
        sides = {name: side for name, side in self.sides.items() if name in needed}
        return replace(
            self, sides=sides, bounds=tuple(each for each in self.bounds if {*each.sides} <= sides.keys())
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One measurement of one side."""

    side: str
    figures: Mapping[str, float]
    seconds: float
    own_seconds: float
    postgres_seconds: float
    foreign_share: float

    @property
    def is_clean(self) -> bool:
        """Whether the machine was ours."""
        return self.foreign_share <= FOREIGN_MAX


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A bound, held against the rounds; `value` is the ratio, or the figure of an absolute bound."""

    bound: Bound
    state: State
    floor: float | None
    house: float | None
    value: float | None


def judge(bounds: Sequence[Bound], rounds: Sequence[Round], asked: int) -> list[Verdict]:
    """Every bound against the medians of the clean rounds; `asked` is how many rounds were wanted."""
    return [_verdict(bound, rounds, min(CLEAN_ROUNDS_MIN, asked)) for bound in bounds]


def is_enough(sides: Sequence[str], rounds: Sequence[Round], asked: int) -> bool:
    """Whether every side has as many clean rounds as were asked for."""
    return all(sum(each.is_clean for each in rounds if each.side == side) >= asked for side in sides)


def _verdict(bound: Bound, rounds: Sequence[Round], needed: int) -> Verdict:
    house = _median(rounds, bound.side, bound.figure, needed)
    floor = _median(rounds, bound.against, bound.floor_figure or bound.figure, needed)
    value = house
    if bound.against:
        value = house / floor if house is not None and floor else None
    clean = all(sum(each.is_clean for each in rounds if each.side == side) >= needed for side in bound.sides)
    return Verdict(bound=bound, state=_state(bound, value if clean else None), floor=floor, house=house,
                   value=value)  # fmt: skip


def _state(bound: Bound, value: float | None) -> State:
    if bound.passes is None:
        return State.NOTED
    if value is None:
        return State.INCONCLUSIVE
    if bound.stretch is not None and _holds(bound, value, bound.stretch):
        return State.STRETCH
    return State.PASSED if _holds(bound, value, bound.passes) else State.MISSED


def _holds(bound: Bound, value: float, limit: float) -> bool:
    return value >= limit if bound.is_more_better else value <= limit


def _median(rounds: Sequence[Round], side: str, figure: str, needed: int) -> float | None:
    """Over the clean rounds; over all of them where there are not enough (shown, never judged)."""
    found = [each for each in rounds if each.side == side and figure in each.figures]
    clean = [each for each in found if each.is_clean]
    used = clean if len(clean) >= needed else found
    return median(each.figures[figure] for each in used) if used else None
