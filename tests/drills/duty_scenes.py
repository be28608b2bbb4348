"""Scenes of what is owed after a talk."""

from uuid import UUID

from hotline.base.sensitive import Sensitive
from hotline.domain.staff import Role
from hotline.domain.task import Done
from hotline.flow import task
from tests.drills.desk_scenes import MOST, talking, viewer
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
    eyes = viewer(stage, counselor, Role.COUNSELOR)
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
    sun = viewer(stage, await stage.hire("sun", Role.SUPERVISOR), Role.SUPERVISOR)
    await task.ask_dismissal(stage.store, task_id, counselor, REASON, stage.now)
    return lambda on: task.dismiss(on.store, task_id, sun, REASON, on.now)


@scene("task.climb_due")
async def _(stage: Stage) -> Act:
    await owing(stage)
    stage.later(stage.policies.tasks.patience_seconds)
    return lambda on: task.climb_due(on.store, on.policies, on.now, MOST)
