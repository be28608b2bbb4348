"""A neighbour that is away is told of in a line or two; a mistake with its traceback, each time."""

import asyncio
from collections.abc import Generator
from typing import Any

import pytest
import structlog
from structlog.testing import capture_logs

from hotline.base import log, tasks
from hotline.base.errors import Unreachable
from hotline.base.outage import AGAIN_SECONDS, CAUSE_CHARACTERS_MAX, Outage, cause_of
from hotline.base.tasks import Crew
from tests.patience import PATIENCE_SECONDS

AWAY = Unreachable("store.unreachable", "The database does not answer; try again.")


@pytest.fixture(autouse=True)
def _everything_is_told() -> Generator[None]:
    """The tests are configured to hear of errors alone."""
    before = structlog.get_config()
    log.configure("info")
    yield
    structlog.configure(**before)


def refused() -> Unreachable:
    """As the store says it: in its own words, with the driver's behind them."""
    try:
        raise AWAY from ConnectionRefusedError(111, "Connect call failed\nand more")
    except Unreachable as error:
        return error


def test_an_outage_is_told_of_when_it_begins_once_a_minute_and_when_it_is_over():
    with capture_logs() as told:
        outage = Outage(log.get("tasks", loop="hub"))
        for second in range(150):
            outage.met(refused(), now=1000.0 + second)
        outage.over()
        outage.over()
    assert [(each["event"], each.get("times")) for each in told] == [
        ("out of reach", None),
        ("still out of reach", AGAIN_SECONDS + 1),
        ("still out of reach", 2 * AGAIN_SECONDS + 1),
        ("in reach again", 150),
    ]
    assert {each["loop"] for each in told} == {"hub"}
    assert told[-1]["seconds"] == 149.0


def test_the_next_outage_is_told_of_anew():
    with capture_logs() as told:
        outage = Outage(log.get("tasks"))
        for began_at in (0.0, 5.0):
            outage.met(AWAY, now=began_at)
            outage.over()
    assert [each["event"] for each in told] == ["out of reach", "in reach again"] * 2


def test_the_cause_is_one_short_line():
    assert cause_of(refused()) == "ConnectionRefusedError: [Errno 111] Connect call failed"
    assert cause_of(ValueError()) == "ValueError: "
    assert len(cause_of(ValueError("long " * 100))) == CAUSE_CHARACTERS_MAX


async def told_by(*errors: Exception) -> list[Any]:
    """What is logged of a loop that stumbles so, and then goes on; it is steady at once."""
    left, goes_on = list(errors), asyncio.Event()

    async def loop() -> None:
        if left:
            raise left.pop(0)
        await asyncio.sleep(2 * tasks.STEADY_SECONDS)
        goes_on.set()
        await asyncio.Event().wait()

    with capture_logs() as told:
        async with asyncio.timeout(PATIENCE_SECONDS), Crew() as crew:
            crew.keep("hub", loop)
            await goes_on.wait()
    return told


async def test_a_loop_whose_neighbour_is_away_says_so_twice_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(tasks, "STEADY_SECONDS", 0.05)
    told = await told_by(
        AWAY, ConnectionResetError(104, "reset"), ExceptionGroup("several", [AWAY, TimeoutError()])
    )
    assert [each["event"] for each in told] == ["out of reach", "in reach again"]
    assert not any("exc_info" in each for each in told)
    assert told[1]["times"] == 3


async def test_a_loop_with_a_mistake_shows_it_each_time(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tasks, "STEADY_SECONDS", 0.05)
    told = await told_by(ValueError("one"), ExceptionGroup("two", [AWAY, ValueError()]))
    assert [str(each["exc_info"])[:3] for each in told] == ["one", "two"]


async def test_work_whose_neighbour_is_away_is_one_line():
    async def work() -> None:
        raise refused()

    with capture_logs() as told:
        async with Crew() as crew:
            crew.once("greeting", work())
            await asyncio.sleep(0)
            await asyncio.sleep(0)
    assert [(each["event"], each["task"]) for each in told] == [("out of reach", "greeting")]
    assert "exc_info" not in told[0]


async def test_a_loop_that_takes_its_end_for_a_time_out_is_told_again(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tasks, "CANCEL_AGAIN_SECONDS", 0.01)
    runs = asyncio.Event()

    async def deaf_once() -> None:
        runs.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await asyncio.Event().wait()

    async with asyncio.timeout(PATIENCE_SECONDS):
        async with Crew() as crew:
            crew.keep("deaf", deaf_once)
            await runs.wait()
