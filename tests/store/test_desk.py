"""What a desk is shown at first is just what the whole board would have shown it."""

from uuid import UUID

from hotline.domain.live import CRISIS, DESK, Dealt
from hotline.domain.staff import Role
from hotline.flow import offer
from hotline.store import live
from tests.stage import Stage

DANGER = {"safe_now": "no"}


async def busy(stage: Stage) -> tuple[UUID, UUID]:
    """Chats at two desks, one of them escalated, one ringing, some waiting; a counselor and a responder."""
    lin = await stage.hire("lin", ready=True, chat_capacity=2)
    wang = await stage.hire("wang", Role.RESPONDER, telephone=None)
    await stage.chat(**DANGER)
    for contact_id, staff_id in (await stage.dispatch()).items():
        await offer.accept(stage.store, await stage.pending_offer(contact_id), staff_id, stage.now)
    await stage.hire("mei", ready=True)
    for _ in range(3):
        await stage.chat()
    assert await stage.dispatch()
    return lin, wang


async def of_the_board(stage: Stage, audiences: set[str]) -> dict[str, Dealt]:
    cards = (await stage.screen()).cards
    return {card_id: dealt for card_id, dealt in cards.items() if dealt.audiences & audiences}


async def at_the_desk(stage: Stage, staff_id: UUID, audiences: set[str], *centres: UUID) -> dict[str, Dealt]:
    async with stage.store.connection() as connection:
        shot = await live.desk(connection, stage.store.vault, staff_id, frozenset(centres))
    return {card_id: dealt for card_id, dealt in shot.cards.items() if dealt.audiences & audiences}


async def test_a_counselor_is_shown_the_own_desk(stage: Stage) -> None:
    lin, _ = await busy(stage)
    mine = {f"{DESK}:{lin}"}
    shown = await at_the_desk(stage, lin, mine)
    assert {card_id.partition(":")[0] for card_id in shown} == {"counselor", "contact", "escalation"}
    assert shown == await of_the_board(stage, mine)


async def test_a_responder_is_shown_every_open_escalation_in_reach(stage: Stage) -> None:
    _, wang = await busy(stage)
    mine = {f"{DESK}:{wang}", f"{CRISIS}:{stage.centre.id}"}
    shown = await at_the_desk(stage, wang, mine, stage.centre.id)
    assert "escalation" in {card_id.partition(":")[0] for card_id in shown}
    assert shown == await of_the_board(stage, mine)
