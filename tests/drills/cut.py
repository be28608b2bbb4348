"""A way to the database that is cut at a chosen statement, before it arrives or after its answer was given.

Between the driver and the server stands a socket that reads the protocol as far as to tell one execution
from the next. *Before*: the server never hears the statement. *After*: it has carried it out and said so,
and its answer is lost; of a COMMIT nobody knows then what became of it. Either way the connection is gone,
and what the server undoes has been undone when the step hears of it.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from hotline.base.tasks import Crew
from hotline.store.engine import connect_arguments

SOCKET = ".s.PGSQL.5432"
PARSE, BIND, EXECUTE, QUERY, SYNC, FLUSH, BYE = b"P", b"B", b"E", b"Q", b"S", b"H", b"X"
READY = b"Z"
ASIDE = "pg_catalog"
"""What the driver asks about types is no statement of a step."""
ENDED = (asyncio.IncompleteReadError, ConnectionError)

Message = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """At which execution (the first is 1), and whether its answer is what is lost."""

    at: int
    after: bool

    def __str__(self) -> str:
        return f"{'answer lost of' if self.after else 'cut before'} statement {self.at}"


@dataclass
class Way:
    """Counts executions in `seen`, by their texts, and cuts as it is told to."""

    server: str
    cut: Cut | None = None
    seen: list[str] = field(default_factory=list[str])

    def expect(self, cut: Cut | None) -> None:
        """Count from the beginning, and cut there."""
        self.cut, self.seen = cut, []

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, to its end."""
        there = await asyncio.open_unix_connection(self.server)
        try:
            await _Line(self, (reader, writer), there).run()
        finally:
            for each in (writer, there[1]):
                each.transport.abort()


Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class _Line:
    """One connection on the way."""

    def __init__(self, way: Way, client: Ends, server: Ends) -> None:
        self.way = way
        self.client_in, self.client_out = client
        self.server_in, self.server_out = server
        self.texts: dict[bytes, str] = {}
        self.last = ""
        self.is_swallowed = False
        self.is_done = asyncio.Event()

    async def run(self) -> None:
        """Until one of the two has gone."""
        size = await self.client_in.readexactly(4)
        self.server_out.write(size + await self.client_in.readexactly(int.from_bytes(size) - 4))
        async with Crew() as crew:
            crew.once("answers", self._answers())
            with suppress(*ENDED):
                await self._asks()

    async def _asks(self) -> None:
        batch: list[Message] = []
        while True:
            kind, body = await _message(self.client_in)
            batch.append((kind, body))
            if kind not in {SYNC, QUERY, FLUSH, BYE}:
                continue
            cut = self._cut_of(batch)
            if cut is None or cut.after:
                self.is_swallowed = cut is not None
                self.server_out.write(b"".join(_framed(*each) for each in batch))
            if cut is not None:
                await self._end(cut)
                return
            batch = []

    def _cut_of(self, batch: list[Message]) -> Cut | None:
        """The cut, if it is to be at this batch; executions are counted."""
        for kind, body in batch:
            if kind == PARSE:
                name, text = body.split(b"\0", 2)[:2]
                self.texts[name] = text.decode()
            elif kind == BIND:
                self.last = self.texts[body.split(b"\0", 2)[1]]
            elif kind == QUERY:
                self.last = body.rstrip(b"\0").decode()
        if not {EXECUTE, QUERY} & {kind for kind, _ in batch} or ASIDE in self.last:
            return None
        self.way.seen.append(" ".join(self.last.split()))
        cut = self.way.cut
        return cut if cut is not None and cut.at == len(self.way.seen) else None

    async def _end(self, cut: Cut) -> None:
        """Let the server finish, or not; it has gone, with its locks, before the client hears of it."""
        if cut.after:
            await self.is_done.wait()
        self.is_swallowed = True
        self.is_done.clear()
        self.server_out.write_eof()
        await self.is_done.wait()

    async def _answers(self) -> None:
        try:
            while True:
                kind, body = await _message(self.server_in)
                if not self.is_swallowed:
                    self.client_out.write(_framed(kind, body))
                elif kind == READY:
                    self.is_done.set()
        except ENDED:
            self.is_done.set()
            if not self.is_swallowed:
                self.client_out.close()


async def _message(reader: asyncio.StreamReader) -> Message:
    head = await reader.readexactly(5)
    return head[:1], await reader.readexactly(int.from_bytes(head[1:]) - 4)


def _framed(kind: bytes, body: bytes) -> bytes:
    return kind + (len(body) + 4).to_bytes(4) + body


@asynccontextmanager
async def way_to(url: str, folder: Path) -> AsyncGenerator[Way]:
    """A way to the server of `url`, whose socket is in `folder`."""
    made = Way(f"{connect_arguments(url)['host'][0]}/{SOCKET}")
    async with Crew() as crew:
        server = await asyncio.start_unix_server(
            lambda reader, writer: crew.once("way", made.carry(reader, writer)), folder / SOCKET
        )
        yield made
        server.close()
