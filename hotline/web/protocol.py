"""HTTP as it reaches us, bounded before any of our code runs: requests that trickle, swell, or never end.

The server underneath waits for the head of a request as long as the sender likes and keeps as much of it
as is sent. Here a connection has so many seconds and bytes for a head; the connections that have not
brought one whole are counted, and past the limit the one that has taken longest gives way. So whoever
holds thousands of them open takes nothing from others, whose heads are there in one packet. A page that
does not take its answer is let go of as well. How long a body may take is asked in `bounds.py`.
"""

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from hotline.policy.settings import Web

READ_BYTES_MAX: Final = 256 * 1024
"""What the event loop hands over at once."""


def _farewell(status: str) -> bytes:
    return f"HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n".encode()


_TOO_SLOW: Final = _farewell("408 Request Timeout")
_TOO_LARGE: Final = _farewell("431 Request Header Fields Too Large")


class BoundedHttp(HttpToolsProtocol):
    """One connection; `_headless` holds those of the process that owe us a head, the oldest first."""

    _web: Web
    _headless: "dict[BoundedHttp, None]"
    _bytes = 0
    _is_head_too_large = False
    _clock: asyncio.TimerHandle | None = None
    _stalled: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Somebody is here; a head is due."""
        super().connection_made(transport)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is here any more."""
        self._have_head()
        self.resume_writing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes: so many of a head, and so many of a request with all its wrapping."""
        super().data_received(data)
        self._bytes += len(data)
        if self in self._headless and self._bytes > self._web.head_bytes_max:
            self._cut(_TOO_LARGE)
        elif self._bytes > self._web.head_bytes_max + 2 * self._web.body_bytes_max + READ_BYTES_MAX:
            self.transport.abort()

    def on_message_begin(self) -> None:
        """The first bytes of a request, which may follow another on the same connection."""
        super().on_message_begin()
        self._bytes = 0
        if self not in self._headless:
            self._expect_head()

    def on_headers_complete(self) -> None:
        """The head is whole; one that came at once may still be too large."""
        self._have_head()
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > (
            self._web.head_bytes_max
        ):
            self._is_head_too_large = True
            raise ValueError("The head is too large.")  # stops the parser, which answers below
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The request is whole; what comes now belongs to another."""
        super().on_message_complete()
        self._bytes = 0

    def send_400_response(self, msg: str) -> None:
        """What came cannot be read."""
        self._have_head()
        if self._is_head_too_large:
            self._cut(_TOO_LARGE)
        else:
            super().send_400_response(msg)

    def pause_writing(self) -> None:
        """The other side does not take what we send."""
        super().pause_writing()
        if self._stalled is None:
            self._stalled = self.loop.call_later(self._web.answer_seconds_max, self.transport.abort)

    def resume_writing(self) -> None:
        """It takes it again."""
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None
        super().resume_writing()

    def _expect_head(self) -> None:
        if len(self._headless) >= self._web.half_open_max:
            next(iter(self._headless))._cut(_TOO_SLOW)  # noqa: SLF001  one of us
        self._headless[self] = None
        self._clock = self.loop.call_later(self._web.head_seconds_max, self._cut, _TOO_SLOW)

    def _have_head(self) -> None:
        self._headless.pop(self, None)
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def _cut(self, farewell: bytes) -> None:
        self._have_head()
        if not self.transport.is_closing():
            self.transport.write(farewell)
            self.transport.close()


def bounded(web: Web) -> type[BoundedHttp]:
    """The protocol with this house's limits; a server process makes one."""
    waiting: dict[BoundedHttp, None] = {}

    class OfThisHouse(BoundedHttp):
        _web = web
        _headless = waiting

    return OfThisHouse
