"""Scenes of answer sheets, people at risk, and reminders of a screening."""

from uuid import UUID

from hotline.base import ids
from hotline.base.sensitive import Sensitive
from hotline.domain.contact import Contact
from hotline.domain.session import ScreeningTimes
from hotline.domain.subject import Described
from hotline.flow import assessment, reading, screening, subject
from hotline.flow.assessment import Answered
from tests.drills.desk_scenes import GRAVE, MOST, talking
from tests.drills.scenes import Act, scene
from tests.stage import Stage

SON = Described(relation="child", name=Sensitive("小明"), flags=("minor",))
TIMES = ScreeningTimes(remind_seconds=480, due_seconds=600)


def act_in_progress(stage: Stage, key: str | None) -> Answered:
    """The gravest sheet that there is."""
    version = stage.policies.instruments["hard_criteria"].version
    return Answered(
        instrument="hard_criteria", version=version, answers={"last_attempt": "in_progress"}, key=key
    )


async def about_a_son(stage: Stage) -> tuple[UUID, Contact, UUID]:
    """A chat about somebody else."""
    counselor, contact, _ = await talking(stage)
    son = await subject.tell_of(stage.store, contact.id, counselor, ids.new_id(), SON, stage.now)
    return counselor, contact, son


@scene("assessment.take")
async def _(stage: Stage) -> Act:
    counselor, contact, _ = await talking(stage)
    sheet = act_in_progress(stage, "k")
    return lambda on: assessment.take(on.store, on.policies, contact.id, counselor, sheet, on.now)


@scene("subject.tell_of")
async def _(stage: Stage) -> Act:
    counselor, contact, _ = await talking(stage)
    son = ids.new_id()
    return lambda on: subject.tell_of(on.store, contact.id, counselor, son, SON, on.now)


@scene("subject.describe")
async def _(stage: Stage) -> Act:
    counselor, _, son = await about_a_son(stage)
    found = Described(relation="child", whereabouts=Sensitive("学校"))
    return lambda on: subject.describe(on.store, son, counselor, found, on.now)


@scene("subject.set_level")
async def _(stage: Stage) -> Act:
    counselor, _, son = await about_a_son(stage)
    return lambda on: subject.set_level(on.store, on.policies, son, counselor, GRAVE, on.now)


@scene("screening.remind_due")
async def _(stage: Stage) -> Act:
    await talking(stage)
    stage.later(TIMES.due_seconds + 1)
    return lambda on: screening.remind_due(on.store, TIMES, on.now, MOST)


@scene("reading.open_risk")
async def _(stage: Stage) -> Act:
    counselor, contact, _ = await talking(stage)
    await assessment.take(
        stage.store, stage.policies, contact.id, counselor, act_in_progress(stage, None), stage.now
    )
    eyes = stage.viewer(counselor)
    return lambda on: reading.open_risk(on.store, eyes, contact.id, on.now)
