"""The connection pool, and the way to the server behind it.

SQLAlchemy owns the pool. Units of work and questions take the asyncpg connection beneath, and units keep
their transaction there, so the engine runs in autocommit: one statement on the driver costs half of what
it costs through the layers.

A URL may name several servers, of which one is the primary at the moment. After a failover the old one may
be gone, demoted, or frozen with its sockets open; so each host has a time of its own to answer, a silence
longer than any statement may last ends a connection, and what is wrong with one makes all older ones suspect.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final, cast
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

import asyncpg
import orjson
from sqlalchemy import event
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_dbapi
from sqlalchemy.exc import InvalidatePoolError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

STATEMENT_CACHE_SIZE: Final = 512
PLANS: Final = "force_generic_plan"
"""The statements are walks over indexes, right whatever they are asked for, so each is planned once for a
connection. Left to itself the server planned the longest of them anew each time, at twice what they cost."""
FROZEN_MS: Final = 5000
"""A process that stands still in the midst of a transaction loses it, and the locks that others wait for."""
PORT: Final = 5432
PORT_MAX: Final = 65_535
HOST_SECONDS_MAX: Final = 3.0
"""How long one of several servers may take to answer before the next one is asked."""
CONNECT_SECONDS_MAX: Final = 10.0
SILENCE_SECONDS: Final = 2.0
"""The server itself ends a statement that lasts too long; so much later it is not the statement."""

_DOUBT: Final = "doubt"
_TURNS: Final = "turns"
LOST: Final = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.PostgresSystemError,
    SQLAlchemyError,
    AsyncAdapt_asyncpg_dbapi.Error,  # how the pool passes on what a server says that is just starting
)
"""What the driver and the pool say when the server is away, or its connection is."""
_NOT_THERE: Final = (OSError, TimeoutError, asyncpg.CannotConnectNowError, asyncpg.InternalClientError)


class BadUrl(ValueError):
    """A database's URL cannot be read; says what is wrong, without any part of it: that may be a password."""


def connect_arguments(url: str) -> dict[str, Any]:
    """asyncpg's arguments for a `postgresql://` URL; `?host=/folder` means a unix socket.

    Several servers are named as libpq does it: `//user@a:5432,b:5432/name` or `?host=a,/folder&port=5432`,
    with `target_session_attrs=read-write` for the one that is the primary.

    Raises:
        BadUrl: it is not PostgreSQL's.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        raise BadUrl("its brackets do not match") from None
    if parts.scheme.split("+")[0] not in {"postgresql", "postgres"}:
        raise BadUrl("it must begin with postgresql://")
    query = {name: ",".join(values) for name, values in parse_qs(parts.query).items()}
    hosts, ports = _servers(parts, query)
    arguments: dict[str, Any] = {
        "host": hosts,
        "user": unquote(parts.username) if parts.username else "postgres",
        "database": unquote(parts.path.lstrip("/")) or "postgres",
    }
    if any(ports):
        arguments["port"] = [port or PORT for port in ports]
    if parts.password:
        arguments["password"] = unquote(parts.password)
    if "sslmode" in query:
        arguments["ssl"] = query["sslmode"]
    if "target_session_attrs" in query:
        arguments["target_session_attrs"] = query["target_session_attrs"]
    return arguments


def _servers(parts: SplitResult, query: Mapping[str, str]) -> tuple[list[str], list[int | None]]:
    """Hosts, and their ports where they are said.

    Raises:
        BadUrl: a port is none, or there are neither as many ports as hosts nor one for all.
    """
    named = query.get("host") or parts.netloc.rpartition("@")[2] or "localhost"
    hosts: list[str] = []
    ports: list[int | None] = []
    for each in named.split(","):
        host, port = (each, "") if each.startswith("/") else _split(each)
        hosts.append(host)
        ports.append(_port(port) if port else None)
    if "port" in query:
        said = [_port(port) for port in query["port"].split(",")]
        ports = [*said] * len(hosts) if len(said) == 1 else [*said]
    if len(ports) != len(hosts):
        raise BadUrl("it must give one port for every host, or one for all")
    return hosts, ports


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= PORT_MAX):
        raise BadUrl(
            f"a port is a number from 1 to {PORT_MAX}; a / @ : # or ? in a password is written %2F ..."
        )
    return int(text)


def _split(server: str) -> tuple[str, str]:
    """Host and port; `[::1]:5432` has colons of its own."""
    if server.startswith("["):
        host, _, port = server[1:].partition("]")
        return host, port.removeprefix(":")
    host, _, port = server.partition(":")
    return unquote(host) or "localhost", port


async def connected(arguments: Mapping[str, Any]) -> Any:
    """A connection to the first server that answers and is what was asked for.

    The driver would give all hosts one time-out together, which a frozen first one uses up alone.

    Raises:
        OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError: there is none.
    """
    hosts: list[str] = arguments["host"]
    ports: list[int] = arguments.get("port") or [PORT] * len(hosts)
    *others, last = zip(hosts, ports, strict=True)
    for server in others:
        try:
            return await _asked(arguments, server, HOST_SECONDS_MAX)
        except _NOT_THERE:
            continue
    return await _asked(arguments, last, HOST_SECONDS_MAX if others else CONNECT_SECONDS_MAX)


async def _asked(arguments: Mapping[str, Any], server: tuple[str, int], seconds_max: float) -> Any:
    host, port = server
    own: dict[str, Any] = {**arguments, "host": host, "port": port, "timeout": seconds_max}
    return await cast("Any", asyncpg.connect(**own))


def make(url: str, *, pool_size: int, statement_timeout_ms: int) -> AsyncEngine:
    """An engine in autocommit on `url`; every connection carries the statement time-out."""
    silence_seconds = statement_timeout_ms / 1000 + SILENCE_SECONDS
    arguments = {
        **connect_arguments(url),
        "statement_cache_size": STATEMENT_CACHE_SIZE,
        "command_timeout": silence_seconds,
        "server_settings": {
            "application_name": "hotline",
            "statement_timeout": str(statement_timeout_ms),
            "idle_in_transaction_session_timeout": str(FROZEN_MS),
            "plan_cache_mode": PLANS,
            "jit": "off",
        },
    }

    async def creator() -> Any:
        return await connected(arguments)

    doubt = _Doubt()
    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=creator,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=silence_seconds,
        pool_pre_ping=False,
        isolation_level="AUTOCOMMIT",
        json_serializer=lambda value: orjson.dumps(value).decode(),
        json_deserializer=orjson.loads,
        execution_options={_DOUBT: doubt, _TURNS: Turns(pool_size, silence_seconds)},
    )
    event.listen(engine.sync_engine, "connect", doubt.begins)
    event.listen(engine.sync_engine, "checkout", doubt.requires_sound)
    return engine


class Turns:
    """Whoever waits for a connection gets one in the order of asking.

    The pool itself gives what comes back to whoever asks at that moment, and lets those who wait begin to
    wait anew: in a rush some would be served at once and others never. So nobody asks the pool before their
    turn, and then it has a connection.
    """

    def __init__(self, connections: int, seconds_max: float) -> None:
        """So many turns at a time, for each of which nobody waits any longer than that."""
        self._free = asyncio.Semaphore(connections)
        self._seconds_max = seconds_max

    async def __aenter__(self) -> None:
        """Wait for a turn.

        Raises:
            TimeoutError: none has come.
        """
        if self._free.locked():
            async with asyncio.timeout(self._seconds_max):
                await self._free.acquire()
        else:
            await self._free.acquire()

    async def __aexit__(self, *_: object) -> None:
        """The next one's turn."""
        self._free.release()


def turns(engine: AsyncEngine) -> Turns:
    """The turns at the connections of an engine that was made here."""
    found: Turns = engine.get_execution_options()[_TURNS]
    return found


def suspect(engine: AsyncEngine) -> None:
    """Let nobody take a connection any more that was made before now."""
    engine.get_execution_options()[_DOUBT].since = monotonic()


@dataclass(slots=True)
class _Doubt:
    """What is wrong with one connection (closed, silent, outdated) is probably wrong with its sisters."""

    since: float = 0.0

    def begins(self, _connection: Any, record: Any) -> None:
        record.info[_DOUBT] = monotonic()

    def requires_sound(self, connection: Any, record: Any, _proxy: object) -> None:
        if connection.driver_connection.is_closed() or record.info[_DOUBT] < self.since:
            raise InvalidatePoolError
