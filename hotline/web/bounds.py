"""How much of a request is taken in, and how long that may take: senders who trickle hold nobody up.

A body has a size and a time in which the whole of it must come. Who sends more is answered 413, who
sends slower 408, and the connection is closed in both cases: what still comes would be read as the next
request. Nothing is ever unpacked on the way in, so a compressed body is just bytes that are no JSON.
"""

import asyncio
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hotline.web import errors

_CLOSING: Final = {"connection": "close"}


class BoundedBody:
    """ASGI middleware that bounds the body of each request in bytes and in seconds."""

    def __init__(
        self, app: ASGIApp, bytes_max: int, seconds_max: float, larger: Mapping[str, int] | None = None
    ) -> None:
        """Wrap the app; `larger` are bounds of their own for paths that begin so."""
        self._app = app
        self._bytes_max = bytes_max
        self._larger = tuple((larger or {}).items())
        self._seconds_max = seconds_max

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse what says that it is too large; watch over the rest while it comes."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        bytes_max = self._bound(scope)
        if _announced(scope) > bytes_max:
            refusal = errors.answer(*_TOO_LARGE, _CLOSING)
            await refusal(scope, receive, send)
            return
        await self._app(scope, _Bounded(receive, bytes_max, self._seconds_max).receive, send)

    def _bound(self, scope: Scope) -> int:
        path: str = scope["path"]
        return next((most for begin, most in self._larger if path.startswith(begin)), self._bytes_max)


class _Bounded:
    """The body of one request on its way in."""

    def __init__(self, receive: Receive, bytes_max: int, seconds_max: float) -> None:
        self._receive = receive
        self._bytes_left = bytes_max
        self._until = asyncio.get_running_loop().time() + seconds_max
        self._is_whole = False

    async def receive(self) -> Message:
        """The next part; behind the last one only the end of the connection can come, at any time.

        Raises: HTTPException, the only error that FastAPI lets through from here.
        """
        if self._is_whole:
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._until):
                message = await self._receive()
        except TimeoutError:
            raise HTTPException(HTTPStatus.REQUEST_TIMEOUT, headers=_CLOSING) from None
        if message["type"] == "http.request":
            self._bytes_left -= len(message.get("body", b""))
            self._is_whole = not message.get("more_body", False)
            if self._bytes_left < 0:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, headers=_CLOSING)
        return message


_TOO_LARGE: Final = (
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "request.too_large", "The request is larger than we take.",
)  # fmt: skip


def _announced(scope: Scope) -> int:
    """The length that the request says it has; the server has refused what is no number."""
    said = Headers(scope=scope).get("content-length", "")
    return int(said) if said.isdecimal() else 0
