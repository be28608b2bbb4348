"""The server's end of a socket: what is handed over leaves at once, and who takes nothing is let go.

uvicorn's own end makes every sender wait while one client reads slowly, and waits for ever to close a socket
whose client takes no byte more. Here a frame goes into the transport without waiting, whoever sends can see
how much has not been taken, and a socket that does not move for `STALLED_SECONDS_MAX`, or does not part
within `PARTING_SECONDS_MAX`, is cut. The wire (`web/wire.py`) finds it in the scope and holds the bound.
"""

import asyncio
import socket
from asyncio.transports import BaseTransport
from typing import Any, Final, cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

EXTENSION: Final = "hotline.line"
"""Where the scope of a socket holds its line."""
STALLED_SECONDS_MAX: Final = 8.0
PARTING_SECONDS_MAX: Final = 5.0
NOTSENT_BYTES_MAX: Final = 65_536
"""In the kernel, beyond what is on its way: who takes nothing is seen before megabytes lie there."""
_NOTSENT_LOWAT: Final = getattr(socket, "TCP_NOTSENT_LOWAT", 25)


class ServerLine(WebSocketsSansIOProtocol):
    """One socket of uvicorn; ordinary ASGI messages go through it as well."""

    _stalled: asyncio.TimerHandle | None = None
    _handed_bytes = 0
    _taken_bytes = 0

    async def run_asgi(self) -> None:
        """Serve the socket, and see to it that it is gone soon afterwards."""
        extensions = cast("dict[str, Any]", self.scope.setdefault("extensions", {}))
        extensions[EXTENSION] = self
        try:
            await super().run_asgi()
        finally:
            if not self.disconnected and self.close_timer is None:
                self.close_timer = self.loop.call_later(PARTING_SECONDS_MAX, self.transport.abort)

    @property
    def unsent_bytes(self) -> int:
        """What the client's network has not taken yet."""
        return self.transport.get_write_buffer_size()

    def write(self, data: bytes) -> None:
        """Hand over whole frames; never waits. After the end it does nothing."""
        if not self.close_sent and not self.transport.is_closing():
            self._handed_bytes += len(data)
            self.transport.write(data)

    async def has_room(self) -> None:
        """Wait until the client has taken nearly everything, or is gone."""
        await self.writable.wait()

    def hang_up(self, code: int) -> None:
        """Close behind what has been written; who does not answer is cut after `PARTING_SECONDS_MAX`."""
        if self.close_sent or self.transport.is_closing():
            return
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code})
        self.conn.send_close(code)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        self.close_timer = self.loop.call_later(PARTING_SECONDS_MAX, self.transport.abort)

    # --- what the transport tells

    def connection_made(self, transport: BaseTransport) -> None:
        """The handshake begins."""
        super().connection_made(transport)
        way = transport.get_extra_info("socket")
        if way is not None and way.family in {socket.AF_INET, socket.AF_INET6}:
            way.setsockopt(socket.IPPROTO_TCP, _NOTSENT_LOWAT, NOTSENT_BYTES_MAX)

    def pause_writing(self) -> None:
        """The client is behind: look after a while whether it moves."""
        super().pause_writing()
        self._watch()

    def resume_writing(self) -> None:
        """The client has caught up."""
        super().resume_writing()
        self._watch_no_more()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
        self._watch_no_more()
        super().connection_lost(exc)

    def keepalive_timeout(self) -> None:
        """Nobody answers: what is unsent will never be taken, so nothing waits for it."""
        super().keepalive_timeout()
        self.transport.abort()

    def _watch(self) -> None:
        self._taken_bytes = self._handed_bytes - self.unsent_bytes
        self._stalled = self.loop.call_later(STALLED_SECONDS_MAX, self._cut_or_watch_on)

    def _watch_no_more(self) -> None:
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None

    def _cut_or_watch_on(self) -> None:
        if self._handed_bytes - self.unsent_bytes > self._taken_bytes:
            self._watch()
        else:
            self.transport.abort()
