"""Dispatch by the job queues a user would pick: from just before the enqueue until the worker has the job."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from time import perf_counter
from typing import Any

from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.core.qm import QueueManager
from pgqueuer.domain.models import Job
from procrastinate import App, PsycopgConnector

from hotline.base.tasks import Crew
from tests import database
from tests.bench import databases
from tests.bench.figures import in_ms
from tests.bench.floors.procrastinating import conninfo
from tests.bench.floors.queue import PACE, PATIENCE_SECONDS
from tests.bench.goal import Figures, Measure, Size
from tests.bench.meter import Watch

NAME = "nothing"
ENQUEUERS = 4


@dataclass
class Post:
    """Jobs by number: when each was about to be sent, and when it was in a worker's hands."""

    sent: dict[int, float] = field(default_factory=dict[int, float])
    came: dict[int, float] = field(default_factory=dict[int, float])

    async def at_pace(self, send: Callable[[int], Awaitable[object]], seconds: float) -> Figures:
        """Send at a pace, and wait for the last."""
        self.sent, self.came = {}, {}
        begins_at = perf_counter()
        for nth in range(max(1, int(seconds * PACE))):
            await asyncio.sleep(begins_at + nth / PACE - perf_counter())
            self.sent[nth] = perf_counter()
            await send(nth)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(self.came) < len(self.sent):  # noqa: ASYNC110  the worker is to know nothing of this
                await asyncio.sleep(0.01)
        return in_ms([self.came[nth] - since for nth, since in self.sent.items()])


@asynccontextmanager
async def procrastinate(size: Size) -> AsyncGenerator[Measure]:
    """procrastinate, woken by its own NOTIFY."""
    async with databases.bare() as url, Crew() as crew:
        app = App(connector=PsycopgConnector(conninfo=conninfo(url), min_size=ENQUEUERS))
        post = Post()

        @app.task(name=NAME)
        async def nothing(number: int) -> None:
            post.came[number] = perf_counter()

        async with app.open_async():
            await app.schema_manager.apply_schema_async()
            crew.keep("worker", lambda: app.run_worker_async(concurrency=10, install_signal_handlers=False))

            async def measure(watch: Watch) -> Figures:
                with watch:
                    return await post.at_pace(lambda nth: nothing.defer_async(number=nth), size.seconds * 2)

            yield measure
            await crew.stop()


@asynccontextmanager
async def pgqueuer(size: Size) -> AsyncGenerator[Measure]:
    """pgqueuer, woken by its trigger."""
    async with databases.bare() as url, Crew() as crew:
        working: Any = await database.connected(url)
        sending: Any = await database.connected(url)
        try:
            await sending.execute(QueryBuilderEnvironment().build_install_query())
            manager, post = QueueManager(Queries(AsyncpgDriver(working))), Post()
            queries = Queries(AsyncpgDriver(sending))

            @manager.entrypoint(NAME)
            async def nothing(job: Job) -> None:
                post.came[int(job.payload or b"0")] = perf_counter()

            crew.keep("worker", lambda: manager.run(dequeue_timeout=timedelta(seconds=1)))

            async def measure(watch: Watch) -> Figures:
                with watch:
                    return await post.at_pace(
                        lambda nth: queries.enqueue([NAME], [str(nth).encode()], [0]), size.seconds * 2
                    )

            yield measure
            manager.shutdown.set()
        finally:
            await crew.stop()
            await sending.close()
            await working.close()
