"""`assert_screen_follows`: an old screen with the cards of the journal laid on equals a fresh one."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from hotline.domain.live import BOARD, CRISIS, DESK, Dealt, Touched, touched
from hotline.store import live as store_live
from hotline.store.journal import Tail
from tests.stage import Stage


@asynccontextmanager
async def follows(stage: Stage, *, silently: bool = False) -> AsyncGenerator[None]:
    """Around an action: the screen must follow it, and must have changed (unless `silently`)."""
    before = await stage.screen()
    yield
    async with stage.store.connection() as connection:
        tail = Tail(before.cursor)
        concerned = Touched()
        while entries := await tail.read(connection):
            for recorded in entries:
                concerned = concerned | touched(recorded.entry)
        change = await store_live.afresh(connection, stage.store.vault, concerned)
    after = await stage.screen()
    followed = {card_id: card for card_id, card in before.cards.items() if card_id not in change.gone}
    followed.update({card_id: dealt for card_id, dealt in change.cards.items() if stage_sees(stage, dealt)})
    assert followed == after.cards
    assert silently == (before.cards == after.cards)


def stage_sees(stage: Stage, dealt: Dealt) -> bool:
    """Whether a card is for somebody of the stage's centre.

    A database is shared by a module's tests, and a reader that starts at an old fence hears of others too.
    """
    own = {f"{kind}:{stage.centre.id}" for kind in (BOARD, CRISIS)}
    return bool(dealt.audiences & (own | {f"{DESK}:{staff_id}" for staff_id in stage.people.values()}))
