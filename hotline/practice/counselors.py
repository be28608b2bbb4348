"""Simulated counselors: they come on duty, take what is offered, listen, screen, write up and close.

They know what their console shows and nothing else, and they are human: some offers are declined, a few
are missed, now and then somebody takes a break. What they hold is read from the cards at every turn, so a
restart of the house, or of the shift, finds each contact again where it was.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, Final

from hotline.base import ids, log
from hotline.base.tasks import Crew
from hotline.practice import lines
from hotline.practice.doors import Away, Json, Person, Turned, ask, client
from hotline.practice.logins import Login
from hotline.practice.screen import Card, Screen

DECLINE_SHARE: Final = 0.05
MISS_SHARE: Final = 0.04
BREAK_SHARE: Final = 0.06
RAISE_SHARE: Final = 0.04
HANG_UP_SHARE: Final = 0.15
LOOK_SECONDS: Final = 5.0
TALK_SECONDS_MAX: Final = 1800.0
SILENCE_SECONDS_MAX: Final = 90.0
CLOSING_TRIES_MAX: Final = 5
SHORT_SECONDS: Final = 8.0
HELD: Final = frozenset({"connecting", "talking", "wrapping"})
SCREENED_BY_REPLY: Final = 3
POSITIVE: Final = frozenset({"high", "imminent"})

_log = log.get("counselors")


class Counselor:
    """One of them; `run` must be kept going."""

    def __init__(self, login: Login, urls: tuple[str, str], seed: int, tally: Counter[str]) -> None:
        """Off duty so far; `urls` are the house's and the exchange's."""
        self._login = login
        self._person = Person(urls[0], login.login, login.password)
        self._screen = Screen(self._person)
        self._exchange = client(urls[1])
        self._chance = random.Random(f"{seed} {login.login}")
        self._tally = tally
        self._busy_with: set[str] = set()
        self._away_until = 0.0

    async def run(self) -> None:
        """On duty for ever."""
        async with Crew() as crew:
            crew.keep(f"screen {self._login.login}", self._screen.run)
            if self._login.device == "phone":
                crew.keep(f"phone {self._login.login}", self._take_phone)
            while True:
                await self._screen.change.until(self._has_news, LOOK_SECONDS)
                if self._screen.is_up:
                    for card in self._news():
                        self._busy_with.add(card["id"])
                        crew.once(f"{self._login.login} {card['id']}", self._handle(card))
                    await self._be_ready()

    def _has_news(self) -> bool:
        return bool(self._news())

    def _news(self) -> list[Card]:
        """Offers and contacts of one's own that nothing is being done about."""
        if not self._screen.is_up:
            return []
        mine = [
            card
            for card in self._screen.of_type("contact")
            if card["counselor_id"] == self._person.id and card["state"] in HELD
        ]
        offers = self._screen.of_type("offer") if self._login.device == "browser" else []
        return [card for card in (*offers, *mine) if card["id"] not in self._busy_with]

    async def _handle(self, card: Card) -> None:
        """Do what an offer or a contact asks for; what fails comes up again if it still stands."""
        try:
            if card["type"] == "offer":
                await self._answer(card)
            else:
                await self._hold(card["contact_id"])
        except Turned as turned:
            _log.info("turned down", login=self._login.login, code=turned.code)
            await asyncio.sleep(1.0)
        except Away:
            await asyncio.sleep(1.0)
        finally:
            self._busy_with.discard(card["id"])

    async def _be_ready(self) -> None:
        """Ready again after a missed offer, a lost device or a break; not at once."""
        card = self._screen.cards.get(f"counselor:{self._person.id}")
        now = asyncio.get_running_loop().time()
        if card is None or card.get("choice") == "ready" or now < self._away_until:
            return
        if card.get("reason") in {"missed", "device", "console"} and not self._away_until:
            self._away_until = now + self._chance.uniform(5, 25)
            return
        self._away_until = 0.0
        with suppress(Turned, Away):
            await self._person.ask("PUT", "/api/presence", {"choice": "ready"})

    # --- an offer

    async def _answer(self, card: Card) -> None:
        draw = self._chance.random()
        offer = f"/api/offers/{card['offer_id']}"
        if draw < MISS_SHARE:
            self._tally["missed"] += 1
            await self._screen.change.until(lambda: card["id"] not in self._screen.cards, 30.0)
            return
        await asyncio.sleep(self._chance.uniform(1, 5))
        if draw < MISS_SHARE + DECLINE_SHARE:
            self._tally["declined"] += 1
            await self._person.ask("POST", f"{offer}/refusal", {})
            return
        await self._person.ask("POST", f"{offer}/acceptance")
        self._tally["accepted"] += 1
        if card["channel"] == "voice":
            await self._connect(card["offer_id"])
        await self._screen.change.until(lambda: card["id"] not in self._screen.cards, 10.0)

    async def _connect(self, offer_id: str) -> None:
        """What the browser's softphone would do."""
        phone = await self._person.ask("POST", "/api/softphone/tokens")
        if phone["kind"] == "practice":
            path = f"/practice/clients/{phone['identity']}/connect"
            await ask(self._exchange, "POST", path, {"params": {"offer": offer_id}})

    async def _take_phone(self) -> None:
        """Somebody with a telephone on the table: it rings, is taken, and 1 is pressed."""
        while True:
            with suppress(Away, Turned):
                for call in await ask(self._exchange, "GET", "/practice/ringing?seconds=10"):
                    if call["to"] == self._login.telephone:
                        await asyncio.sleep(self._chance.uniform(1, 4))
                        await ask(self._exchange, "POST", f"/practice/calls/{call['sid']}/answer")
                        press = {"digits": "1", "seconds": 10}
                        await ask(self._exchange, "POST", f"/practice/calls/{call['sid']}/digits", press)
                        self._tally["accepted"] += 1
            await asyncio.sleep(1.0)

    # --- a contact

    async def _hold(self, contact_id: str) -> None:
        """A contact from the acceptance to the closed record, from whatever state it is found in."""
        await self._while("connecting", contact_id, 60.0)
        if self._state(contact_id) == "talking":
            if (self._card(contact_id) or {}).get("channel") == "chat":
                await self._converse(contact_id)
            else:
                await self._listen(contact_id)
        if self._state(contact_id) == "wrapping":
            await self._wrap_up(contact_id)

    def _card(self, contact_id: str) -> Mapping[str, Any] | None:
        card = self._screen.cards.get(f"contact:{contact_id}")
        return card if card is not None and card["counselor_id"] == self._person.id else None

    def _state(self, contact_id: str) -> str:
        card = self._card(contact_id)
        return "gone" if card is None else str(card["state"])

    async def _while(self, state: str, contact_id: str, seconds: float) -> bool:
        """Wait until the contact leaves a state; False when the time is up first."""
        return await self._screen.change.until(lambda: self._state(contact_id) != state, seconds)

    async def _listen(self, contact_id: str) -> None:
        if await self._while("talking", contact_id, self._chance.uniform(8, 30)):
            return
        await self._screen_for_suicide(contact_id)
        if self._chance.random() < RAISE_SHARE:
            await self._raise(contact_id)
        hangs_up = self._chance.random() < HANG_UP_SHARE
        seconds = self._chance.uniform(30, 120) if hangs_up else TALK_SECONDS_MAX
        if not await self._while("talking", contact_id, seconds):
            await self._person.ask("POST", f"/api/contacts/{contact_id}/hang-up")

    async def _converse(self, contact_id: str) -> None:
        """Answer whatever is written, and ask the question that must be asked."""
        answered, replies = 0, 0
        language = self._language(contact_id)
        while self._state(contact_id) == "talking":
            is_new = await self._screen.change.until(
                lambda seq=answered: self._state(contact_id) != "talking" or self._messages(contact_id) > seq,
                SILENCE_SECONDS_MAX if replies else 2.0,
            )
            if self._state(contact_id) != "talking":
                return
            if not is_new and replies:
                await self._say(contact_id, lines.FAREWELL[language])
                await self._person.ask("POST", f"/api/contacts/{contact_id}/hang-up")
                return
            await asyncio.sleep(self._chance.uniform(2, 6))
            replies += 1
            asks = replies == SCREENED_BY_REPLY
            words = lines.ASKED[language] if asks else self._chance.choice(lines.REPLIES[language])
            answered = await self._say(contact_id, lines.REPLIES[language][0] if replies == 1 else words)
            if asks:
                await self._screen_for_suicide(contact_id)

    async def _say(self, contact_id: str, words: str) -> int:
        body = {"client_id": str(ids.new_id()), "words": words}
        stored = await self._person.ask("POST", f"/api/contacts/{contact_id}/messages", body)
        return int(stored["seq"])

    def _messages(self, contact_id: str) -> int:
        return int((self._card(contact_id) or {}).get("messages", 0))

    def _language(self, contact_id: str) -> str:
        return "en" if (self._card(contact_id) or {}).get("language") == "en" else "zh"

    async def _raise(self, contact_id: str) -> None:
        self._tally["raised by a counselor"] += 1
        body = {"level": "high", "reason": "练习：来电者语气令人担忧。"}
        await self._person.ask("POST", f"/api/contacts/{contact_id}/escalations", body)

    # --- the work after

    async def _screen_for_suicide(self, contact_id: str) -> None:
        session = await self._session(contact_id)
        level = (self._card(contact_id) or {}).get("level")
        if level in POSITIVE:
            result = "asked_positive"
        else:
            results = ("asked_denied", "asked_unclear", "not_possible")
            result = self._chance.choices(results, weights=(88, 7, 5))[0]
        body = {"result": result, **({"reason": "未能问到"} if result == "not_possible" else {})}
        if session is not None and session["screening"] is None:
            await self._person.ask("PUT", f"/api/sessions/{session['id']}/screening", body)

    async def _session(self, contact_id: str) -> Json | None:
        return (await self._person.ask("GET", f"/api/contacts/{contact_id}"))["session"]

    async def _wrap_up(self, contact_id: str) -> None:
        session = await self._session(contact_id)
        if session is None:
            return
        record = self._record(contact_id, session)
        await asyncio.sleep(self._chance.uniform(4, 20))
        for _ in range(CLOSING_TRIES_MAX):
            await self._person.ask("PUT", f"/api/sessions/{session['id']}/record", record)
            try:
                await self._person.ask("POST", f"/api/sessions/{session['id']}/closure")
            except Turned as turned:
                if turned.code != "session.screening_missing" and "screening" not in turned.fields:
                    raise
                await self._screen_for_suicide(contact_id)
            else:
                self._tally["closed"] += 1
                await self._while("wrapping", contact_id, 10.0)
                await self._maybe_rest()
                return

    def _record(self, contact_id: str, session: Json) -> Json:
        was_short = session["opened_at"] is None or _seconds(session) < SHORT_SECONDS
        choices = ("silent", "hang_up", "wrong_number") if was_short else ("counselling", "information")
        weights = (5, 4, 1) if was_short else (9, 1)
        return {
            "disposition": self._chance.choices(choices, weights=weights)[0],
            "outcome": self._chance.choice(("calmer", "calmer", "unchanged", "unknown")),
            "summary": dict(lines.SUMMARY[self._language(contact_id)]),
            "problem_types": [self._chance.choice(("emotion", "family", "work", "study", "interpersonal"))],
            "age_band": "unknown",
        }

    async def _maybe_rest(self) -> None:
        if self._chance.random() < BREAK_SHARE:
            self._tally["breaks"] += 1
            self._away_until = asyncio.get_running_loop().time() + self._chance.uniform(30, 120)
            await self._person.ask("PUT", "/api/presence", {"choice": "not_ready", "reason": "break"})


def _seconds(session: Json) -> float:
    """How long the talk lasted."""
    from_to = (session["opened_at"], session["ended_at"])
    begun, ended = (datetime.fromisoformat(str(each)) for each in from_to)
    return (ended - begun).total_seconds()
