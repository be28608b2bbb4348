"""The tests' HTTP client closes every connection that has grown old, also when whoever asks is broken off.

Before a request the pool (httpcore2 2.16, `AsyncConnectionPool._close_connections`) closes old connections
one by one, and yields after each; it has forgotten them already. It shields that from anyio's cancellations
but not from asyncio's: when a task is cancelled just there, the others stay open until the collector finds
them. Tests break people off all the time (`Crew.stop`) and take warnings for errors, so one would fail then.
"""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import httpcore2
import pytest


@contextmanager
def closed_to_the_last() -> Generator[None]:
    """Within this, no old connection is left open."""
    close = httpcore2.AsyncConnectionPool._close_connections

    async def each(pool: httpcore2.AsyncConnectionPool, old: list[Any]) -> None:
        broken_off: asyncio.CancelledError | None = None
        for connection in old:
            try:
                await close(pool, [connection])
            except asyncio.CancelledError as error:
                broken_off = error
        if broken_off is not None:
            raise broken_off

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(httpcore2.AsyncConnectionPool, "_close_connections", each)
        yield
