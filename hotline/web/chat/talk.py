"""One open page of a help-seeker: what it says is stored, what it must know is read afresh and sent.

Three tasks share it. One reads frames; one stores ordinary words in their order, slowing a flood; one
looks at the rows whenever it is told that something changed, and sends what the page does not have yet. So
two tabs, a resumed page and another node's counselor all come to the same: rows behind a sequence number.
Words that carry risk are stored at once, past those that a flood has slowed. What has been received when
the page goes is stored before the socket is forgotten.
"""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final, assert_never
from uuid import UUID

from starlette.websockets import WebSocket, WebSocketDisconnect

from hotline.base import clock
from hotline.base.errors import Absent, HotlineError, Malformed, Refused, Unreachable
from hotline.base.sensitive import Sensitive
from hotline.base.tasks import Crew
from hotline.domain.contact import Contact
from hotline.flow import intake, message
from hotline.store import message as store_message
from hotline.store.chat_pages import ChatPage
from hotline.web.chat import frames, view
from hotline.web.chat.frames import Beat, Leave, Read, Resume, Say, Typing
from hotline.web.chat.pace import Paces
from hotline.web.edge import Edge
from hotline.web.wire import Wire

LANE_MAX: Final = 64
"""Words of one page that wait for their turn; when there are more, nothing waits any longer."""
LANE_CALM: Final = LANE_MAX // 2
MESSAGES_PER_FRAME_MAX: Final = 50
LOOK_SECONDS_MAX: Final = 5.0
"""The journal may lag behind a long transaction; whoever waits for an answer does not wait for that."""
RETRY_SECONDS: Final = 1.0
BEAT_SECONDS_MIN: Final = 5.0
TYPING_SECONDS_MIN: Final = 1.0
DRAIN_SECONDS_MAX: Final = 10.0
CLOSE_BROKEN: Final = 1011
CLOSE_BUSY: Final = 1013
CLOSE_UNKNOWN: Final = 4401


async def receive(socket: WebSocket, characters_max: int) -> frames.Frame:
    """The next frame of the page.

    Raises:
        Malformed: it cannot be read; the socket lives on.
        WebSocketDisconnect: the page is gone.
    """
    received = await socket.receive()
    if received["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(received["code"])
    text = received.get("text")
    if text is None:
        raise Malformed("frame.unreadable", "A frame is one JSON object in UTF-8.")
    return frames.read(text, characters_max)


class Talk:
    """A page that has resumed its contact; `run` is its life."""

    def __init__(self, edge: Edge, socket: WebSocket, wire: Wire) -> None:
        """Take the page's socket; nothing is read or sent yet."""
        self._edge = edge
        self._followers = edge.followers
        self._paces: Paces = socket.app.state.chat_paces
        self._socket = socket
        self._wire = wire
        self._lane: asyncio.Queue[Say] = asyncio.Queue(LANE_MAX)
        self._hurry = asyncio.Event()
        self._is_parting = False
        self._changed = asyncio.Event()
        self._seen: ChatPage | None = None
        self._sent_seq = 0
        self._sent_read = 0
        self._sent_state: dict[str, Any] | None = None
        self._announced: int | None = None
        self._is_resumed = False
        self._beat_at = self._typed_at = float("-inf")
        self._heard_read = 0
        self._contact: Contact

    @property
    def contact_id(self) -> UUID:
        """Whose page it is."""
        return self._contact.id

    @property
    def centre_id(self) -> UUID:
        """Whose queue the contact waits in."""
        return self._contact.centre_id

    def look_again(self) -> None:
        """Read the rows afresh."""
        self._changed.set()

    def stands(self, ahead: int | None) -> None:
        """Show the place, if the contact waits; who has stopped waiting is told by an entry."""
        if self._seen is not None and self._seen.is_queued:
            self._seen = replace(self._seen, ahead=ahead)
            self._send_state(self._seen)

    def counselor_types(self) -> None:
        """Pass it on; it is stored nowhere."""
        self._wire.send(frames.typing())

    def give_way(self) -> None:
        """Close; the page may come back when others have gone."""
        self._wire.close(CLOSE_BUSY)

    async def run(self, crew: Crew, contact: Contact, resume: Resume) -> None:
        """Serve the page until its socket is closed, and store what is still in the lane."""
        self._contact = contact
        self._sent_seq = min(resume.after, contact.messages)
        self._announced = resume.place
        self._followers.join(self)
        self.look_again()
        try:
            crew.once("chat in", self._or_close(self._read_frames()))
            crew.once("chat storing", self._or_close(self._store_in_order()))
            crew.once("chat watching", self._or_close(self._watch()))
            await self._wire.closed()
            self._part()
            with suppress(TimeoutError):
                async with asyncio.timeout(DRAIN_SECONDS_MAX):
                    await self._lane.join()
        finally:
            self._followers.leave(self)

    async def _or_close(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        finally:
            self._wire.close(CLOSE_BROKEN)

    # --- what the page says

    async def _read_frames(self) -> None:
        with suppress(WebSocketDisconnect):
            while True:
                try:
                    frame = await receive(self._socket, self._edge.settings.web.body_bytes_max)
                    await self._take(frame)
                except HotlineError as error:
                    self._wire.send(frames.error(error))

    async def _take(self, frame: frames.Frame) -> None:
        match frame:
            case Say():
                await self._say(frame)
            case Read(seq=seq):
                await self._was_read(min(seq, self._sent_seq))
            case Resume():
                raise Refused("frame.resumed", "This page has resumed its chat already.")
            case Typing():
                self._types()
            case Beat():
                await self._beat()
            case Leave():
                self._part()
                await self._lane.join()
                await intake.leave_chat(self._edge.store, self.contact_id, clock.now())
                self._followers.look_again(self.contact_id)
            case _:
                assert_never(frame)

    async def _say(self, say: Say) -> None:
        most = self._edge.settings.web.message_characters_max
        fault = None
        if len(say.words) > most:
            fault = Refused("message.too_long", f"A message may have {most} characters; send it in parts.")
        elif not say.words.strip():
            fault = Refused("message.empty", "There are no words in this message.")
        if fault is not None:
            self._wire.send(frames.error(fault, say.client_id))
            return
        now = asyncio.get_running_loop().time()
        bucket = self._paces.of(self.contact_id, now)
        is_slowed = bucket.delay_seconds(now, ahead=self._lane.qsize()) > 0
        if is_slowed and not message.may_wait(self._edge.policies, self._contact, Sensitive(say.words)):
            await self._store(say)
        else:
            if self._lane.full():
                self._hurry.set()  # reading on matters more than slowing down: danger may be next
            await self._lane.put(say)

    async def _store_in_order(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            say = await self._lane.get()
            try:
                delay = self._paces.of(self.contact_id, loop.time()).take(loop.time())
                if delay > 0:
                    await self._pause(delay)
                await self._store(say)
            finally:
                self._lane.task_done()
                if self._lane.qsize() < LANE_CALM and not self._is_parting:
                    self._hurry.clear()

    def _part(self) -> None:
        """The page is going: what it has said is stored without further delay."""
        self._is_parting = True
        self._hurry.set()

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._hurry.wait()

    async def _store(self, say: Say) -> None:
        """Store words, and only then call them stored."""
        edge = self._edge
        try:
            done = await message.say(
                edge.store,
                edge.policies,
                self.contact_id,
                say.client_id,
                words=Sensitive(say.words),
                now=clock.now(),
            )
        except HotlineError as error:
            self._wire.send(frames.error(error, say.client_id))
        else:
            self._wire.send(frames.stored(say.client_id, done.seq, done.at))
            self._followers.look_again(self.contact_id)

    async def _was_read(self, seq: int) -> None:
        if seq > self._heard_read:
            await message.read(
                self._edge.store, self.contact_id, sender="counselor", up_to=seq, now=clock.now()
            )
            self._heard_read = seq

    def _types(self) -> None:
        now = asyncio.get_running_loop().time()
        if not self._is_over and now - self._typed_at >= TYPING_SECONDS_MIN:
            self._typed_at = now
            self._edge.store.signal.hint(
                {"what": "typing", "contact_id": str(self.contact_id), "from": "caller"}
            )

    async def _beat(self) -> None:
        now, monotonic = clock.now(), asyncio.get_running_loop().time()
        if not self._is_over and monotonic - self._beat_at >= BEAT_SECONDS_MIN:
            self._beat_at = monotonic
            await self._edge.living.seen(self.contact_id)
        self._wire.send(frames.beat(now))

    # --- what the page is told

    async def _watch(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(None if self._is_over else LOOK_SECONDS_MAX):
                    await self._changed.wait()
            self._changed.clear()
            try:
                await self._show()
            except Absent:
                self._wire.close(CLOSE_UNKNOWN)
            except Unreachable:
                await asyncio.sleep(RETRY_SECONDS)
                self.look_again()

    async def _show(self) -> None:
        seen = self._seen = await self._followers.look(self.contact_id)
        self._contact = seen.contact
        self._send_state(seen)
        await self._send_messages()
        if seen.read_up_to > self._sent_read:
            self._wire.send(frames.seen(seen.read_up_to))
            self._sent_read = seen.read_up_to

    def _send_state(self, seen: ChatPage) -> None:
        shown = view.shown(seen, self._announced, self._edge.settings.web.emergency_numbers)
        if shown != self._sent_state:
            self._wire.send(frames.state(shown))
            self._sent_state = shown
            self._announced = shown["place"] or self._announced

    @property
    def _is_over(self) -> bool:
        return self._seen is not None and view.is_over(self._seen)

    async def _send_messages(self) -> None:
        """What lies behind the last message sent, in portions the page has room for.

        The first answer comes even when it is empty: then the page knows that nothing is missing.
        """
        store = self._edge.store
        most = min(MESSAGES_PER_FRAME_MAX, self._edge.settings.web.messages_page_max)
        while not self._is_resumed or self._sent_seq < self._contact.messages:
            async with store.connection() as connection:
                found = await store_message.after(
                    connection, store.vault, self.contact_id, self._sent_seq, most
                )
            self._wire.send(frames.messages(found))
            self._is_resumed = True
            if not found:
                return
            self._sent_seq = found[-1].seq
            await self._wire.has_room()
