"""Recovery: after imminent danger the counselor is offered nothing for a while."""

from uuid import UUID

import pytest

from hotline.base.errors import Refused
from hotline.base.sensitive import Sensitive
from hotline.domain.contact import Contact
from hotline.domain.dispatch import Call
from hotline.domain.level import Level
from hotline.domain.staff import Role
from hotline.flow import dispatch, duty, escalation
from hotline.flow.dispatch import Confirmed, Sent
from hotline.flow.escalation import Judgement
from tests.flow.aftercare import finish, in_talk, planned
from tests.screen import follows
from tests.stage import Stage
from tests.still import unchanged

HOSPITAL = Call(agency="hospital", consent="voluntary")


async def test_after_imminent_danger_the_counselor_is_offered_nothing_for_half_an_hour(stage: Stage):
    counselor, _, _ = await planned(stage, Level.IMMINENT)
    card = (await stage.screen()).cards[f"counselor:{counselor}"].card
    assert (card["state"], card["reason"]) == ("recovering", "after_grave_contact")
    contact = await stage.chat()
    stage.later(29 * 60)
    await keep_alive(stage, counselor, contact)
    assert await stage.dispatch() == {}
    stage.later(61)
    await keep_alive(stage, counselor, contact)
    assert await stage.dispatch() == {contact.id: counselor}


async def keep_alive(stage: Stage, counselor: UUID, contact: Contact) -> None:

    await duty.beat(stage.store, [counselor], stage.now)
    await duty.sweep(stage.store, stage.policies, stage.now, 100)
    await stage.value("update contact set seen_at = $2 where id = $1", contact.id, stage.now)


async def test_after_a_contact_at_high_the_counselor_rests_as_ever(stage: Stage):
    counselor, _, _ = await planned(stage, Level.HIGH)
    assert (await stage.screen()).cards[f"counselor:{counselor}"].card["state"] == "resting"


async def sent_out(stage: Stage, contact_id: UUID, staff_id: UUID) -> UUID:
    """Help that the caller wanted is on its way."""
    sent = Sent(staff_id=staff_id, call=HOSPITAL)
    return await dispatch.send(stage.store, stage.policies, contact_id, sent, stage.now)


async def confirm(stage: Stage, sent: UUID, staff_id: UUID, result: str = "taken_to_hospital") -> None:
    said = Confirmed(staff_id=staff_id, result=result, words=Sensitive("已见到本人"))
    await dispatch.confirm(stage.store, stage.policies, sent, said, stage.now)


async def debriefs(stage: Stage, contact_id: UUID) -> list[UUID]:
    """Who may not hold the debriefs that are owed: those with whom they are held."""
    return await stage.value(
        """select coalesce(array_agg(barred_id), '{}') from task
           where contact_id = $1 and kind = 'debrief'""",
        contact_id,
    )


async def state_of(stage: Stage, counselor: UUID) -> str:
    return str((await stage.screen()).cards[f"counselor:{counselor}"].card["state"])


async def test_a_rescue_that_is_over_gives_the_counselor_rest_and_a_debrief_with_somebody_else(stage: Stage):
    """Requirement 58: whoever confirms it, and however grave the talk was."""
    counselor, contact_id, session_id = await in_talk(stage, Level.MODERATE)
    sent = await sent_out(stage, contact_id, counselor)
    await finish(stage, counselor, contact_id, session_id)
    assert await debriefs(stage, contact_id) == []
    other = await stage.hire("wu")
    stage.later(3600)
    await keep_alive(stage, counselor, await stage.contact(contact_id))
    async with follows(stage):
        await confirm(stage, sent, other)
    assert await state_of(stage, counselor) == "recovering"
    assert await debriefs(stage, contact_id) == [counselor]
    assert "task.made" in await stage.kinds(contact_id)
    async with unchanged(stage):
        await confirm(stage, sent, other)


async def test_the_second_service_that_reaches_the_same_person_gives_no_second_debrief(stage: Stage):
    counselor, contact_id, session_id = await in_talk(stage, Level.MODERATE)
    first, second = [await sent_out(stage, contact_id, counselor) for _ in range(2)]
    await finish(stage, counselor, contact_id, session_id)
    await confirm(stage, first, counselor)
    stage.later(31 * 60)
    await keep_alive(stage, counselor, await stage.contact(contact_id))
    await confirm(stage, second, counselor)
    assert await state_of(stage, counselor) == "ready"
    assert await debriefs(stage, contact_id) == [counselor]


async def test_while_the_record_is_open_the_rest_comes_with_its_closing(stage: Stage):
    counselor, contact_id, session_id = await in_talk(stage, Level.MODERATE)
    sent = await sent_out(stage, contact_id, counselor)
    await confirm(stage, sent, counselor, "reached_safe")
    assert await debriefs(stage, contact_id) == []
    await finish(stage, counselor, contact_id, session_id)
    assert await state_of(stage, counselor) == "recovering"
    assert await debriefs(stage, contact_id) == [counselor]


async def test_nobody_rests_because_somebody_was_not_found(stage: Stage):
    counselor, contact_id, session_id = await in_talk(stage, Level.MODERATE)
    sent = await sent_out(stage, contact_id, counselor)
    await finish(stage, counselor, contact_id, session_id)
    await confirm(stage, sent, counselor, "not_found")
    assert await state_of(stage, counselor) == "resting"
    assert await debriefs(stage, contact_id) == []


async def in_danger(stage: Stage, level: Level = Level.IMMINENT) -> Contact:
    """Somebody whom nobody has yet, and whom a supervisor has judged."""
    contact = await stage.chat()
    boss = await stage.hire("boss", Role.SUPERVISOR)
    judged = Judgement(level=level, basis=Sensitive("计划今晚"))
    await escalation.set_level(stage.store, stage.policies, contact.id, boss, judged, stage.now)
    return contact


async def test_who_recovers_may_come_back_of_their_own_will_for_somebody_in_danger(stage: Stage):
    counselor, _, _ = await planned(stage, Level.IMMINENT)
    contact = await in_danger(stage)
    stage.later(10 * 60 + 1)
    await keep_alive(stage, counselor, contact)
    assert await stage.dispatch() == {}
    told = await duty.recovering(stage.store, counselor)
    assert (told.is_needed, told.may_end_at is not None and told.may_end_at <= stage.now) == (True, True)
    async with follows(stage):
        await duty.come_back(stage.store, counselor, stage.now)
    async with unchanged(stage):
        await duty.come_back(stage.store, counselor, stage.now)
    assert await state_of(stage, counselor) == "ready"
    assert await stage.dispatch() == {contact.id: counselor}
    assert (
        await stage.value("select count(*) from task where kind = 'debrief' and barred_id = $1", counselor)
        == 1
    )


async def test_the_first_ten_minutes_are_never_taken_from_anybody(stage: Stage):
    counselor, _, _ = await planned(stage, Level.IMMINENT)
    await in_danger(stage)
    stage.later(9 * 60)
    async with unchanged(stage):
        with pytest.raises(Refused) as refused:
            await duty.come_back(stage.store, counselor, stage.now)
    assert refused.value.code == "recovery.too_early"


async def test_nobody_cuts_their_rest_short_where_nobody_in_danger_waits(stage: Stage):
    counselor, _, _ = await planned(stage, Level.IMMINENT)
    await in_danger(stage, Level.MODERATE)
    stage.later(20 * 60)
    assert (await duty.recovering(stage.store, counselor)).is_needed is False
    async with unchanged(stage):
        with pytest.raises(Refused) as refused:
            await duty.come_back(stage.store, counselor, stage.now)
    assert refused.value.code == "recovery.not_needed"
