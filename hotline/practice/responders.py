"""A simulated responder: takes what nobody has taken, writes what was done, and sees it through.

People go first: an imminent escalation is left alone for three quarters of a minute, so that whoever is
looking may take it and see what it is like. Whoever has a telephone for a device is at home with no
console open: the telephone rings, 1 is pressed, and only then they come to their desk.
"""

import asyncio
import random
from collections import Counter
from contextlib import suppress
from typing import Final

from hotline.base import log
from hotline.base.tasks import Crew
from hotline.practice import lines
from hotline.practice.doors import Away, Person, Turned, ask, client
from hotline.practice.logins import Login
from hotline.practice.screen import Card, Screen

LOOK_SECONDS: Final = 5.0
IMMINENT_LEFT_SECONDS: Final = 45.0
OTHER_LEFT_SECONDS: Final = (15.0, 60.0)
PICK_UP_SECONDS: Final = (2.0, 12.0)
PRESS_1: Final = {"digits": "1", "seconds": 10}
WORK_SECONDS: Final = (60.0, 150.0)
HOWS: Final = ("telephone", "telephone", "chat", "by_family")
OUTCOMES: Final = ("safe_with_others", "safety_plan_agreed", "safety_plan_agreed", "not_reached")

_log = log.get("responders")


class Responder:
    """One of them; `run` must be kept going."""

    def __init__(self, login: Login, urls: tuple[str, str], seed: int, tally: Counter[str]) -> None:
        """Off duty so far; `urls` are the house's and the exchange's."""
        self._login = login
        self._person = Person(urls[0], login.login, login.password)
        self._exchange = client(urls[1])
        self._screen = Screen(self._person)
        self._chance = random.Random(f"{seed} {login.login}")
        self._tally = tally
        self._busy_with: set[str] = set()

    async def run(self) -> None:
        """On duty for ever; on call by telephone first, for those who have one for a device."""
        if self._login.device == "phone":
            await self._be_called_in()
        async with Crew() as crew:
            crew.keep(f"screen {self._login.login}", self._screen.run)
            while True:
                await self._screen.change.until(lambda: bool(self._news()), LOOK_SECONDS)
                for card in self._news():
                    self._busy_with.add(card["id"])
                    crew.once(f"{self._login.login} {card['id']}", self._handle(card))

    async def _be_called_in(self) -> None:
        """The telephone rings, is picked up, and says what it is after a key; 1 takes it."""
        while True:
            with suppress(Away, Turned):
                for call in await ask(self._exchange, "GET", "/practice/ringing?seconds=10"):
                    if call["to"] == self._login.telephone:
                        await asyncio.sleep(self._chance.uniform(*PICK_UP_SECONDS))
                        path = f"/practice/calls/{call['sid']}"
                        await ask(self._exchange, "POST", f"{path}/answer")
                        for _ in ("hear it", "take it"):
                            await ask(self._exchange, "POST", f"{path}/digits", PRESS_1)
                        self._tally["escalations taken by telephone"] += 1
                        return
            await asyncio.sleep(1.0)

    def _news(self) -> list[Card]:
        """Escalations that nobody has, or that we have, and nothing is being done about."""
        if not self._screen.is_up:
            return []
        return [
            card
            for card in self._screen.of_type("escalation")
            if card["id"] not in self._busy_with and (card["owner"] is None or self._is_mine(card))
        ]

    def _is_mine(self, card: Card) -> bool:
        return card["owner"] is not None and card["owner"]["id"] == self._person.id

    async def _handle(self, card: Card) -> None:
        path = f"/api/escalations/{card['escalation_id']}"
        try:
            if not self._is_mine(card):
                await self._leave_to_people(card)
                now = self._screen.cards.get(card["id"])
                if now is None or now["owner"] is not None:
                    return
                await self._person.ask("POST", f"{path}/acknowledgement")
                self._tally["escalations taken"] += 1
            await asyncio.sleep(self._chance.uniform(*WORK_SECONDS))
            await self._person.ask("POST", f"{path}/notes", {"words": self._chance.choice(lines.NOTES)})
            await self._see_through(path, str(card["state"]))
            self._tally["escalations resolved"] += 1
            await self._screen.change.until(lambda: card["id"] not in self._screen.cards, 10.0)
        except Turned as turned:
            _log.info("turned down", login=self._login.login, code=turned.code)
            await asyncio.sleep(1.0)
        except Away:
            await asyncio.sleep(1.0)
        finally:
            self._busy_with.discard(card["id"])

    async def _see_through(self, path: str, state: str) -> None:
        """Contact with the person, the outcome, the closing: whatever is still to come after `state`."""
        words = self._chance.choice(lines.NOTES)
        if state not in {"contact_made", "resolved"}:
            made = {"how": self._chance.choice(HOWS), "words": words}
            await self._person.ask("POST", f"{path}/contact", made)
        if state != "resolved":
            body = {"outcome": self._chance.choice(OUTCOMES), "words": words}
            await self._person.ask("POST", f"{path}/resolution", body)
        await self._person.ask("POST", f"{path}/closure", {})

    async def _leave_to_people(self, card: Card) -> None:
        """Wait until somebody else has taken it, or the time for that is over."""
        seconds = (
            IMMINENT_LEFT_SECONDS
            if card["level"] == "imminent"
            else self._chance.uniform(*OTHER_LEFT_SECONDS)
        )

        def is_settled() -> bool:
            now = self._screen.cards.get(card["id"])
            return now is None or now["owner"] is not None

        await self._screen.change.until(is_settled, seconds)
