"""Counselors, supervisors and responders as light as browsers can be: a socket that beats, and the buttons
they press.

A counselor takes every offer, waits until the talk is over (or ends it), screens, writes, closes. What is
not answered as it should be is counted and done again when the screen says that it still stands, as a
person would.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import orjson

from hotline.base import clock
from hotline.base.tasks import Crew
from tests.load import wire
from tests.load.house import Hired
from tests.load.model import SILENCE_SECONDS
from tests.load.scene import SECONDS_BETWEEN_BEATS, Card, Scene
from tests.load.wire import Socket, Turned

BEAT: Final = b'{"kind":"beat"}'
AGAIN_SECONDS: Final = 0.5
TRIES_MAX: Final = 5
CLOSING_SECONDS: Final = 45.0
HELD: Final = frozenset({"connecting", "talking", "wrapping"})
RECORD: Final = {
    "disposition": "counselling",
    "outcome": "calmer",
    "summary": {"words": "", "facts": "练习记录", "judgment": "", "unknowns": ""},
    "problem_types": ["emotion"],
}
TROUBLE: Final = (OSError, TimeoutError, Turned)


@dataclass
class Page:
    """A console page that is kept open; `cards` is what it shows."""

    scene: Scene
    hired: Hired
    cards: dict[str, Card] = field(default_factory=dict[str, Card])
    falls: int = 0
    socket: Socket | None = None
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def open(self) -> None:
        """Open the socket."""
        self.socket = await wire.opened(self.scene.port, "/api/live", self._hear, cookie=self.hired.cookie)

    def beat(self) -> None:
        """A sign of life."""
        if self.socket is not None:
            self.socket.say(BEAT)

    async def do(self, method: str, path: str, body: object = None) -> Any:
        """Press a button."""
        return await self.scene.house.ask(method, path, body, cookie=self.hired.cookie)

    def _hear(self, frame: bytes) -> None:
        if frame.startswith(b'{"kind":"beat"'):
            return
        read = orjson.loads(frame)
        if read["kind"] == "snapshot":
            self.cards = {}
        if read["kind"] in {"snapshot", "cards"}:
            for card in read["cards"]:
                self.cards[card["id"]] = card
                self.dealt(card)
            for card_id in read.get("gone", ()):
                self.cards.pop(card_id, None)
            self.changed.set()

    def dealt(self, card: Card) -> None:
        """A card has come; nothing follows from it for most."""


@dataclass
class Counselor(Page):
    """Somebody who answers."""

    crew: Crew = field(default_factory=Crew)
    busy_with: set[str] = field(default_factory=set[str])

    def dealt(self, card: Card) -> None:
        """An offer is taken; somebody who was made not ready is ready again."""
        match card["type"]:
            case "offer" if card["contact_id"] not in self.busy_with:
                self.busy_with.add(card["contact_id"])
                self.crew.once("engagement", self._engage(card))
            case "contact" if self._is_held(card):
                self.busy_with.add(card["contact_id"])
                self.crew.once("engagement", self._take_up(card))
            case "counselor" if card["choice"] == "not_ready" and not self.scene.is_closing.is_set():
                self.scene.tally[f"not ready: {card['reason']}"] += 1
                self.crew.once("ready", self._be_ready())
            case _:
                pass

    async def _be_ready(self) -> None:
        with suppress(*TROUBLE):
            await self.do("PUT", "/api/presence", {"choice": "ready"})

    def _is_held(self, card: Card) -> bool:
        """Whether this contact is ours though we know nothing of it: an acceptance whose answer was lost."""
        is_mine = card["counselor_id"] == str(self.hired.staff_id) and card["state"] in HELD
        return is_mine and card["contact_id"] not in self.busy_with

    async def _take_up(self, card: Card) -> None:
        """Go on with it as it stands."""
        contact_id = str(card["contact_id"])
        self.scene.tally["taken up again"] += 1
        try:
            await asyncio.sleep(AGAIN_SECONDS)
            session = (await self.do("GET", f"/api/contacts/{contact_id}"))["session"]
            if session is not None and self._state(contact_id) in HELD:
                await self._hold(contact_id, str(session["id"]))
        except TROUBLE as error:
            self.scene.tally[f"counselor's trouble: {type(error).__name__}"] += 1
        finally:
            self.scene.held.pop(contact_id, None)
            self.busy_with.discard(contact_id)

    async def _engage(self, offer: Card) -> None:
        contact_id = str(offer["contact_id"])
        try:
            await asyncio.sleep(self.scene.talk(contact_id).reaction_seconds)
            accepted = await self.do("POST", f"/api/offers/{offer['offer_id']}/acceptance")
            if offer["channel"] == "voice":
                identity = f"u_{self.hired.staff_id.hex}"
                params = {"params": {"offer": offer["offer_id"]}}
                await self.scene.exchange.ask("POST", f"/practice/clients/{identity}/connect", params)
            await self._hold(contact_id, str(accepted["session_id"]))
        except Turned as turned:
            self.scene.tally[f"turned down: {turned.code}"] += 1
        except (OSError, TimeoutError) as error:
            self.scene.tally[f"counselor's trouble: {type(error).__name__}"] += 1
        finally:
            self.scene.held.pop(contact_id, None)
            self.busy_with.discard(contact_id)

    async def _hold(self, contact_id: str, session_id: str) -> None:
        """From the acceptance to the closed record."""
        self.scene.held[contact_id] = self
        async with Crew() as crew:
            crew.once("end", self._end_when_asked(contact_id))
            while self._state(contact_id) not in {"wrapping", "gone"}:
                self.changed.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(SECONDS_BETWEEN_BEATS):
                        await self.changed.wait()
        if self._state(contact_id) == "gone":
            self.scene.tally["gone before the talk"] += 1
            return
        talk = self.scene.talk(contact_id)
        await self.scene.pause(talk.wrap_up_seconds)
        await self._write(session_id, is_grave=talk.level_is_grave)
        self.scene.tally["records closed"] += 1

    def _state(self, contact_id: str) -> str:
        """Where the contact stands; its card lies on the desk from the offer on, and no longer than it is
        ours.
        """
        card = self.cards.get(f"contact:{contact_id}")
        return "gone" if card is None else str(card["state"])

    async def _end_when_asked(self, contact_id: str) -> None:
        """The counselor's share of hanging up: when the talk has come to its end, or nobody answers."""
        talk = self.scene.talk(contact_id)
        await self._until_wanted(talk.wants_end)
        if talk.is_gone:
            await self.scene.pause(self.scene.tempo.real(SILENCE_SECONDS))
        for _ in range(TRIES_MAX):
            with suppress(*TROUBLE):
                await self.do("POST", f"/api/contacts/{contact_id}/hang-up")
                self.scene.tally["ended by the counselor"] += 1
                return
            await asyncio.sleep(AGAIN_SECONDS)

    async def _until_wanted(self, wants_end: asyncio.Event) -> None:
        """Until the talk is to end; when the floor closes, whoever is not gone after a while is sent home."""
        while not wants_end.is_set() and not self.scene.is_closing.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(SECONDS_BETWEEN_BEATS):
                    await wants_end.wait()
        if not wants_end.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(self.scene.leaving_seconds + CLOSING_SECONDS):
                    await wants_end.wait()

    async def _write(self, session_id: str, *, is_grave: bool) -> None:
        path = f"/api/sessions/{session_id}"
        for _ in range(TRIES_MAX):
            try:
                result = "asked_positive" if is_grave else "asked_denied"
                await self.do("PUT", f"{path}/screening", {"result": result})
                await self.do("PUT", f"{path}/record", RECORD)
                await self.do("POST", f"{path}/closure")
                return
            except TROUBLE as error:
                self.scene.tally[f"writing again: {type(error).__name__}"] += 1
                await asyncio.sleep(AGAIN_SECONDS)


@dataclass
class Supervisor(Page):
    """Somebody whose board is looked at only by how many bytes it takes: fifty readers would be our own
    load.
    """

    def _hear(self, frame: bytes) -> None:
        """Nothing is read."""


@dataclass
class Eye(Page):
    """A supervisor whose board is read: how old a change is when it comes, and which danger is seen."""

    states: dict[str, str] = field(default_factory=dict[str, str])
    seen: dict[str, asyncio.Event] = field(default_factory=dict[str, asyncio.Event])

    def dealt(self, card: Card) -> None:
        """A contact in a new state, or an escalation."""
        if card["type"] == "contact":
            mark = f"{card['state']} {card['since']}"
            if self.states.get(card["id"], mark) != mark:
                age = (clock.now() - datetime.fromisoformat(str(card["since"]))).total_seconds()
                self.scene.took("board delay", age)
            self.states[card["id"]] = mark
        elif card["type"] == "escalation":
            self.seen.setdefault(str(card["contact_id"]), asyncio.Event()).set()


@dataclass
class Responder(Page):
    """Takes every escalation that nobody has, and resolves it after a moment."""

    crew: Crew = field(default_factory=Crew)
    taken: set[str] = field(default_factory=set[str])
    work_seconds: float = 20.0

    def dealt(self, card: Card) -> None:
        """An escalation without an owner."""
        if card["type"] == "escalation" and card["owner"] is None and card["id"] not in self.taken:
            self.taken.add(card["id"])
            self.crew.once("escalation", self._take(str(card["escalation_id"])))

    async def _take(self, escalation_id: str) -> None:
        path = f"/api/escalations/{escalation_id}"
        with suppress(*TROUBLE):
            await asyncio.sleep(2.0)
            await self.do("POST", f"{path}/acknowledgement")
            await self.scene.pause(self.work_seconds)
            await self.do("POST", f"{path}/contact", {"how": "telephone", "words": "练习"})
            await self.do("POST", f"{path}/resolution", {"outcome": "safety_plan_agreed", "words": "练习"})
            await self.do("POST", f"{path}/closure", {})
            self.scene.tally["escalations resolved"] += 1


async def beat(everybody: Callable[[], list[Page]]) -> None:
    """Signs of life of everybody, spread over the seconds between two; a fallen socket is opened again."""
    while True:
        began = asyncio.get_running_loop().time()
        pages = everybody()
        for nth, page in enumerate(pages):
            if nth % 50 == 0:
                due = began + SECONDS_BETWEEN_BEATS * nth / max(1, len(pages))
                await asyncio.sleep(max(0.0, due - asyncio.get_running_loop().time()))
            if page.socket is not None and not page.socket.is_open:
                page.falls += 1
                page.scene.tally["sockets fallen"] += 1
                with suppress(OSError, TimeoutError):
                    await page.open()
            page.beat()
        left = began + SECONDS_BETWEEN_BEATS - asyncio.get_running_loop().time()
        await asyncio.sleep(max(0.05, left))
