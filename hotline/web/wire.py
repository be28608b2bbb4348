"""The way out to one client: sent at once, never waited for, bounded in bytes.

Whoever sends never waits for the network, so a client that reads slowly holds nobody up; and there is no task
and no queue per client, which would halve the rate. What a client has not taken lies in its line. Past
the bound it is told to start again and gets nothing more: it comes back and begins where it stands.
"""

import asyncio
from functools import lru_cache
from typing import Final, Protocol, cast

from starlette.websockets import WebSocket
from websockets.frames import Frame, Opcode

from hotline.base.errors import Broken
from hotline.web.line import EXTENSION

CLOSE_RESTART: Final = 1012
FRAMES_KEPT: Final = 8
"""Of a change, as its audiences get it."""
RESTART: Final = b'{"kind":"restart"}'


class Line(Protocol):
    """The server's end of the socket."""

    @property
    def unsent_bytes(self) -> int:
        """What the client's network has not taken yet."""
        ...

    def write(self, data: bytes) -> None:
        """Hand over whole frames; never waits."""
        ...

    async def has_room(self) -> None:
        """Wait until the client has taken nearly everything, or is gone."""
        ...

    def hang_up(self, code: int) -> None:
        """Close behind what has been written."""
        ...


class Wire:
    """One client's way out."""

    __slots__ = ("_bytes_max", "_closed", "_first_bytes", "_line", "is_over")

    def __init__(self, line: Line, bytes_max: int) -> None:
        """Hold a line to its bound."""
        self._line = line
        self._bytes_max = bytes_max
        self._first_bytes = 0
        self._closed: asyncio.Event | None = None
        self.is_over = False

    def send(self, text: bytes, /) -> None:
        """Hand over a text in UTF-8; never waits. After the end it does nothing.

        The first text comes on top of the bound, whatever its size: a full board on a slow line is not
        behind.
        """
        if self.is_over:
            return
        frame = framed(text)
        if not self._first_bytes:
            self._first_bytes = len(frame)
        if self._line.unsent_bytes + len(frame) > self._bytes_max + self._first_bytes:
            self.restart()
        else:
            self._line.write(frame)

    async def has_room(self) -> None:
        """Wait until the client has taken nearly everything; whoever sends much sends it in portions."""
        await self._line.has_room()

    def restart(self) -> None:
        """Tell the client to begin again, and let go of it."""
        if not self.is_over:
            self._line.write(framed(RESTART))
            self.close(CLOSE_RESTART)

    def close(self, code: int) -> None:
        """Close the socket behind what was handed over; who reads from it hears that it is closed."""
        if not self.is_over:
            self.is_over = True
            self._line.hang_up(code)
            if self._closed is not None:
                self._closed.set()

    async def closed(self) -> None:
        """Wait until it has been closed."""
        if not self.is_over:
            self._closed = self._closed or asyncio.Event()
            await self._closed.wait()


def wire_of(socket: WebSocket, bytes_max: int) -> Wire:
    """The way out of an accepted socket.

    Raises:
        Broken: the server in front of the app does not bring lines.
    """
    line = socket.scope.get("extensions", {}).get(EXTENSION)
    if line is None:
        raise Broken("socket.line", "Sockets need our own server line; start the app with `hotline serve`.")
    return Wire(cast("Line", line), bytes_max)


@lru_cache(FRAMES_KEPT)
def framed(text: bytes) -> bytes:
    """A text as one frame of a server that compresses nothing; what goes to many is framed once."""
    return Frame(Opcode.TEXT, text).serialize(mask=False)
