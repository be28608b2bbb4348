"""A balancer in front of several nodes, as every house of more than one node has one: plain TCP.


A node that leaves `FALLS` health questions in a row unanswered, for `ANSWER_SECONDS` each, gets no new
connections and loses those it has, so that what a frozen node holds is asked again elsewhere. Shut, the
balancer refuses everybody, as a cut line in front of the house would.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx2

from hotline.base.tasks import Crew

LOOK_SECONDS = 0.3
ANSWER_SECONDS = 1.0
FALLS = 3
CHUNK_BYTES = 65_536
AWAY = (OSError, asyncio.IncompleteReadError)


@dataclass(eq=False)
class Backend:
    """One node: its port, whether it answered last time, and the connections that run through it."""

    port: int
    is_well: bool = False
    silences: int = 0
    lines: set[asyncio.StreamWriter] = field(default_factory=set[asyncio.StreamWriter])

    def cut(self) -> None:
        """End every connection through this node."""
        for line in tuple(self.lines):
            line.transport.abort()


class Balancer:
    """Connections on `port` go in turn to those of the nodes that are well."""

    def __init__(self, port: int, backends: Sequence[int]) -> None:
        """Know the nodes; `run` must be kept going."""
        self.port = port
        self.backends = [Backend(port=each) for each in backends]
        self._turn = 0
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        """Take connections."""
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self.port)

    async def shut(self) -> None:
        """Take none any more, and cut those that are there: nobody reaches the house."""
        if self._server is not None:
            self._server.close()
            for each in self.backends:
                each.cut()
            self._server = None

    async def is_complete(self) -> bool:
        """Whether every node is well."""
        return all(each.is_well for each in self.backends)

    async def look(self) -> None:
        """Ask every node again and again how it is."""
        async with httpx2.AsyncClient(timeout=ANSWER_SECONDS, trust_env=False) as client:
            while True:
                await asyncio.gather(*(self._ask(client, each) for each in self.backends))
                await asyncio.sleep(LOOK_SECONDS)

    async def _ask(self, client: httpx2.AsyncClient, backend: Backend) -> None:
        try:
            answer = await client.get(f"http://127.0.0.1:{backend.port}/health/ready")
            backend.silences = 0 if answer.is_success else backend.silences + 1
        except httpx2.ConnectError:
            backend.silences = FALLS
        except httpx2.HTTPError:
            backend.silences += 1
        is_well = backend.silences == 0 or (backend.is_well and backend.silences < FALLS)
        if backend.is_well and not is_well:
            backend.cut()
        backend.is_well = is_well

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Both ways until either side is gone; without a node that takes it, the line is cut at once."""
        for backend in self._in_turn():
            try:
                inner, outer = await asyncio.open_connection("127.0.0.1", backend.port)
            except OSError:
                backend.is_well = False
                continue
            backend.lines |= {writer, outer}
            try:
                await asyncio.gather(_pump(reader, outer), _pump(inner, writer))
            finally:
                backend.lines -= {writer, outer}
                outer.transport.abort()
            break
        writer.transport.abort()

    def _in_turn(self) -> list[Backend]:
        self._turn += 1
        well = [each for each in self.backends if each.is_well]
        start = self._turn % len(well) if well else 0
        return well[start:] + well[:start]


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while chunk := await reader.read(CHUNK_BYTES):
            writer.write(chunk)
            await writer.drain()
    except AWAY:
        pass
    finally:
        writer.close()


@asynccontextmanager
async def balanced(port: int, backends: Sequence[int]) -> AsyncGenerator[Balancer]:
    """A balancer that is open and looks at its nodes."""
    balancer = Balancer(port, backends)
    await balancer.open()
    async with Crew() as crew:
        crew.keep("balancer", balancer.look)
        try:
            yield balancer
        finally:
            await balancer.shut()
