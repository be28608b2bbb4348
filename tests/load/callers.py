"""Callers of a plan, made to come: by telephone through the practice exchange, by chat over sockets.

They know what a caller knows. Waiting costs them no requests (the exchange says when a counselor is in the
room; the chat's socket says so by itself), and patience begins when the queue does: with the key, or with
the form.
"""

import asyncio
import random
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import orjson

from hotline.base import ids
from hotline.practice import lines
from hotline.web.chat.page import NOTICE
from tests.load import wire
from tests.load.arrivals import Coming, Try
from tests.load.scene import Scene, Talk
from tests.load.wire import Socket, Turned

POLL_SECONDS_MAX: Final = 50.0
MENU_SECONDS_MAX: Final = 10.0
COUNSELOR: Final = "counselor-"
"""The label of a counselor in a room; no phrase that is spoken holds it."""
COUNSELOR_ENDS_SHARE: Final = 0.15
CHAT_BEAT_SECONDS: Final = 10.0
MINUTES_BETWEEN_WORDS: Final = 1.0
"""Of each side, in the model's time: 40 to 60 messages in 45 to 60 minutes."""
LOOK_SECONDS: Final = 5.0
LEAVING_SECONDS_MAX: Final = 15.0
LEAVING_TRIES_MAX: Final = 3
TROUBLE: Final = (OSError, TimeoutError, Turned)


@dataclass
class Caller:
    """One person of the plan, with every attempt to get through."""

    scene: Scene
    coming: Coming
    chance: random.Random

    async def come(self) -> None:
        """Try until somebody has answered, or the person gives up for good."""
        for attempt in self.coming.tries:
            if self.scene.is_closing.is_set():
                return
            self.scene.tally["came by chat" if self.coming.is_chat else "called"] += 1
            try:
                reached = await (self._chat(attempt) if self.coming.is_chat else self._call(attempt))
            except TROUBLE as error:
                self.scene.tally[f"caller's trouble: {error!s:.60}"] += 1
                return
            if reached or attempt.again_seconds is None:
                self.scene.tally["reached" if reached else "gave up for good"] += 1
                return
            self.scene.tally["tries again"] += 1
            await self.scene.pause(self.scene.tempo.real(attempt.again_seconds))

    def _talk(self, contact_id: str) -> Talk:
        """What the counselor of this contact hears of us, with what the plan says of it."""
        talk = self.scene.talk(contact_id)
        talk.wrap_up_seconds = self.scene.tempo.real(self.coming.wrap_up_seconds)
        talk.level_is_grave = self.coming.presses_crisis_key
        return talk

    def _begun(self, contact_id: str) -> Talk:
        """The talk has begun: from now on it lasts as long as the plan says."""
        talk = self._talk(contact_id)
        talk.talk_seconds = self.scene.tempo.real(self.coming.talk_seconds)
        return talk

    # --- by telephone

    async def _call(self, attempt: Try) -> bool:
        exchange, loop = self.scene.exchange, asyncio.get_running_loop()
        dialled = {"from": self.coming.telephone, "to": self.scene.number}
        sid = str((await exchange.ask("POST", "/practice/calls", dialled))["sid"])
        path = f"/practice/calls/{sid}"
        try:
            key = "9" if self.coming.presses_crisis_key else "1"
            pressed = {"digits": key, "seconds": MENU_SECONDS_MAX}
            await exchange.ask("POST", f"{path}/digits", pressed)
            gives_up_at = loop.time() + self.scene.tempo.real(attempt.patience_seconds)
            call = await self._answered(path, gives_up_at)
            if call is None:
                await self.scene.go_home()
                return False
            await self._converse(call)
            return True
        finally:
            with suppress(*TROUBLE):
                await exchange.ask("POST", f"{path}/hangup")

    async def _answered(self, path: str, gives_up_at: float) -> Any:
        """The call once a counselor is in the room, or None when patience is over first, or the house hung
        up.
        """
        loop = asyncio.get_running_loop()
        while not self.scene.is_closing.is_set() and (left := gives_up_at - loop.time()) > 0:
            seconds = min(left, POLL_SECONDS_MAX)
            try:
                call = await self.scene.exchange.ask(
                    "GET", f"{path}?heard={COUNSELOR}&seconds={max(seconds, 0.01):.3f}"
                )
            except Turned as turned:
                if turned.status != 408:
                    raise
                self.scene.exchange.refused["408"] -= 1  # asked for: nothing has happened yet
                continue
            return call
        return None

    async def _converse(self, call: Any) -> None:
        """Talk; most callers hang up first, some talks are ended by the counselor."""
        room = str(call["room"] or "")
        talk = self._begun(_contact_of(room))
        await self.scene.pause(self.scene.tempo.real(self.coming.talk_seconds))
        await self.scene.go_home()
        if self.chance.random() < COUNSELOR_ENDS_SHARE:
            talk.wants_end.set()
            with suppress(Turned):
                await self.scene.exchange.ask(
                    "GET", f"/practice/calls/{call['sid']}?status=completed&seconds={LEAVING_SECONDS_MAX}"
                )

    # --- by chat

    async def _chat(self, attempt: Try) -> bool:
        form = {"language": "zh", "safe_now": "yes", "notice_version": NOTICE["version"]}
        path = f"/api/chat/{self.scene.slug}/contacts"
        opened = await self.scene.house.ask("POST", path, form)
        talk = self._talk(str(opened["contact_id"]))
        chat = Chat(self.scene, opened["contact_id"], opened["token"])
        await chat.open()
        try:
            await chat.say(self.chance.choice(lines.ORDINARY["zh"]))
            patience = self.scene.tempo.real(attempt.patience_seconds)
            if not await chat.until("talking", patience):
                if self.coming.leaves_silently:
                    talk.is_gone = True
                    talk.wants_end.set()
                    return False
                await self.scene.go_home()
                await chat.leave()
                return False
            await self._write(chat, self._begun(str(opened["contact_id"])))
            return True
        finally:
            chat.close()

    async def _write(self, chat: "Chat", talk: Talk) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + self.scene.tempo.real(self.coming.talk_seconds)
        between = self.scene.tempo.real(60.0 * MINUTES_BETWEEN_WORDS)
        while not self.scene.is_closing.is_set() and loop.time() < until and chat.state == "talking":
            await self.scene.pause(min(between * self.chance.uniform(0.5, 1.5), until - loop.time()))
            if loop.time() < until and not self.scene.is_closing.is_set():
                await chat.say(self.chance.choice(lines.ORDINARY["zh"]))
        await self.scene.go_home()
        if self.chance.random() < COUNSELOR_ENDS_SHARE:
            talk.wants_end.set()
            await chat.until("ended", LEAVING_SECONDS_MAX)
        else:
            await chat.leave()


@dataclass
class Chat:
    """A help-seeker's page; `state` is what it was last told."""

    scene: Scene
    contact_id: str
    token: str
    state: str = "waiting"
    socket: Socket | None = None
    sent: dict[str, float] = field(default_factory=dict[str, float])
    unstored: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def open(self) -> None:
        """Open the socket and say whose chat it is."""
        self.socket = await wire.opened(self.scene.port, "/api/chat/live", self._hear)
        self.scene.chats[self.contact_id] = self
        self._send({"kind": "resume", "token": self.token, "after": 0})

    async def stay(self) -> None:
        """Come back when the socket has fallen, as a page does; what was said and not stored is said
        again.
        """
        if self.socket is None or self.socket.is_open or self.state == "ended":
            return
        self.scene.tally["chat pages came back"] += 1
        await self.open()
        for frame in list(self.unstored.values()):
            self._send(frame)

    async def say(self, words: str) -> None:
        """Say something; how long it takes until it is called stored is noted when it is."""
        client_id = str(ids.new_id())
        self.sent[client_id] = asyncio.get_running_loop().time()
        self.unstored[client_id] = {"kind": "say", "client_id": client_id, "words": words}
        self._send(self.unstored[client_id])
        await asyncio.sleep(0)

    async def until(self, state: str, seconds: float) -> bool:
        """Wait for a state, or until the time is up or the floor closes; whether it has come."""
        loop = asyncio.get_running_loop()
        ends_at = loop.time() + seconds
        while self.state not in {state, "ended"} and loop.time() < ends_at:
            if self.scene.is_closing.is_set() and state == "talking":
                break
            self._changed.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(min(LOOK_SECONDS, max(0.0, ends_at - loop.time()))):
                    await self._changed.wait()
        return self.state == state

    def beat(self) -> None:
        """A sign of life."""
        self._send({"kind": "beat"})

    async def leave(self) -> None:
        """Leave; the house says that it has ended."""
        for _ in range(LEAVING_TRIES_MAX):
            with suppress(*TROUBLE):
                await self.stay()
            self._send({"kind": "leave"})
            if await self.until("ended", LEAVING_SECONDS_MAX):
                return
        self.scene.tally["left without being told so"] += 1

    def close(self) -> None:
        """Close the page without a word."""
        self.scene.chats.pop(self.contact_id, None)
        if self.socket is not None:
            self.socket.close()

    def _send(self, frame: dict[str, Any]) -> None:
        if self.socket is not None:
            self.socket.say(orjson.dumps(frame))

    def _hear(self, raw: bytes) -> None:
        frame = orjson.loads(raw)
        if frame["kind"] == "state":
            self.state = str(frame["state"])
            self._changed.set()
        elif frame["kind"] == "stored":
            self.unstored.pop(str(frame["client_id"]), None)
            began = self.sent.pop(str(frame["client_id"]), None)
            if began is not None:
                self.scene.took("message stored", asyncio.get_running_loop().time() - began)
        elif frame["kind"] == "error":
            self.unstored.pop(str(frame.get("client_id")), None)
            self.scene.tally[f"chat error: {frame['code']}"] += 1


async def beat(scene: Scene) -> None:
    """Signs of life of every open chat, spread over the seconds between two."""
    loop = asyncio.get_running_loop()
    while True:
        began = loop.time()
        chats = list(scene.chats.values())
        for nth, chat in enumerate(chats):
            if nth % 20 == 0:
                await asyncio.sleep(max(0.0, began + CHAT_BEAT_SECONDS * nth / len(chats) - loop.time()))
            with suppress(*TROUBLE):
                await chat.stay()
            chat.beat()
        await asyncio.sleep(max(0.05, began + CHAT_BEAT_SECONDS - loop.time()))


def _contact_of(room: str) -> str:
    """The contact behind a room's name, `c_<id>_<generation>`."""
    parts = room.split("_")
    return str(UUID(parts[1]))
