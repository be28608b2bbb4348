"""A connection on which anything may be said, byte by byte."""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import httpx2

from tests.patience import PATIENCE_SECONDS

GOOD_SECONDS_MAX: Final = 5.0
"""Within this a good client must be served beside the abuse; generous, for machines that are busy."""


@dataclass(slots=True)
class Line:
    """A TCP connection to the service."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, *parts: bytes, pause_seconds: float = 0.0) -> None:
        """Send part by part; a line that was cut meanwhile is no error here."""
        with suppress(ConnectionError):
            for part in parts:
                self.writer.write(part)
                await self.writer.drain()
                if pause_seconds:
                    await asyncio.sleep(pause_seconds)

    async def everything(self) -> bytes:
        """All that comes until the service closes."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            with suppress(ConnectionError):
                return await self.reader.read()
            return b""

    async def status(self) -> int:
        """The status of the next answer; 0 when the connection ends without one."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            with suppress(ConnectionError):
                line = await self.reader.readline()
                return int(line.split()[1]) if line else 0
            return 0


@asynccontextmanager
async def line(base: str) -> AsyncGenerator[Line]:
    """A fresh connection, dropped at the end."""
    parts = urlsplit(base)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        yield Line(reader, writer)
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


def head(method: str, path: str, headers: Iterable[tuple[str, str]] = ()) -> bytes:
    """A request's head."""
    lines = [
        f"{method} {path} HTTP/1.1",
        "host: hotline.example",
        *(f"{name}: {value}" for name, value in headers),
    ]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


async def a_good_client_is_served(base: str) -> None:
    """Somebody in need, with a browser of their own, gets the page and its answers in good time."""
    async with httpx2.AsyncClient(base_url=base, trust_env=False, timeout=GOOD_SECONDS_MAX) as client:
        assert (await client.get("/health/live")).status_code == 200
        assert (await client.get("/chat/anything")).status_code == 200
        assert (await client.get("/api/chat/nowhere")).status_code == 404
