"""People at risk who are not the caller: told of, described, judged."""

from datetime import datetime
from uuid import UUID, uuid5

from hotline.base import ids
from hotline.base.errors import Absent
from hotline.domain import escalation as escalations, judgement as judgements, subject as subjects
from hotline.domain.joint import Journey
from hotline.domain.judgement import Asked, Judgement
from hotline.domain.level import Level
from hotline.domain.subject import Described, Held, Subject
from hotline.policy.policies import Policies
from hotline.store import (
    contact as store_contact,
    leg as store_leg,
    roster as store_roster,
    subject as store_subject,
)
from hotline.store.unit import Store, Unit


async def tell_of(
    store: Store, contact_id: UUID, staff_id: UUID, client_id: UUID, described: Described, now: datetime
) -> UUID:
    """The caller tells of a person at risk; sent again under the same `client_id`, nobody is added.

    Raises:
        Absent: there is no such contact.
        Refused: a code is unknown, or there are too many.
    """
    async with store.unit() as unit:
        journey = await store_contact.lock_journey(unit, contact_id)
        held = await _held(unit, journey)
        subject_id = uuid5(contact_id, str(client_id))
        outcome = subjects.tell_of(
            held, described, subject_id=subject_id, staff_id=staff_id, task_id=ids.new_id(), now=now
        )
        await unit.save(outcome, now, journey)
        return subject_id


async def describe(
    store: Store, subject_id: UUID, staff_id: UUID, described: Described, now: datetime
) -> None:
    """Correct or complete what is known of the person.

    Raises:
        Absent: there is no such subject.
        Refused: a code is unknown.
    """
    async with store.unit() as unit:
        journey, held, subject = await _lock(unit, subject_id)
        outcome = subjects.describe(held, subject, described, staff_id, task_id=ids.new_id(), now=now)
        await unit.save(outcome, now, journey)


async def set_level(
    store: Store, policies: Policies, subject_id: UUID, staff_id: UUID, asked: Asked, now: datetime
) -> None:
    """A person's judgement of how grave it stands with the subject; a team is called in where it rises.

    Raises:
        Absent: there is no such subject.
        Forbidden: lowering needs a supervisor.
        Refused: lowering needs grounds, or the level has moved since the person looked.
    """
    async with store.unit() as unit:
        journey, held, subject = await _lock(unit, subject_id)
        if await _is_repeated(unit, staff_id, asked, now) and subject.level >= asked.level:
            return
        judgements.require(subject.level, asked)
        judgement = _judgement(held, subject, staff_id, asked, now)
        means = await _means(unit, policies, held, asked.level, now)
        await unit.save(subjects.set_level(held, subject, judgement, means=means, now=now), now, journey)


async def _lock(unit: Unit, subject_id: UUID) -> tuple[Journey, Held, Subject]:
    journey = await store_contact.lock_journey_of(unit, "subject", subject_id)
    held = await _held(unit, journey)
    found = next((each for each in held.subjects if each.id == subject_id), None)
    if found is None:
        raise Absent("subject.absent", "There is no such subject.")
    return journey, held, found


async def _held(unit: Unit, journey: Journey) -> Held:
    return Held(
        contact=journey.contact,
        escalation=journey.escalation,
        subjects=await store_subject.load(unit, journey.contact.id),
    )


async def _is_repeated(unit: Unit, staff_id: UUID, asked: Asked, now: datetime) -> bool:
    """Whether this request of this person has been acted on; asked under the contact's lock, and noted."""
    return asked.key is not None and not await store_leg.is_new_fact(
        unit, f"asked:{staff_id}:{asked.key}", now
    )


def _judgement(held: Held, subject: Subject, staff_id: UUID, asked: Asked, now: datetime) -> Judgement:
    return Judgement(
        id=ids.new_id(),
        contact_id=held.contact.id,
        staff_id=staff_id,
        at=now,
        before=subject.level,
        after=asked.level,
        basis=asked.basis if not asked.basis.is_blank else None,
        subject_id=subject.id,
    )


async def _means(
    unit: Unit, policies: Policies, held: Held, level: Level, now: datetime
) -> escalations.Means:
    return escalations.Means(
        queue=policies.queue,
        ladders=await store_roster.ladders(unit.connection, policies.ladders, held.contact.centre_id),
        roster=await store_roster.roster(
            unit.connection, held.contact.centre_id, level, now, held.contact.id
        ),
        new_id=ids.new_id,
    )
