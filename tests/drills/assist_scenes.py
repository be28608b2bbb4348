"""Scenes of a counselor who asks for a supervisor."""

from uuid import UUID

from hotline.base.sensitive import Sensitive
from hotline.domain.assist import Asked
from hotline.domain.staff import Role
from hotline.flow import assist
from tests.drills.desk_scenes import MOST, talking
from tests.drills.scenes import Act, scene
from tests.stage import Stage

ASKED = Asked(reason="cannot_go_on", words=Sensitive("撑不住了"))


async def asked(stage: Stage) -> tuple[UUID, UUID]:
    """A counselor who has asked for somebody: the counselor, and the call."""
    counselor, _, begun = await talking(stage)
    return counselor, await assist.ask(stage.store, stage.policies, begun.id, counselor, ASKED, stage.now)


async def taken(stage: Stage) -> tuple[UUID, UUID]:
    """A supervisor is on the way: the supervisor, and the call."""
    _, assist_id = await asked(stage)
    sun = await stage.hire("sun", Role.SUPERVISOR)
    await assist.take(stage.store, assist_id, sun, stage.now)
    return sun, assist_id


@scene("assist.ask")
async def _(stage: Stage) -> Act:
    counselor, _, begun = await talking(stage)
    return lambda on: assist.ask(on.store, on.policies, begun.id, counselor, ASKED, on.now)


@scene("assist.take")
async def _(stage: Stage) -> Act:
    _, assist_id = await asked(stage)
    sun = await stage.hire("sun", Role.SUPERVISOR)
    return lambda on: assist.take(on.store, assist_id, sun, on.now)


@scene("assist.hand_back")
async def _(stage: Stage) -> Act:
    sun, assist_id = await taken(stage)
    return lambda on: assist.hand_back(on.store, on.policies, assist_id, sun, on.now)


@scene("assist.withdraw")
async def _(stage: Stage) -> Act:
    counselor, assist_id = await asked(stage)
    return lambda on: assist.withdraw(on.store, assist_id, counselor, on.now)


@scene("assist.end")
async def _(stage: Stage) -> Act:
    sun, assist_id = await taken(stage)
    return lambda on: assist.end(on.store, assist_id, sun, on.now)


@scene("assist.open_assist", "more")
async def _(stage: Stage) -> Act:
    """Twice is two looks."""
    _, assist_id = await asked(stage)
    eyes = stage.viewer(await stage.hire("sun", Role.SUPERVISOR), Role.SUPERVISOR)
    return lambda on: assist.open_assist(on.store, eyes, assist_id, on.now)


@scene("assist.climb_due")
async def _(stage: Stage) -> Act:
    await asked(stage)
    stage.later(60)
    return lambda on: assist.climb_due(on.store, on.policies, on.now, MOST)
