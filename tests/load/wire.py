"""HTTP and sockets as cheap as they can be: whoever loads a service must not be the bottleneck.

Requests go over kept connections, one at a time each, and are read by hand; sockets hand every frame to
one function. What the service answers is JSON or nothing.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, cast

import orjson
import picows
from picows import WSFrame, WSListener, WSMsgType, WSTransport

REQUEST_SECONDS_MAX: Final = 60.0
FRAME_BYTES_MAX: Final = 64 * 2**20
CONNECT_SECONDS_MAX: Final = 60.0
HEAD_END: Final = b"\r\n\r\n"


class Turned(Exception):
    """The other side said no; `code` is its word for why."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code


Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Http:
    """A client of one address; `refused` counts what was answered with no."""

    def __init__(self, port: int, refused: Counter[str] | None = None) -> None:
        self.refused = Counter[str]() if refused is None else refused
        self.requests = 0
        self._port = port
        self._idle: deque[Connection] = deque()

    async def ask(self, method: str, path: str, body: object = None, *, cookie: str = "") -> Any:
        """One request; its answer, decoded.

        Raises:
            Turned: the status is no success.
            OSError: nobody answers, or not to the end.
        """
        self.requests += 1
        sent = b"" if body is None else orjson.dumps(body)
        head = f"{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{self._port}\r\ncontent-length: {len(sent)}\r\n"
        if sent:
            head += "content-type: application/json\r\n"
        if cookie:
            head += f"cookie: {cookie}\r\n"
        async with asyncio.timeout(REQUEST_SECONDS_MAX):
            status, content = await self._exchange(f"{head}\r\n".encode() + sent)
        answer: Any = orjson.loads(content) if content else None
        if status >= 400:
            code = _code(answer)
            self.refused[f"{status} {code}".strip()] += 1
            raise Turned(status, code)
        return answer

    def close(self) -> None:
        """Let go of every connection."""
        while self._idle:
            self._idle.pop()[1].close()

    async def _exchange(self, request: bytes) -> tuple[int, bytes]:
        while self._idle:
            kept = self._idle.pop()
            if kept[0].at_eof() or kept[1].is_closing():
                kept[1].close()
                continue
            with suppress(ConnectionError, asyncio.IncompleteReadError):  # let go of while it lay idle
                return await self._over(kept, request)
        made = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            return await self._over(made, request)
        except asyncio.IncompleteReadError as error:
            raise ConnectionResetError("the answer broke off") from error

    async def _over(self, connection: Connection, request: bytes) -> tuple[int, bytes]:
        reader, writer = connection
        try:
            writer.write(request)
            head = (await reader.readuntil(HEAD_END)).lower()
            content = await reader.readexactly(_length(head))
        except BaseException:
            writer.close()
            raise
        if b"connection: close" in head:
            writer.close()
        else:
            self._idle.append(connection)
        return int(head[9:12]), content


def _code(answer: Any) -> str:
    return str(cast("dict[str, Any]", answer).get("code", "")) if isinstance(answer, dict) else ""


def _length(head: bytes) -> int:
    _, mark, rest = head.partition(b"content-length: ")
    return int(rest.partition(b"\r\n")[0]) if mark else 0


class Socket(WSListener):
    """One open socket; `hear` is called with every frame, `is_open` says whether it still stands."""

    def __init__(self, hear: Callable[[bytes], None]) -> None:
        super().__init__()
        self._hear = hear
        self._transport: WSTransport | None = None
        self.is_open = False
        self.frames = 0
        self.octets = 0

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Keep it."""
        self._transport = transport
        self.is_open = True

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Pass a frame on; what else a socket says is answered by the library."""
        if frame.msg_type == WSMsgType.CLOSE:
            transport.send_close(frame.get_close_code())
            transport.disconnect()
            return
        if frame.msg_type != WSMsgType.TEXT:
            return
        self.frames += 1
        self.octets += frame.payload_size
        self._hear(frame.get_payload_as_bytes())

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """It is gone."""
        self.is_open = False

    def say(self, frame: bytes) -> None:
        """Send a text frame; a socket that is gone takes none."""
        if self._transport is not None and self.is_open:
            self._transport.send(WSMsgType.TEXT, frame)

    def close(self) -> None:
        """Close it from our side."""
        if self._transport is not None and self.is_open:
            self._transport.send_close()
            self._transport.disconnect()


async def opened(port: int, path: str, hear: Callable[[bytes], None], *, cookie: str = "") -> Socket:
    """A socket of the service.

    Raises:
        OSError: it does not open.
    """
    headers = {"cookie": cookie} if cookie else {}
    connect: Any = getattr(picows, "ws_connect")  # noqa: B009  its own types are not complete
    try:
        _, listener = await connect(
            lambda: Socket(hear),
            f"ws://127.0.0.1:{port}{path}",
            extra_headers=headers,
            max_frame_size=FRAME_BYTES_MAX,
            websocket_handshake_timeout=CONNECT_SECONDS_MAX,
        )
    except picows.WSError as error:
        raise ConnectionError(str(error)) from error
    assert isinstance(listener, Socket)
    return listener
