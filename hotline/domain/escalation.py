"""An escalation: a crisis team called in, and not let go until somebody has the person.

It opens in the transaction that saved the words which caused it. Each rung of the ladder pages some
people by some channels and gives them so many seconds to acknowledge; after the last rung the ladder
begins again, louder, and never falls silent. Who has acknowledged owns it, and is chased in turn: whatever
stands still too long between "I have it" and its closing is called out again. How people go on with it is in
`custody`. Rules raise it, only people end it. Deadlines are columns, so they outlive every process.
(Acknowledge within 1, 5 and 15 minutes for imminent, high and other: requirement 23.)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from hotline.base.sensitive import Sensitive
from hotline.domain import contact as contacts, paging, task as tasks
from hotline.domain.contact import Contact
from hotline.domain.journal import Entry, Json, staff_actor, system_actor
from hotline.domain.ladder import ON_DUTY, SUPERVISORS, Ladder, Ladders, Responder, Roster, reached
from hotline.domain.level import Level
from hotline.domain.machine import Machine
from hotline.domain.outcome import NOTHING, Outcome
from hotline.domain.paging import NewId, Summons
from hotline.domain.queue import QueuePolicy

MACHINE: Final = Machine(
    name="escalation",
    start="raised",
    moves={
        ("raised", "page"): "paged",
        ("raised", "acknowledge"): "acknowledged",
        ("raised", "stand_down"): "stood_down",
        ("paged", "page"): "paged",
        ("paged", "acknowledge"): "acknowledged",
        ("paged", "stand_down"): "stood_down",
        ("acknowledged", "make_contact"): "contact_made",
        ("acknowledged", "resolve"): "resolved",
        ("acknowledged", "stand_down"): "stood_down",
        ("contact_made", "resolve"): "resolved",
        ("contact_made", "stand_down"): "stood_down",
        ("resolved", "reopen"): "acknowledged",
        ("resolved", "close"): "closed",
    },
    ends=frozenset({"closed", "stood_down"}),
)

UNREACHED: Final = "not_reached"
"""The one outcome that can be confirmed without contact with the person."""
OUTCOMES: Final = frozenset(
    f"safe_with_others emergency_service_reached admitted safety_plan_agreed {UNREACHED} other".split()
)
CALLING: Final = frozenset({"raised", "paged"})
"""States in which nobody has it yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """What called for it: a rule or an instrument with the reason in each language, or a person.

    `subject_id` names the person in danger where that is not the caller.
    """

    source: str
    rule: str | None = None
    reason: Mapping[str, str] = field(default_factory=dict[str, str])
    staff_id: UUID | None = None
    subject_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """A crisis team called in for one contact; `rung` counts within a round, `round` counts the rounds.

    `turn` counts how often it has become graver or danger was heard anew: whoever lets go of it says which
    turn they saw. `chased` counts the chases since it last went on. It is open until `closed_at`; the release
    before this one closed it with the state `resolved`. `join_by` is when another supervisor is asked to
    join, if nobody has.
    """

    id: UUID
    contact_id: UUID
    centre_id: UUID
    level: Level
    state: str
    cause: Cause
    declared_at: datetime
    acknowledge_by: datetime
    next_rung_at: datetime | None
    rung: int = 0
    round: int = 0
    turn: int = 0
    chased: int = 0
    owner_id: UUID | None = None
    acknowledged_at: datetime | None = None
    joiner_id: UUID | None = None
    join_by: datetime | None = None
    offered_to: UUID | None = None
    offered_until: datetime | None = None
    contact_made_at: datetime | None = None
    contact_made_by: UUID | None = None
    contact_how: str | None = None
    contact_words: Sensitive | None = None
    outcome: str | None = None
    resolved_at: datetime | None = None
    resolved_by: UUID | None = None
    ground: str | None = None
    closed_at: datetime | None = None
    closed_by: UUID | None = None
    closing: Sensitive | None = None

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to act."""
        return self.closed_at is None and self.state not in MACHINE.ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Words added to an escalation by a named person; notes are only ever added."""

    id: UUID
    escalation_id: UUID
    staff_id: UUID
    at: datetime
    words: Sensitive


@dataclass(frozen=True, slots=True, kw_only=True)
class Joining:
    """A supervisor who was asked to join and listen, or came unasked; `joined_at` once they have."""

    id: UUID
    escalation_id: UUID
    staff_id: UUID
    asked_at: datetime
    joined_at: datetime | None = None


def declare(
    contact: Contact, cause: Cause, ladders: Ladders, roster: Roster, *, now: datetime, new_id: NewId
) -> Outcome:
    """Call the team in for the contact at its present level, and page the first rung."""
    ladder = ladders[contact.gravest]
    escalation = Escalation(
        id=new_id(),
        contact_id=contact.id,
        centre_id=contact.centre_id,
        level=contact.gravest,
        state=MACHINE.start,
        cause=cause,
        declared_at=now,
        acknowledge_by=now + timedelta(seconds=ladder.acknowledge_seconds),
        next_rung_at=None,
    )
    actor = staff_actor(cause.staff_id) if cause.staff_id else system_actor("risk")
    code = escalation.level.text
    entry = entry_of(escalation, "escalation.declared", actor, level=code, rule=cause.rule)
    rise = (Level.NONE_FOUND, escalation.level)
    return (
        Outcome(rows=(escalation,), entries=(entry,))
        + tasks.tell_managers(escalation, rise, ladder.report_seconds, new_id(), now)
        + page_rung(escalation, ladder, roster, rung_number=0, now=now, new_id=new_id)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What answering a danger needs: policies, people, ids; and the age that a counselor has written down."""

    queue: QueuePolicy
    ladders: Ladders
    roster: Roster
    new_id: NewId
    age_band: str | None = None


def respond(
    contact: Contact,
    escalation: Escalation | None,
    level: Level,
    cause: Cause,
    *,
    means: Means,
    now: datetime,
) -> Outcome:
    """Answer a finding of `level`: the contact rises (and moves in the queue), the team is called in.

    A level that does not rise changes nothing, except that an escalation which ought to exist is made.
    One whose outcome was confirmed and that waits to be closed is open again by what rises from there, by
    an imminent finding and by a person's alarm. One that people have closed is followed by another when the
    level rises from where they left it, and by every imminent finding: whoever closed it did not know these
    words.
    """
    actor = staff_actor(cause.staff_id) if cause.staff_id else system_actor("risk")
    risen = contacts.raise_level(contact, level, now, means.queue, actor=actor)
    if not level.needs_escalation:
        return risen
    after = risen.row(Contact) if risen.rows else contact
    if escalation is not None and escalation.is_open:
        return risen + _answered(escalation, level, cause, risen, means=means, now=now)
    if escalation is not None and not risen.rows and level < Level.IMMINENT:
        return risen
    return risen + declare(after, cause, means.ladders, means.roster, now=now, new_id=means.new_id)


def _answered(
    escalation: Escalation, level: Level, cause: Cause, risen: Outcome, *, means: Means, now: datetime
) -> Outcome:
    """What an open escalation makes of a finding: it grows graver, and what was settled is open again.

    What is heard anew at no graver level is another turn of it all the same: nobody lets go of it unread.
    """
    ladders, roster, new_id = means.ladders, means.roster, means.new_id
    graver = aggravate(escalation, level, ladders, roster, now=now, new_id=new_id)
    is_new = bool(risen.rows) or level >= Level.IMMINENT or cause.staff_id is not None
    if escalation.state != "resolved" or not is_new:
        return graver if graver.rows or cause.staff_id is not None else _heard_again(escalation, level)
    held = graver.row(Escalation) if graver.rows else escalation
    return graver + reopen(held, ladders, roster, now=now, new_id=new_id)


def _heard_again(escalation: Escalation, level: Level) -> Outcome:
    heard, code = replace(escalation, turn=escalation.turn + 1), level.text
    entry = entry_of(heard, "escalation.heard_again", system_actor("risk"), level=code)
    return Outcome(rows=(heard,), entries=(entry,))


def aggravate(
    escalation: Escalation, level: Level, ladders: Ladders, roster: Roster, *, now: datetime, new_id: NewId
) -> Outcome:
    """The contact has become graver: the ladder of the graver level begins at once, unless owned.

    An owner is told and keeps it, with no more time than the graver level gives.
    """
    if not escalation.is_open or escalation.level >= level:
        return NOTHING
    ladder = ladders[level]
    due = now + timedelta(seconds=ladder.acknowledge_seconds)
    graver = replace(
        escalation,
        level=level,
        turn=escalation.turn + 1,
        acknowledge_by=min(escalation.acknowledge_by, due),
        next_rung_at=_no_later(escalation, ladder, now),
    )
    code = level.text
    entry = entry_of(graver, "escalation.aggravated", system_actor("risk"), level=code)
    outcome = Outcome(rows=(graver,), entries=(entry,))
    outcome += tasks.tell_managers(graver, (escalation.level, level), ladder.report_seconds, new_id(), now)
    if graver.owner_id is None:
        return outcome + page_rung(graver, ladder, roster, rung_number=0, now=now, new_id=new_id)
    told = () if graver.state == "resolved" else owner_of(graver, roster)
    outcome += called(graver, paging.REMIND, told, ladder.every_channel, now=now, new_id=new_id)
    return outcome + asked_to_join(graver, ladder, roster, now=now, new_id=new_id)


def reopen(
    escalation: Escalation, ladders: Ladders, roster: Roster, *, now: datetime, new_id: NewId
) -> Outcome:
    """What was taken for its outcome does not hold any more: the owner has it again, and is told so.

    The owner may have gone home: without a sign of them in the time to acknowledge, others are called. The
    words with which it was resolved become a note, so that nothing of them is lost.
    """
    ladder = ladders[escalation.level]
    again = replace(
        escalation,
        state=MACHINE.after(escalation.state, "reopen"),
        turn=escalation.turn + 1,
        chased=1,
        contact_made_at=None,
        contact_made_by=None,
        contact_how=None,
        contact_words=None,
        outcome=None,
        resolved_at=None,
        resolved_by=None,
        closing=None,
        next_rung_at=now + timedelta(seconds=ladder.acknowledge_seconds),
    )
    was = [
        Note(id=new_id(), escalation_id=escalation.id, staff_id=by, at=at, words=words)
        for by, at, words in (
            (escalation.contact_made_by, escalation.contact_made_at, escalation.contact_words),
            (escalation.resolved_by, escalation.resolved_at, escalation.closing),
        )
        if by is not None and at is not None and words is not None and not words.is_blank
    ]
    entry = entry_of(again, "escalation.reopened", system_actor("risk"), turn=again.turn)
    return Outcome(rows=(again, *was), entries=(entry,)) + called(
        again, paging.REMIND, owner_of(again, roster), ladder.every_channel, now=now, new_id=new_id
    )


def called(
    escalation: Escalation,
    purpose: str,
    people: Sequence[Responder],
    channels: Sequence[str],
    *,
    now: datetime,
    new_id: NewId,
) -> Outcome:
    """Page these people about it, for this purpose."""
    summons = Summons(
        escalation_id=escalation.id,
        centre_id=escalation.centre_id,
        purpose=purpose,
        rung=escalation.chased,
        at=now,
    )
    made = paging.pages(summons, people, channels, new_id)
    return Outcome(rows=made, effects=paging.sends(made))


def entry_of(escalation: Escalation, kind: str, actor: str, **body: Json) -> Entry:
    """What happened to it, for the journal; it touches its owner and whom it is offered to."""
    touched = (escalation.owner_id, escalation.offered_to)
    return Entry(
        kind=kind,
        centre_id=escalation.centre_id,
        contact_id=escalation.contact_id,
        escalation_id=escalation.id,
        actor=actor,
        staff_ids=tuple(staff_id for staff_id in touched if staff_id is not None),
        body=body,
    )


def page_rung(
    escalation: Escalation, ladder: Ladder, roster: Roster, *, rung_number: int, now: datetime, new_id: NewId
) -> Outcome:
    """Call those of one rung, and give them their time; from the second round on by every channel.

    Where a rung reaches nobody the next one is called at once, if the ladder reaches anybody at all.
    """
    rung = ladder.rung(rung_number)
    paged = replace(
        escalation,
        state=MACHINE.after(escalation.state, "page"),
        rung=rung_number % len(ladder.rungs),
        round=rung_number // len(ladder.rungs),
        next_rung_at=now + timedelta(seconds=ladder.seconds(rung_number, roster)),
    )
    summons = Summons(
        escalation_id=paged.id, centre_id=paged.centre_id, purpose=paging.CALL, rung=rung_number, at=now
    )
    summons = replace(summons, is_loud=paged.round > 0)
    made = paging.pages(summons, rung.people(roster), ladder.channels(rung_number), new_id)
    entry = entry_of(
        paged, "escalation.paged", system_actor("escalator"), rung=rung_number, who=rung.who, pages=len(made)
    )
    outcome = Outcome(rows=(paged, *made), entries=(entry,), effects=paging.sends(made))
    return outcome + asked_to_join(paged, ladder, roster, now=now, new_id=new_id)


def asked_to_join(
    escalation: Escalation, ladder: Ladder, roster: Roster, *, now: datetime, new_id: NewId
) -> Outcome:
    """At imminent a supervisor is asked to join and listen; who does not come is followed by another."""
    others = may_join(escalation, roster)
    if escalation.level < Level.IMMINENT or escalation.joiner_id is not None or not others:
        return NOTHING
    return ask_to_join(escalation, others[0], ladder, now=now, new_id=new_id)


def may_join(escalation: Escalation, roster: Roster) -> list[Responder]:
    """Supervisors on duty before those on call or at home; whoever owns it is there already."""
    all_of_them = dict.fromkeys((*roster.get(ON_DUTY, ()), *roster.get(SUPERVISORS, ())))
    return [each for each in all_of_them if each.staff_id != escalation.owner_id]


def ask_to_join(
    escalation: Escalation, joiner: Responder, ladder: Ladder, *, now: datetime, new_id: NewId
) -> Outcome:
    """This supervisor should join and listen, in the time that there is to acknowledge."""
    by = now + timedelta(seconds=ladder.acknowledge_seconds)
    asked = replace(escalation, joiner_id=joiner.staff_id, join_by=by)
    joining = Joining(id=new_id(), escalation_id=escalation.id, staff_id=joiner.staff_id, asked_at=now)
    entry = entry_of(asked, "escalation.join_asked", system_actor("escalator"), joiner=str(joiner.staff_id))
    return Outcome(rows=(asked, joining), entries=(entry,)) + called(
        asked, paging.JOIN, (joiner,), ladder.every_channel, now=now, new_id=new_id
    )


def owner_of(escalation: Escalation, roster: Roster) -> tuple[Responder, ...]:
    """Whoever has it, as somebody who can be paged; nobody while nobody has."""
    return () if escalation.owner_id is None else (reached(roster, escalation.owner_id),)


def _no_later(escalation: Escalation, ladder: Ladder, now: datetime) -> datetime | None:
    """When an owner is chased: not later than the graver level would have it."""
    if escalation.next_rung_at is None:
        return now
    due = now + timedelta(seconds=ladder.patience.of(escalation.state))
    return min(escalation.next_rung_at, due)
