"""P5: a counselor is free; how long until the next offer, with a thousand and a hundred thousand waiting.

The house is a real working process, on another core, that hears of the freed counselor as in production: by
the poke of the process in which the person chose to be ready (this one). Measured from just before that step
until the offer's row is committed, looked for every millisecond, at fifty a second. The floor is D0's
dispatch, from just before the enqueue until the worker has claimed the job, at the same pace.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from time import perf_counter
from typing import Any, Final
from uuid import UUID

from hotline.base import clock
from hotline.domain.presence import Choice
from hotline.flow import duty
from tests import database, stage as stages
from tests.bench import databases, house, houses
from tests.bench.figures import in_ms
from tests.bench.floors import queue
from tests.bench.goal import Bound, Figures, Goal, Measure, Size
from tests.bench.meter import Watch
from tests.stage import Stage

FEW: Final = 1_000
MANY: Final = 100_000
NEEDS: Final = tuple(f"zh|skill{nth}" if nth else "zh" for nth in range(60))
PACE: Final = 50.0
LOOK_SECONDS: Final = 0.001
PATIENCE_SECONDS: Final = 30.0
OFFERS: Final = "select staff_id from offer where state = 'pending' and staff_id = any($1)"
AWAY: Final = "update presence set choice = 'not_ready', reason = 'break' where choice = 'ready'"


def side(waiting: int) -> Callable[[Size], AbstractAsyncContextManager[Measure]]:
    """The house with so many waiting."""

    @asynccontextmanager
    async def made(size: Size) -> AsyncGenerator[Measure]:
        async with databases.fresh() as url, house.opened(url) as store:
            stage = await house.founded(store, stages.policies_of_the_house())
            count = max(1, int(size.seconds * 2 * PACE))
            people = await house.hire(
                stage, count, skills=[f"skill{nth}" for nth in range(1, 60)], ready=False
            )
            await house.wait(stage, size.count(waiting, 2 * count), NEEDS, since=house.LONG)
            connection = await database.connected(url)
            async with houses.standing(url, store.vault, "work"):
                await _once(stage, connection, people[: int(size.warm_seconds * PACE) + 1])
                await _over(stage)

                async def measure(watch: Watch) -> Figures:
                    with watch:
                        took = await _once(stage, connection, people)
                    await _over(stage)
                    return in_ms(took)

                yield measure
            await connection.close()

    return made


async def _over(stage: Stage) -> None:
    """Nobody ready, nothing held out, as at the beginning; before the house's keeper finds offers missed."""
    async with stage.store.connection() as connection:
        await connection.execute(AWAY)
    await house.put_back(stage)
    await house.vacuum(stage)


async def _once(stage: Stage, connection: Any, people: Sequence[UUID]) -> list[float]:
    """One after the other becomes free; how long until each was offered somebody."""
    freed: dict[UUID, float] = {}
    """Who waits for an offer, and since when."""
    took: list[float] = []

    async def look() -> None:
        async with asyncio.timeout(PATIENCE_SECONDS + len(people) / PACE):
            while len(took) < len(people):
                rows: list[Any] = await connection.fetch(OFFERS, list(freed)) if freed else []
                now = perf_counter()
                took.extend(now - freed.pop(row["staff_id"]) for row in rows)
                await asyncio.sleep(LOOK_SECONDS)

    async with asyncio.TaskGroup() as group:
        group.create_task(look())
        begins_at = perf_counter()
        for nth, staff_id in enumerate(people):
            await asyncio.sleep(begins_at + nth / PACE - perf_counter())
            freed[staff_id] = perf_counter()
            await duty.choose(stage.store, staff_id, Choice.READY, None, clock.now())
    return took


GOAL = Goal(
    id="P5",
    sentence="A counselor is free: how long until the next offer, with 1,000 and with 100,000 waiting.",
    sides={"D0": queue.d0, "1,000": side(FEW), "house": side(MANY)},
    bounds=(
        Bound("p99 with 100,000", "p99_ms", against="D0", passes=3.0, unit="ms"),
        Bound("p99 with 1,000", "p99_ms", side="1,000", against="D0", passes=3.0, unit="ms"),
        Bound("p99, 100,000 to 1,000", "p99_ms", against="1,000", passes=1.3, unit="ms"),
        Bound("p50 with 100,000", "p50_ms", against="D0", unit="ms"),
    ),
)
