"""Databases for tests: one embedded server per machine user, one template, a fresh copy per module.

The server is shared by all test processes and left running; the template is made once per schema
(its name carries a hash of the migrations), so a copy costs a tenth of a second.
"""

import asyncio
import fcntl
import hashlib
import os
import tempfile
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Protocol, cast

import asyncpg

from hotline.base import ids
from hotline.base.places import migrations_dir
from hotline.store import embedded, migrate
from hotline.store.driver import Connection
from hotline.store.engine import connect_arguments


def home() -> Path:
    """The folder of the test server: outside the checkout, because its path must be short."""
    return Path(os.environ.get("HOTLINE_TEST_HOME") or Path(tempfile.gettempdir()) / "hotline-tests")


def server() -> str:
    """The URL of the test server's `postgres` database; started if it is not running."""
    home().mkdir(parents=True, exist_ok=True)
    with alone("server"):
        return os.environ.get("HOTLINE_TEST_DATABASE_URL") or embedded.start(home() / "pg")


@contextmanager
def alone(what: str) -> Generator[None]:
    """One test process at a time."""
    with (home() / f"{what}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def of(url: str, name: str) -> str:
    """The URL of another database on the same server."""
    head, _, tail = url.partition("?")
    return f"{head.rsplit('/', 1)[0]}/{name}" + (f"?{tail}" if tail else "")


class Line(Connection, Protocol):
    """A connection of one's own, outside any pool."""

    async def close(self) -> None:
        """End it."""
        ...


async def connected(url: str) -> Line:
    """A connection to a database of the test server."""
    return cast("Line", await asyncpg.connect(**connect_arguments(url)))


async def template(url: str) -> str:
    """The name of the migrated template, made if there is none for the present migrations."""
    digest = hashlib.sha256()
    for path in sorted(migrations_dir().rglob("*.py")):
        digest.update(path.read_bytes())
    name = f"hotline_template_{digest.hexdigest()[:12]}"
    with alone("template"):
        connection = await connected(url)
        try:
            if not await connection.fetchval("select 1 from pg_database where datname = $1", name):
                await connection.execute(f"drop database if exists {name}_new")
                await connection.execute(f"create database {name}_new")
                await migrate.upgrade(of(url, f"{name}_new"), migrations_dir())
                await connection.execute(f"alter database {name}_new rename to {name}")
        finally:
            await connection.close()
    return name


@asynccontextmanager
async def fresh() -> AsyncGenerator[str]:
    """The URL of a fresh migrated database, dropped at the end."""
    url = await asyncio.to_thread(server)
    name = f"test_{ids.new_id().hex}"
    source = await template(url)
    connection = await connected(url)
    try:
        await connection.execute(f"create database {name} template {source}")
        try:
            yield of(url, name)
        finally:
            await connection.execute(f"drop database {name} with (force)")
    finally:
        await connection.close()
