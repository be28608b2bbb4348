"""The connection pool.

SQLAlchemy owns the pool. Units of work and questions take the asyncpg connection beneath, and units keep
their transaction there, so the engine runs in autocommit: one statement on the driver costs half of what
it costs through the layers.
"""

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import orjson
from sqlalchemy import event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

STATEMENT_CACHE_SIZE = 512


def connect_arguments(url: str) -> dict[str, Any]:
    """asyncpg's arguments for a `postgresql://` URL; `?host=/folder` means a unix socket.

    Raises:
        ValueError: the URL is not PostgreSQL's.
    """
    parts = urlsplit(url)
    if parts.scheme.split("+")[0] not in {"postgresql", "postgres"}:
        raise ValueError(f"DATABASE_URL must begin with postgresql://, not {parts.scheme}://.")
    query = parse_qs(parts.query)
    arguments: dict[str, Any] = {
        "host": query.get("host", [parts.hostname or "localhost"])[0],
        "user": unquote(parts.username) if parts.username else "postgres",
        "database": parts.path.lstrip("/") or "postgres",
    }
    if parts.port or "port" in query:
        arguments["port"] = parts.port or int(query["port"][0])
    if parts.password:
        arguments["password"] = unquote(parts.password)
    if "sslmode" in query:
        arguments["ssl"] = query["sslmode"][0]
    return arguments


def make(
    url: str, *, pool_size: int, statement_timeout_ms: int, command_seconds: float = 30.0
) -> AsyncEngine:
    """An engine in autocommit on `url`; every connection carries the statement time-out."""
    arguments = connect_arguments(url)
    engine = create_async_engine(
        "postgresql+asyncpg://",
        connect_args={
            **arguments,
            "statement_cache_size": STATEMENT_CACHE_SIZE,
            "command_timeout": command_seconds,
            "timeout": 10,
            "server_settings": {
                "application_name": "hotline",
                "statement_timeout": str(statement_timeout_ms),
                "idle_in_transaction_session_timeout": "60000",
                "jit": "off",
            },
        },
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=command_seconds,
        pool_pre_ping=False,
        isolation_level="AUTOCOMMIT",
        json_serializer=lambda value: orjson.dumps(value).decode(),
        json_deserializer=orjson.loads,
    )
    event.listen(engine.sync_engine, "checkout", _require_open)
    return engine


def _require_open(connection: Any, _record: object, _proxy: object) -> None:
    """A connection that the server has closed is no good, and its sisters are suspect: begin afresh."""
    if connection.driver_connection.is_closed():
        raise InvalidatePoolError
