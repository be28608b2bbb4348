"""Answer sheets: kept, and answered with the level that they suggest, in one transaction."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from hotline.base import ids
from hotline.base.errors import Absent, Refused
from hotline.base.sensitive import Sensitive
from hotline.domain import assessment as assessments, escalation as escalations
from hotline.domain.assessment import Sheet
from hotline.domain.risk.instruments import Answers, Instrument, Result
from hotline.domain.subject import Held, Subject
from hotline.policy.policies import Policies
from hotline.store import (
    assessment as store_assessment,
    contact as store_contact,
    roster as store_roster,
    subject as store_subject,
)
from hotline.store.unit import Store, Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """An answer sheet as a person hands it in: about the caller, or about a subject.

    `version` is that of the questions that were read out. `key` is the same in every try of one request.
    """

    instrument: str
    version: str
    answers: Answers
    moment: str = "during"
    subject_id: UUID | None = None
    words: Sensitive | None = None
    key: str | None = None


async def take(
    store: Store, policies: Policies, contact_id: UUID, staff_id: UUID, answered: Answered, now: datetime
) -> UUID:
    """Keep an answer sheet; the level that it suggests is reached, and the team called in if it is grave.

    Sent again it is kept once; what has sunk since is raised again, because an alarm too many is better
    than one that is taken for a repeat.

    Raises:
        Absent: there is no such contact, or the subject is not of this contact.
        Refused: the instrument is off or has changed meanwhile, or does not take these answers.
    """
    async with store.unit() as unit:
        journey = await store_contact.lock_journey(unit, contact_id)
        held = Held(
            contact=journey.contact,
            escalation=journey.escalation,
            subjects=await store_subject.load(unit, contact_id),
        )
        sheet = await _sheet(unit, policies, held, staff_id, answered)
        result = assessments.read(sheet)
        means = await _means(unit, policies, held, result, now)
        if await store_assessment.find(unit.connection, unit.vault, sheet.id) is not None:
            outcome = assessments.respond(held, sheet, result, means=means, now=now)
        else:
            await store_assessment.keep_version(unit, sheet.instrument, now)
            outcome = assessments.take(held, sheet, result, means=means, now=now)
        await unit.save(outcome, now, journey)
        return sheet.id


async def _sheet(unit: Unit, policies: Policies, held: Held, staff_id: UUID, answered: Answered) -> Sheet:
    contact_id = held.contact.id
    last = await store_assessment.find_last(
        unit.connection, contact_id, answered.instrument, answered.moment, answered.subject_id
    )
    return Sheet(
        id=uuid5(contact_id, f"{staff_id} {answered.key}") if answered.key else ids.new_id(),
        instrument=await _instrument(unit, policies, answered),
        answers=answered.answers,
        moment=answered.moment,
        staff_id=staff_id,
        subject=None if answered.subject_id is None else _subject(held, answered.subject_id),
        supersedes=last,
        words=answered.words,
    )


async def _instrument(unit: Unit, policies: Policies, answered: Answered) -> Instrument:
    """The instrument in the version that was read out, be it today's or one that has been answered before."""
    today = policies.instruments.get(answered.instrument)
    if today is None:
        raise Absent("instrument.absent", "There is no such instrument.")
    if today.version == answered.version:
        return today
    kept = await store_assessment.versions(unit.connection, [answered.version])
    found = kept.get(answered.version)
    if found is None or found.id != answered.instrument:
        raise Refused("instrument.changed", "This instrument has been changed meanwhile; load it again.")
    return found


def _subject(held: Held, subject_id: UUID) -> Subject:
    found = next((each for each in held.subjects if each.id == subject_id), None)
    if found is None:
        raise Absent("subject.absent", "There is no such subject.")
    return found


async def _means(
    unit: Unit, policies: Policies, held: Held, result: Result, now: datetime
) -> escalations.Means:
    contact = held.contact
    level = contact.level if result.level is None else result.level
    return escalations.Means(
        queue=policies.queue,
        ladders=await store_roster.ladders(unit.connection, policies.ladders, contact.centre_id),
        roster=await store_roster.roster(unit.connection, contact.centre_id, level, now, contact.id),
        new_id=ids.new_id,
    )
