"""A lean HTTP/1.1 client of the bench's own: one kept connection, one request at a time, bytes in and out.

Requests are made before the clock runs; an answer is its status and its body. Nothing else is understood,
because nothing else is sent here; chunked answers are an error.
"""

import asyncio
from dataclasses import dataclass
from typing import Self, cast

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and body."""

    status: int
    body: bytes

    @property
    def is_good(self) -> bool:
        """Whether it is a 2xx."""
        return 200 <= self.status < 300


class Wire(asyncio.Protocol):
    """One connection; `ask` again only after the answer has come."""

    def __init__(self) -> None:
        """Not connected yet."""
        self._transport: asyncio.Transport | None = None
        self._loop = asyncio.get_running_loop()
        self._unread = b""
        self._waiting: asyncio.Future[Answer] | None = None

    @classmethod
    async def open(cls, port: int) -> Self:
        """A connection to a server on this machine."""
        _, made = await asyncio.get_running_loop().create_connection(cls, HOST, port)
        return made

    def ask(self, request: bytes) -> asyncio.Future[Answer]:
        """Send a request; its answer."""
        assert self._transport is not None
        self._waiting = self._loop.create_future()
        self._transport.write(request)
        return self._waiting

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """For the loop."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """For the loop."""
        self._unread = self._unread + data if self._unread else data
        end = self._unread.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._unread[:end].lower()
        length = _length(head)
        if len(self._unread) < end + 4 + length:
            return
        answer = Answer(int(head[9:12]), self._unread[end + 4 : end + 4 + length])
        self._unread = self._unread[end + 4 + length :]
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(answer)

    def connection_lost(self, exc: Exception | None) -> None:
        """For the loop."""
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(ConnectionError(str(exc)))


def request(method: str, path: str, *, body: bytes = b"", kind: str = "", **headers: str) -> bytes:
    """The bytes of a request; underscores in the names of headers stand for hyphens."""
    lines = [f"{method} {path} HTTP/1.1", "host: bench"]
    if kind:
        lines.append(f"content-type: {kind}")
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    lines.append(f"content-length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def _length(head: bytes) -> int:
    at = head.find(b"content-length:")
    if at < 0:
        assert b"chunked" not in head, "a chunked answer"
        return 0
    end = head.find(b"\r", at)
    return int(head[at + 15 : end if end > 0 else None])
