"""Scenes of what follows a contact: safety plans and follow-ups."""

from datetime import timedelta
from uuid import UUID

from hotline.base.sensitive import Sensitive
from hotline.domain import safety_plan as plans
from hotline.domain.access import Viewer
from hotline.domain.level import Level
from hotline.domain.safety_plan import Draft, Parts
from hotline.domain.staff import Role
from hotline.flow import (
    escalation,
    followup,
    followup_reading,
    history,
    outreach,
    safety_plan,
    session,
    shift,
)
from hotline.flow.followup import More, Tried, Wish
from hotline.flow.outreach import Reported
from tests.drills.desk_scenes import GRAVE, MOST, talking, wrapping
from tests.drills.scenes import Act, scene
from tests.flow.aftercare import hung_up
from tests.stage import Stage

WISH = Wish(is_agreed=True, way="phone", reach=Sensitive("13900000000"), key="w")
PLAN = Draft(parts=Parts(people=plans.listed(["姐姐"])), is_made_with_caller=True, based_on=0)
DANGER = Tried(
    result="reached", level=Level.IMMINENT, acts_since="attempt", words=Sensitive("又割了"), key="t"
)


async def owed(stage: Stage) -> tuple[Viewer, UUID]:
    """A grave contact is closed, and its caller has agreed: the counselor, the first call that is owed."""
    counselor, begun = await wrapping(stage)
    contact_id = await stage.value("select contact_id from session where id = $1", begun.id)
    await escalation.set_level(stage.store, stage.policies, contact_id, counselor, GRAVE, stage.now)
    await followup.agree(stage.store, stage.policies, contact_id, counselor, WISH, stage.now)
    await session.close(stage.store, stage.policies, begun.id, counselor, stage.now)
    first = await stage.value("select id from follow_up order by due_at limit 1")
    return stage.viewer(counselor), first


@scene("safety_plan.save")
async def _(stage: Stage) -> Act:
    counselor, contact, _ = await talking(stage)
    return lambda on: safety_plan.save(on.store, on.policies, contact.id, counselor, PLAN, on.now)


@scene("safety_plan.last", "more")
async def _(stage: Stage) -> Act:
    """A second look is a second look."""
    counselor, contact, _ = await talking(stage)
    await safety_plan.save(stage.store, stage.policies, contact.id, counselor, PLAN, stage.now)
    return lambda on: safety_plan.last(on.store, contact.id, counselor, on.now)


@scene("followup.agree")
async def _(stage: Stage) -> Act:
    counselor, contact, _ = await talking(stage)
    return lambda on: followup.agree(on.store, on.policies, contact.id, counselor, WISH, on.now)


@scene("followup.add")
async def _(stage: Stage) -> Act:
    counselor, contact, _ = await talking(stage)
    await followup.agree(stage.store, stage.policies, contact.id, counselor, WISH, stage.now)
    more = More(days=3, key="m")
    return lambda on: followup.add(on.store, on.policies, contact.id, counselor, more, on.now)


@scene("followup_reading.of_contact", "more")
async def _(stage: Stage) -> Act:
    """A second look is a second look."""
    counselor, contact, _ = await talking(stage)
    await followup.agree(stage.store, stage.policies, contact.id, counselor, WISH, stage.now)
    return lambda on: followup_reading.of_contact(on.store, contact.id, counselor, on.now)


@scene("followup_reading.open_one", "more")
async def _(stage: Stage) -> Act:
    """A second look is a second look."""
    eyes, first = await owed(stage)
    return lambda on: followup_reading.open_one(on.store, eyes, first, on.now)


@scene("followup.take")
async def _(stage: Stage) -> Act:
    _, first = await owed(stage)
    other = stage.viewer(await stage.hire("mei"))
    return lambda on: followup.take(on.store, other, first, on.now)


@scene("followup.attempt")
async def _(stage: Stage) -> Act:
    eyes, first = await owed(stage)
    return lambda on: followup.attempt(on.store, on.policies, eyes, first, DANGER, on.now)


@scene("followup.close")
async def _(stage: Stage) -> Act:
    _, first = await owed(stage)
    boss = stage.viewer(await stage.hire("boss", Role.SUPERVISOR), Role.SUPERVISOR)
    return lambda on: followup.close(
        on.store, boss, first, on.now, result="in_care", reason=Sensitive("住院")
    )


@scene("followup.climb_overdue")
async def _(stage: Stage) -> Act:
    await owed(stage)
    stage.now += timedelta(days=3)
    return lambda on: followup.climb_overdue(on.store, on.policies, on.now, MOST)


@scene("history.open_history", "more")
async def _(stage: Stage) -> Act:
    """A second look is a second look."""
    counselor, contact, _ = await talking(stage)
    await stage.value("update contact set caller_key = 'k' where id = $1", contact.id)
    eyes = stage.viewer(counselor)
    return lambda on: history.open_history(on.store, eyes, contact.id, on.now)


@scene("outreach.begin")
async def _(stage: Stage) -> Act:
    left = await hung_up(stage, 1, level=Level.IMMINENT)
    eyes = stage.viewer(await stage.hire("lin"))
    return lambda on: outreach.begin(on.store, on.policies, eyes, left.id, on.now)


@scene("outreach.report")
async def _(stage: Stage) -> Act:
    left = await hung_up(stage, 1, level=Level.IMMINENT)
    eyes = stage.viewer(await stage.hire("lin"))
    begun = await outreach.begin(stage.store, stage.policies, eyes, left.id, stage.now)
    said = Reported(result="wrong_number")
    return lambda on: outreach.report(on.store, on.policies, eyes, begun.call_id, said, on.now)


@scene("shift.give")
async def _(stage: Stage) -> Act:
    eyes = stage.viewer(await stage.hire("lin"))
    return lambda on: shift.give(on.store, eyes, Sensitive("请多看一眼"), on.now, key="s")


@scene("shift.take")
async def _(stage: Stage) -> Act:
    giver = stage.viewer(await stage.hire("lin"))
    given = await shift.give(stage.store, giver, None, stage.now) or giver.staff_id
    eyes = stage.viewer(await stage.hire("mei"))
    return lambda on: shift.take(on.store, eyes, given, on.now)
