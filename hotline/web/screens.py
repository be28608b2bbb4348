"""Who holds which card: a change finds its screens by an index, and is encoded once for all of them.

A house has a thousand consoles, and most of what happens concerns a board and one desk. So a change looks at
the screens of its audiences only: those a card belongs to now, and those it was last dealt to, from which
it may have to be taken away. Screens that stand alike get the same bytes.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Final, Protocol
from uuid import UUID

import orjson

from hotline.base import clock
from hotline.domain.journal import Entry
from hotline.domain.live import BOARD, CRISIS, DESK, Dealt, cards_named, owes
from hotline.store.journal import Cursor
from hotline.store.live import Afresh

_NOBODY: Final = frozenset[str]()


class Out(Protocol):
    """One client's way out."""

    def send(self, text: bytes, /) -> None:
        """Hand over a text; never waits, and holds its own bound."""
        ...


@dataclass(eq=False, slots=True)
class Screen:
    """A connected screen: which audiences it belongs to, and which cards it holds."""

    wire: Out
    audiences: frozenset[str]
    held: set[str] = field(default_factory=set[str])


class Screens:
    """The connected screens of one process."""

    def __init__(self) -> None:
        """Start with none."""
        self._all: set[Screen] = set()
        self._of_audience: dict[str, set[Screen]] = {}
        self._dealt: dict[str, frozenset[str]] = {}
        self.encoded = 0

    def __len__(self) -> int:
        """How many there are."""
        return len(self._all)

    def attach(self, screen: Screen, cards: Iterable[Dealt]) -> list[Dealt]:
        """Join the screens; the cards that this screen may hold are given back for its snapshot."""
        mine = [card for card in cards if card.audiences & screen.audiences]
        screen.held |= {card.id for card in mine}
        for card in mine:
            self._dealt[card.id] = self._dealt.get(card.id, _NOBODY) | card.audiences
        self._all.add(screen)
        for audience in screen.audiences:
            self._of_audience.setdefault(audience, set()).add(screen)
        return mine

    def detach(self, screen: Screen) -> None:
        """Leave the screens."""
        self._all.discard(screen)
        for audience in screen.audiences:
            others = self._of_audience.get(audience, set())
            others.discard(screen)
            if not others:
                self._of_audience.pop(audience, None)
        if not self._all:
            self._dealt.clear()

    def holders(self, card_id: str) -> Iterator[Screen]:
        """The screens that hold a card."""
        for screen in self._of(self._dealt.get(card_id, _NOBODY)):
            if card_id in screen.held:
                yield screen

    def concerns(self, entry: Entry) -> bool:
        """Whether somebody here may hold a card that has changed with an entry, or get one by it.

        Boards get what happens in their centre; desks what names their person; and whoever holds a card
        hears of it. So a node with some of the desks does not read what the others do.
        """
        named = (f"{DESK}:{staff_id}" for staff_id in entry.staff_ids)
        centre = (f"{BOARD}:{entry.centre_id}", f"{CRISIS}:{entry.centre_id}")
        if any(each in self._of_audience for each in chain(centre, named, owes(entry))):
            return True
        cards = chain(
            (f"contact:{entry.contact_id}", f"escalation:{entry.escalation_id}"),
            (f"counselor:{staff_id}" for staff_id in entry.staff_ids),
            cards_named(entry),
        )
        return any(audience in self._of_audience for card in cards for audience in self.audiences_of(card))

    def audiences_of(self, card_id: str) -> frozenset[str]:
        """Whom a card was last dealt to."""
        return self._dealt.get(card_id, _NOBODY)

    def boards(self) -> set[UUID]:
        """The centres whose boards somebody is looking at."""
        named = (audience.partition(":") for audience in self._of_audience)
        return {UUID(centre_id) for kind, _, centre_id in named if kind == BOARD}

    def deal(self, change: Afresh, cursor: Cursor) -> None:
        """Send a change to every screen that it concerns."""
        audiences = self._audiences(change)
        self._send(change, cursor, audiences, self._of(audiences))
        for card_id in change.gone:
            self._dealt.pop(card_id, None)
        if self._all:
            self._dealt.update({card_id: dealt.audiences for card_id, dealt in change.cards.items()})

    def deal_to(self, screen: Screen, change: Afresh, cursor: Cursor) -> None:
        """Send a change to one screen that was not there when the others got it."""
        self._send(change, cursor, self._audiences(change), (screen,))
        for card_id, dealt in change.cards.items():
            self._dealt[card_id] = self._dealt.get(card_id, _NOBODY) | dealt.audiences

    def _audiences(self, change: Afresh) -> frozenset[str]:
        now = (dealt.audiences for dealt in change.cards.values())
        before = (self._dealt.get(card_id, _NOBODY) for card_id in chain(change.cards, change.gone))
        return _NOBODY.union(*now, *before)

    def _of(self, audiences: Iterable[str]) -> set[Screen]:
        return set[Screen]().union(*(self._of_audience.get(audience, ()) for audience in audiences))

    def _send(
        self, change: Afresh, cursor: Cursor, audiences: frozenset[str], screens: Collection[Screen]
    ) -> None:
        if not screens:
            return
        encoded = {card_id: orjson.dumps(dealt.card) for card_id, dealt in change.cards.items()}
        self.encoded += len(encoded)
        head = b'{"kind":"cards","cursor":"%s","at":"%s"' % (str(cursor).encode(), stamp())
        cuts: dict[frozenset[str], _Cut] = {}
        for screen in screens:
            standing = screen.audiences & audiences
            cut = cuts.get(standing)
            if cut is None:
                cut = cuts[standing] = _Cut(change, standing, head, encoded)
            cut.send(screen)


class _Cut:
    """A change as screens of one standing get it."""

    def __init__(
        self, change: Afresh, standing: frozenset[str], head: bytes, encoded: dict[str, bytes]
    ) -> None:
        self._put = frozenset(
            card_id for card_id, dealt in change.cards.items() if dealt.audiences & standing
        )
        self._lost = change.gone | (change.cards.keys() - self._put)
        cards = b",".join(encoded[card_id] for card_id in sorted(self._put))
        self._begin = b'%s,"cards":[%s],"gone":' % (head, cards)
        self._frames: dict[frozenset[str], bytes] = {}

    def send(self, screen: Screen) -> None:
        gone = self._lost & screen.held if self._lost else _NOBODY
        if not self._put and not gone:
            return
        screen.held |= self._put
        screen.held -= gone
        frame = self._frames.get(gone)
        if frame is None:
            frame = self._frames[gone] = self._begin + orjson.dumps(sorted(gone)) + b"}"
        screen.wire.send(frame)


def snapshot_frame(cursor: Cursor, cards: Iterable[Dealt]) -> bytes:
    """The first frame of a screen; it replaces everything."""
    body = b",".join(orjson.dumps(card.card) for card in cards)
    return b'{"kind":"snapshot","cursor":"%s","at":"%s","cards":[%s]}' % (
        str(cursor).encode(),
        stamp(),
        body,
    )


def stamp() -> bytes:
    """The present moment as frames carry it."""
    return clock.now().isoformat().replace("+00:00", "Z").encode()
