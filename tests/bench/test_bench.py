"""The bench itself: verdicts are just, and goals that are soon measured give their figures (small, once)."""

import asyncio
import os
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
import pytest_asyncio

from tests.bench import houses, meter, registry, sampler, table
from tests.bench.floors import dispatching, web
from tests.bench.goal import HOUSE, Bound, Figures, Goal, Measure, Round, Size, State, is_enough, judge
from tests.bench.goals import p02_http
from tests.bench.meter import Measured, Watch
from tests.bench.sampler import Stacks
from tests.patience import PATIENCE_SECONDS

TINY = Size(seconds=0.15, share=0.002)
RATE = Bound("rate", "rate", against="floor", passes=0.6, stretch=1.0, is_more_better=True)
DELAY = Bound("p99", "p99_ms", passes=15.0, stretch=5.0, unit="ms")


def rounds(side: str, *values: float, figure: str = "rate", foreign: float = 0.0) -> list[Round]:
    """Made-up rounds of one side."""
    return [
        Round(
            side=side,
            figures={figure: value},
            seconds=1.0,
            own_seconds=1.0,
            postgres_seconds=0.5,
            foreign_share=foreign,
        )
        for value in values
    ]


def state(bound: Bound, *measured: list[Round], asked: int = 3) -> State:
    """What becomes of one bound."""
    (verdict,) = judge([bound], [each for some in measured for each in some], asked)
    return verdict.state


@pytest.mark.parametrize(
    ("ours", "expected"),
    [(120, State.STRETCH), (100, State.STRETCH), (99, State.PASSED), (60, State.PASSED), (59, State.MISSED)],
)
def test_a_rate_is_judged_by_its_ratio_to_the_floor(ours: float, expected: State):
    assert state(RATE, rounds("floor", 100, 100, 100), rounds("house", ours, ours, ours)) is expected


@pytest.mark.parametrize(("ours", "expected"), [(5, State.STRETCH), (15, State.PASSED), (16, State.MISSED)])
def test_a_delay_is_judged_by_itself_and_less_is_better(ours: float, expected: State):
    assert state(DELAY, rounds("house", ours, ours, ours, figure="p99_ms")) is expected


def test_one_odd_round_does_not_decide():
    assert state(RATE, rounds("floor", 100, 100, 900), rounds("house", 1, 100, 100)) is State.STRETCH


def test_disturbed_rounds_are_left_out_where_there_are_clean_ones():
    disturbed = rounds("house", 1, 1, 1, foreign=0.5)
    assert state(RATE, rounds("floor", 100, 100), rounds("house", 100, 100), disturbed) is State.STRETCH


@pytest.mark.parametrize("ours", [1.0, 100.0])
def test_noise_makes_neither_a_failure_nor_a_pass(ours: float):
    house = rounds("house", ours) + rounds("house", ours, ours, foreign=0.5)
    assert state(RATE, rounds("floor", 100, 100, 100), house) is State.INCONCLUSIVE
    quiet_house = rounds("house", ours, ours, ours)
    assert state(RATE, rounds("floor", 100, 100, 100, foreign=0.13), quiet_house) is State.INCONCLUSIVE


def test_without_a_floor_or_a_figure_nothing_is_decided():
    assert state(RATE, rounds("house", 100, 100, 100)) is State.INCONCLUSIVE
    assert state(RATE, rounds("floor", 0, 0, 0), rounds("house", 1, 1, 1)) is State.INCONCLUSIVE


def test_what_is_only_noted_is_never_missed():
    noted = Bound("rate", "rate", against="floor")
    assert state(noted, rounds("floor", 100, 100), rounds("house", 1, 1)) is State.NOTED


def test_measuring_goes_on_until_every_side_has_its_clean_rounds():
    some = rounds("floor", 1, 1, 1) + rounds("house", 1, 1)
    assert not is_enough(("floor", "house"), some, 3)
    assert not is_enough(("floor", "house"), some + rounds("house", 1, foreign=0.2), 3)
    assert is_enough(("floor", "house"), some + rounds("house", 1), 3)


def test_the_watch_knows_our_own_work_from_waiting():
    watch = Watch()
    with watch:
        ends_at = time.process_time() + 0.15
        while time.process_time() < ends_at:
            pass
    assert watch.own_seconds >= 0.1
    assert watch.process_ms(os.getpid()) == pytest.approx(1000 * watch.own_seconds, abs=60)
    idle = Watch()
    with idle:
        time.sleep(0.15)
    assert idle.own_seconds < 0.1
    assert idle.seconds >= 0.15


def test_the_table_says_what_was_missed_and_what_broke():
    goal = Goal(id="P0", sentence="Nothing.", sides={}, bounds=(RATE,))
    missed = Measured(goal, 2, rounds("floor", 100, 100) + rounds("house", 10, 10))
    broken = Measured(goal, 2, error="ValueError: no")
    assert "MISSED" in table.text([missed])
    assert "BROKEN" in table.text([broken])
    assert [line.split()[0] for line in table.loud([missed, broken])] == ["BROKEN", "MISSED"]


def test_a_profile_tells_own_work_from_that_of_others():
    told = sampler.report({"one": Stacks({"main;work": 3, "main": 1})})
    assert "75.0%  75.0%  work" in told
    assert "25.0% 100.0%  main" in told


def test_every_goal_has_an_id_of_its_own_and_bounds_on_what_it_measures():
    goals = registry.goals()
    assert len({goal.id for goal in goals}) == len(goals)
    assert all({*bound.sides} <= goal.sides.keys() for goal in goals for bound in goal.bounds)


def test_who_has_little_time_leaves_out_what_is_not_judged():
    for goal in registry.goals():
        kept = goal.judged()
        judged = {bound for bound in goal.bounds if bound.passes is not None}
        assert judged <= {*kept.bounds}
        assert {*kept.sides} == {side for bound in judged for side in bound.sides}


@asynccontextmanager
async def never_down(size: Size) -> AsyncGenerator[Measure]:
    """A side that measures well and then waits for ever."""
    _ = size

    async def measured(watch: Watch) -> Figures:
        with watch:
            return {"rate": 1.0}

    yield measured
    await asyncio.Event().wait()


async def test_a_side_that_does_not_come_down_breaks_its_goal_and_keeps_nobody(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(meter, "DOWN_SECONDS_MAX", 0.05)
    goal = Goal(id="P0", sentence="Nothing.", sides={"house": never_down}, bounds=())
    async with asyncio.timeout(PATIENCE_SECONDS):
        with pytest.raises(TimeoutError):
            await meter.measure(goal, TINY, 1, lambda _line: None, extra=0)


async def test_a_job_that_is_lost_ends_the_wait_for_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(dispatching, "PATIENCE_SECONDS", 0.05)

    async def lost(number: int) -> None:
        _ = number

    async with asyncio.timeout(PATIENCE_SECONDS):
        with pytest.raises(TimeoutError):
            await dispatching.Post().at_pace(lost, seconds=0.02)


def briefly(goal: Goal) -> Goal:
    """The goal's floor and the house, without what is measured besides."""
    kept = {*list(goal.sides)[:1], HOUSE}
    return replace(
        goal,
        sides={name: side for name, side in goal.sides.items() if name in kept},
        bounds=tuple(bound for bound in goal.bounds if {*bound.sides} <= kept),
    )


@pytest_asyncio.fixture(scope="module")
async def one_house() -> AsyncGenerator[None]:
    """One house and one bare app for all goals that do not start theirs anew."""
    async with (
        houses.inhabited("serve", "work", settings=houses.TWILIO | p02_http.SETTINGS) as place,
        web.floors(houses.TOKEN) as app,
    ):
        with houses.lending(place), web.lending(app):
            yield


@pytest.mark.timeout(600)
@pytest.mark.usefixtures("one_house")
@pytest.mark.parametrize("goal", registry.goals(), ids=lambda goal: goal.id)
async def test_a_goal_gives_its_figures(goal: Goal):
    async with asyncio.timeout(110):
        measured = await meter.measure(briefly(goal), TINY, 1, lambda _line: None, extra=0)
    found = {verdict.bound.name: verdict.house for verdict in table.verdicts(measured)}
    assert not [name for name, value in found.items() if value is None]
