"""A subject: the person at risk, where that is not the one who reaches out.

A mother calls about her son: she may be calm while he stands on a roof. The subject has a level of its own,
raised and lowered by the same verbs as the caller's; the contact waits in the band of the gravest of all,
and a subject in danger calls the team in for the contact, in an escalation that names the subject.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from hotline.base.errors import Refused
from hotline.base.sensitive import Sensitive
from hotline.domain import contact as contacts, escalation as escalations, task as tasks
from hotline.domain.contact import Contact
from hotline.domain.escalation import Cause, Escalation, Means
from hotline.domain.journal import Json, staff_actor, system_actor
from hotline.domain.judgement import Judgement
from hotline.domain.level import Level
from hotline.domain.outcome import NOTHING, Outcome

RELATIONS: Final = (
    "partner", "parent", "child", "sibling", "relative", "friend", "classmate", "colleague", "student",
    "neighbour", "client", "stranger", "unknown", "other",
)  # fmt: skip
MINOR: Final = "minor"
DANGERS: Final = ("violence", "abuse", "child_in_danger", "medical")
"""Flags of a person that are the contact's too, and lead where each of them leads."""
FLAGS: Final = (MINOR, *DANGERS)
THIRD_PARTY: Final = "third_party"
"""The flag of a contact that is about somebody else."""
SUBJECTS_MAX: Final = 10
"""Of one contact: a family, or a circle of friends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What the caller says of the person: who it is to them, the name if given, and where they are."""

    relation: str
    name: Sensitive | None = None
    whereabouts: Sensitive | None = None
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A person at risk of whom somebody tells us; `level_is_human` once a person has set the level."""

    id: UUID
    contact_id: UUID
    relation: str
    made_at: datetime
    made_by: UUID
    name: Sensitive | None = None
    whereabouts: Sensitive | None = None
    flags: tuple[str, ...] = ()
    level: Level = Level.UNKNOWN
    level_is_human: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What lies under the contact's lock: its latest escalation, and everybody whom it is about."""

    contact: Contact
    escalation: Escalation | None = None
    subjects: tuple[Subject, ...] = ()


def tell_of(
    held: Held, described: Described, *, subject_id: UUID, staff_id: UUID, task_id: UUID, now: datetime
) -> Outcome:
    """Note a person at risk; nobody has asked yet, so the level is unknown. The same id again is no error.

    Their dangers are the contact's; of a harmed minor a report is owed, under `task_id`.

    Raises:
        Refused: the relation or a flag is not in its list, or there are too many.
    """
    _require_codes(described)
    if any(each.id == subject_id for each in held.subjects):
        return NOTHING
    if len(held.subjects) >= SUBJECTS_MAX:
        raise Refused("subject.many", f"A contact is about {SUBJECTS_MAX} people at most.")
    subject = Subject(
        id=subject_id,
        contact_id=held.contact.id,
        made_at=now,
        made_by=staff_id,
        relation=described.relation,
        name=described.name,
        whereabouts=described.whereabouts,
        flags=tuple(sorted(described.flags)),
    )
    contact = _flagged(held.contact, subject)
    entry = contacts.note(
        contact, "subject.added", staff_actor(staff_id), subject=str(subject.id), relation=subject.relation
    )
    told = Outcome(rows=(contact, subject), entries=(entry,))
    return told + _reported(contact, subject, staff_id, task_id, now)


def describe(
    held: Held, subject: Subject, described: Described, staff_id: UUID, *, task_id: UUID, now: datetime
) -> Outcome:
    """Correct or complete what is known of the person; the level is not touched, and no danger is taken back.

    Raises:
        Refused: the relation or a flag is not in its list.
    """
    _require_codes(described)
    after = replace(
        subject,
        relation=described.relation,
        name=described.name,
        whereabouts=described.whereabouts,
        flags=tuple(sorted(described.flags)),
    )
    if after == subject:
        return NOTHING
    contact = _flagged(held.contact, after)
    entry = contacts.note(contact, "subject.described", staff_actor(staff_id), subject=str(subject.id))
    told = Outcome(rows=(contact, after), entries=(entry,))
    return told + _reported(contact, after, staff_id, task_id, now)


def _flagged(contact: Contact, subject: Subject) -> Contact:
    dangers = {flag for flag in subject.flags if flag in DANGERS}
    return replace(contact, flags=tuple(sorted({*contact.flags, *dangers, THIRD_PARTY})))


def _reported(contact: Contact, subject: Subject, staff_id: UUID, task_id: UUID, now: datetime) -> Outcome:
    """The report on a minor who is harmed or suspected to be (requirement 31)."""
    if MINOR not in subject.flags or not tasks.HARM & set(subject.flags):
        return NOTHING
    return tasks.report_minor(contact, made_by=staff_id, task_id=task_id, now=now)


def respond(
    held: Held, subject: Subject, level: Level, cause: Cause, *, means: Means, now: datetime
) -> Outcome:
    """Answer a finding of `level` about the subject: it rises, and with it the contact; the team is called.

    As `escalation.respond`: a level that does not rise changes nothing, except that an escalation which
    ought to exist is made; one that people have closed is followed by another when the level rises, and by
    every imminent finding.
    """
    higher, actor = Level.highest(subject.level, level), system_actor("risk")
    if cause.staff_id is not None:
        actor = staff_actor(cause.staff_id)
    risen = NOTHING
    if higher is not subject.level:
        risen = _levelled(held, replace(subject, level=higher), means, now, actor=actor)
    is_settled = held.escalation is not None and not held.escalation.is_open
    if is_settled and not risen.rows and level < Level.IMMINENT:
        return risen
    contact = risen.row(Contact) if risen.rows else held.contact
    named = replace(cause, subject_id=subject.id)
    return risen + _called(contact, held.escalation, level, named, means=means, now=now)


def set_level(held: Held, subject: Subject, judgement: Judgement, *, means: Means, now: datetime) -> Outcome:
    """A person's judgement of the subject, up or down; whether they may lower it is asked before."""
    level = judgement.after
    actor = staff_actor(judgement.staff_id)
    after = replace(subject, level=level, level_is_human=True)
    outcome = _levelled(held, after, means, now, actor=actor, human=True) + Outcome(rows=(judgement,))
    if level <= subject.level:
        return outcome
    cause = Cause(source="counselor", staff_id=judgement.staff_id, subject_id=subject.id)
    return outcome + _called(outcome.row(Contact), held.escalation, level, cause, means=means, now=now)


def _called(
    contact: Contact,
    escalation: Escalation | None,
    level: Level,
    cause: Cause,
    *,
    means: Means,
    now: datetime,
) -> Outcome:
    """The team for the contact: an open escalation grows graver, otherwise there is a new one."""
    if not level.needs_escalation:
        return NOTHING
    ladders, roster, new_id = means.ladders, means.roster, means.new_id
    if escalation is not None and escalation.is_open:
        return escalations.aggravate(escalation, level, ladders, roster, now=now, new_id=new_id)
    return escalations.declare(contact, cause, ladders, roster, now=now, new_id=new_id)


def _levelled(
    held: Held, after: Subject, means: Means, now: datetime, *, actor: str, **body: Json
) -> Outcome:
    old = next(each.level.text for each in held.subjects if each.id == after.id)
    new = after.level.text
    others = (each.level for each in held.subjects if each.id != after.id)
    gravest = Level.highest(after.level, *others)
    contact = contacts.set_subject_level(held.contact, gravest, now, means.queue)
    entry = contacts.note(
        contact,
        "subject.level",
        actor,
        subject=str(after.id),
        before=old,
        after=new,
        **body,
    )
    return Outcome(rows=(contact, after), entries=(entry,))


def _require_codes(described: Described) -> None:
    if described.relation not in RELATIONS:
        raise Refused("subject.relation", f"A relation is one of {', '.join(RELATIONS)}.")
    unknown = [flag for flag in described.flags if flag not in FLAGS]
    if unknown:
        raise Refused("subject.flag", f"Not a flag of a person at risk: {', '.join(unknown)}.")
