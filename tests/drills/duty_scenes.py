"""Scenes of help that is sent out, of numbers that are opened, and of what is owed after a talk."""

from dataclasses import replace
from uuid import UUID

from hotline.base import ids
from hotline.base.sensitive import Sensitive
from hotline.domain.dispatch import Call, Clue, Details
from hotline.domain.outcome import Outcome
from hotline.domain.staff import Role
from hotline.domain.task import Done
from hotline.flow import dispatch, number, task
from hotline.flow.dispatch import Confirmed, Sent
from hotline.store import contact as store_contact
from tests.drills.desk_scenes import MOST, talking
from tests.drills.scenes import Act, scene
from tests.stage import Stage

REASON = Sensitive("核实后不是未成年人")


async def owing(stage: Stage) -> tuple[UUID, UUID]:
    """A counselor who owes a report on a minor: the counselor and the task."""
    counselor, contact, _ = await talking(stage)
    await task.report_minor(stage.store, contact.id, counselor, stage.now)
    return counselor, await stage.value("select id from task where contact_id = $1", contact.id)


@scene("task.open_task", "more")
async def _(stage: Stage) -> Act:
    """Twice is two looks."""
    counselor, task_id = await owing(stage)
    eyes = stage.viewer(counselor)
    return lambda on: task.open_task(on.store, eyes, task_id, on.now)


@scene("task.report_minor")
async def _(stage: Stage) -> Act:
    counselor, contact, _ = await talking(stage)
    return lambda on: task.report_minor(on.store, contact.id, counselor, on.now)


@scene("task.take")
async def _(stage: Stage) -> Act:
    _, task_id = await owing(stage)
    sun = await stage.hire("sun", Role.SUPERVISOR)
    return lambda on: task.take(on.store, task_id, sun, on.now)


@scene("task.do")
async def _(stage: Stage) -> Act:
    counselor, task_id = await owing(stage)
    done = Done(words=REASON, agency="110", reported_at=stage.now, reference=REASON)
    return lambda on: task.do(on.store, task_id, counselor, done, on.now)


@scene("task.ask_dismissal")
async def _(stage: Stage) -> Act:
    counselor, task_id = await owing(stage)
    return lambda on: task.ask_dismissal(on.store, task_id, counselor, REASON, on.now)


@scene("task.keep")
async def _(stage: Stage) -> Act:
    counselor, task_id = await owing(stage)
    sun = await stage.hire("sun", Role.SUPERVISOR)
    await task.ask_dismissal(stage.store, task_id, counselor, REASON, stage.now)
    return lambda on: task.keep(on.store, task_id, sun, on.now)


@scene("task.dismiss")
async def _(stage: Stage) -> Act:
    counselor, task_id = await owing(stage)
    sun = stage.viewer(await stage.hire("sun", Role.SUPERVISOR), Role.SUPERVISOR)
    await task.ask_dismissal(stage.store, task_id, counselor, REASON, stage.now)
    return lambda on: task.dismiss(on.store, task_id, sun, REASON, on.now)


@scene("task.climb_due")
async def _(stage: Stage) -> Act:
    await owing(stage)
    stage.later(stage.policies.tasks.patience_seconds)
    return lambda on: task.climb_due(on.store, on.policies, on.now, MOST)


# --- help sent out


async def sent_out(stage: Stage) -> tuple[UUID, UUID, UUID]:
    """Somebody was called to a caller in the midst of an attempt: counselor, contact, dispatch."""
    counselor, contact, _ = await talking(stage)
    made = await dispatch.send(stage.store, stage.policies, contact.id, police(counselor), stage.now)
    return counselor, contact.id, made


def police(counselor: UUID) -> Sent:
    return Sent(
        staff_id=counselor, call=Call(agency="110", consent="not_needed_attempt_in_progress"), key="k"
    )


@scene("dispatch.send")
async def _(stage: Stage) -> Act:
    counselor, contact, _ = await talking(stage)
    return lambda on: dispatch.send(on.store, on.policies, contact.id, police(counselor), on.now)


@scene("dispatch.open_help")
async def _(stage: Stage) -> Act:
    counselor, contact_id, _ = await sent_out(stage)
    eyes = stage.viewer(counselor)
    stage.later(120)
    return lambda on: dispatch.open_help(on.store, eyes, contact_id, on.now)


@scene("dispatch.amend")
async def _(stage: Stage) -> Act:
    counselor, _, made = await sent_out(stage)
    known = Details(reference=REASON, location=REASON, location_source="caller", location_confidence="low")
    return lambda on: dispatch.amend(on.store, made, counselor, known, on.now)


@scene("dispatch.confirm")
async def _(stage: Stage) -> Act:
    counselor, _, made = await sent_out(stage)
    said = Confirmed(staff_id=counselor, result="reached_safe", words=REASON)
    return lambda on: dispatch.confirm(on.store, on.policies, made, said, on.now)


@scene("dispatch.give_up")
async def _(stage: Stage) -> Act:
    _, _, made = await sent_out(stage)
    sun = stage.viewer(await stage.hire("sun", Role.SUPERVISOR), Role.SUPERVISOR)
    return lambda on: dispatch.give_up(on.store, on.policies, made, sun, REASON, on.now)


@scene("dispatch.add_clue")
async def _(stage: Stage) -> Act:
    counselor, contact_id, _ = await sent_out(stage)
    clue = Clue(
        id=ids.new_id(), contact_id=contact_id, staff_id=counselor, at=stage.now,
        words=REASON, source="caller", confidence="low",
    )  # fmt: skip
    return lambda on: dispatch.add_clue(on.store, on.policies, contact_id, clue, on.now)


@scene("dispatch.remind_due")
async def _(stage: Stage) -> Act:
    counselor, contact, _ = await talking(stage)
    asked = Sent(staff_id=counselor, call=Call(agency="hospital", consent="voluntary"))
    await dispatch.send(stage.store, stage.policies, contact.id, asked, stage.now)
    stage.later(stage.policies.dispatch.reminder_seconds)
    return lambda on: dispatch.remind_due(on.store, on.policies, on.now, MOST)


# --- numbers


async def asked_for(stage: Stage) -> tuple[UUID, UUID, UUID]:
    """A counselor has asked for a caller's number: counselor, supervisor, opening."""
    counselor, contact, _ = await talking(stage)
    async with stage.store.unit() as unit:
        journey = await store_contact.lock_journey(unit, contact.id)
        known = replace(journey.contact, number=Sensitive("+8613800001111"))
        await unit.save(Outcome(rows=(known,)), stage.now, journey)
    asked = await number.ask(stage.store, stage.policies, contact.id, counselor, REASON, stage.now)
    return counselor, await stage.hire("sun", Role.SUPERVISOR), asked


@scene("number.ask")
async def _(stage: Stage) -> Act:
    counselor, sun, asked = await asked_for(stage)
    await number.refuse(stage.store, asked, sun, stage.now)
    contact_id = await stage.value("select contact_id from opening where id = $1", asked)
    return lambda on: number.ask(on.store, on.policies, contact_id, counselor, REASON, on.now)


@scene("number.approve")
async def _(stage: Stage) -> Act:
    _, sun, asked = await asked_for(stage)
    return lambda on: number.approve(on.store, on.policies, asked, sun, on.now)


@scene("number.refuse")
async def _(stage: Stage) -> Act:
    _, sun, asked = await asked_for(stage)
    return lambda on: number.refuse(on.store, asked, sun, on.now)


@scene("number.look", "more")
async def _(stage: Stage) -> Act:
    """Twice is two looks."""
    counselor, sun, asked = await asked_for(stage)
    await number.approve(stage.store, stage.policies, asked, sun, stage.now)
    return lambda on: number.look(on.store, asked, counselor, on.now)
