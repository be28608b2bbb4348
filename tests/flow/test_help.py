"""Help sent out: saved with the alarm that it is, several at once, open until the person was reached."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from hotline.base import ids
from hotline.base.errors import Refused
from hotline.base.sensitive import Sensitive
from hotline.domain.contact import Contact
from hotline.domain.dispatch import Call, Clue, Details, Dispatch
from hotline.domain.level import Level
from hotline.domain.staff import Role
from hotline.flow import dispatch, escalation
from hotline.flow.dispatch import Confirmed, Sent
from hotline.store import contact as store_contact, dispatch as store_dispatch, task as store_task
from tests.drills.desk_scenes import a_team, talking
from tests.flow import alarms
from tests.screen import follows
from tests.stage import Stage
from tests.still import unchanged

AT_ONCE = "not_needed_attempt_in_progress"
WORDS = Sensitive("民警已见到本人，送医")


async def send(
    stage: Stage, contact: Contact, staff_id: UUID, agency: str = "110", consent: str = AT_ONCE, **more: str
) -> UUID:
    said: dict[str, Any] = {name: Sensitive(words) for name, words in more.items()}
    sent = Sent(staff_id=staff_id, call=Call(agency=agency, consent=consent, **said))
    return await dispatch.send(stage.store, stage.policies, contact.id, sent, stage.now)


def said(staff_id: UUID, result: str, words: Sensitive = WORDS) -> Confirmed:
    return Confirmed(staff_id=staff_id, result=result, words=words)


async def sent_for(stage: Stage, contact_id: UUID) -> list[Dispatch]:
    async with stage.store.connection() as connection:
        return await store_dispatch.of_contact(connection, stage.store.vault, contact_id)


async def escalated(stage: Stage, contact_id: UUID) -> tuple[str, str] | None:
    async with stage.store.connection() as connection:
        found = await store_contact.last_escalation(connection, stage.store.vault, contact_id)
    return None if found is None else (found.state, found.level.text)


async def remind(stage: Stage) -> None:
    await dispatch.remind_due(stage.store, stage.policies, stage.now, 1000)


async def test_a_call_to_110_in_an_attempt_is_one_press_and_raises_the_alarm_with_it(stage: Stage):
    counselor, contact, _ = await talking(stage)
    async with follows(stage):
        await send(stage, contact, counselor)
    [made] = await sent_for(stage, contact.id)
    assert (made.agency, made.consent, made.state, made.made_by) == ("110", AT_ONCE, "open", counselor)
    assert (await stage.contact(contact.id)).level is Level.IMMINENT
    assert await escalated(stage, contact.id) == ("paged", "imminent")


async def test_several_are_under_way_for_one_contact_and_each_has_its_end(stage: Stage):
    """Requirement 26."""
    counselor, contact, _ = await talking(stage)
    first = await send(stage, contact, counselor, "110")
    await send(stage, contact, counselor, "120")
    await send(stage, contact, counselor, "family", "voluntary")
    await dispatch.confirm(
        stage.store, stage.policies, first, said(counselor, "reached_safe"), stage.later(300)
    )
    assert [(each.agency, each.state) for each in await sent_for(stage, contact.id)] == [
        ("110", "confirmed"), ("120", "open"), ("family", "open"),
    ]  # fmt: skip
    async with stage.store.connection() as connection:
        assert await store_dispatch.count_open(connection, contact.id) == 2


async def test_help_that_the_caller_wants_is_sent_at_any_level_and_raises_none(stage: Stage):
    counselor, contact, _ = await talking(stage)
    await send(stage, contact, counselor, "hospital", "voluntary")
    assert (await stage.contact(contact.id)).level is contact.level
    assert await escalated(stage, contact.id) is None


async def test_against_the_callers_will_the_record_is_asked_for_and_nothing_is_saved_without(stage: Stage):
    counselor, contact, _ = await talking(stage)
    async with unchanged(stage), follows(stage, silently=True):
        with pytest.raises(Refused) as refused:
            await send(stage, contact, counselor, "110", "involuntary", options_tried="请其联系家人")
    assert refused.value.fields == ("caller_answer", "ground")
    await send(
        stage, contact, counselor, "110", "involuntary", options_tried="一", caller_answer="二", ground="三"
    )
    [made] = await sent_for(stage, contact.id)
    assert made.caller_answer == Sensitive("二")


async def test_a_request_that_is_sent_again_sends_nobody_else(stage: Stage):
    counselor, contact, _ = await talking(stage)
    sent = Sent(staff_id=counselor, call=Call(agency="120", consent=AT_ONCE), key="k")
    made = await asyncio.gather(
        *(dispatch.send(stage.store, stage.policies, contact.id, sent, stage.now) for _ in range(3))
    )
    assert len(set(made)) == 1
    assert len(await sent_for(stage, contact.id)) == 1


async def test_every_ten_minutes_it_is_asked_again_and_where_nobody_is_called_in_the_team_is(stage: Stage):
    """Requirement 27: the reminder, and the escalation anew."""
    counselor, contact, _ = await talking(stage)
    await send(stage, contact, counselor, "mobile_team", "voluntary")
    stage.later(stage.policies.dispatch.reminder_seconds - 1)
    async with follows(stage, silently=True):
        await remind(stage)
    assert await escalated(stage, contact.id) is None
    stage.later(1)
    async with follows(stage):
        await remind(stage)
    [made] = await sent_for(stage, contact.id)
    assert (made.reminders, made.state) == (1, "open")
    assert await escalated(stage, contact.id) is not None
    stage.later(stage.policies.dispatch.reminder_seconds)
    await remind(stage)
    assert (await stage.kinds(contact.id)).count("dispatch.reminded") == 2
    assert (await stage.kinds(contact.id)).count("escalation.declared") == 1
    await dispatch.confirm(
        stage.store, stage.policies, made.id, said(counselor, "taken_to_hospital"), stage.now
    )
    stage.later(10_000)
    await remind(stage)
    assert (await stage.kinds(contact.id)).count("dispatch.reminded") == 2


async def test_that_a_result_stays_unknown_is_for_a_supervisor_to_say(stage: Stage):
    counselor, contact, _ = await talking(stage)
    made = await send(stage, contact, counselor)
    eyes = stage.viewer(counselor)
    async with unchanged(stage):
        with pytest.raises(Refused):
            await dispatch.confirm(stage.store, stage.policies, made, said(counselor, "unknown"), stage.now)
        with pytest.raises(Refused):
            await dispatch.give_up(stage.store, stage.policies, made, eyes, WORDS, stage.now)
    sun = stage.viewer(await stage.hire("sun", Role.SUPERVISOR), Role.SUPERVISOR)
    async with follows(stage):
        await dispatch.give_up(stage.store, stage.policies, made, sun, Sensitive("派出所无法再查"), stage.now)
    [given_up] = await sent_for(stage, contact.id)
    assert (given_up.state, given_up.result) == ("unconfirmed", "unknown")


async def test_clues_and_details_are_kept_for_whoever_helps_and_the_look_is_journalled(stage: Stage):
    counselor, contact, _ = await talking(stage)
    made = await send(stage, contact, counselor)
    clue = Clue(
        id=ids.new_id(), contact_id=contact.id, staff_id=counselor, at=stage.now,
        words=Sensitive("听到列车报站"), source="inference", confidence="low",
    )  # fmt: skip
    await dispatch.add_clue(stage.store, stage.policies, contact.id, clue, stage.now)
    known = Details(contact_person=Sensitive("王警官"), reference=Sensitive("17"))
    await dispatch.amend(stage.store, made, counselor, known, stage.now)
    shown = await dispatch.open_help(stage.store, stage.viewer(counselor), contact.id, stage.later(120))
    assert shown.clues == (clue,)
    assert [each.contact_person for each in shown.dispatches] == [Sensitive("王警官")]
    assert shown.names == {counselor: "Lin"}
    assert (await stage.kinds(contact.id))[-3:] == [
        "contact.located", "dispatch.amended", "record.read",
    ]  # fmt: skip


async def test_whoever_waits_can_be_helped_before_anybody_talks_with_them(stage: Stage):
    _, responder = await a_team(stage)
    contact = await stage.chat()
    async with follows(stage):
        await send(stage, contact, responder, "120")
    assert await escalated(stage, contact.id) == ("paged", "imminent")


async def owned(stage: Stage) -> tuple[UUID, UUID, Contact, UUID, UUID]:
    """A responder has the escalation under which 110 was called: counselor, owner, contact, both ids."""
    counselor, contact, _ = await talking(stage)
    owner = stage.people["wu"]
    made = await send(stage, contact, counselor)
    raised = await stage.value("select id from escalation where contact_id = $1", contact.id)
    await alarms.acknowledge(stage, raised, owner, stage.later(5))
    return counselor, owner, contact, raised, made


async def test_an_escalation_is_not_closed_while_somebody_is_sent_out(stage: Stage):
    counselor, owner, _, raised, made = await owned(stage)
    await alarms.make_contact(stage, raised, owner, stage.later(60), "by_service")
    await alarms.resolve(stage, raised, owner, "emergency_service_reached", WORDS, stage.later(60))
    async with unchanged(stage), follows(stage, silently=True):
        with pytest.raises(Refused) as refused:
            await escalation.close(stage.store, raised, alarms.hand(stage, owner), stage.now)
    assert refused.value.code == "escalation.dispatches"
    await dispatch.confirm(stage.store, stage.policies, made, said(counselor, "reached_safe"), stage.now)
    async with follows(stage):
        await escalation.close(stage.store, raised, alarms.hand(stage, owner), stage.now)


async def test_whoever_has_it_hears_first_that_nobody_has_confirmed_and_then_others_too(stage: Stage):
    counselor, owner, _, raised, _ = await owned(stage)
    sun = await stage.hire("sun", Role.SUPERVISOR)
    before = len(await alarms.pages(stage, raised))
    for expected in ({owner, counselor}, {owner, counselor}, {owner, counselor, sun}):
        stage.later(stage.policies.dispatch.reminder_seconds)
        await remind(stage)
        made = await alarms.pages(stage, raised)
        paged = {staff_id for _, staff_id, *_ in made[before:]}
        assert paged <= expected
        assert {owner, counselor} <= {staff_id for _, staff_id, *_ in made}
    purposes = await stage.value(
        "select array_agg(distinct purpose) from page where escalation_id = $1 and staff_id = $2", raised, sun
    )
    assert purposes == ["stalled"]


async def test_the_managers_are_owed_a_report_of_every_high_and_imminent_escalation(stage: Stage):
    """Requirement 32: made with the alarm, due within 24 hours, and once however often it is raised."""
    counselor, _ = await a_team(stage)
    contact = await stage.chat()
    raised = await alarms.declare(stage, contact, counselor, Level.HIGH)
    await alarms.declare(stage, contact, counselor, Level.IMMINENT)
    async with stage.store.connection() as connection:
        [owed] = await store_task.of_contact(connection, stage.store.vault, contact.id)
    assert (owed.kind, owed.about_id, owed.role) == ("managers_report", raised, Role.SUPERVISOR)
    assert (owed.due_at - stage.now).total_seconds() == 24 * 3600


async def test_where_the_person_is_not_found_others_are_called_at_once(stage: Stage):
    """Requirement 27: it is open until contact is confirmed; who comes back alone has confirmed none."""
    counselor, owner, contact, raised, first = await owned(stage)
    others = await send(stage, contact, counselor, "family"), await send(stage, contact, counselor, "school")

    async def confirmed(sent: UUID, result: str) -> None:
        await dispatch.confirm(stage.store, stage.policies, sent, said(counselor, result), stage.now)

    await confirmed(first, "not_found")
    told = "select array_agg(distinct staff_id) from page where escalation_id = $1 and purpose = 'stalled'"
    assert {owner, counselor} <= set(await stage.value(told, raised))
    async with unchanged(stage):
        await confirmed(first, "not_found")
    await confirmed(others[0], "reached_safe")
    before = await alarms.pages(stage, raised)
    await confirmed(others[1], "not_found")
    assert await alarms.pages(stage, raised) == before, "the family has them"


async def test_where_the_person_is_not_found_and_nobody_is_called_in_any_more_a_team_is(stage: Stage):
    counselor, contact, _ = await talking(stage)
    sent = await send(stage, contact, counselor, "family", "voluntary")
    assert await escalated(stage, contact.id) is None
    async with follows(stage):
        await dispatch.confirm(stage.store, stage.policies, sent, said(counselor, "not_found"), stage.now)
    assert await escalated(stage, contact.id) is not None
    cause = "select cause->>'rule' from escalation where contact_id = $1"
    assert await stage.value(cause, contact.id) == "dispatch_not_found"
