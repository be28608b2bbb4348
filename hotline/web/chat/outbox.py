"""Frames on their way to one page: handed over without waiting, written by one task, bounded in bytes.

Whoever fills the box never waits for the network, so a stalled page holds nobody up. A page that falls
behind the bound, or takes too long over one frame, is closed with "restart": it comes back and resumes
from the last message it has.
"""

import asyncio
from collections import deque
from contextlib import suppress
from typing import Final

from starlette.websockets import WebSocket, WebSocketDisconnect

CLOSE_RESTART: Final = 1012
WRITE_SECONDS_MAX: Final = 20.0
CLOSE_SECONDS_MAX: Final = 1.0


class Outbox:
    """The unsent frames of one socket."""

    def __init__(self, socket: WebSocket, bytes_max: int) -> None:
        """Begin empty; `write` must be kept going."""
        self._socket = socket
        self._bytes_max = bytes_max
        self._frames: deque[bytes] = deque()
        self._more = asyncio.Event()
        self._drained = asyncio.Event()
        self._drained.set()
        self._close_code: int | None = None
        self.unsent_bytes = 0
        self.over = asyncio.Event()

    def put(self, frame: bytes) -> None:
        """Hand over a frame; never waits. Past the bound the page is told to start again."""
        if self._close_code is not None:
            return
        if self.unsent_bytes + len(frame) > self._bytes_max:
            self._frames.clear()
            self.close(CLOSE_RESTART)
            return
        self._frames.append(frame)
        self.unsent_bytes += len(frame)
        self._drained.clear()
        self._more.set()

    def close(self, code: int) -> None:
        """Close the socket once what is already in the box has been written."""
        self._close_code = self._close_code or code
        self._more.set()

    async def drained(self) -> None:
        """Wait until the page has taken everything; whoever sends much sends it in portions."""
        await self._drained.wait()

    async def write(self) -> None:
        """Write until the socket is closed from either side; the result is always a closed socket."""
        code = CLOSE_RESTART
        with suppress(WebSocketDisconnect, RuntimeError, TimeoutError):
            code = await self._write()
        with suppress(WebSocketDisconnect, RuntimeError, TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS_MAX):
                await self._socket.close(code)
        self._drained.set()
        self.over.set()

    async def _write(self) -> int:
        while True:
            while self._frames:
                frame = self._frames.popleft()
                async with asyncio.timeout(WRITE_SECONDS_MAX):
                    await self._socket.send_text(frame.decode())
                self.unsent_bytes -= len(frame)
            self._drained.set()
            if self._close_code is not None:
                return self._close_code
            await self._more.wait()
            self._more.clear()
