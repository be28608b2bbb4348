"""The hub: encoded once, sent to those whom it concerns, and never held up by one who does not read."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from hotline.base.tasks import Crew
from hotline.flow import intake
from hotline.store.signal import Signal
from hotline.store.unit import Store
from hotline.web.hub import Hub
from hotline.web.screens import Screen
from hotline.web.wire import CLOSE_RESTART, Wire
from tests.patience import PATIENCE_SECONDS
from tests.stage import Stage

BYTES_MAX = 20_000
EXTENDED = 126
"""In the second byte of a frame: its length is in the next two."""


def text_of(frame: bytes) -> bytes:
    """What a frame of less than 64 kB carries."""
    return frame[4:] if frame[1] == EXTENDED else frame[2:]


@dataclass
class Reader:
    """A client's line: takes every frame, or none at all."""

    is_stalled: bool = False
    frames: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    unsent_bytes: int = 0
    code: int | None = None

    def write(self, data: bytes) -> None:
        if self.is_stalled:
            self.unsent_bytes += len(data)
        else:
            self.frames.append(orjson.loads(text_of(data)))

    async def has_room(self) -> None:
        """Never asked for."""

    def hang_up(self, code: int) -> None:
        self.code = code

    def cards(self) -> dict[str, dict[str, Any]]:
        held: dict[str, dict[str, Any]] = {}
        for frame in self.frames:
            held.update({card["id"]: card for card in frame["cards"]})
            for card_id in frame["gone"]:
                held.pop(card_id, None)
        return held


@asynccontextmanager
async def running(stage: Stage) -> AsyncGenerator[Hub]:
    hub = Hub(stage.store, tail_seconds=0.02)
    async with Crew() as crew:
        crew.keep("hub", hub.run)
        await until(lambda: hub.cursor.xid)
        yield hub


def board(stage: Stage, reader: Reader) -> Screen:
    return screen(reader, f"board:{stage.centre.id}")


def screen(reader: Reader, *audiences: str) -> Screen:
    return Screen(wire=Wire(reader, BYTES_MAX), audiences=frozenset(audiences))


async def until(condition: Any) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not condition():  # noqa: ASYNC110  the hub has no bell for a test to hear
            await asyncio.sleep(0.01)


async def test_a_card_is_encoded_once_for_any_number_of_screens(stage: Stage) -> None:
    readers = [Reader() for _ in range(20)]
    async with running(stage) as hub:
        for reader in readers:
            hub.attach(board(stage, reader), ())
        before = hub.encoded
        contact = await stage.chat()
        await until(lambda: all(f"contact:{contact.id}" in reader.cards() for reader in readers))
        assert hub.encoded - before <= 2


async def test_a_desk_sees_its_own_offer_and_nobody_elses(stage: Stage) -> None:
    lin, mei = await stage.hire("lin", ready=True), await stage.hire("mei")
    mine, other = Reader(), Reader()
    async with running(stage) as hub:
        hub.attach(screen(mine, f"desk:{lin}"), ())
        hub.attach(screen(other, f"desk:{mei}"), ())
        contact = await stage.chat()
        await stage.dispatch()
        await until(lambda: any(card["type"] == "offer" for card in mine.cards().values()))
        await intake.leave_chat(stage.store, contact.id, stage.later(1))
        await until(lambda: not any(card["type"] in {"offer", "contact"} for card in mine.cards().values()))
        assert other.cards() == {}


async def test_a_screen_that_does_not_read_is_let_go_and_the_others_miss_nothing(stage: Stage) -> None:
    stalled, good = Reader(is_stalled=True), Reader()
    async with running(stage) as hub:
        hub.attach(board(stage, stalled), ())
        hub.attach(board(stage, good), ())
        chats = [await stage.chat() for _ in range(60)]
        await until(lambda: all(f"contact:{chat.id}" in good.cards() for chat in chats))
        assert stalled.code == CLOSE_RESTART
        assert stalled.unsent_bytes <= 2 * BYTES_MAX


async def test_with_pokes_dead_everything_still_arrives(stage: Stage) -> None:
    """The table is the truth: this writer's pokes reach nobody, the hub's own clock finds the entries."""
    reader = Reader()
    unheard = replace(stage, store=Store(stage.store.engine, stage.store.vault, Signal(None)))
    async with running(stage) as hub:
        hub.attach(board(stage, reader), ())
        contact = await unheard.chat()
        await until(lambda: f"contact:{contact.id}" in reader.cards())
