"""Scenes of a crisis team: alarms, levels, owners, outcomes, the ladder."""

from datetime import timedelta
from uuid import UUID

from hotline.base.sensitive import Sensitive
from hotline.domain.access import Viewer
from hotline.domain.custody import Hand
from hotline.domain.staff import Role
from hotline.flow import (
    coverage,
    escalation,
    handover,
    page_call,
    team,
)
from hotline.flow.escalation import Said, Screening
from hotline.flow.team import Wished
from tests.drills.desk_scenes import GRAVE, MOST, TROUBLE, a_team, declared, talking
from tests.drills.scenes import Act, scene
from tests.stage import Stage

GRAVE_NOTE = Sensitive("来电者说想死，家中存有大量安眠药")


async def taken(stage: Stage, raised: UUID, responder: UUID) -> Hand:
    """Somebody has it; their hand."""
    hand = Hand(staff_id=responder)
    await escalation.acknowledge(stage.store, stage.policies, raised, hand, stage.now)
    return hand


@scene("escalation.declare")
async def _(stage: Stage) -> Act:
    counselor, _ = await a_team(stage)
    contact = await stage.chat()
    return lambda on: escalation.declare(on.store, on.policies, contact.id, counselor, GRAVE, on.now)


@scene("escalation.set_level")
async def _(stage: Stage) -> Act:
    counselor, contact, _ = await talking(stage)
    return lambda on: escalation.set_level(on.store, on.policies, contact.id, counselor, GRAVE, on.now)


@scene("escalation.screen")
async def _(stage: Stage) -> Act:
    counselor, _, begun = await talking(stage)
    screening = Screening(result="asked_positive", reason=None, judgement=GRAVE)
    return lambda on: escalation.screen(on.store, on.policies, begun.id, counselor, screening, on.now)


@scene("escalation.acknowledge")
async def _(stage: Stage) -> Act:
    _, responder, raised = await declared(stage)
    return lambda on: escalation.acknowledge(on.store, on.policies, raised, Hand(staff_id=responder), on.now)


@scene("escalation.add_note")
async def _(stage: Stage) -> Act:
    _, responder, raised = await declared(stage)
    noted = escalation.Noted(staff_id=responder, words=GRAVE_NOTE, key="k")
    return lambda on: escalation.add_note(on.store, on.policies, raised, noted, on.now)


@scene("escalation.resolve")
async def _(stage: Stage) -> Act:
    _, responder, raised = await declared(stage)
    hand = await taken(stage, raised, responder)
    said = Said(code="not_reached", words=TROUBLE)
    return lambda on: escalation.resolve(on.store, on.policies, raised, hand, said, on.now)


@scene("escalation.make_contact")
async def _(stage: Stage) -> Act:
    _, responder, raised = await declared(stage)
    hand = await taken(stage, raised, responder)
    made = Said(code="telephone", words=TROUBLE)
    return lambda on: escalation.make_contact(on.store, on.policies, raised, hand, made, on.now)


@scene("escalation.close")
async def _(stage: Stage) -> Act:
    _, responder, raised = await declared(stage)
    hand = await taken(stage, raised, responder)
    said = Said(code="not_reached", words=TROUBLE)
    await escalation.resolve(stage.store, stage.policies, raised, hand, said, stage.now)
    return lambda on: escalation.close(on.store, raised, hand, on.now)


@scene("handover.offer", "more")
async def _(stage: Stage) -> Act:
    """Held out twice, somebody is paged twice; it is held out once."""
    _, responder, raised = await declared(stage)
    hand = await taken(stage, raised, responder)
    other = await stage.hire("sun", Role.SUPERVISOR)
    return lambda on: handover.offer(on.store, on.policies, raised, hand, other, on.now)


async def held_out(stage: Stage) -> tuple[UUID, Hand]:
    """An escalation that its owner holds out to a supervisor, and the supervisor's hand."""
    _, responder, raised = await declared(stage)
    hand = await taken(stage, raised, responder)
    other = await stage.hire("sun", Role.SUPERVISOR)
    await handover.offer(stage.store, stage.policies, raised, hand, other, stage.now)
    return raised, Hand(staff_id=other, leads=True)


@scene("handover.accept")
async def _(stage: Stage) -> Act:
    raised, hand = await held_out(stage)
    return lambda on: handover.accept(on.store, on.policies, raised, hand, on.now)


@scene("handover.decline", "refused")
async def _(stage: Stage) -> Act:
    raised, hand = await held_out(stage)
    return lambda on: handover.decline(on.store, raised, hand, on.now)


@scene("handover.join")
async def _(stage: Stage) -> Act:
    _, _, raised = await declared(stage)
    other = await stage.hire("sun", Role.SUPERVISOR)
    return lambda on: handover.join(on.store, raised, Hand(staff_id=other, leads=True), on.now)


@scene("escalation.stand_down")
async def _(stage: Stage) -> Act:
    _, responder, raised = await declared(stage)
    return lambda on: escalation.stand_down(
        on.store, raised, Hand(staff_id=responder, leads=True), Said(code="misread", words=TROUBLE), on.now
    )


@scene("escalation.climb_due")
async def _(stage: Stage) -> Act:
    await stage.hire("sun", Role.SUPERVISOR)  # a rung that reaches nobody would be due again at once
    await declared(stage)
    stage.later(3600)
    return lambda on: escalation.climb_due(on.store, on.policies, on.now, MOST)


@scene("escalation.page_sent")
async def _(stage: Stage) -> Act:
    await declared(stage)
    page_id = await stage.value("select id from page where channel = 'sms' limit 1")
    return lambda on: escalation.page_sent(on.store, page_id, on.now, state="sent")


async def rung_up(stage: Stage) -> UUID:
    """A page by telephone call that says 1 or 2."""
    _, _, raised = await declared(stage)
    page_id: UUID = await stage.value("select id from page where escalation_id = $1 limit 1", raised)
    async with stage.store.connection() as connection:
        await connection.execute("update page set channel = 'voice', state = 'due' where id = $1", page_id)
    return page_id


@scene("page_call.ringing")
async def _(stage: Stage) -> Act:
    page_id = await rung_up(stage)
    return lambda on: page_call.ringing(on.store, page_id, "CA1", on.now)


@scene("page_call.picked_up")
async def _(stage: Stage) -> Act:
    page_id = await rung_up(stage)
    return lambda on: page_call.picked_up(on.store, page_id, "CA1", 8, on.now)


@scene("page_call.press")
async def _(stage: Stage) -> Act:
    page_id = await rung_up(stage)
    pressed = page_call.Pressed(step="take", digits="1", wait_seconds=8)
    return lambda on: page_call.press(on.store, on.policies, page_id, pressed, on.now)


@scene("page_call.over")
async def _(stage: Stage) -> Act:
    page_id = await rung_up(stage)
    return lambda on: page_call.over(on.store, page_id, "CA1", "no-answer", on.now)


async def a_crisis_team(stage: Stage) -> tuple[Viewer, UUID, UUID]:
    """Whoever keeps the roster, a team, and somebody in it."""
    eyes = stage.viewer(await stage.hire("sun", Role.SUPERVISOR), Role.SUPERVISOR)
    responder = await stage.hire("wu", Role.RESPONDER)
    made = await team.found(stage.store, eyes, stage.centre.id, "一组", stage.now)
    await team.change(stage.store, eyes, made, "一组", (responder,), stage.now)
    return eyes, made, responder


def a_watch(stage: Stage, made: UUID, who: UUID) -> Wished:
    """Eight hours from now."""
    return Wished(
        centre_id=stage.centre.id,
        staff_id=who,
        position="team",
        team_id=made,
        begins_at=stage.now,
        ends_at=stage.now + timedelta(hours=8),
    )


@scene("team.found", "more")
async def _(stage: Stage) -> Act:
    """Said twice, there are two teams of one name; whoever sees them retires one."""
    eyes = stage.viewer(await stage.hire("sun", Role.SUPERVISOR), Role.SUPERVISOR)
    return lambda on: team.found(on.store, eyes, stage.centre.id, "一组", on.now)


@scene("team.change")
async def _(stage: Stage) -> Act:
    eyes, made, _ = await a_crisis_team(stage)
    return lambda on: team.change(on.store, eyes, made, "二组", (), on.now)


@scene("team.place")
async def _(stage: Stage) -> Act:
    eyes, made, _ = await a_crisis_team(stage)
    return lambda on: team.place(on.store, eyes, made, "420106", on.now)


@scene("team.retire")
async def _(stage: Stage) -> Act:
    eyes, made, _ = await a_crisis_team(stage)
    return lambda on: team.retire(on.store, eyes, made, on.now)


@scene("team.put_on_call", "more")
async def _(stage: Stage) -> Act:
    """Said twice, somebody is on call twice over and is called once."""
    eyes, made, responder = await a_crisis_team(stage)
    return lambda on: team.put_on_call(on.store, eyes, a_watch(stage, made, responder), on.now)


@scene("team.withdraw")
async def _(stage: Stage) -> Act:
    eyes, made, responder = await a_crisis_team(stage)
    watch = await team.put_on_call(stage.store, eyes, a_watch(stage, made, responder), stage.now)
    return lambda on: team.withdraw(on.store, eyes, watch, on.now)


@scene("coverage.sweep")
async def _(stage: Stage) -> Act:
    await a_team(stage)
    return lambda on: coverage.sweep(on.store, on.policies, on.now)
