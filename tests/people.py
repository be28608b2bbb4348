"""People at consoles, for journeys: they sign in, keep a live screen, and press the buttons."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import orjson
from pwdlib import PasswordHash
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from hotline.base.tasks import Crew
from hotline.store.unit import Store
from tests.patience import PATIENCE_SECONDS

PASSWORD = "three calm words"
BEAT_SECONDS = 1.0
HASH = PasswordHash.recommended().hash(PASSWORD)

Card = dict[str, Any]


async def give_password(store: Store, staff_id: object) -> str:
    """Let somebody sign in with `PASSWORD`; their login."""
    async with store.connection() as connection:
        return str(
            await connection.fetchval(
                "update staff set password_hash = $2 where id = $1 returning login", staff_id, HASH
            )
        )


class Person:
    """Somebody at a console: `cards` is what their screen shows."""

    def __init__(self, base: str, client: httpx2.AsyncClient) -> None:
        """Signed in already."""
        self.base = base
        self.client = client
        self.cards: dict[str, Card] = {}
        self._changed = asyncio.Event()

    async def live(self) -> None:
        """Keep the live screen and the heartbeat going, through any number of interruptions."""
        address = self.base.replace("http", "ws", 1) + "/api/live"
        cookie = "; ".join(f"{name}={value}" for name, value in self.client.cookies.items())
        while True:
            try:
                async with connect(address, additional_headers={"cookie": cookie}) as socket, Crew() as crew:
                    crew.once("beats", self._beat(socket))
                    async for frame in socket:
                        self._take(orjson.loads(frame))
            except (OSError, WebSocketException):
                pass
            await asyncio.sleep(0.1)

    async def _beat(self, socket: ClientConnection) -> None:
        while True:
            await socket.send('{"kind":"beat"}')
            await asyncio.sleep(BEAT_SECONDS)

    def _take(self, frame: dict[str, Any]) -> None:
        if frame["kind"] == "snapshot":
            self.cards = {card["id"]: card for card in frame["cards"]}
        elif frame["kind"] == "cards":
            self.cards.update({card["id"]: card for card in frame["cards"]})
            for card_id in frame["gone"]:
                self.cards.pop(card_id, None)
        self._changed.set()

    async def sees(self, wanted: Callable[[Card], object], seconds: float = PATIENCE_SECONDS) -> Card:
        """Wait until the screen shows a card like this."""
        async with asyncio.timeout(seconds):
            while True:
                found = next((card for card in self.cards.values() if wanted(card)), None)
                if found is not None:
                    return found
                self._changed.clear()
                await self._changed.wait()

    async def sees_no(self, wanted: Callable[[Card], object], seconds: float = PATIENCE_SECONDS) -> None:
        """Wait until the screen shows no card like this."""
        async with asyncio.timeout(seconds):
            while any(wanted(card) for card in self.cards.values()):
                self._changed.clear()
                await self._changed.wait()

    async def do(self, method: str, path: str, **body: Any) -> Any:
        """Press a button; the answer, which must be a good one."""
        answer = await self.client.request(method, path, json=body or None)
        assert answer.is_success, (method, path, answer.status_code, answer.text)
        return answer.json() if answer.content else None

    async def ready(self) -> None:
        """Become ready, once the heartbeat is there."""
        await self.do("PUT", "/api/presence", choice="ready")

    async def takes_offer(self, seconds: float = PATIENCE_SECONDS) -> Card:
        """Accept whatever rings; the offer's card."""
        offer = await self.sees(lambda card: card["type"] == "offer", seconds)
        await self.do("POST", f"/api/offers/{offer['offer_id']}/acceptance")
        return offer


@asynccontextmanager
async def at_console(base: str, login: str) -> AsyncGenerator[Person]:
    """Somebody signed in, with a live screen."""
    async with httpx2.AsyncClient(base_url=base, timeout=30) as client, Crew() as crew:
        answer = await client.post("/api/session", json={"login": login, "password": PASSWORD})
        assert answer.is_success, answer.text
        person = Person(base, client)
        crew.keep(f"live {login}", person.live)
        await person.sees(lambda _card: True)
        yield person
