"""`assert_screen_follows`: an old screen with the cards of the journal laid on equals a fresh one."""

from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import asynccontextmanager
from functools import reduce
from uuid import UUID

from hotline.domain.journal import Entry
from hotline.domain.live import BOARD, CRISIS, DESK, ROLE, Dealt, Touched, touched
from hotline.domain.staff import Role
from hotline.store import live as store_live
from hotline.store.journal import Tail
from hotline.web.screens import Screen, Screens
from tests.stage import Stage

Cards = Mapping[str, Dealt]


@asynccontextmanager
async def follows(stage: Stage, *, silently: bool = False) -> AsyncGenerator[None]:
    """Around an action: the screen must follow it, and must have changed (unless `silently`)."""
    before = await stage.screen()
    yield
    async with stage.store.connection() as connection:
        tail = Tail(before.cursor)
        entries = list[Entry]()
        while read := await tail.read(connection):
            entries += [recorded.entry for recorded in read]
        change = await store_live.afresh(connection, stage.store.vault, _touched(entries))
    after = await stage.screen()
    for staff_id in stage.people.values():
        await _desk_follows(stage, staff_id, before.cards, entries, after.cards)
    followed = {card_id: card for card_id, card in before.cards.items() if card_id not in change.gone}
    followed.update({card_id: dealt for card_id, dealt in change.cards.items() if stage_sees(stage, dealt)})
    assert followed == after.cards
    assert silently == (before.cards == after.cards)


async def _desk_follows(
    stage: Stage, staff_id: UUID, before: Cards, entries: list[Entry], after: Cards
) -> None:
    """A node that has only this desk may pass over what is nothing to it, and nothing else."""
    desk = Screen(wire=_Nowhere(), audiences=frozenset({f"{DESK}:{staff_id}"}))
    screens = Screens()
    screens.attach(desk, before.values())
    concerned = _touched(entry for entry in entries if screens.concerns(entry))
    async with stage.store.connection() as connection:
        change = await store_live.afresh(connection, stage.store.vault, concerned)
    followed = _seen_by(desk, before)
    for card_id in {*change.gone, *change.cards}:
        followed.pop(card_id, None)
    assert followed | _seen_by(desk, change.cards) == _seen_by(desk, after)


def _touched(entries: Iterable[Entry]) -> Touched:
    return reduce(Touched.__or__, map(touched, entries), Touched())


def _seen_by(screen: Screen, cards: Cards) -> dict[str, Dealt]:
    return {card_id: dealt for card_id, dealt in cards.items() if dealt.audiences & screen.audiences}


class _Nowhere:
    def send(self, text: bytes, /) -> None:
        _ = text


def stage_sees(stage: Stage, dealt: Dealt) -> bool:
    """Whether a card is for somebody of the stage's centre.

    A database is shared by a module's tests, and a reader that starts at an old fence hears of others too.
    """
    own = {f"{kind}:{stage.centre.id}" for kind in (BOARD, CRISIS)}
    own |= {f"{ROLE}:{role.value}:{stage.centre.id}" for role in Role}
    return bool(dealt.audiences & (own | {f"{DESK}:{staff_id}" for staff_id in stage.people.values()}))
