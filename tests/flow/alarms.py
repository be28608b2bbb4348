"""What the tests of escalations do and look at: a team, an alarm, who was paged, what was noted."""

from datetime import datetime
from uuid import UUID

from hotline.base import ids
from hotline.base.sensitive import Sensitive
from hotline.domain.contact import Contact
from hotline.domain.custody import Hand
from hotline.domain.escalation import Escalation
from hotline.domain.level import Level
from hotline.domain.paging import JOIN
from hotline.domain.staff import Role
from hotline.flow import escalation, message
from hotline.flow.escalation import Judgement, Said
from hotline.store import escalation as store_escalation
from tests.stage import Stage

DANGER = "我已经吃了一瓶安眠药，不想活了"
TELEPHONE = Sensitive("+8613800001111")


def judged(level: Level, basis: str = "") -> Judgement:
    return Judgement(level=level, basis=Sensitive(basis))


async def declare(stage: Stage, contact: Contact, staff_id: UUID, level: Level, reason: str = "") -> UUID:
    return await escalation.declare(
        stage.store, stage.policies, contact.id, staff_id, judged(level, reason), stage.now
    )


async def say(stage: Stage, contact: Contact, words: str) -> message.Stored:
    return await message.say(
        stage.store, stage.policies, contact.id, ids.new_id(), words=Sensitive(words), now=stage.now
    )


def hand(stage: Stage, staff_id: UUID, seen: int | None = None) -> Hand:
    return Hand(staff_id=staff_id, leads=staff_id == stage.people.get("sun"), seen=seen)


async def acknowledge(stage: Stage, raised: UUID, staff_id: UUID, now: datetime) -> None:
    await escalation.acknowledge(stage.store, stage.policies, raised, hand(stage, staff_id), now)


async def make_contact(stage: Stage, raised: UUID, staff_id: UUID, now: datetime, how: str = "chat") -> None:
    made = Said(code=how, words=Sensitive("通过电话联系上"))
    await escalation.make_contact(stage.store, stage.policies, raised, hand(stage, staff_id), made, now)


async def resolve(
    stage: Stage, raised: UUID, staff_id: UUID, outcome: str, words: Sensitive, now: datetime
) -> None:
    said = Said(code=outcome, words=words)
    await escalation.resolve(stage.store, stage.policies, raised, hand(stage, staff_id), said, now)


async def stand_down(
    stage: Stage, raised: UUID, staff_id: UUID, reason: Sensitive, now: datetime, ground: str = "misread"
) -> None:
    said = Said(code=ground, words=reason)
    await escalation.stand_down(stage.store, raised, hand(stage, staff_id), said, now)


async def climb(stage: Stage) -> None:
    """Everybody's: other tests have left escalations in this database."""
    await escalation.climb_due(stage.store, stage.policies, stage.now, 1000)


async def read(stage: Stage, escalation_id: UUID) -> Escalation:
    async with stage.store.connection() as connection:
        return await store_escalation.get(connection, stage.store.vault, escalation_id)


async def pages(stage: Stage, escalation_id: UUID) -> list[tuple[int, UUID, str, str]]:
    """Who was called, but for the supervisor who is asked to join and listen."""
    async with stage.store.connection() as connection:
        made = await store_escalation.pages_of(connection, stage.store.vault, escalation_id)
    return sorted(
        (page.rung, page.staff_id, page.channel, page.state) for page in made if page.purpose != JOIN
    )


async def notes(stage: Stage, escalation_id: UUID) -> list[tuple[UUID, str]]:
    async with stage.store.connection() as connection:
        found = await store_escalation.notes_of(connection, stage.store.vault, escalation_id)
    return [(note.staff_id, note.words.reveal()) for note in found]


async def a_team(stage: Stage) -> tuple[UUID, UUID, UUID]:
    """A counselor, a responder with a telephone, and a supervisor without one."""
    counselor = await stage.hire("lin", ready=True)
    responder = await stage.hire("wu", Role.RESPONDER, telephone=TELEPHONE)
    return counselor, responder, await stage.hire("sun", Role.SUPERVISOR)
