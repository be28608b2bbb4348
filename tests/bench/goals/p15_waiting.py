"""P15: waiting costs nothing. Ten thousand chats wait and nobody is on duty; both processes are looked at.

They age when their time comes, as they would; their pages are taken to be there. The same two processes with
nobody waiting are looked at in turn with them, never at the same time: CPU is that of all that runs.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Final

import psutil

from tests import stage as stages
from tests.bench import databases, house, houses
from tests.bench.goal import Bound, Figures, Goal, Measure, Size
from tests.bench.houses import Standing
from tests.bench.meter import Watch

WAITING: Final = 10_000
SPAN: Final = 4
"""So many spans of load are looked at: an idle process does little, so it takes long to see."""
SETTLE_SECONDS: Final = 1.0
AGES: Final = """
update contact set ages_at = now() + random() * make_interval(secs => $2) where centre_id = $1"""


def resident_kb(standing: Standing) -> float:
    """What both processes hold."""
    return sum(psutil.Process(each.pid).memory_info().rss for each in standing.children.values()) / 1024


def side(waiting: int) -> Callable[[Size], AbstractAsyncContextManager[Measure]]:
    """So many wait."""

    @asynccontextmanager
    async def made(size: Size) -> AsyncGenerator[Measure]:
        count = size.count(waiting) if waiting else 0
        async with databases.fresh() as url, house.opened(url) as store:
            stage = await house.founded(store, stages.policies_of_the_house())
            await house.wait(stage, count)

            async def measure(watch: Watch) -> Figures:
                async with store.connection() as connection:
                    ageing = float(stage.policies.queue.ageing_seconds)
                    await connection.execute(AGES, stage.centre.id, ageing)
                await house.vacuum(stage)
                async with houses.standing(url, store.vault, "serve", "work") as standing:
                    await asyncio.sleep(min(SETTLE_SECONDS, size.seconds))
                    with watch:
                        await asyncio.sleep(size.seconds * SPAN)
                    held = resident_kb(standing)
                share, idle = 100 * watch.cpu_ms / 1000 / watch.seconds, watch.seen.get("idle", {})
                return {
                    "share": share,
                    "more": share - idle.get("share", share),
                    "postgres_share": 100 * watch.postgres_ms / 1000 / watch.seconds,
                    "held_kb": held,
                    "contact_kb": max(0.0, held - idle.get("held_kb", held)) / max(1, count),
                }

            yield measure

    return made


GOAL = Goal(
    id="P15",
    sentence="Ten thousand wait and nobody is on duty.",
    sides={"idle": side(0), "house": side(WAITING)},
    bounds=(
        Bound("CPU beyond an idle house", "more", passes=1.0, unit="% of a core"),
        Bound("memory per waiting contact", "contact_kb", passes=2.0, unit="kB"),
        Bound("CPU", "share", against="idle", unit="% of a core"),
        Bound("of it PostgreSQL", "postgres_share", against="idle", unit="% of a core"),
    ),
)
