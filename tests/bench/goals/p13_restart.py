"""P13: the workers are killed and started again while a hundred thousand wait; how soon are there offers?

The floor is what a dispatcher that keeps its queue in memory would have to do first: fetch a hundred thousand
rows and make a heap of them. The house keeps nothing in memory; measured is from the start of `hotline work`
until the first offer is committed, and the same with one caller waiting: the difference is what the line
costs. Before, it is killed in the midst of dispatching; afterwards nobody may be lost or held out twice.
"""

import asyncio
import heapq
import os
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from time import perf_counter
from typing import Any, Final

from tests import database, stage as stages
from tests.bench import databases, house, houses
from tests.bench.goal import Bound, Figures, Goal, Measure, Size
from tests.bench.meter import Watch
from tests.stage import Stage

WAITING: Final = 100_000
COUNSELORS: Final = 100
KILLED_AFTER: Final = 10
"""Offers that are there when the workers are killed."""
LOOK_SECONDS: Final = 0.002
PATIENCE_SECONDS: Final = 60.0

SCHEMA: Final = """
create table waiting (id bigint generated always as identity primary key, need smallint not null,
  rank bigint not null);
insert into waiting (need, rank) select mod(n, 60), n from generate_series(1, %d) as n;
analyze waiting;
"""
PENDING: Final = "select count(*) from offer where state = 'pending'"
LOST: Final = """
select $1::int - count(*)
from contact as c left join offer as o on o.contact_id = c.id and o.state = 'pending'
where c.centre_id = $2 and (c.state = 'waiting') = (o.id is null)"""
TWICE: Final = """
select count(*) from (select 1 from offer where state = 'pending' group by contact_id having count(*) > 1
  union all select 1 from offer where state = 'pending' group by staff_id having count(*) > 1) as held"""


@asynccontextmanager
async def floor(size: Size) -> AsyncGenerator[Measure]:
    """Fetch and heapify."""
    async with databases.bare() as url:
        connection = await database.connected(url)
        await connection.execute(SCHEMA % size.count(WAITING, 100))

        async def measure(watch: Watch) -> Figures:
            with watch:
                began = perf_counter()
                heaps: dict[int, list[tuple[int, int]]] = {}
                for row in await connection.fetch("select id, need, rank from waiting"):
                    heaps.setdefault(row["need"], []).append((row["rank"], row["id"]))
                for heap in heaps.values():
                    heapq.heapify(heap)
                return {"ready_ms": 1000 * (perf_counter() - began)}

        yield measure
        await connection.close()


async def _until(connection: Any, least: int) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await connection.fetchval(PENDING) < least:  # noqa: ASYNC110  a row tells nobody
            await asyncio.sleep(LOOK_SECONDS)


async def first_offer(stage: Stage, url: str, connection: Any) -> float:
    """Milliseconds from the start of the workers until the first offer is there."""
    began = perf_counter()
    async with houses.standing(url, stage.store.vault, "work"):
        await _until(connection, 1)
        return 1000 * (perf_counter() - began)


async def killed(stage: Stage, url: str, connection: Any, least: int) -> None:
    """The workers begin to dispatch, and are killed as by a power cut."""
    async with houses.standing(url, stage.store.vault, "work") as standing:
        await _until(connection, least)
        os.kill(standing.pid("work"), signal.SIGKILL)


async def _wrong(stage: Stage, connection: Any, waiting: int) -> tuple[float, float]:
    lost = await connection.fetchval(LOST, waiting, stage.centre.id)
    return float(lost), float(await connection.fetchval(TWICE))


@asynccontextmanager
async def side(size: Size) -> AsyncGenerator[Measure]:
    """The house with its line, and beside it one with nobody but one caller."""
    waiting, policies = size.count(WAITING, 200), stages.policies_of_the_house()
    async with databases.fresh() as url, house.opened(url) as store, databases.fresh() as small:
        stage = await house.founded(store, policies)
        await house.hire(stage, COUNSELORS)
        await house.wait(stage, waiting)
        connection, other = await database.connected(url), await database.connected(small)
        async with house.opened(small) as quiet_store:
            quiet = await house.founded(quiet_store, policies)
            await house.hire(quiet, COUNSELORS)
            await house.wait(quiet, 1)

            async def measure(watch: Watch) -> Figures:
                await house.put_back(stage)
                await house.put_back(quiet)
                with watch:
                    alone = await first_offer(quiet, small, other)
                    await killed(stage, url, connection, KILLED_AFTER)
                lost, twice = await _wrong(stage, connection, waiting)
                await house.put_back(stage)
                with watch:
                    ready = await first_offer(stage, url, connection)
                more_lost, more_twice = await _wrong(stage, connection, waiting)
                return {
                    "ready_ms": ready,
                    "alone_ms": alone,
                    "more_ms": max(0.0, ready - alone),
                    "lost": lost + more_lost,
                    "twice": twice + more_twice,
                }

            yield measure
        await connection.close()
        await other.close()


GOAL = Goal(
    id="P13",
    sentence="Workers killed and started again, 100,000 waiting: until the first offer; none lost or twice.",
    sides={"heapify": floor, "house": side},
    bounds=(
        Bound("beyond the start of a process", "more_ms", against="heapify", floor_figure="ready_ms",
              passes=3.0, unit="ms"),
        Bound("contacts lost", "lost", passes=0),
        Bound("contacts or counselors held twice", "twice", passes=0),
        Bound("from start to first offer", "ready_ms", unit="ms"),
        Bound("the same with one waiting", "alone_ms", unit="ms"),
    ),
)  # fmt: skip
