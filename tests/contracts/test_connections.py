"""Whoever is broken off in the midst of a request leaves no connection open."""

import asyncio
import gc
import warnings
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

import httpx2

from tests.ports import LOOPBACK

OLD_SECONDS = 0.01
STEPS = 20
"""More than a request has."""


@asynccontextmanager
async def answering() -> AsyncGenerator[str]:
    """A server that says yes to everything, and keeps connections."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while await reader.readuntil(b"\r\n\r\n"):
                writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(answer, LOOPBACK, 0) as server:
        host, port = server.sockets[0].getsockname()
        yield f"http://{host}:{port}"


async def test_a_request_broken_off_at_any_step_leaves_nothing_open():
    limits = httpx2.Limits(keepalive_expiry=OLD_SECONDS)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        async with answering() as base, httpx2.AsyncClient(trust_env=False, limits=limits) as client:
            for steps in range(STEPS):
                await asyncio.gather(*(client.get(base) for _ in range(4)))
                await asyncio.sleep(2 * OLD_SECONDS)
                asking = asyncio.get_running_loop().create_task(client.get(base))
                for _ in range(steps):
                    await asyncio.sleep(0)
                asking.cancel()
                await asyncio.wait([asking])
        gc.collect()
    assert [str(each.message) for each in warned if each.category is ResourceWarning] == []
