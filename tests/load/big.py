"""A big floor held for a while: thousands of open contacts, consoles by the thousand, messages all the
time.

The house is filled at a pace that it can take, and then stays full: whoever ends is followed by somebody
new. What counts is the time in which it is full: how late the event loop is, whether memory grows, how old
a change is on a board.
"""

import asyncio
import random
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from hotline.base import clock, ids
from hotline.base.tasks import Crew
from hotline.practice import lines
from tests.journeys.drills import DANGER
from tests.load import rows, stand, wire
from tests.load.added import Known
from tests.load.arrivals import Coming, Try
from tests.load.callers import Caller, Chat
from tests.load.desks import TROUBLE
from tests.load.hour import lags, quantiles
from tests.load.house import Tempo
from tests.load.meter import Meter
from tests.load.scene import Talk
from tests.load.stand import Floor
from tests.stage import Stage

TEMPO: Final = Tempo(compress=1.0, handle_scale=0.05)
SHOWN: Final = ("contacts", "sockets", "supervisors", "seats", "messages_per_second", "minutes", "seed")
FOR_EVER: Final = 1e7
DANGER_EVERY_SECONDS: Final = 10.0
FLAG_SECONDS_MAX: Final = 60.0
FRESH_PAGES: Final = 5
TICK_SECONDS: Final = 0.05
SPREAD: Final = 37
"""Has no divisor in common with a hundred, so chats and calls come mixed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How big, for how long, and how lively."""

    name: str
    contacts: int
    sockets: int
    supervisors: int
    messages_per_second: float
    turnover_per_second: float
    chat_share: float
    fill_per_second: float
    minutes: float
    seed: int
    samples: bool = False

    @property
    def seats(self) -> int:
        """Counselors among the sockets."""
        return self.sockets - self.supervisors - stand.RESPONDERS

    @property
    def talk_seconds(self) -> float:
        """So long do talks last that so many end in a second."""
        return min(self.seats, self.contacts) / self.turnover_per_second


@dataclass
class Holder(Caller):
    """Somebody who comes, waits as long as it takes, talks for long, and is followed by somebody else."""

    async def _write(self, chat: Chat, talk: Talk) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + self.coming.talk_seconds
        while not self.scene.is_closing.is_set() and loop.time() < until and chat.state == "talking":
            await self.scene.pause(min(10.0, until - loop.time()))
        await self.scene.go_home()
        await chat.leave()


@dataclass
class Filling:
    """Keeps the house full."""

    floor: Floor
    size: Size
    chance: random.Random
    sent: int = 0
    replied: int = 0
    failed: int = 0
    unseen: int = 0
    graves: set[str] = field(default_factory=set[str])

    async def fill(self) -> None:
        """Let so many come, one after the other."""
        for nth in range(self.size.contacts):
            self.floor.crew.once("holder", self._hold(nth))
            await asyncio.sleep(1 / self.size.fill_per_second)

    async def _hold(self, nth: int) -> None:
        scene = self.floor.scene
        is_chat = nth * SPREAD % 100 < 100 * self.size.chat_share
        while not scene.is_closing.is_set():
            coming = Coming(
                number=nth,
                at=0.0,
                kind="ordinary",
                is_chat=is_chat,
                talk_seconds=self.chance.expovariate(1 / self.size.talk_seconds),
                wrap_up_seconds=10.0,
                reaction_seconds=1.0,
                tries=(Try(patience_seconds=FOR_EVER, again_seconds=None),),
                telephone=f"+8619{nth:09d}",
            )
            await Holder(scene, coming, self.chance).come()
            await scene.pause(1.0)

    async def write(self) -> None:
        """So many messages a second, from callers and counselors in turn."""
        loop = asyncio.get_running_loop()
        began, due = loop.time(), 0
        while True:
            await asyncio.sleep(TICK_SECONDS)
            while due < (loop.time() - began) * self.size.messages_per_second:
                due += 1
                chat = self._talking()
                if chat is None:
                    continue
                if due % 2:
                    self.sent += 1
                    await chat.say(self.chance.choice(lines.ORDINARY["zh"]))
                else:
                    self.floor.crew.once("reply", self._reply(chat.contact_id))

    async def endanger(self) -> None:
        """Now and then somebody says what must be seen at once."""
        while True:
            await asyncio.sleep(DANGER_EVERY_SECONDS)
            chat, eye = self._talking(), self.floor.eye
            if chat is None or eye is None or chat.contact_id in self.graves:
                continue
            self.graves.add(chat.contact_id)
            seen = eye.seen.setdefault(chat.contact_id, asyncio.Event())
            began = asyncio.get_running_loop().time()
            await chat.say(DANGER)
            try:
                async with asyncio.timeout(FLAG_SECONDS_MAX):
                    await seen.wait()
                self.floor.scene.took("danger on the board", asyncio.get_running_loop().time() - began)
            except TimeoutError:
                self.unseen += 1

    @property
    def counts(self) -> dict[str, int]:
        """How many were written by whom, and what went wrong."""
        return {
            "from callers": self.sent,
            "from counselors": self.replied,
            "replies refused": self.failed,
            "danger not seen": self.unseen,
        }

    async def _reply(self, contact_id: str) -> None:
        page = self.floor.scene.held.get(contact_id)
        if page is None:
            return
        body = {"client_id": str(ids.new_id()), "words": self.chance.choice(lines.REPLIES["zh"])}
        began = asyncio.get_running_loop().time()
        try:
            await page.do("POST", f"/api/contacts/{contact_id}/messages", body)
        except TROUBLE:
            self.failed += 1
            return
        self.replied += 1
        self.floor.scene.took("reply stored", asyncio.get_running_loop().time() - began)

    def _talking(self) -> Chat | None:
        """A chat in talk, by chance."""
        chats = list(self.floor.scene.held.keys() & self.floor.scene.chats.keys())
        if not chats:
            return None
        found = self.floor.scene.chats[self.chance.choice(chats)]
        return found if isinstance(found, Chat) else None


async def run(stage: Stage, size: Size, home: Path, url: str, database: int | None) -> dict[str, Any]:
    """Fill a floor, hold it, and tell what was seen."""
    asked = stand.Asked(
        seats=size.seats, supervisors=size.supervisors, tempo=TEMPO, home=home, samples=size.samples
    )
    async with stand.floor(stage, asked, url) as floor:
        filling = Filling(floor, size, random.Random(size.seed))
        began_at = clock.now()
        told: dict[str, Any] = {
            "name": size.name,
            "inputs": {name: getattr(size, name) for name in SHOWN},
            "memory_empty": _memory(floor, database),
        }
        await _fill(floor, filling, size)
        told["memory_full"] = _memory(floor, database)
        held = await _hold(floor, filling, size, database)
        fresh = await _fresh_pages(floor)
        floor.say("everybody goes home …")
        await floor.close()
        known = Known(
            talks=floor.scene.talks,
            real=1.0,
            wrap_up_seconds_min=floor.became["wrap_up_seconds_min"],
            since=held.began_at,
            until=held.ended_at,
        )
        read = await rows.read(stage, TEMPO, began_at, known)
        answers, unanswered = stand.alive(held.file)
        more = {
            "alive": answers,
            "assignment decision": list(read.decisions),
            "escalation to page": list(read.notified),
        }
        return (
            told
            | {"fresh_pages": fresh, "open_at_the_end": held.open, "messages": filling.counts}
            | {"lags_ms": lags(held.lags | more), "alive_unanswered": unanswered, "meter": held.meter.shown()}
            | await floor.told(read.ends)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """The time in which the floor was full."""

    began_at: datetime
    ended_at: datetime
    file: Path
    meter: Meter
    open: dict[str, int]
    lags: dict[str, list[float]]


async def _hold(floor: Floor, filling: Filling, size: Size, database: int | None) -> Held:
    """Let messages flow for so long; what was timed before does not count."""
    floor.scene.lags.clear()
    floor.lags.clear()
    began_at, meter = clock.now(), Meter(floor.house.pids, database)
    floor.say(f"full; held for {size.minutes:g} minutes …")
    async with stand.watched(floor, meter) as file, Crew() as crew:
        crew.keep("writing", filling.write)
        crew.keep("danger", filling.endanger)
        await asyncio.sleep(60 * size.minutes)
        return Held(
            began_at=began_at,
            ended_at=clock.now(),
            file=file,
            meter=meter,
            open=await _open(floor),
            lags=dict(floor.timed),
        )


async def _fill(floor: Floor, filling: Filling, size: Size) -> None:
    """Until the house holds as many as it should."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    floor.say(f"{size.contacts} contacts come, {size.fill_per_second:g} a second …")
    await filling.fill()
    patience = began + 2 * size.contacts / size.fill_per_second + 120
    while (held := await _open(floor))["open"] < 0.97 * size.contacts or held[
        "with a counselor"
    ] < 0.97 * min(size.seats, size.contacts):
        assert loop.time() < patience, f"not full in time: {held}"
        await asyncio.sleep(2)
    floor.say(f"{held} after {loop.time() - began:.0f} s")


async def _open(floor: Floor) -> dict[str, int]:
    """How many contacts are open, and how many of those are with a counselor."""
    async with floor.stage.store.connection() as connection:
        rows_found = await connection.fetch(
            "select state, count(*) as found from contact where centre_id = $1 group by state",
            floor.stage.centre.id,
        )
    found = {row["state"]: int(row["found"]) for row in rows_found}
    is_with = ("offered", "connecting", "talking", "wrapping")
    return {
        "open": sum(found.get(state, 0) for state in ("arriving", "waiting", *is_with)),
        "with a counselor": sum(found.get(state, 0) for state in is_with),
    }


def _memory(floor: Floor, database: int | None) -> dict[str, float]:
    """The resident set of every process at this moment, in MiB."""
    meter = Meter(floor.house.pids, database)
    meter.begin()
    meter.look()
    return {name: round(seen[-1][1], 1) for name, seen in meter.memory.items()}


async def _fresh_pages(floor: Floor) -> dict[str, Any]:
    """How long a page that is opened now waits for its first screen, and how large that is."""
    told: dict[str, Any] = {}
    for who, page in (("counselor", floor.counselors[0]), ("supervisor", floor.eye)):
        if page is None:
            continue
        took: list[float] = []
        size = 0
        for _ in range(FRESH_PAGES):
            heard: asyncio.Queue[bytes] = asyncio.Queue()
            began = asyncio.get_running_loop().time()
            socket = await wire.opened(
                floor.scene.port, "/api/live", heard.put_nowait, cookie=page.hired.cookie
            )
            size = len(await heard.get())
            took.append(asyncio.get_running_loop().time() - began)
            socket.close()
        told[who] = {"bytes": size, **quantiles(took)}
    return told
