"""What every page may do in a browser: little.

Pages that do not bring a policy of their own (the chat has a stricter one) get this: scripts and
connections of this house only, besides the telephone network that the console's softphone needs; no
frame around us, no address passed on to others. What the API answers may be somebody's words, so neither a
browser nor a proxy keeps it: the next person at the desk is somebody else.
"""

from collections.abc import Iterable
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

API: Final = "/api/"
TWILIO: Final = ("https://*.twilio.com", "wss://*.twilio.com")


class PageHeaders:
    """ASGI middleware that adds the headers where the answer has none of the same name."""

    def __init__(self, app: ASGIApp, connects: Iterable[str]) -> None:
        """Wrap the app; `connects` are origins that pages may speak to besides our own."""
        self._app = app
        self._headers = (
            (b"content-security-policy", _policy(tuple(connects)).encode()),
            (b"x-frame-options", b"DENY"),
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"no-referrer"),
        )
        self._of_api = (*self._headers, (b"cache-control", b"no-store"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the headers on the way out."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        wanted = self._of_api if scope["path"].startswith(API) else self._headers

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *(header for header in wanted if header[0] not in own),
                ]
            await send(message)

        await self._app(scope, receive, sending)


def _policy(connects: tuple[str, ...]) -> str:
    rules = {
        "default-src": "'self'",
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data:",
        "font-src": "'self' data:",
        "media-src": "'self' blob: data:",
        "worker-src": "'self' blob:",
        "connect-src": " ".join(("'self'", *connects)),
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())
