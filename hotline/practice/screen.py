"""A person's live screen at the console: the cards as the house last dealt them.

The logic of a browser in a few lines: a snapshot replaces everything, then cards are laid over and taken
away. It comes back by itself after a restart of the house, and signs in anew when it is told to.
"""

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from hotline.base.tasks import Crew
from hotline.practice.doors import (
    LOST,
    PLAIN,
    Away,
    Change,
    Json,
    Person,
    Turned,
    beat,
    pause_seconds,
    socket_url,
)

Card = Mapping[str, Any]

BEAT_SECONDS: Final = 3.0
CLOSE_SIGNED_OUT: Final = 4401


class Screen:
    """A person's live screen: the cards as the house last dealt them."""

    def __init__(self, person: Person, on_card: Callable[[Card], None] | None = None) -> None:
        """Begin with no cards; `run` must be kept going."""
        self.person = person
        self.cards: dict[str, Card] = {}
        self.change = Change()
        self.is_up = False
        self._on_card = on_card

    def of_type(self, kind: str) -> list[Card]:
        """The cards of a type."""
        return [card for card in self.cards.values() if card.get("type") == kind]

    async def run(self) -> None:
        """Stay connected for ever, signing in as often as it takes."""
        falls = 0
        while True:
            try:
                if not self.person.me:
                    await self.person.sign_in()
                await self._connected()
                falls = 0
            except ConnectionClosed as closed:
                if closed.rcvd is not None and closed.rcvd.code == CLOSE_SIGNED_OUT:
                    self.person.me = {}
            except (Away, Turned, *LOST):
                falls += 1
            finally:
                self.is_up = False
                self.change.tell()
            await asyncio.sleep(pause_seconds(falls))

    async def _connected(self) -> None:
        url, headers = socket_url(self.person.base_url, "/api/live"), {"Cookie": self.person.cookie()}
        async with connect(url, additional_headers=headers, **PLAIN) as socket, Crew() as crew:
            crew.once("beat", beat(socket, BEAT_SECONDS))
            async for raw in socket:
                if not self._take(json.loads(raw)):
                    return

    def _take(self, frame: Json) -> bool:
        """Lay a frame over the cards; False when we are told to begin again."""
        kind = frame.get("kind")
        if kind == "restart":
            return False
        if kind == "snapshot":
            self.cards = {}
            self.is_up = True
        if kind in {"snapshot", "cards"}:
            self._lay(frame["cards"], frame.get("gone", ()))
        return True

    def _lay(self, cards: Iterable[Card], gone: Iterable[str]) -> None:
        for card in cards:
            self.cards[card["id"]] = card
            if self._on_card is not None:
                self._on_card(card)
        for card_id in gone:
            self.cards.pop(card_id, None)
        self.change.tell()
