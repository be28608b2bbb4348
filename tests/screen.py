"""`assert_screen_follows`: an old screen with the cards of the journal laid on equals a fresh one."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from hotline.domain.live import Touched, touched
from hotline.store import journal, live as store_live
from hotline.store.driver import Connection
from tests.stage import Stage


@asynccontextmanager
async def follows(stage: Stage, *, silently: bool = False) -> AsyncGenerator[None]:
    """Around an action: the screen must follow it, and must have changed (unless `silently`)."""
    before = await stage.screen()
    yield
    async with stage.store.connection() as connection:
        await _behind_the_fence(connection)
        entries = await journal.after(connection, before.cursor)
        concerned = Touched()
        for recorded in entries:
            concerned = concerned | touched(recorded.entry)
        change = await store_live.afresh(connection, stage.store.vault, concerned)
    after = await stage.screen()
    followed = {card_id: card for card_id, card in before.cards.items() if card_id not in change.gone}
    followed.update({card_id: card for card_id, card in change.cards.items() if stage_sees(stage, card.card)})
    assert followed == after.cards
    assert silently == (before.cards == after.cards)


async def _behind_the_fence(connection: Connection) -> None:
    """Until every entry can be read: other tests' transactions, in any database of the server, hold it up."""
    while await connection.fetchval(  # noqa: ASYNC110  nobody tells when a foreign transaction ends
        "select exists (select 1 from journal where xid >= pg_snapshot_xmin(pg_current_snapshot()))"
    ):
        await asyncio.sleep(0.002)


def stage_sees(stage: Stage, card: object) -> bool:
    """Whether a card belongs to the stage's centre (a database is shared by a module's tests)."""
    centre = card.get("centre_id") if isinstance(card, dict) else None
    return centre is None or centre == str(stage.centre.id)
