"""Pokes: a hint that there is something new to read; the tables are the truth.

NOTIFY takes one cluster-wide lock until the commit is flushed, so no business transaction does it. A
process that has committed sends one poke from a connection of its own, at most every
`POKE_SECONDS`; every process listens on one connection and wakes whoever waits. If all pokes are
lost everything still works, a second later.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any, Protocol, cast

import orjson

from hotline.base import clock, log
from hotline.base.errors import Unreachable
from hotline.store import engine
from hotline.store.driver import Connection

CHANNEL = "hotline"
TALK_CHANNEL = "hotline_talk"
"""What was committed concerns a talk alone (words, that they were read): whoever matches sleeps on."""
JOBS_CHANNEL = "ch_pgqueuer"
POKE_SECONDS = 0.005
LISTEN_CHECK_SECONDS = 5.0
COMMAND_SECONDS_MAX = 5.0
"""A server that takes longer for a NOTIFY is not there; without a bound a dead network is never noticed."""

_log = log.get("signal")


class Signal:
    """Pokes of one process, outgoing and incoming; `loops()` must be kept running."""

    def __init__(self, connect: dict[str, Any] | None) -> None:
        """Remember how to connect; None means that pokes stay inside this process."""
        self._connect = connect
        self._out = asyncio.Event()
        self._is_news = False
        self._is_move = False
        self._jobs = False
        self._own_pid: int | None = None
        self._hints: list[str] = []
        self._waiters: set[asyncio.Event] = set()
        self._move_waiters: set[asyncio.Event] = set()
        self._job_waiters: set[asyncio.Event] = set()
        self._hearers: set[Callable[[str], None]] = set()
        self.is_listening = False

    def poke(self, *, moves: bool = True, jobs: bool = False) -> None:
        """Say that something was committed; costs nothing and never waits.

        `moves`: somebody may be matched otherwise than before; `jobs`: there is work for the relay.
        """
        self._is_move = self._is_move or moves
        self._is_news = True
        self._jobs = self._jobs or jobs
        self._out.set()
        self._wake(moves=moves)
        if jobs:
            self._wake_for_jobs()

    def hint(self, payload: dict[str, str]) -> None:
        """Pass on something fleeting (somebody is typing) that is stored nowhere."""
        self._hints.append(orjson.dumps(payload).decode())
        self._out.set()

    def waiter(self) -> "Waiter":
        """Something to wait on for the next poke."""
        return Waiter(self._waiters)

    def move_waiter(self) -> "Waiter":
        """Something to wait on for the next commit after which somebody may be matched."""
        return Waiter(self._move_waiters)

    def job_waiter(self) -> "Waiter":
        """Something to wait on for the next commit that has left work for the relay."""
        return Waiter(self._job_waiters)

    def hear(self, hearer: Callable[[str], None]) -> Callable[[], None]:
        """Call `hearer` with every hint; the result stops it."""
        self._hearers.add(hearer)
        return lambda: self._hearers.discard(hearer)

    async def send(self) -> None:
        """Keep sending coalesced pokes to the other processes."""
        if self._connect is None:
            return
        async with _connected(self._connect) as connection:
            self._own_pid = connection.get_server_pid()
            while True:
                await self._out.wait()
                self._out.clear()
                await self._flush(connection)
                await asyncio.sleep(POKE_SECONDS)

    async def listen(self) -> None:
        """Keep listening to the other processes; what was missed is read from the tables."""
        if self._connect is None:
            return
        try:
            async with _connected(self._connect) as connection:
                await connection.add_listener(CHANNEL, self._heard)
                await connection.add_listener(TALK_CHANNEL, self._heard)
                await connection.add_listener(JOBS_CHANNEL, lambda *_: self._wake_for_jobs())
                self.is_listening = True
                self._wake(moves=True)
                self._wake_for_jobs()
                while not connection.is_closed():
                    await asyncio.sleep(LISTEN_CHECK_SECONDS)
                    await connection.fetchval("select 1")
        finally:
            self.is_listening = False

    async def _flush(self, connection: Connection) -> None:
        hints, self._hints = self._hints, []
        is_talk, self._is_news = self._is_news, False
        is_move, self._is_move = self._is_move, False
        jobs, self._jobs = self._jobs, False
        if is_talk:
            await connection.execute("select pg_notify($1, '')", CHANNEL if is_move else TALK_CHANNEL)
        for hint in hints:
            await connection.execute("select pg_notify($1, $2)", CHANNEL, hint)
        if jobs:
            await connection.execute("select pg_notify($1, $2)", JOBS_CHANNEL, jobs_changed())

    def _heard(self, _connection: Any, pid: int, channel: str, payload: Any) -> None:
        if not payload:
            if pid != self._own_pid:  # our own have been woken before anything was sent
                self._wake(moves=channel == CHANNEL)
            return
        for hearer in tuple(self._hearers):
            hearer(str(payload))

    def _wake(self, *, moves: bool) -> None:
        for waiter in self._waiters | self._move_waiters if moves else self._waiters:
            waiter.set()

    def _wake_for_jobs(self) -> None:
        for waiter in self._job_waiters:
            waiter.set()


class Waiter:
    """Waits for a poke, or for some seconds; pokes between two waits are not lost."""

    def __init__(self, waiters: set[asyncio.Event]) -> None:
        """Join the set of those who are woken."""
        self._waiters = waiters
        self._event = asyncio.Event()
        waiters.add(self._event)

    async def wait(self, seconds_max: float) -> None:
        """Return at the next poke since the last wait, or after `seconds_max`."""
        try:
            async with asyncio.timeout(seconds_max):
                await self._event.wait()
        except TimeoutError:
            pass
        self._event.clear()

    def close(self) -> None:
        """Leave the set."""
        self._waiters.discard(self._event)


class _Line(Connection, Protocol):
    async def add_listener(self, channel: str, callback: Callable[..., None]) -> None: ...

    def is_closed(self) -> bool: ...

    def get_server_pid(self) -> int: ...

    def terminate(self) -> None: ...


@asynccontextmanager
async def _connected(arguments: dict[str, Any]) -> AsyncGenerator[_Line]:
    """A connection of this process's own, given up with the block.

    Raises:
        Unreachable: the database does not answer, or does not any more.
    """
    try:
        made = await engine.connected({**arguments, "command_timeout": COMMAND_SECONDS_MAX})
        connection = cast("_Line", made)
        try:
            yield connection
        finally:
            connection.terminate()
    except engine.LOST as error:
        raise Unreachable("store.unreachable", "The database does not answer; try again.") from error


def jobs_changed() -> str:
    """What the queue of jobs is told when there is something in it."""
    return orjson.dumps(
        {
            "channel": JOBS_CHANNEL,
            "operation": "insert",
            "sent_at": clock.now().isoformat(),
            "table": "pgqueuer",
            "type": "table_changed_event",
        }
    ).decode()
