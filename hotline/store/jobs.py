"""The queue of the relay: jobs written by units, taken by workers, in a schema of its own.

The queue runs on the store's own pool, one statement at a time, and listens by the store's own signal, so
it needs no connection that only it keeps. A worker that is killed does not count as an attempt in the
queue; so every start is counted on the job itself, and a job that kills its workers ends like one that
cannot be done.
"""

import asyncio
from collections.abc import Collection
from typing import Self
from uuid import UUID

from pgqueuer.adapters.persistence.qb import (
    QueryBuilderEnvironment,
    QueryQueueBuilder,
    QuerySchedulerBuilder,
)
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.core.qm import QueueManager
from pgqueuer.core.tm import TaskManager
from pgqueuer.domain.types import Channel
from pgqueuer.ports.driver import NotifyCallback

from hotline.base.errors import Unreachable
from hotline.store.driver import Connection
from hotline.store.signal import JOBS_CHANNEL, jobs_changed
from hotline.store.unit import JOBS, Store

LISTEN_SECONDS_MAX = 60.0
"""Without a poke nobody is woken by this file; the queue looks for itself in between."""

TRIES_MAX = 8
PAUSE_SECONDS = 0.25
"""Doubled with each try."""


class Driver:
    """pgqueuer's way to the database: the store's pool and the store's signal."""

    def __init__(self, store: Store) -> None:
        """Share the store; `listen` must be kept running."""
        self._store = store
        self._hearers: list[NotifyCallback] = []
        self.shutdown = asyncio.Event()
        self.tm = TaskManager()

    async def __aenter__(self) -> Self:
        """Nothing to open."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing to close."""

    async def fetch(self, query: str, *args: object) -> list[dict[str, object]]:
        """Rows, in a transaction of the statement's own."""
        async with self._store.connection() as connection:
            return [dict(row) for row in await connection.fetch(query, *args)]

    async def execute(self, query: str, *args: object) -> str:
        """Run the statement; its command tag.

        The queue says so what became of an order. Where it cannot say "once more" it says "failed" later, so
        a database that is away for a moment is asked again; each of these statements may be run twice.

        Raises:
            Unreachable: it has been away for half a minute.
        """
        for nth in range(TRIES_MAX - 1):
            try:
                return await self._executed(query, *args)
            except Unreachable:
                await asyncio.sleep(PAUSE_SECONDS * 2**nth)
        return await self._executed(query, *args)

    async def _executed(self, query: str, *args: object) -> str:
        async with self._store.connection() as connection:
            return await connection.execute(query, *args)

    async def notify(self, channel: str, payload: str) -> None:
        """Tell this process's queue: health checks and cancellations of its own."""
        _ = channel
        for hearer in self._hearers:
            hearer(payload)

    async def add_listener(self, channel: str, callback: NotifyCallback) -> None:
        """Pass pokes on to `callback` from now on."""
        _ = channel
        self._hearers.append(callback)

    async def listen(self) -> None:
        """Wake the queue with every commit that has left work for it."""
        waiter = self._store.signal.job_waiter()
        try:
            while True:
                await waiter.wait(LISTEN_SECONDS_MAX)
                await self.notify(JOBS_CHANNEL, jobs_changed())
        finally:
            waiter.close()


def manager(driver: Driver) -> QueueManager:
    """A worker of the queue with no handlers yet."""
    queries = Queries(
        driver,
        qbe=QueryBuilderEnvironment(settings=JOBS),
        qbq=QueryQueueBuilder(settings=JOBS),
        qbs=QuerySchedulerBuilder(settings=JOBS),
    )
    return QueueManager(queries, channel=Channel(JOBS_CHANNEL))


async def begin(connection: Connection, job_id: int) -> int:
    """Count a start of the job on the job, so that a worker's death counts; how many there were."""
    return int(
        await connection.fetchval(
            """update pgqueuer.pgqueuer
               set headers = jsonb_set(coalesce(headers, '{}'), '{starts}',
                 to_jsonb(coalesce((headers->>'starts')::int, 0) + 1))
               where id = $1 returning (headers->>'starts')::int""",
            job_id,
        )
        or 1
    )


async def excuse(connection: Connection, job_id: int) -> None:
    """Take a start back that came to nothing because a neighbour did not answer: the job is not to blame."""
    await connection.execute(
        """update pgqueuer.pgqueuer
           set headers = jsonb_set(headers, '{starts}', to_jsonb((headers->>'starts')::int - 1))
           where id = $1 and (headers->>'starts')::int > 0""",
        job_id,
    )


async def ordered(connection: Connection, leg_ids: Collection[UUID]) -> frozenset[UUID]:
    """Those legs for which an order waits or is being carried out."""
    rows = await connection.fetch(
        """select payload from pgqueuer.pgqueuer
           where status in ('queued', 'picked') and payload = any($1)""",
        [leg_id.bytes for leg_id in leg_ids],
    )
    return frozenset(UUID(bytes=bytes(row["payload"])) for row in rows)
