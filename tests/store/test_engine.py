"""The way to the server: which of several, how long each may take, when a connection is trusted no more."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from hotline.base import ids
from hotline.base.errors import Unreachable
from hotline.base.sensitive import Sensitive
from hotline.base.tasks import Crew
from hotline.flow import message
from hotline.store import contact as store_contact, engine, signal as signals
from hotline.store.engine import connect_arguments
from hotline.store.signal import Signal, Waiter
from hotline.store.unit import Store
from tests.stage import Stage


@pytest.mark.parametrize(
    ("url", "hosts", "ports"),
    [
        ("postgresql:///name", ["localhost"], None),
        ("postgresql://u@db/name", ["db"], None),
        ("postgresql://u@db:6000/name", ["db"], [6000]),
        ("postgresql://u:p@a:6000,b/name", ["a", "b"], [6000, 5432]),
        ("postgresql://u@[::1]:6000,b:6001/name", ["::1", "b"], [6000, 6001]),
        ("postgresql://u@/name?host=/run/pg", ["/run/pg"], None),
        ("postgresql://u@/name?host=/run/a,/run/b", ["/run/a", "/run/b"], None),
        ("postgresql://u@/name?host=/run/a,b,c:6002", ["/run/a", "b", "c"], [5432, 5432, 6002]),
        ("postgresql://u@/name?host=a,b&port=6000,6001", ["a", "b"], [6000, 6001]),
        ("postgresql://u@/name?host=a,b&port=6000", ["a", "b"], [6000, 6000]),
    ],
)
def test_a_url_names_one_server_or_several(url: str, hosts: list[str], ports: list[int] | None):
    arguments = connect_arguments(url)
    assert (arguments["host"], arguments.get("port"), arguments["database"]) == (hosts, ports, "name")


def test_what_else_a_url_says_is_passed_on():
    url = "postgresql://me:p%40ss@a,b/my%20line?target_session_attrs=read-write&sslmode=require"
    assert connect_arguments(url) == {
        "host": ["a", "b"],
        "user": "me",
        "password": "p@ss",
        "database": "my line",
        "ssl": "require",
        "target_session_attrs": "read-write",
    }


@pytest.mark.parametrize("url", ["mysql://a/name", "postgresql://u@/name?host=a,b,c&port=1,2"])
def test_a_url_that_cannot_be_meant_is_refused(url: str):
    with pytest.raises(engine.BadUrl, match="it must"):
        connect_arguments(url)


@asynccontextmanager
async def frozen(folder: Path) -> AsyncGenerator[None]:
    """A server whose socket is open and that says nothing."""

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_unix_server(listen, folder / ".s.PGSQL.5432")
    try:
        yield
    finally:
        server.close()


async def test_the_next_server_is_asked_when_the_first_is_not_there_or_says_nothing(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(engine, "HOST_SECONDS_MAX", 1.0)
    arguments = connect_arguments(database_url)
    hosts = [str(tmp_path), str(tmp_path), *arguments["host"]]
    async with frozen(tmp_path), asyncio.timeout(20):
        line = await engine.connected({**arguments, "host": ["/nowhere", *hosts]})
        assert await line.fetchval("select current_database()") == arguments["database"]
        await line.close()
        with pytest.raises((TimeoutError, OSError)):
            await engine.connected({**arguments, "host": hosts[:2]})


async def test_a_server_that_is_not_what_was_asked_for_is_passed_over(database_url: str):
    arguments = connect_arguments(database_url) | {"target_session_attrs": "standby"}
    with pytest.raises(asyncpg.InternalClientError, match="None of the hosts"):
        await engine.connected({**arguments, "host": arguments["host"] * 2})


@dataclass
class Wire:
    """A way to the server, in a folder of its own, that can fall silent with every connection open."""

    server: str
    flows: asyncio.Event = field(default_factory=asyncio.Event)
    ends: list[asyncio.StreamWriter] = field(default_factory=list[asyncio.StreamWriter])

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, for as long as the test lasts."""
        there = await asyncio.open_unix_connection(self.server)
        self.ends += [writer, there[1]]
        await asyncio.gather(self._pipe(reader, there[1]), self._pipe(there[0], writer))

    async def _pipe(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            await self.flows.wait()
            writer.write(data)


@pytest.fixture
async def wire(database_url: str, tmp_path: Path) -> AsyncGenerator[Wire]:
    """The test's server, in `tmp_path` too."""
    name = ".s.PGSQL.5432"
    made = Wire(f"{connect_arguments(database_url)['host'][0]}/{name}")
    made.flows.set()
    async with Crew() as crew:
        server = await asyncio.start_unix_server(
            lambda reader, writer: crew.once("wire", made.carry(reader, writer)), tmp_path / name
        )
        yield made
        server.close()
        await asyncio.sleep(0)
    for each in made.ends:
        each.close()
    await asyncio.gather(*(each.wait_closed() for each in made.ends), return_exceptions=True)


async def test_ears_notice_a_server_that_has_fallen_silent(
    wire: Wire, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The loop stumbles, so that its crew connects anew; until then health says that no poke is heard."""
    monkeypatch.setattr(signals, "COMMAND_SECONDS_MAX", 0.3)
    monkeypatch.setattr(signals, "LISTEN_CHECK_SECONDS", 0.05)
    signal = Signal(connect_arguments(database_url) | {"host": [str(tmp_path)]})
    async with Crew() as crew, asyncio.timeout(20):
        over = asyncio.get_running_loop().create_future()

        async def listen() -> None:
            with pytest.raises(Unreachable):
                await signal.listen()
            over.set_result(None)

        woken = signal.waiter()
        crew.once("ears", listen())
        await woken.wait(10)
        assert signal.is_listening
        wire.flows.clear()
        await over
    assert not signal.is_listening


# --- a schema that changes under a running process


async def test_a_new_column_costs_a_running_process_one_step_that_is_tried_again(
    stage: Stage, database_url: str
):
    """Expand before code: what was prepared before must not fail connection by connection afterwards."""
    made = engine.make(database_url, pool_size=4, statement_timeout_ms=10_000)
    own = Store(made, stage.store.vault, Signal(None))
    contact = await stage.chat()
    try:
        await asyncio.gather(*(looks(own, contact.id) for _ in range(8)))
        await stage.value("alter table contact add column tried_at timestamptz")
        with pytest.raises(Unreachable):
            await looks(own, contact.id)
        await asyncio.gather(*(looks(own, contact.id) for _ in range(8)))
    finally:
        await made.dispose()


async def looks(store: Store, contact_id: Any) -> None:
    """Every connection of the pool knows the statement, inside a transaction."""
    async with store.unit() as unit:
        await store_contact.lock_journey(unit, contact_id)
        await unit.connection.fetchval("select pg_sleep(0.02)")


async def test_a_server_that_is_no_primary_any_more_is_left_by_all(stage: Stage, database_url: str):
    made = engine.make(database_url, pool_size=2, statement_timeout_ms=10_000)
    own = Store(made, stage.store.vault, Signal(None))
    try:
        async with own.connection() as connection:
            first = await connection.fetchval("select pg_backend_pid()")
        with pytest.raises(Unreachable, match="try again"):
            async with own.unit() as unit:
                await unit.connection.execute("set transaction read only")
                await unit.connection.execute("update contact set seen_at = now()")
        async with own.connection() as connection:
            assert await connection.fetchval("select pg_backend_pid()") != first
    finally:
        await made.dispose()


async def test_a_server_that_has_fallen_silent_is_left_by_all(stage: Stage, database_url: str):
    made = engine.make(database_url, pool_size=2, statement_timeout_ms=100)
    own = Store(made, stage.store.vault, Signal(None))
    try:
        async with own.connection() as one, own.connection() as other:
            pids = {await each.fetchval("select pg_backend_pid()") for each in (one, other)}
        with pytest.raises(Unreachable, match="try again"):
            async with own.connection():
                raise TimeoutError
        async with own.connection() as one, own.connection() as other:
            assert not pids & {await each.fetchval("select pg_backend_pid()") for each in (one, other)}
    finally:
        await made.dispose()


# --- more who ask than there are connections


async def test_whoever_has_waited_longest_for_a_connection_is_next(stage: Stage, database_url: str):
    made = engine.make(database_url, pool_size=1, statement_timeout_ms=10_000)
    own = Store(made, stage.store.vault, Signal(None))
    served: list[str] = []

    async def asks(name: str, times: int) -> None:
        for _ in range(times):
            async with own.connection() as connection:
                served.append(name)
                await connection.fetchval("select 1")

    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(asks("in a rush", 20))
            await asyncio.sleep(0)
            group.create_task(asks("once", 1))
    finally:
        await made.dispose()
    assert served.index("once") <= 1


async def test_whoever_waits_too_long_for_a_connection_is_told_to_try_again(stage: Stage, database_url: str):
    made = engine.make(database_url, pool_size=1, statement_timeout_ms=10_000)
    made.get_execution_options()["turns"]._seconds_max = 0.05
    own = Store(made, stage.store.vault, Signal(None))
    try:
        async with own.connection() as kept:
            with pytest.raises(Unreachable, match="try again"):
                async with own.connection():
                    pass
            assert await kept.fetchval("select 1") == 1
        async with own.connection() as again:
            assert await again.fetchval("select 1") == 1
    finally:
        await made.dispose()


# --- whom a commit wakes


async def test_words_wake_the_screens_and_let_the_dispatcher_sleep(stage: Stage):
    contact = await stage.chat()
    news, moves = stage.store.signal.waiter(), stage.store.signal.move_waiter()
    await message.say(
        stage.store, stage.policies, contact.id, ids.new_id(), words=Sensitive("你好"), now=stage.now
    )
    assert (is_woken(news), is_woken(moves)) == (True, False)
    await stage.chat()
    assert (is_woken(news), is_woken(moves)) == (True, True)


def is_woken(waiter: Waiter) -> bool:
    """Whether it has been poked since the last wait."""
    was_set = waiter._event.is_set()
    waiter._event.clear()
    return was_set


async def test_a_server_that_is_just_starting_is_away_and_no_mistake_of_ours(
    stage: Stage, database_url: str, monkeypatch: pytest.MonkeyPatch
):
    async def starting(_arguments: object) -> None:
        raise asyncpg.CannotConnectNowError("the database system is starting up")

    monkeypatch.setattr(engine, "connected", starting)
    made = engine.make(database_url, pool_size=1, statement_timeout_ms=10_000)
    with pytest.raises(Unreachable):
        async with Store(made, stage.store.vault, Signal(None)).connection():
            pass
    await made.dispose()
