"""Scenes of records beside and after the talk."""

from hotline.base import ids
from hotline.base.sensitive import Sensitive
from hotline.domain.record import Acted, Change
from hotline.domain.staff import Role
from hotline.flow import reading, record, session
from tests.drills.desk_scenes import TROUBLE, viewer, wrapping
from tests.drills.scenes import Act, scene
from tests.stage import Stage


@scene("record.act")
async def _(stage: Stage) -> Act:
    counselor, begun = await wrapping(stage)
    said = Acted(action_id=ids.new_id(), kind="referral", state="planned", words=TROUBLE)
    return lambda on: record.act(on.store, begun.id, counselor, said, on.now)


@scene("record.amend")
async def _(stage: Stage) -> Act:
    counselor, begun = await wrapping(stage)
    await session.close(stage.store, stage.policies, begun.id, counselor, stage.now)
    change = Change(field="facts", text=TROUBLE, reason=Sensitive("听错了"))
    return lambda on: record.amend(on.store, begun.id, counselor, change, on.now)


@scene("reading.open_record")
async def _(stage: Stage) -> Act:
    counselor, begun = await wrapping(stage)
    eyes = viewer(stage, counselor, Role.COUNSELOR)
    return lambda on: reading.open_record(on.store, eyes, begun.id, on.now)
