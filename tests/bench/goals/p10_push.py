"""P10: what live push costs whoever commits, and how soon a commit is on a screen.

A writer commits the smallest step there is: a contact's row and its entry in the journal. Without push
nobody follows. With push this process is also a node as in production: pokes go through the database, the
hub follows the journal, makes the cards and hands them to twenty boards. Nothing may be left
out or told twice.
"""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Final

import orjson

from hotline.base import clock
from hotline.base.tasks import Crew
from hotline.domain import contact as contacts
from hotline.domain.contact import Contact
from hotline.domain.journal import CALLER
from hotline.domain.outcome import Outcome
from hotline.store.journal import Recorded
from hotline.store.signal import Signal
from hotline.store.unit import Store
from hotline.web.hub import Hub
from hotline.web.screens import Screen
from tests import stage as stages
from tests.bench import databases, house
from tests.bench.figures import in_ms
from tests.bench.goal import Bound, Figures, Goal, Measure, Size
from tests.bench.meter import Watch
from tests.stage import Stage

BOARDS: Final = 20
PACE: Final = 200.0
TAIL_SECONDS: Final = 1.0
PATIENCE_SECONDS: Final = 20.0
COUNT: Final = "update contact set messages = messages + 1 where id = $1 returning messages"
SINCE: Final = "select seq from journal where seq > $1"
LAST: Final = "select coalesce(max(seq), 0) from journal"


@dataclass
class Board:
    """A screen that notes when a contact's number of messages is shown."""

    waiting: dict[str, deque[tuple[int, float]]] = field(default_factory=dict[str, deque[tuple[int, float]]])
    lags: list[float] = field(default_factory=list[float])

    def send(self, text: bytes, /) -> None:
        """Take a frame."""
        now = perf_counter()
        if not self.waiting:
            return
        for card in orjson.loads(text)["cards"]:
            awaited = self.waiting.get(card["id"], deque())
            while awaited and awaited[0][0] <= card["messages"]:
                self.lags.append(now - awaited.popleft()[1])

    def awaits(self, contact: Contact, messages: int) -> None:
        """It has been committed just now."""
        self.waiting.setdefault(f"contact:{contact.id}", deque()).append((messages, perf_counter()))


@dataclass
class Follower:
    """Hears every entry of the journal; each once, and none left out."""

    seen: Counter[int] = field(default_factory=Counter[int])

    def hear(self, entries: list[Recorded]) -> None:
        """Note what has come."""
        self.seen.update(recorded.cursor.seq for recorded in entries)


async def _commit(store: Store, contact: Contact) -> int:
    async with store.unit() as unit:
        messages = await unit.connection.fetchval(COUNT, contact.id)
        await unit.save(Outcome(entries=(contacts.note(contact, "message.said", CALLER),)), clock.now())
    return int(messages)


async def _full(store: Store, chats: list[Contact], seconds: float) -> int:
    ends_at = perf_counter() + seconds

    async def write(contact: Contact) -> int:
        count = 0
        while perf_counter() < ends_at:
            await _commit(store, contact)
            count += 1
        return count

    return sum(await asyncio.gather(*(write(contact) for contact in chats)))


async def _paced(store: Store, chats: list[Contact], board: Board, seconds: float) -> None:
    begins_at = perf_counter()

    async def one(contact: Contact) -> None:
        board.awaits(contact, await _commit(store, contact))

    async with asyncio.TaskGroup() as writing:
        for nth in range(max(2, int(seconds * PACE))):
            await asyncio.sleep(begins_at + nth / PACE - perf_counter())
            writing.create_task(one(chats[nth % len(chats)]))


def side(writers: int, *, is_pushed: bool) -> Callable[[Size], AbstractAsyncContextManager[Measure]]:
    """So many writers, followed or not."""

    @asynccontextmanager
    async def made(size: Size) -> AsyncGenerator[Measure]:
        async with databases.fresh() as url, house.opened(url) as store, Crew() as crew:
            stage = await house.founded(store, stages.policies_of_the_house())
            chats = [await stage.chat() for _ in range(writers)]
            await _full(store, chats, size.warm_seconds)
            if not is_pushed:
                quiet = Store(store.engine, store.vault, Signal(None))

                async def unfollowed(watch: Watch) -> Figures:
                    with watch:
                        count = await _full(quiet, chats, size.seconds)
                    return {"rate": count / watch.seconds, "cpu_ms": watch.cpu_ms / count}

                yield unfollowed
                return
            board, follower = Board(), Follower()
            await _push(stage, crew, board, follower)

            async def followed(watch: Watch) -> Figures:
                last = await stage.value(LAST)
                with watch, Watch() as full:
                    count = await _full(store, chats, size.seconds)
                board.waiting, board.lags = {"": deque()}, []
                with watch:
                    await _paced(store, chats, board, size.seconds)
                missing, doubled = await _compared(stage, follower, last)
                figures = in_ms(board.lags, "push_")
                board.waiting = {}
                return {"rate": count / full.seconds, "cpu_ms": full.cpu_ms / count, **figures,
                        "missing": missing, "doubled": doubled}  # fmt: skip

            yield followed
            await crew.stop()

    return made


async def _push(stage: Stage, crew: Crew, board: Board, follower: Follower) -> None:
    """Be a node as in production: a hub that follows the journal, twenty boards, and whoever listens."""
    hub = Hub(stage.store, tail_seconds=TAIL_SECONDS)
    crew.keep("hub", hub.run)
    crew.keep("days", hub.count)
    hub.listen(follower.hear)
    for wire in (board, *(Board() for _ in range(BOARDS - 1))):
        hub.attach(Screen(wire=wire, audiences=frozenset({f"board:{stage.centre.id}"})), ())
    while not hub.cursor.xid:  # noqa: ASYNC110  the hub has no bell
        await asyncio.sleep(0.01)


async def _compared(stage: Stage, follower: Follower, last: int) -> tuple[int, int]:
    """Entries since `last` that the follower has not heard in time, and those heard twice."""
    async with stage.store.connection() as connection:
        written = {row["seq"] for row in await connection.fetch(SINCE, last)}
    ends_at = perf_counter() + PATIENCE_SECONDS
    while written - follower.seen.keys() and perf_counter() < ends_at:  # noqa: ASYNC110  as above
        await asyncio.sleep(0.02)
    doubled = sum(count > 1 for count in follower.seen.values())
    return len(written - follower.seen.keys()), doubled


GOAL = Goal(
    id="P10",
    sentence="Commits with live push on, beside the same with push off; and how soon a screen shows them.",
    sides={
        "off16": side(16, is_pushed=False),
        "house": side(16, is_pushed=True),
        "off32": side(32, is_pushed=False),
        "house32": side(32, is_pushed=True),
    },
    bounds=(
        Bound("commits/s, 16 writers", "rate", against="off16", passes=0.85, is_more_better=True),
        Bound(
            "commits/s, 32 writers", "rate", side="house32", against="off32", passes=0.85, is_more_better=True
        ),
        Bound("p50 of push, 200/s", "push_p50_ms", passes=5, unit="ms"),
        Bound("p99 of push, 200/s", "push_p99_ms", passes=15, unit="ms"),
        Bound("entries left out", "missing", passes=0),
        Bound("entries told twice", "doubled", passes=0),
        Bound("CPU per commit", "cpu_ms", against="off16", unit="ms"),
    ),
    is_quick=True,
)
