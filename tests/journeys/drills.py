"""What drills share: a house that starts quickly, people who go on whatever happens, and eyes on the rows.

Nobody here gives up: a help-seeker sends a message again until it is called stored, a counselor's page
comes back by itself. What they were told is kept, so that a drill can hold the rows against it afterwards.
"""

import asyncio
import shutil
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import orjson
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from hotline.base import ids
from hotline.base.errors import Unreachable
from hotline.base.places import config_dir
from hotline.store import message as store_message
from hotline.workers import auditor
from tests import database
from tests.patience import PATIENCE_SECONDS
from tests.people import Card, Person
from tests.processes import House
from tests.stage import Stage
from tests.web.visitor import Page, Visitor

LOOK_SECONDS = 0.1
ANSWER_SECONDS = 6.0
AGAIN_SECONDS = 8.0
"""After such a silence a page in a drill begins again, as a browser's does."""
AWAY = (OSError, TimeoutError, WebSocketException, httpx2.TransportError)
"""How it shows that the other side is not there at the moment."""

TROUBLE = "想跟人聊聊最近的压力"
DANGER = "我现在就站在楼顶，准备跳下去"
GRAVE_EVERY = 10
"""Every so many messages of somebody in danger say so again."""


@dataclass
class DrillHouse(House):
    """Processes that keep their compiled modules, so that a restart costs a third."""

    overrides: Mapping[str, str] = field(default_factory=dict[str, str])

    def _environment(self) -> dict[str, str]:
        kept = super()._environment()
        kept.pop("PYTHONDONTWRITEBYTECODE", None)
        return kept | {
            "PYTHONPYCACHEPREFIX": str(database.home() / "compiled"),
            "HOTLINE_WEB__CHAT_MESSAGES_BURST_MAX": "1000",
            "HOTLINE_TELEPHONY__FROM_NUMBER": self.number,
            **self.overrides,
        }

    @property
    def fallen(self) -> list[str]:
        """Processes that have ended by themselves, each with the end of its log."""
        return [
            f"{name} ended with {process.returncode}: {self.log(name)[-1500:]}"
            for name, process in self.running.items()
            if process.returncode is not None
        ]

    def log(self, name: str) -> str:
        """What a process has said so far."""
        return (self.home / f"{name}.log").read_text(errors="replace")


def hurried_config(folder: Path, source: Path | None = None) -> Path:
    """The house's configuration (or that of `source`), but whoever has written a record is free at once."""
    shutil.copytree(source or config_dir(), folder)
    queues = folder / "queues.toml"
    text = queues.read_text()
    hurried = text.replace("wrap_up_seconds_min = 120", "wrap_up_seconds_min = 0")
    assert hurried != text
    queues.write_text(hurried)
    return folder


async def until(look: Callable[[], Awaitable[Any]], what: str, seconds: float = PATIENCE_SECONDS) -> Any:
    """Look until there is something to see; a house that is away for a moment is looked at again."""
    ends_at = asyncio.get_running_loop().time() + seconds
    while True:
        try:
            seen = await look()
        except (Unreachable, *AWAY):
            seen = None
        if seen:
            return seen
        assert asyncio.get_running_loop().time() < ends_at, f"not within {seconds} s: {what}"
        await asyncio.sleep(LOOK_SECONDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A message that was called stored: its words, under which number, and at what monotonic moment."""

    words: str
    seq: int
    at: float


@dataclass
class Writer:
    """A help-seeker who writes on and on; `told` holds what was acknowledged, by the page's own ids."""

    visitor: Visitor
    is_in_danger: bool = False
    pause_seconds: float = 0.25
    unsent: UUID = field(default_factory=ids.new_id)
    """The id of the words that nobody has called stored yet; they keep it when the writer is broken off."""
    told: dict[UUID, Told] = field(default_factory=dict[UUID, Told])
    troubles: list[str] = field(default_factory=list[str])

    async def write(self) -> None:
        """For as long as the drill lasts; words that nobody has called stored are sent again."""
        while True:
            try:
                async with self.visitor.page(after=self.seq) as page:
                    while True:
                        if await self._is_stored(page, self.unsent):
                            self.unsent = ids.new_id()
                        await asyncio.sleep(self.pause_seconds)
            except AWAY as error:
                self.troubles.append(type(error).__name__)
                await asyncio.sleep(LOOK_SECONDS)

    @property
    def seq(self) -> int:
        """The number of the last message that was called stored."""
        return max((each.seq for each in self.told.values()), default=0)

    @property
    def has_told_of_danger(self) -> bool:
        """Whether words of danger were called stored: a talk may be over before any were."""
        return any(each.words.startswith(DANGER) for each in self.told.values())

    async def has_written_since(self, moment: float) -> bool:
        """Whether a message was called stored after this monotonic moment."""
        return any(each.at > moment for each in self.told.values())

    async def _is_stored(self, page: Page, message: UUID) -> bool:
        said = len(self.told)
        is_grave = self.is_in_danger and said % GRAVE_EVERY == 0
        words = f"{DANGER if is_grave else TROUBLE} {said}"
        await page.say(words, message)
        async with asyncio.timeout(ANSWER_SECONDS):
            while True:
                frame = orjson.loads(await page.socket.recv())
                if frame.get("client_id") != str(message):
                    continue
                if frame["kind"] == "stored":
                    at = asyncio.get_running_loop().time()
                    self.told[message] = Told(words=words, seq=frame["seq"], at=at)
                    return True
                self.troubles.append(frame["code"])
                return False

    async def holds(self, stage: Stage) -> None:
        """Everything that was called stored is there exactly once, under its number, in its words."""
        store = stage.store
        async with store.connection() as connection:
            found = await store_message.after(connection, store.vault, self.visitor.contact_id, 0, 100_000)
        own = [each for each in found if each.sender == "caller"]
        rows = {each.client_id: (each.seq, each.words.reveal()) for each in own}
        assert len(rows) == len(own)
        assert {key: (each.seq, each.words) for key, each in self.told.items()}.items() <= rows.items()
        assert len(rows) - len(self.told) <= 1, (
            "at most the words in flight were stored and not yet called so"
        )
        assert [each.seq for each in found] == list(range(1, len(found) + 1))


def say(line: str) -> None:
    """A figure for whoever runs the drill with `-s`."""
    sys.stdout.write(f"\n{line}\n")


async def joined(stage: Stage) -> dict[UUID, datetime]:
    """Every contact of the centre that is not over, with its join time."""
    async with stage.store.connection() as connection:
        rows = await connection.fetch(
            """select id, joined_at from contact
               where centre_id = $1 and state not in ('closed', 'abandoned', 'diverted')""",
            stage.centre.id,
        )
    return {row["id"]: row["joined_at"] for row in rows}


async def sees_what_others_see(person: Person) -> None:
    """The person's screen, followed all along, comes to equal one that is opened now."""

    async def are_equal() -> bool:
        return _shown(person.cards) == _shown(await fresh_screen(person))

    await until(are_equal, "a screen that was followed equals a fresh one")


async def fresh_screen(person: Person) -> dict[str, Card]:
    """What a page of the same person shows that is opened now."""
    address = person.base.replace("http", "ws", 1) + "/api/live"
    cookie = "; ".join(f"{name}={value}" for name, value in person.client.cookies.items())
    async with connect(address, additional_headers={"cookie": cookie}, proxy=None) as socket:
        frame = orjson.loads(await socket.recv())
    return {card["id"]: card for card in frame["cards"]}


def _shown(cards: Mapping[str, Card]) -> dict[str, Card]:
    """Cards without the counts of the day, which come once a second."""
    return {key: card for key, card in cards.items() if card["type"] != "health"}


class Board:
    """A page in this process that takes every frame at once; `cards` is what it shows."""

    unsent_bytes = 0

    def __init__(self) -> None:
        self.cards: dict[str, Card] = {}

    def send(self, frame: bytes) -> None:
        """Do what a page does with a frame."""
        read = orjson.loads(frame)
        if read["kind"] == "snapshot":
            self.cards = {}
        self.cards.update({card["id"]: card for card in read["cards"]})
        for card_id in read.get("gone", ()):
            self.cards.pop(card_id, None)

    def restart(self) -> None:
        """Never needed."""


async def is_sound(stage: Stage) -> None:
    """Nothing stands together that may not, and nobody is held by two."""
    assert await auditor.once(stage.store) == {}
    twice = await stage.value(
        """select count(*) from (
             select contact_id from session where state in ('connecting', 'open', 'wrapping')
             union all select contact_id from offer where state = 'pending') as held
           where contact_id in (select id from contact where centre_id = $1)
           group by contact_id having count(*) > 1 limit 1""",
        stage.centre.id,
    )
    assert twice is None, "a contact is held twice"


async def orders_are_done(stage: Stage) -> bool:
    """Whether no order waits or is being carried out; what was given up would be held, and is none."""
    left = await stage.value("select count(*) from pgqueuer.pgqueuer")
    return left == 0
