"""Tasks: made with what they follow from, shown to whom they concern, dismissed by two, climbing."""

import asyncio
from uuid import UUID

import pytest

from hotline.base.errors import Absent, Refused
from hotline.base.sensitive import Sensitive
from hotline.domain.contact import Contact
from hotline.domain.level import Level
from hotline.domain.session import Record, Session
from hotline.domain.staff import Role
from hotline.domain.task import Done, Task
from hotline.flow import message, offer, session, task
from hotline.store import live as store_live, task as store_task
from tests.flow import alarms
from tests.screen import follows
from tests.stage import Stage
from tests.still import unchanged

REASON = Sensitive("核实后不是未成年人")
TOLD = Done(words=Sensitive("已报派出所"), agency="派出所", reference=Sensitive("接警 17"))


async def in_talk(stage: Stage) -> tuple[UUID, Contact, Session]:
    counselor = await stage.hire("lin", ready=True)
    contact = await stage.chat()
    await stage.dispatch()
    begun = await offer.accept(stage.store, await stage.pending_offer(contact.id), counselor, stage.later(3))
    return counselor, contact, begun


async def tasks_of(stage: Stage, contact_id: UUID) -> list[Task]:
    async with stage.store.connection() as connection:
        return await store_task.of_contact(connection, stage.store.vault, contact_id)


async def by_hand(stage: Stage) -> tuple[UUID, Contact, Task]:
    counselor, contact, _ = await in_talk(stage)
    await task.report_minor(stage.store, contact.id, counselor, stage.now)
    [made] = await tasks_of(stage, contact.id)
    return counselor, contact, made


async def test_a_counselor_asks_for_the_report_on_a_minor_by_hand_and_it_is_due_at_once(stage: Stage):
    counselor, contact, _ = await in_talk(stage)
    async with follows(stage):
        await asyncio.gather(
            *(task.report_minor(stage.store, contact.id, counselor, stage.now) for _ in range(3))
        )
    [made] = await tasks_of(stage, contact.id)
    assert (made.kind, made.due_at, made.assigned_to, made.made_by) == (
        "mandatory_report", stage.now, counselor, counselor,
    )  # fmt: skip
    assert (await stage.contact(contact.id)).flags == ("mandatory_report",)
    assert (await stage.kinds(contact.id)).count("task.made") == 1


async def test_the_age_that_the_counselor_writes_down_makes_the_report_on_a_harmed_minor_due(stage: Stage):
    counselor, contact, begun = await in_talk(stage)
    await stage.value("update contact set flags = '{abuse}' where id = $1", contact.id)
    async with follows(stage, silently=True):
        await session.write(
            stage.store, stage.policies, begun.id, counselor, Record(age_band="18-24"), stage.now
        )
    assert not await tasks_of(stage, contact.id)
    async with follows(stage):
        await session.write(
            stage.store, stage.policies, begun.id, counselor, Record(age_band="14-17"), stage.now
        )
    await session.write(stage.store, stage.policies, begun.id, counselor, Record(age_band="18-24"), stage.now)
    await session.write(stage.store, stage.policies, begun.id, counselor, Record(age_band="10-13"), stage.now)
    [made] = await tasks_of(stage, contact.id)
    assert (made.kind, made.made_by) == ("mandatory_report", None)


async def test_a_report_that_is_done_is_owed_no_more(stage: Stage):
    counselor, contact, made = await by_hand(stage)
    told = Done(words=TOLD.words, agency=TOLD.agency, reported_at=stage.now, reference=TOLD.reference)
    async with unchanged(stage):
        with pytest.raises(Refused) as refused:
            await task.do(stage.store, made.id, counselor, TOLD, stage.now)
    assert refused.value.code == "task.report"
    await task.take(stage.store, made.id, counselor, stage.now)
    async with follows(stage):
        await task.do(stage.store, made.id, counselor, told, stage.later(60))
    async with unchanged(stage):
        await task.do(stage.store, made.id, counselor, told, stage.later(5))
    [done] = await tasks_of(stage, contact.id)
    assert (done.state, done.closed_by, done.words, done.reference) == (
        "done", counselor, TOLD.words, TOLD.reference,
    )  # fmt: skip
    listed = await task.list_owed(stage.store, stage.viewer(counselor), 100)
    assert listed.tasks == ()


async def test_two_people_dismiss_a_report_on_a_minor(stage: Stage):
    counselor, contact, made = await by_hand(stage)
    sun = stage.viewer(await stage.hire("sun", Role.SUPERVISOR), Role.SUPERVISOR)
    async with unchanged(stage):
        with pytest.raises(Refused) as refused:
            await task.dismiss(stage.store, made.id, sun, REASON, stage.now)
    assert refused.value.code == "task.two"
    async with follows(stage):
        await task.ask_dismissal(stage.store, made.id, counselor, REASON, stage.now)
    async with follows(stage):
        await task.keep(stage.store, made.id, sun.staff_id, stage.now)
    await task.ask_dismissal(stage.store, made.id, sun.staff_id, REASON, stage.now)
    async with unchanged(stage):
        with pytest.raises(Refused):
            await task.dismiss(stage.store, made.id, sun, REASON, stage.now)
    xu = stage.viewer(await stage.hire("xu", Role.SUPERVISOR), Role.SUPERVISOR)
    async with follows(stage):
        await task.dismiss(stage.store, made.id, xu, REASON, stage.now)
    [gone] = await tasks_of(stage, contact.id)
    assert (gone.state, gone.asked_by, gone.closed_by) == ("dismissed", sun.staff_id, xu.staff_id)
    assert (await stage.kinds(contact.id))[-4:] == [
        "task.dismissal_asked", "task.kept", "task.dismissal_asked", "task.dismissed",
    ]  # fmt: skip


async def test_a_late_report_climbs_to_the_supervisor_and_then_to_the_managers(stage: Stage):
    _, contact, made = await by_hand(stage)
    admin = stage.viewer(await stage.hire("ma", Role.ADMIN), Role.ADMIN)
    stage.later(stage.policies.tasks.patience_seconds - 1)
    await task.climb_due(stage.store, stage.policies, stage.now, 1000)
    assert [each.role for each in await tasks_of(stage, contact.id)] == [Role.COUNSELOR]
    stage.later(1)
    async with follows(stage):
        await task.climb_due(stage.store, stage.policies, stage.now, 1000)
    assert [each.role for each in await tasks_of(stage, contact.id)] == [Role.SUPERVISOR]
    assert (await task.list_owed(stage.store, admin, 100)).tasks == ()
    stage.later(stage.policies.tasks.climb_seconds + stage.policies.tasks.patience_seconds)
    await task.climb_due(stage.store, stage.policies, stage.now, 1000)
    assert [each.id for each in (await task.list_owed(stage.store, admin, 100)).tasks] == [made.id]
    assert (await stage.kinds(contact.id)).count("task.climbed") == 2


async def test_a_look_at_a_task_is_journalled_and_nobody_else_is_shown_any(stage: Stage):
    counselor, contact, made = await by_hand(stage)
    other = stage.viewer(await stage.hire("mei"))
    async with unchanged(stage):
        with pytest.raises(Absent):
            await task.open_task(stage.store, other, made.id, stage.now)
    shown = await task.open_task(stage.store, stage.viewer(counselor), made.id, stage.now)
    assert shown.names == {counselor: "Lin"}
    assert (await stage.kinds(contact.id))[-1] == "record.read"


async def test_words_of_a_harmed_minor_are_saved_with_the_report_that_they_call_for(stage: Stage):
    await stage.hire("wu", Role.RESPONDER)
    contact = await stage.chat(age_band="10-13")
    await message.say(
        stage.store,
        stage.policies,
        contact.id,
        contact.id,
        words=Sensitive("爸爸每天打我，打得全身是伤"),
        now=stage.now,
    )
    flags = (await stage.contact(contact.id)).flags
    assert "abuse" in flags or "child_in_danger" in flags
    assert [each.kind for each in await tasks_of(stage, contact.id)].count("mandatory_report") == 1


async def test_the_managers_report_is_made_of_codes_and_times_and_shows_on_the_board_when_late(stage: Stage):
    """Requirement 32."""
    counselor, contact, _ = await in_talk(stage)
    await stage.hire("sun", Role.SUPERVISOR)
    raised = await alarms.declare(stage, contact, counselor, Level.HIGH, "要去天台")
    [owed] = await tasks_of(stage, contact.id)
    admin = stage.viewer(await stage.hire("ma", Role.ADMIN), Role.ADMIN)
    shown = await task.open_task(stage.store, admin, owed.id, stage.now)
    assert shown.report is not None
    assert (shown.report.escalation.id, shown.report.dispatches) == (raised, ())
    assert "tasks_overdue" not in await faults(stage)
    stage.later(24 * 3600 + stage.policies.tasks.patience_seconds)
    await task.climb_due(stage.store, stage.policies, stage.now, 1000)
    assert "tasks_overdue" in await faults(stage)
    async with unchanged(stage):
        with pytest.raises(Refused) as refused:
            await task.do(stage.store, owed.id, counselor, Done(words=Sensitive(" ")), stage.now)
    assert refused.value.code == "task.words"
    await task.do(stage.store, owed.id, counselor, Done(words=Sensitive("已联系家属")), stage.now)
    assert "tasks_overdue" not in await faults(stage)


async def faults(stage: Stage) -> str:
    async with stage.store.connection() as connection:
        [day] = (await store_live.days(connection, [stage.centre.id])).values()
    return str(day.card["faults"])
