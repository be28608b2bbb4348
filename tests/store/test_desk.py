"""What a desk is shown at first is just what the whole board would have shown it."""

from uuid import UUID

from hotline.domain.access import Viewer
from hotline.domain.dispatch import Call
from hotline.domain.live import CRISIS, DESK, ROLE, Dealt
from hotline.domain.staff import Role
from hotline.flow import dispatch, offer, task
from hotline.flow.dispatch import Sent
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


async def at_the_desk(stage: Stage, who: Viewer, audiences: set[str], *centres: UUID) -> dict[str, Dealt]:
    async with stage.store.connection() as connection:
        shot = await live.desk(connection, stage.store.vault, who, frozenset(centres))
    return {card_id: dealt for card_id, dealt in shot.cards.items() if dealt.audiences & audiences}


async def test_a_counselor_is_shown_the_own_desk(stage: Stage) -> None:
    lin, _ = await busy(stage)
    mine = {f"{DESK}:{lin}", f"{ROLE}:counselor:{stage.centre.id}"}
    shown = await at_the_desk(stage, stage.viewer(lin), mine)
    assert {card_id.partition(":")[0] for card_id in shown} == {"counselor", "contact", "escalation"}
    assert shown == await of_the_board(stage, mine)


async def test_a_responder_is_shown_every_open_escalation_in_reach(stage: Stage) -> None:
    _, wang = await busy(stage)
    mine = {f"{DESK}:{wang}", f"{CRISIS}:{stage.centre.id}", f"{ROLE}:responder:{stage.centre.id}"}
    shown = await at_the_desk(stage, stage.viewer(wang, Role.RESPONDER), mine, stage.centre.id)
    assert "escalation" in {card_id.partition(":")[0] for card_id in shown}
    assert shown == await of_the_board(stage, mine)


async def test_an_administrator_is_shown_what_is_written_for_the_managers_and_nothing_else(
    stage: Stage,
) -> None:
    await busy(stage)
    boss = await stage.hire("boss", Role.ADMIN)
    mine = {f"{DESK}:{boss}", f"{ROLE}:admin:{stage.centre.id}"}
    shown = await at_the_desk(stage, stage.viewer(boss, Role.ADMIN), mine)
    assert {card_id.partition(":")[0] for card_id in shown} == {"counselor", "task"}
    assert shown == await of_the_board(stage, mine)


async def test_a_counselor_is_shown_what_is_owed_by_name_or_by_all_and_who_is_under_way(stage: Stage) -> None:
    lin, _ = await busy(stage)
    held = await stage.value("select id from contact where counselor_id = $1 and state = 'talking'", lin)
    await task.report_minor(stage.store, held, lin, stage.now)
    sent = Sent(staff_id=lin, call=Call(agency="110", consent="not_needed_attempt_in_progress"))
    await dispatch.send(stage.store, stage.policies, held, sent, stage.now)
    mine = {f"{DESK}:{lin}", f"{ROLE}:counselor:{stage.centre.id}"}
    shown = await at_the_desk(stage, stage.viewer(lin), mine)
    assert {"task", "dispatch"} <= {card_id.partition(":")[0] for card_id in shown}
    assert shown == await of_the_board(stage, mine)
