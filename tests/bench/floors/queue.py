"""D0, the floor of dispatch: a table, NOTIFY on enqueue, and a loop that claims with SKIP LOCKED.

Sixty lines that anybody would write first. Enqueue, claim and finish are commits of their own; the
NOTIFY is in the enqueuing transaction, which is quick as long as few write at once. `latencies` is the time
from just before the enqueue until the worker holds the claimed job, at a pace.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Final

from hotline.base.tasks import Crew
from tests import database
from tests.bench import databases
from tests.bench.figures import in_ms
from tests.bench.goal import Figures, Measure, Size
from tests.bench.meter import Watch

PACE: Final = 50.0
BATCH: Final = 10
LOOK_SECONDS: Final = 1.0
PATIENCE_SECONDS: Final = 60.0
"""A worker that has lost a job would be waited for without end."""
SCHEMA: Final = """
create table job (id bigint generated always as identity primary key, status smallint not null default 0,
  at timestamptz not null default now(), body jsonb not null);
create index job_wait on job (id) where status = 0;
"""
ENQUEUE: Final = """with made as (insert into job (body) values ('{"a": 1}') returning id)
  select id, pg_notify('job', '') from made"""
CLAIM: Final = """update job as j set status = 1 from (select id from job where status = 0 order by id
  for update skip locked limit $1) as s where j.id = s.id returning j.id"""
FINISH: Final = "update job set status = 2 where id = any($1)"


@dataclass
class Queue:
    """A worker on two connections of its own; `claimed` is when each job was claimed."""

    url: str
    claimed: dict[int, float] = field(default_factory=dict[int, float])

    async def work(self) -> None:
        """Claim and finish whatever comes; until cancelled."""
        more = asyncio.Event()
        ears: Any = await database.connected(self.url)
        connection = await database.connected(self.url)
        await ears.add_listener("job", lambda *_: more.set())
        try:
            while True:
                rows = await connection.fetch(CLAIM, BATCH)
                now = perf_counter()
                self.claimed |= {row["id"]: now for row in rows}
                if rows:
                    await connection.execute(FINISH, [row["id"] for row in rows])
                    continue
                try:
                    async with asyncio.timeout(LOOK_SECONDS):
                        await more.wait()
                except TimeoutError:
                    pass
                more.clear()
        finally:
            await ears.close()
            await connection.close()


async def latencies(queue: Queue, connection: Any, seconds: float, pace: float = PACE) -> list[float]:
    """Enqueue at a pace; how long until each job was claimed."""
    sent: dict[int, float] = {}
    begins_at = perf_counter()
    for nth in range(max(1, int(seconds * pace))):
        await asyncio.sleep(begins_at + nth / pace - perf_counter())
        since = perf_counter()
        sent[await connection.fetchval(ENQUEUE)] = since
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not sent.keys() <= queue.claimed.keys():  # noqa: ASYNC110  the worker is to know nothing of this
            await asyncio.sleep(0.01)
    return [queue.claimed[job] - since for job, since in sent.items()]


@asynccontextmanager
async def d0(size: Size) -> AsyncGenerator[Measure]:
    """As a side of a goal: p50 and p99 of dispatch at fifty a second."""
    async with databases.bare() as url, Crew() as crew:
        connection = await database.connected(url)
        try:
            await connection.execute(SCHEMA)
            queue = Queue(url)
            crew.keep("worker", queue.work)
            await latencies(queue, connection, size.warm_seconds)

            async def measure(watch: Watch) -> Figures:
                with watch:
                    return in_ms(await latencies(queue, connection, size.seconds * 2))

            yield measure
        finally:
            await crew.stop()
            await connection.close()
