"""Live screens: one reader of the journal per process, encoded once, sent without waiting.

The hub tails the journal (woken by a poke, or each second), makes the touched cards afresh, encodes
each once per audience and hands the same bytes to every screen. A screen whose unsent bytes pass the
bound is told to start again and loses its place; it never slows the others down. A lost database costs
a pause and no entry: the hub goes on from where it was, and so do the screens that stayed.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final, Protocol
from uuid import UUID

import orjson

from hotline.base import clock, log
from hotline.base.errors import Unreachable
from hotline.domain.live import BOARD, Dealt, Touched, touched
from hotline.store import journal, live as store_live
from hotline.store.journal import Cursor, Recorded, Tail
from hotline.store.unit import Store

_log = log.get("hub")


class Wire(Protocol):
    """One client's connection: sends without waiting, and knows how much is still unsent."""

    def send(self, frame: bytes) -> None:
        """Hand over a frame; never waits."""
        ...

    @property
    def unsent_bytes(self) -> int:
        """What the client has not taken yet."""
        ...

    def restart(self) -> None:
        """Tell the client to begin again, and let go of it."""
        ...


@dataclass(eq=False, slots=True)
class Screen:
    """A connected screen: which audiences it belongs to, and which cards it holds.

    `snapshot_bytes` comes on top of the bound: a full board on a slow line is not behind.
    """

    wire: Wire
    audiences: frozenset[str]
    held: set[str] = field(default_factory=set[str])
    snapshot_bytes: int = 0


DAY_SECONDS: Final = 1.0
DAY_TURNS: Final = 5
"""Every so many turns all boards are counted afresh: what has stopped leaves no entry."""

Listener = Callable[[list[Recorded]], None]


class Hub:
    """The screens of this process, and others who follow the journal (the callers' chats)."""

    def __init__(self, store: Store, *, tail_seconds: float, client_bytes_max: int) -> None:
        """Start with no screens; `run` must be kept going."""
        self._store = store
        self._tail_seconds = tail_seconds
        self._bytes_max = client_bytes_max
        self._screens: set[Screen] = set()
        self._expected: dict[Screen, list[store_live.Afresh]] = {}
        self._listeners: set[Listener] = set()
        self._days: set[UUID] = set()
        self._tail: Tail | None = None
        self._read: list[Recorded] = []
        self.encoded = 0

    def expect(self, screen: Screen) -> None:
        """Keep for this screen what changes while its snapshot is read; `begin` must follow, or `detach`."""
        self._expected[screen] = []

    def begin(self, screen: Screen, cursor: Cursor, cards: Iterable[Dealt]) -> None:
        """Send the screen its snapshot, and behind it what has changed since it was expected.

        In the other order the snapshot would bring back cards that have changed, or gone, while it was read.
        """
        early = self._expected.pop(screen, [])
        frame = snapshot_frame(cursor, self.attach(screen, cards))
        screen.snapshot_bytes = len(frame)
        screen.wire.send(frame)
        for change in early:
            self._deal(change, [screen])

    def attach(self, screen: Screen, cards: Iterable[Dealt]) -> list[Dealt]:
        """Join the screens; the cards that this screen may hold are given back for its snapshot."""
        mine = [card for card in cards if card.audiences & screen.audiences]
        screen.held |= {card.id for card in mine}
        self._screens.add(screen)
        return mine

    def detach(self, screen: Screen) -> None:
        """Leave the screens."""
        self._screens.discard(screen)
        self._expected.pop(screen, None)

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
        try:
            while True:
                await waiter.wait(self._tail_seconds)
                while await self._follow(self._tail):
                    pass
        finally:
            waiter.close()

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
                self._days |= _boards(self._screens)
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

    async def _follow(self, tail: Tail) -> bool:
        """Read the next entries and pass them on; True when there may be more at once.

        The tail hands out an entry once, so what has been read is kept until its cards have been made.
        """
        async with self._store.connection() as connection:
            entries = self._read = self._read or await tail.read(connection)
            if not entries:
                return False
            concerned = Touched()
            for recorded in entries:
                concerned = concerned | touched(recorded.entry)
            is_watched = self._screens or self._expected
            change = await store_live.afresh(connection, self._store.vault, concerned) if is_watched else None
        self._read = []
        self._days.update(recorded.entry.centre_id for recorded in entries)
        for listener in tuple(self._listeners):
            listener(entries)
        if change is not None:
            self._pass_on(change)
        return len(entries) == journal.BATCH_MAX

    def _pass_on(self, change: store_live.Afresh) -> None:
        for early in self._expected.values():
            early.append(change)
        self._deal(change, tuple(self._screens))

    def _deal(self, change: store_live.Afresh, screens: Iterable[Screen]) -> None:
        encoded = {card_id: orjson.dumps(dealt.card) for card_id, dealt in change.cards.items()}
        self.encoded += len(encoded)
        head = b'{"kind":"cards","cursor":"%s","at":"%s"' % (str(self.cursor).encode(), _stamp())
        frames: dict[tuple[frozenset[str], frozenset[str]], bytes] = {}
        for screen in screens:
            put = frozenset(
                card_id for card_id, dealt in change.cards.items() if dealt.audiences & screen.audiences
            )
            gone = frozenset(screen.held & (change.gone | (change.cards.keys() - put)))
            if not put and not gone:
                continue
            screen.held = (screen.held | put) - gone
            key = (put, gone)
            if key not in frames:
                cards = b",".join(encoded[card_id] for card_id in sorted(put))
                frames[key] = b'%s,"cards":[%s],"gone":%s}' % (head, cards, orjson.dumps(sorted(gone)))
            self._send(screen, frames[key])

    def _send(self, screen: Screen, frame: bytes) -> None:
        if screen.wire.unsent_bytes + len(frame) > self._bytes_max + screen.snapshot_bytes:
            self.detach(screen)
            screen.wire.restart()
            _log.warning("screen fell behind and was told to start again")
            return
        screen.wire.send(frame)


def _boards(screens: Iterable[Screen]) -> set[UUID]:
    """The centres whose boards somebody is looking at."""
    audiences = {audience for screen in screens for audience in screen.audiences}
    named = (audience.partition(":") for audience in audiences)
    return {UUID(centre_id) for kind, _, centre_id in named if kind == BOARD}


def snapshot_frame(cursor: Cursor, cards: Iterable[Dealt]) -> bytes:
    """The first frame of a screen; it replaces everything."""
    body = b",".join(orjson.dumps(card.card) for card in cards)
    return b'{"kind":"snapshot","cursor":"%s","at":"%s","cards":[%s]}' % (
        str(cursor).encode(),
        _stamp(),
        body,
    )


def _stamp() -> bytes:
    return clock.now().isoformat().replace("+00:00", "Z").encode()
