"""What tests of the time after a contact begin with: a grave contact, closed, whose caller has agreed."""

from uuid import UUID
from zoneinfo import ZoneInfo

from hotline.base import ids
from hotline.base.sensitive import Sensitive
from hotline.domain import contact as contacts, escalation as escalations, safety_plan as plans
from hotline.domain.access import Viewer
from hotline.domain.contact import Caller, Contact, Form
from hotline.domain.escalation import Cause
from hotline.domain.followup import FollowUp
from hotline.domain.ladder import NOBODY
from hotline.domain.level import Level
from hotline.domain.safety_plan import Draft, Parts
from hotline.domain.session import Record
from hotline.flow import escalation, followup, offer, session
from hotline.flow.escalation import Judgement
from hotline.flow.followup import Tried, Wish
from hotline.flow.session import Screened
from hotline.store import followup as store_followup
from tests.stage import Stage

SHANGHAI = ZoneInfo("Asia/Shanghai")
YES = Wish(is_agreed=True, way="phone", reach=Sensitive("13900000000"), code_word=Sensitive("小雨"))
NO = Wish(is_agreed=False)
RECORD = Record(disposition="counselling", result="calmer")
DRAFT = Draft(
    parts=Parts(warning_signs=plans.listed(["整夜睡不着", "  "]), people=plans.listed(["姐姐", "老师\n王"])),
    is_made_with_caller=True,
    based_on=0,
)
STEPS = {
    Level.IMMINENT: ["d1", "h72", "d7", "d30", "d90", "d365"],
    Level.HIGH: ["d1", "d7", "d30", "d90", "d365"],
    Level.MODERATE: ["d1", "d7", "d30"],
}


async def in_talk(stage: Stage, level: Level, *, key: bytes | None = None) -> tuple[UUID, UUID, UUID]:
    """Counselor, contact, session of a chat that a person has judged."""
    counselor = await stage.hire(f"lin{ids.new_id().hex[-4:]}", ready=True)
    contact = await stage.chat()
    if key is not None:
        await stage.value("update contact set caller_key = $2 where id = $1", contact.id, key)
    await stage.dispatch()
    begun = await offer.accept(stage.store, await stage.pending_offer(contact.id), counselor, stage.later(3))
    judged = Judgement(level=level, basis=Sensitive("计划明天"), may_lower=True)
    await escalation.set_level(stage.store, stage.policies, contact.id, counselor, judged, stage.now)
    return counselor, contact.id, begun.id


async def finish(stage: Stage, counselor: UUID, contact_id: UUID, session_id: UUID) -> None:
    """Hang up, screen, write, close."""
    await session.hang_up(stage.store, contact_id, counselor, stage.later(600))
    await session.screen(
        stage.store, stage.policies, session_id, counselor, Screened(result="asked_positive"), stage.now
    )
    await session.write(stage.store, stage.policies, session_id, counselor, RECORD, stage.now)
    await session.close(stage.store, stage.policies, session_id, counselor, stage.later(60))


async def owed(stage: Stage, contact_id: UUID) -> list[FollowUp]:
    async with stage.store.connection() as connection:
        return await store_followup.of_contact(connection, stage.store.vault, contact_id)


async def agree(stage: Stage, contact_id: UUID, staff_id: UUID, wish: Wish = YES) -> None:
    await followup.agree(stage.store, stage.policies, contact_id, staff_id, wish, stage.now)


async def planned(stage: Stage, level: Level = Level.HIGH) -> tuple[UUID, UUID, list[FollowUp]]:
    """A closed contact whose caller has agreed: counselor, contact, what is owed."""
    counselor, contact_id, session_id = await in_talk(stage, level)
    await agree(stage, contact_id, counselor)
    await finish(stage, counselor, contact_id, session_id)
    return counselor, contact_id, await owed(stage, contact_id)


async def attempt(stage: Stage, viewer: Viewer, follow_up_id: UUID, result: str, **more: object) -> None:
    tried = Tried(result=result, **more)  # pyright: ignore[reportArgumentType]  by name
    await followup.attempt(stage.store, stage.policies, viewer, follow_up_id, tried, stage.now)


async def hung_up(stage: Stage, nth: int = 1, *, level: Level = Level.NONE_FOUND, **form: object) -> Contact:
    """A caller with a number who left the queue."""
    caller = Caller(
        key=stage.store.vault.index(Sensitive(f"+86139{nth:08d}-{stage.centre.id}")),
        number=Sensitive(f"+86139{nth:08d}"),
        quality="given",
    )
    rung = contacts.arrive(ids.new_id(), stage.voice_line, stage.now, caller=caller, form=Form(**form))  # pyright: ignore[reportArgumentType]
    means = escalations.Means(
        queue=stage.policies.queue, ladders=stage.policies.ladders.default, roster=NOBODY, new_id=ids.new_id
    )
    cause = Cause(source="message")
    risen = escalations.respond(rung.row(Contact), None, level, cause, means=means, now=stage.now)
    before = next((row for row in risen.rows if isinstance(row, Contact)), rung.row(Contact))
    joined = contacts.join(before, stage.now, stage.policies.queue, earlier_join=None)
    left = contacts.abandon(joined.row(Contact), stage.later(60))
    async with stage.store.unit() as unit:
        await unit.save(rung + risen + joined + left, stage.now)
    return left.row(Contact)
