"""Cross-site requests stay outside: unsafe methods and sockets must come from our own pages.

Browsers say where a request comes from (`Sec-Fetch-Site`, `Origin`) and pages cannot forge it.
Requests of programs carry neither header and are let through: they hold no ambient cookie. Webhooks
are signed instead.
"""

from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from hotline.web import errors

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
WEBHOOKS: Final = "/t/"


class SameOrigin:
    """ASGI middleware that refuses unsafe cross-site requests and cross-site sockets."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap the app."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or answer 403 (a socket is closed before it opens)."""
        if scope["type"] == "http" and (scope["method"] in SAFE or scope["path"].startswith(WEBHOOKS)):
            await self._app(scope, receive, send)
            return
        if scope["type"] not in {"http", "websocket"} or _is_own(Headers(scope=scope)):
            await self._app(scope, receive, send)
            return
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 4403, "reason": "cross-site"})
            return
        refusal = errors.answer(
            HTTPStatus.FORBIDDEN, "request.cross_site", "This request came from another site."
        )
        await refusal(scope, receive, send)


def _is_own(headers: Headers) -> bool:
    site = headers.get("sec-fetch-site")
    if site is not None and site not in {"same-origin", "none"}:
        return False
    origin = headers.get("origin")
    return origin is None or _host_of(origin) == headers.get("host", "").lower()


def _host_of(origin: str) -> str | None:
    """The host of an origin; None for what is no address, which is nobody's own (`null`, too)."""
    try:
        return urlsplit(origin).netloc.lower() or None
    except ValueError:
        return None
