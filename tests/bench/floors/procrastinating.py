"""The job queue that a user would pick: procrastinate, draining jobs that do nothing, sixteen at once."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, Final, cast
from urllib.parse import parse_qs, urlsplit

from procrastinate import App, PsycopgConnector

from tests.bench import databases
from tests.bench.goal import Figures, Measure, Size
from tests.bench.meter import Watch

JOBS: Final = 2000
AT_ONCE: Final = 16
POOL: Final = 20


def conninfo(url: str) -> str:
    """psycopg's words for a URL whose host is a folder."""
    parts = urlsplit(url)
    host = parse_qs(parts.query).get("host", [parts.hostname or "localhost"])[0]
    port = f" port={parts.port}" if parts.port else ""
    password = f" password={parts.password}" if parts.password else ""
    return f"host={host}{port} user={parts.username or 'postgres'}{password} dbname={parts.path.lstrip('/')}"


@asynccontextmanager
async def drain(size: Size) -> AsyncGenerator[Measure]:
    """As a side of a goal: jobs a second, each taken and finished in commits of its own."""
    async with databases.bare() as url:
        app = App(connector=PsycopgConnector(conninfo=conninfo(url), min_size=POOL, max_size=POOL))

        @app.task(name="nothing")
        async def nothing(number: int) -> None:
            _ = number

        async with app.open_async():
            await app.schema_manager.apply_schema_async()
            jobs = size.count(JOBS, AT_ONCE)

            async def measure(watch: Watch) -> Figures:
                await nothing.batch_defer_async(*({"number": cast("Any", nth)} for nth in range(jobs)))
                with watch:
                    await app.run_worker_async(
                        wait=False, concurrency=AT_ONCE, install_signal_handlers=False, listen_notify=False
                    )
                return {"rate": jobs / watch.seconds, "cpu_ms": watch.cpu_ms / jobs}

            yield measure
