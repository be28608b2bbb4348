"""Live screens: one reader of the journal per process, encoded once, sent without waiting.

The hub tails the journal (woken by a poke, or each second), makes the touched cards afresh and hands them to
the screens, which take them without waiting; a client that reads slowly is its own wire's affair. A lost
database costs a pause and no entry: the hub goes on from where it was, and so do the screens that stayed.
"""

import asyncio
from collections.abc import Callable, Iterable
from functools import reduce
from time import monotonic
from typing import Final
from uuid import UUID

import orjson

from hotline.base.errors import Unreachable
from hotline.domain.live import Dealt, Touched, touched
from hotline.store import journal, live as store_live
from hotline.store.journal import Cursor, Recorded, Tail
from hotline.store.unit import Store
from hotline.web.screens import Screen, Screens, snapshot_frame

DAY_SECONDS: Final = 1.0
DAY_TURNS: Final = 5
"""Every so many turns all boards are counted afresh: what has stopped leaves no entry."""

REST_SECONDS_EACH: Final = 0.001
REST_SECONDS_MAX: Final = 0.02
"""After each look the hub rests a moment for every entry that it has found, at most so long: the more is
written, the more is read together, and whoever commits keeps the machine. A commit after a quiet moment is
seen at once."""

Listener = Callable[[list[Recorded]], None]


class Hub:
    """The screens of this process, and others who follow the journal (the callers' chats)."""

    def __init__(self, store: Store, *, tail_seconds: float) -> None:
        """Start with no screens; `run` must be kept going."""
        self._store = store
        self._tail_seconds = tail_seconds
        self._screens = Screens()
        self._expected: dict[Screen, list[store_live.Afresh]] = {}
        self._listeners: set[Listener] = set()
        self._days: set[UUID] = set()
        self._tail: Tail | None = None
        self._read: list[Recorded] = []
        self._shown_at = monotonic()

    @property
    def encoded(self) -> int:
        """How many cards have been encoded, for any number of screens."""
        return self._screens.encoded

    def expect(self, screen: Screen) -> None:
        """Keep for this screen what changes while its snapshot is read; `begin` must follow, or `detach`."""
        self._expected[screen] = []

    def begin(self, screen: Screen, cursor: Cursor, cards: Iterable[Dealt]) -> None:
        """Send the screen its snapshot, and behind it what has changed since it was expected.

        In the other order the snapshot would bring back cards that have changed, or gone, while it was read.
        """
        early = self._expected.pop(screen, [])
        screen.wire.send(snapshot_frame(cursor, self.attach(screen, cards)))
        for change in early:
            self._screens.deal_to(screen, change, self.cursor)

    def attach(self, screen: Screen, cards: Iterable[Dealt]) -> list[Dealt]:
        """Join the screens; the cards that this screen may hold are given back for its snapshot."""
        return self._screens.attach(screen, cards)

    def detach(self, screen: Screen) -> None:
        """Leave the screens."""
        self._screens.detach(screen)
        self._expected.pop(screen, None)

    def is_at(self, audience: str, contact_id: str) -> bool:
        """Whether a contact lies before this audience, such as a person's desk, as far as screens show it."""
        return audience in self._screens.audiences_of(f"contact:{contact_id}")

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with every batch of entries; the result stops it."""
        self._listeners.add(listener)
        return lambda: self._listeners.discard(listener)

    async def run(self) -> None:
        """Follow the journal for as long as the process lives; begun again, it goes on where it was."""
        if self._tail is None:
            async with self._store.connection() as connection:
                self._tail = Tail(await journal.fence(connection))
        waiter = self._store.signal.waiter()
        unhear = self._store.signal.hear(self._hint)
        try:
            while True:
                await waiter.wait(self._tail_seconds)
                found = await self._catch_up(self._tail)
                await asyncio.sleep(min(REST_SECONDS_MAX, found * REST_SECONDS_EACH))
        finally:
            unhear()
            waiter.close()

    async def _catch_up(self, tail: Tail) -> int:
        """Follow to the end of what stands in the journal; how many entries came last."""
        while True:
            looked_at = monotonic()
            found = await self._follow(tail)
            if found < journal.BATCH_MAX:
                self._shown_at = looked_at
                return found

    @property
    def behind_seconds(self) -> float:
        """How old an entry may be that is not shown yet, beyond the rest between two looks."""
        return max(0.0, monotonic() - self._shown_at - self._tail_seconds)

    @property
    def cursor(self) -> Cursor:
        """How far the journal has been read without a gap."""
        return self._tail.cursor if self._tail else Cursor()

    async def count(self) -> None:
        """Keep the counts of each centre's day fresh, at most every `DAY_SECONDS`."""
        turns = 0
        while True:
            await asyncio.sleep(DAY_SECONDS)
            turns += 1
            if turns % DAY_TURNS == 0:
                self._days |= self._screens.boards()
            if not self._days or not self._screens:
                continue
            concerned, self._days = self._days, set()
            try:
                async with self._store.connection() as connection:
                    cards = await store_live.days(connection, concerned)
            except Unreachable:
                self._days |= concerned
                raise
            self._pass_on(store_live.Afresh(cards=cards, gone=frozenset()))

    async def _follow(self, tail: Tail) -> int:
        """Read the next entries and pass them on; how many there were.

        The tail hands out an entry once, so what has been read is kept until its cards have been made.
        """
        async with self._store.connection() as connection:
            entries = self._read = self._read or await tail.read(connection)
            if not entries:
                return 0
            concerned = self._touched(entries)
            change = await store_live.afresh(connection, self._store.vault, concerned) if concerned else None
        self._read = []
        self._days.update(recorded.entry.centre_id for recorded in entries)
        for listener in tuple(self._listeners):
            listener(entries)
        if change is not None:
            self._pass_on(change)
        return len(entries)

    def _touched(self, entries: Iterable[Recorded]) -> Touched | None:
        """What screens here may show of these entries; None when it is nothing to any of them."""
        seen = [each.entry for each in entries if self._expected or self._screens.concerns(each.entry)]
        return reduce(Touched.__or__, map(touched, seen)) if seen else None

    def _pass_on(self, change: store_live.Afresh) -> None:
        for early in self._expected.values():
            early.append(change)
        self._screens.deal(change, self.cursor)

    def _hint(self, payload: str) -> None:
        """Pass a caller's hint on to the screens that hold the contact; a counselor's own is not for them."""
        if not self._screens:
            return
        hint = orjson.loads(payload)
        if hint.get("from") != "caller":
            return
        contact_id = hint.get("contact_id")
        frame = orjson.dumps({"kind": "hint", "what": hint["what"], "contact_id": contact_id})
        for screen in self._screens.holders(f"contact:{contact_id}"):
            screen.wire.send(frame)
