"""Scenes of records beside and after the talk, and of abuse."""

from datetime import timedelta
from uuid import UUID

from hotline.base import ids
from hotline.base.sensitive import Sensitive
from hotline.domain.abuse import Asked
from hotline.domain.record import Acted, Change
from hotline.domain.staff import Role
from hotline.flow import abuse, offer, reading, record, report, session
from hotline.flow.session import Screened
from tests.drills.desk_scenes import TROUBLE, talking, wrapping
from tests.drills.scenes import Act, scene
from tests.flow.calls import Call, a_number
from tests.stage import Stage


@scene("record.act")
async def _(stage: Stage) -> Act:
    counselor, begun = await wrapping(stage)
    said = Acted(action_id=ids.new_id(), kind="referral", state="planned", words=TROUBLE)
    return lambda on: record.act(on.store, on.policies, begun.id, counselor, said, on.now)


@scene("record.amend")
async def _(stage: Stage) -> Act:
    counselor, begun = await wrapping(stage)
    await session.close(stage.store, stage.policies, begun.id, counselor, stage.now)
    change = Change(field="facts", text=TROUBLE, reason=Sensitive("听错了"))
    return lambda on: record.amend(on.store, on.policies, begun.id, counselor, change, on.now)


@scene("reading.open_record")
async def _(stage: Stage) -> Act:
    counselor, begun = await wrapping(stage)
    eyes = stage.viewer(counselor)
    return lambda on: reading.open_record(on.store, eyes, begun.id, on.now)


# --- abuse


@scene("abuse.warn")
async def _(stage: Stage) -> Act:
    counselor, contact, _ = await talking(stage)
    return lambda on: abuse.warn(on.store, contact.id, counselor, "insults", on.now)


@scene("abuse.end")
async def _(stage: Stage) -> Act:
    counselor, contact, _ = await talking(stage)
    return lambda on: abuse.end(on.store, contact.id, counselor, "insults", on.now)


async def a_screened_call(stage: Stage) -> tuple[UUID, UUID]:
    """A counselor and a contact whose caller is known, and was asked."""
    counselor = await stage.hire("lin", ready=True)
    one = await Call.waits(stage, a_number())
    await stage.dispatch()
    offer_id = await stage.pending_offer(one.contact_id)
    begun = await offer.accept(stage.store, offer_id, counselor, stage.later(2))
    await session.screen(
        stage.store, stage.policies, begun.id, counselor, Screened(result="asked_denied"), stage.now
    )
    return counselor, one.contact_id


def a_restriction(stage: Stage, kind: str) -> Asked:
    """It is to be reviewed, and over, in a week."""
    day = stage.now.date() + timedelta(days=7)
    return Asked(kind=kind, reason=TROUBLE, review_on=day, ends_on=day)


@scene("abuse.restrict")
async def _(stage: Stage) -> Act:
    counselor, contact_id = await a_screened_call(stage)
    asked = a_restriction(stage, "cooldown_24h")
    return lambda on: abuse.restrict(on.store, contact_id, counselor, asked, on.now, days_max=30)


async def proposed(stage: Stage) -> tuple[UUID, UUID]:
    """A restriction that waits for a second person, and that person."""
    counselor, contact_id = await a_screened_call(stage)
    asked = a_restriction(stage, "blocked")
    made = await abuse.restrict(stage.store, contact_id, counselor, asked, stage.now, days_max=30)
    return made, await stage.hire("sun", Role.SUPERVISOR)


@scene("abuse.approve")
async def _(stage: Stage) -> Act:
    made, supervisor = await proposed(stage)
    return lambda on: abuse.approve(on.store, made, supervisor, on.now)


@scene("abuse.lift")
async def _(stage: Stage) -> Act:
    made, supervisor = await proposed(stage)
    return lambda on: abuse.lift(on.store, made, supervisor, TROUBLE, on.now)


@scene("report.put_away")
async def _(stage: Stage) -> Act:
    eyes = stage.viewer(await stage.hire("sun", Role.SUPERVISOR), Role.SUPERVISOR)
    return lambda on: report.put_away(on.store, on.policies, eyes, on.centre.id, "2026-10", on.now)
