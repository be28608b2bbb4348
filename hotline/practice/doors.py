"""The doors of the house as its visitors find them: requests, a signed-in person, sockets that beat.

Only what a browser would do: HTTP with a cookie, sockets with a heartbeat. What stands between is told
apart in two words: the house is `Away` (ask again later), or it `Turned` us down (with its reason).
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final, cast

import httpx2
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, WebSocketException

Json = dict[str, Any]

REQUEST_SECONDS_MAX: Final = 15.0
BACK_SECONDS: Final = (0.2, 0.5, 1.0, 2.0, 5.0)
FRAME_BYTES_MAX: Final = 16 * 2**20
LOST: Final = (OSError, TimeoutError, WebSocketException)
"""What a socket may end with when the house goes away."""
PLAIN: Final[Json] = {
    "compression": None,
    "proxy": None,
    "max_size": FRAME_BYTES_MAX,
    "open_timeout": REQUEST_SECONDS_MAX,
    "close_timeout": 2.0,
}
"""How sockets to a neighbour on this machine are opened."""


class Away(Exception):
    """The house does not answer at the moment; asking again later is the way on."""


class Turned(Exception):
    """The house said no, with a status, a code, a sentence and perhaps fields."""

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        """Keep what it said."""
        self.status = status
        self.code = str(body.get("code", f"http.{status}"))
        self.fields: Mapping[str, Any] = body.get("fields") or {}
        super().__init__(f"{self.code}: {body.get('sentence', '')}")


def client(base_url: str) -> httpx2.AsyncClient:
    """An HTTP client for a neighbour on this machine: no proxy stands between."""
    return httpx2.AsyncClient(base_url=base_url, timeout=REQUEST_SECONDS_MAX, trust_env=False)


async def ask(http: httpx2.AsyncClient, method: str, path: str, body: Json | None = None) -> Any:
    """One request; the decoded answer, or None when there is none.

    Raises: Away, Turned.
    """
    try:
        answer = await http.request(method, path, json=body)
    except httpx2.HTTPError as error:
        raise Away(str(error)) from error
    if answer.status_code in {502, 503, 504}:
        raise Away(f"{answer.status_code}")
    content: Any = None
    with suppress(ValueError):
        content = answer.json() if answer.content else None
    if not answer.is_success:
        raise Turned(answer.status_code, cast("Json", content) if isinstance(content, dict) else {})
    return content


class Person:
    """A member of staff at the console, signed in when needed."""

    def __init__(self, base_url: str, login: str, password: str) -> None:
        """Nothing is asked yet."""
        self.login = login
        self.base_url = base_url
        self.http = client(base_url)
        self.me: Json = {}
        self._password = password

    @property
    def id(self) -> str:
        """The staff id, once signed in."""
        return str(self.me["staff"]["id"])

    async def sign_in(self) -> None:
        """Sign in; the cookie is kept.

        Raises: Away, Turned.
        """
        body = {"login": self.login, "password": self._password}
        self.me = await ask(self.http, "POST", "/api/session", body)

    async def ask(self, method: str, path: str, body: Json | None = None) -> Any:
        """One request as this person; signed in anew when the house has forgotten us.

        Raises: Away, Turned.
        """
        try:
            return await ask(self.http, method, path, body)
        except Turned as turned:
            if turned.status != 401:  # noqa: PLR2004  the house does not know us
                raise
        await self.sign_in()
        return await ask(self.http, method, path, body)

    def cookie(self) -> str:
        """The cookie header for a socket."""
        return "; ".join(f"{each.name}={each.value}" for each in self.http.cookies.jar)


class Change:
    """Something to wait for again and again."""

    def __init__(self) -> None:
        """Nothing has happened yet."""
        self._event = asyncio.Event()

    def tell(self) -> None:
        """Wake everybody who waits now."""
        self._event.set()
        self._event = asyncio.Event()

    async def until(self, is_met: Callable[[], bool], seconds: float) -> bool:
        """Wait for a change after which `is_met`; whether it is met in the end."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not is_met():
                    await self._event.wait()
        return is_met()


def socket_url(base_url: str, path: str) -> str:
    """The address of a socket of the house."""
    return base_url.replace("http", "ws", 1) + path


async def beat(socket: ClientConnection, seconds: float) -> None:
    """Give signs of life until the socket is closed."""
    with suppress(ConnectionClosed):
        while True:
            await socket.send('{"kind":"beat"}')
            await asyncio.sleep(seconds)


def pause_seconds(falls: int) -> float:
    """How long to wait before coming back, after so many falls in a row."""
    return BACK_SECONDS[min(falls, len(BACK_SECONDS) - 1)]
