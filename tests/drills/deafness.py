"""A way to the database on which no notification arrives, as behind a pooler that hands out transactions.

It listens on a unix socket of its own and passes everything both ways. While `is_deaf` it leaves out the
server's NotificationResponse messages: LISTEN is answered, the connection stands, and nothing comes. While
`is_shut` it cuts whoever says LISTEN.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

SOCKET = ".s.PGSQL.5432"
NOTIFICATION = b"A"
HEAD_BYTES = 5
CHUNK_BYTES = 65_536
LISTEN_BYTES = 64
ENDED = (OSError, asyncio.IncompleteReadError)


@dataclass
class Wire:
    """The way to the server behind a folder; `dropped` counts the notifications that were left out."""

    server: Path
    folder: Path
    is_deaf: bool = False
    is_shut: bool = False
    dropped: int = 0
    listeners: set[asyncio.StreamWriter] = field(default_factory=set[asyncio.StreamWriter])

    def over(self, url: str) -> str:
        """The same database, by way of this wire."""
        return f"{url.partition('?host=')[0]}?host={self.folder}"

    def cut_listeners(self) -> None:
        """End every connection that listens, and let nobody listen any more."""
        self.is_shut = True
        for each in tuple(self.listeners):
            each.transport.abort()

    def hear_again(self) -> None:
        """Be an honest wire."""
        self.is_deaf = self.is_shut = False

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, both ways, until either side is gone."""
        inner, outer = await asyncio.open_unix_connection(str(self.server / SOCKET))
        try:
            await asyncio.gather(self._ask(reader, outer, writer), self._tell(inner, writer))
        finally:
            self.listeners.discard(writer)
            for line in (writer, outer):
                line.transport.abort()

    async def _ask(
        self, reader: asyncio.StreamReader, outer: asyncio.StreamWriter, writer: asyncio.StreamWriter
    ) -> None:
        """What the client says, as it comes; LISTEN stands at the beginning of what it says."""
        try:
            while chunk := await reader.read(CHUNK_BYTES):
                if b"LISTEN" in chunk[:LISTEN_BYTES]:
                    self.listeners.add(writer)
                    if self.is_shut:
                        break
                outer.write(chunk)
                await outer.drain()
        except ENDED:
            pass
        outer.transport.abort()
        writer.transport.abort()

    async def _tell(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """What the server says, message by message: a letter, a length that counts itself, and the rest."""
        try:
            while True:
                head = await reader.readexactly(HEAD_BYTES)
                rest = await reader.readexactly(int.from_bytes(head[1:]) - 4)
                if head[:1] == NOTIFICATION and self.is_deaf:
                    self.dropped += 1
                    continue
                writer.write(head + rest)
                await writer.drain()
        except ENDED:
            writer.transport.abort()


@asynccontextmanager
async def spoiled(url: str, folder: Path) -> AsyncGenerator[Wire]:
    """A wire in front of the server that `url` names by its folder."""
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    wire = Wire(server=Path(url.partition("?host=")[2]), folder=folder)
    listening = await asyncio.start_unix_server(wire.carry, str(folder / SOCKET))
    try:
        yield wire
    finally:
        listening.close()
