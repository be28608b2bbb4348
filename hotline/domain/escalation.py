"""An escalation: a crisis team called in, and not let go until somebody has the person.

It opens in the transaction that saved the words which caused it. Each rung of the ladder pages some
people by some channels and gives them so many seconds to acknowledge; after the last rung the ladder
begins again, louder, and never falls silent. Acknowledging gives it one owner. It ends with an
outcome, or by a named person standing it down with a reason; rules raise it, only people end it.
Deadlines are columns, so they outlive every process. (Acknowledge within 1, 5 and 15 minutes for
imminent, high and other: requirement 23.)
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, cast
from uuid import UUID

from hotline.base.errors import Refused
from hotline.base.sensitive import Sensitive
from hotline.domain import appraisal as appraisals, contact as contacts, task as tasks
from hotline.domain.appraisal import Appraisal
from hotline.domain.contact import Contact
from hotline.domain.effects import Send
from hotline.domain.journal import Entry, Json, staff_actor, system_actor
from hotline.domain.ladder import Ladder, Ladders, Roster
from hotline.domain.level import Level
from hotline.domain.machine import Machine
from hotline.domain.outcome import NOTHING, Outcome
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
        ("acknowledged", "resolve"): "resolved",
        ("acknowledged", "stand_down"): "stood_down",
    },
    ends=frozenset({"resolved", "stood_down"}),
)

OUTCOMES: Final = frozenset(
    "safe_with_others emergency_service_reached admitted safety_plan_agreed not_reached other".split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """What called for it: a rule with the reason in each language, or a person."""

    source: str
    rule: str | None = None
    reason: Mapping[str, str] = field(default_factory=dict[str, str])
    staff_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """A crisis team called in for one contact; `rung` counts within a round, `round` counts the rounds."""

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
    owner_id: UUID | None = None
    acknowledged_at: datetime | None = None
    outcome: str | None = None
    closed_at: datetime | None = None
    closed_by: UUID | None = None
    closing: Sensitive | None = None

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to act."""
        return self.state not in MACHINE.ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One call for one person by one channel; the console shows its own, SMS goes by the relay."""

    id: UUID
    escalation_id: UUID
    centre_id: UUID
    staff_id: UUID
    channel: str
    rung: int
    state: str
    made_at: datetime
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Words added to an escalation by a named person; notes are only ever added."""

    id: UUID
    escalation_id: UUID
    staff_id: UUID
    at: datetime
    words: Sensitive


NewId = Callable[[], UUID]


def declare(
    contact: Contact, cause: Cause, ladders: Ladders, roster: Roster, *, now: datetime, new_id: NewId
) -> Outcome:
    """Call the team in for the contact at its present level, and page the first rung."""
    ladder = ladders[contact.level]
    escalation = Escalation(
        id=new_id(),
        contact_id=contact.id,
        centre_id=contact.centre_id,
        level=contact.level,
        state=MACHINE.start,
        cause=cause,
        declared_at=now,
        acknowledge_by=now + timedelta(seconds=ladder.acknowledge_seconds),
        next_rung_at=None,
    )
    actor = staff_actor(cause.staff_id) if cause.staff_id else system_actor("risk")
    code = escalation.level.text
    entry = _entry(escalation, "escalation.declared", actor, level=code, rule=cause.rule)
    return Outcome(rows=(escalation,), entries=(entry,)) + _page(
        escalation, ladder, roster, rung_number=0, now=now, new_id=new_id
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
    One that people have closed is followed by another when the level rises from where they left it, and
    by every imminent finding: whoever closed it did not know these words.
    """
    actor = staff_actor(cause.staff_id) if cause.staff_id else system_actor("risk")
    risen = contacts.raise_level(contact, level, now, means.queue, actor=actor)
    if not level.needs_escalation:
        return risen
    after = risen.row(Contact) if risen.rows else contact
    if escalation is not None and escalation.is_open:
        return risen + aggravate(escalation, level, means.ladders, means.roster, now=now, new_id=means.new_id)
    if escalation is not None and not risen.rows and level < Level.IMMINENT:
        return risen
    return risen + declare(after, cause, means.ladders, means.roster, now=now, new_id=means.new_id)


def respond_to(
    contact: Contact, escalation: Escalation | None, appraisal: Appraisal, *, means: Means, now: datetime
) -> Outcome:
    """Keep an appraisal with its contact, mark its flags, and answer its level.

    An appraisal that found nothing and left nothing open leaves no trace.
    """
    if not appraisal.is_worth_keeping:
        return NOTHING
    flagged = replace(contact, flags=tuple(sorted({*contact.flags, *appraisal.flags})))
    code = appraisal.level.text
    entry = contacts.note(
        flagged,
        "contact.appraised",
        system_actor("risk"),
        level=code,
        unsure=appraisal.is_unsure,
        source=appraisal.source,
        seq=appraisal.message_seq,
    )
    kept = Outcome(rows=(flagged, appraisal), entries=(entry,))
    kept += tasks.minor_harmed(flagged, means.age_band, task_id=means.new_id(), now=now)
    finding = appraisals.leading(appraisal)
    reason = cast("Mapping[str, str]", finding["reason"]) if finding else dict[str, str]()
    cause = Cause(source=appraisal.source, rule=str(finding["rule"]) if finding else None, reason=reason)
    return kept + respond(kept.row(Contact), escalation, appraisal.level, cause, means=means, now=now)


def aggravate(
    escalation: Escalation, level: Level, ladders: Ladders, roster: Roster, *, now: datetime, new_id: NewId
) -> Outcome:
    """The contact has become graver: the ladder of the graver level begins at once, unless owned."""
    if not escalation.is_open or escalation.level >= level:
        return NOTHING
    ladder = ladders[level]
    due = now + timedelta(seconds=ladder.acknowledge_seconds)
    graver = replace(escalation, level=level, acknowledge_by=min(escalation.acknowledge_by, due))
    code = level.text
    entry = _entry(graver, "escalation.aggravated", system_actor("risk"), level=code)
    outcome = Outcome(rows=(graver,), entries=(entry,))
    if graver.owner_id is not None:
        return outcome
    return outcome + _page(graver, ladder, roster, rung_number=0, now=now, new_id=new_id)


def climb(
    escalation: Escalation, ladders: Ladders, roster: Roster, *, now: datetime, new_id: NewId
) -> Outcome:
    """Nobody has acknowledged in time: page the next rung, round and round."""
    if not is_due(escalation, now):
        return NOTHING
    ladder = ladders[escalation.level]
    following = escalation.round * len(ladder.rungs) + escalation.rung + 1
    return _page(escalation, ladder, roster, rung_number=following, now=now, new_id=new_id)


def is_due(escalation: Escalation, now: datetime) -> bool:
    """Whether the next rung's time has come."""
    is_calling = escalation.state in {"raised", "paged"}
    return is_calling and escalation.next_rung_at is not None and escalation.next_rung_at <= now


def acknowledge(escalation: Escalation, staff_id: UUID, now: datetime) -> Outcome:
    """Somebody says "I have it" and is the one owner from now on.

    Raises:
        Refused: somebody else has it, or it is over. Saying it twice oneself is no error.
    """
    if escalation.owner_id == staff_id and escalation.is_open:
        return NOTHING
    if escalation.owner_id is not None:
        raise Refused("escalation.taken", "Somebody else has acknowledged this escalation.")
    taken = replace(
        escalation,
        state=MACHINE.after(escalation.state, "acknowledge"),
        owner_id=staff_id,
        acknowledged_at=now,
        next_rung_at=None,
    )
    return Outcome(rows=(taken,), entries=(_entry(taken, "escalation.acknowledged", staff_actor(staff_id)),))


def add_note(
    escalation: Escalation, words: Sensitive, staff_id: UUID, *, now: datetime, new_id: NewId
) -> Outcome:
    """Add words to the escalation, open or not."""
    added = Note(id=new_id(), escalation_id=escalation.id, staff_id=staff_id, at=now, words=words)
    return Outcome(rows=(added,), entries=(_entry(escalation, "escalation.noted", staff_actor(staff_id)),))


def resolve(escalation: Escalation, outcome: str, words: Sensitive, staff_id: UUID, now: datetime) -> Outcome:
    """End it with what became of the person.

    Raises:
        Refused: the outcome is not in the list, or nobody has acknowledged yet. Saying the same twice is
            no error.
    """
    if outcome not in OUTCOMES:
        raise Refused("escalation.outcome", f"An outcome is one of {', '.join(sorted(OUTCOMES))}.")
    return _close(escalation, "resolve", outcome, words, staff_id, now)


def stand_down(escalation: Escalation, reason: Sensitive, staff_id: UUID, now: datetime) -> Outcome:
    """A named person takes it back, with a reason.

    Raises:
        Refused: no reason is given, or it is over. Saying the same twice is no error.
    """
    if not reason.reveal().strip():
        raise Refused("escalation.reason", "Say why the escalation is stood down.")
    return _close(escalation, "stand_down", None, reason, staff_id, now)


def page_done(page: Page, state: str, now: datetime) -> Outcome:
    """A page that has been `sent`, or has `failed` so far; the ladder climbs on either way."""
    done = replace(page, state=state, sent_at=now if state == "sent" else None)
    entry = Entry(
        kind=f"page.{state}",
        centre_id=page.centre_id,
        escalation_id=page.escalation_id,
        actor=system_actor("relay"),
        body={"page": str(page.id), "channel": page.channel},
    )
    return Outcome(rows=(done,), entries=(entry,))


def _close(
    escalation: Escalation, step: str, outcome: str | None, words: Sensitive, staff_id: UUID, now: datetime
) -> Outcome:
    if (escalation.closed_by, escalation.outcome, escalation.closing) == (staff_id, outcome, words):
        return NOTHING
    closed = replace(
        escalation,
        state=MACHINE.after(escalation.state, step),
        outcome=outcome,
        closing=words,
        closed_at=now,
        closed_by=staff_id,
        next_rung_at=None,
    )
    entry = _entry(closed, f"escalation.{closed.state}", staff_actor(staff_id), outcome=outcome)
    return Outcome(rows=(closed,), entries=(entry,))


def _page(
    escalation: Escalation, ladder: Ladder, roster: Roster, *, rung_number: int, now: datetime, new_id: NewId
) -> Outcome:
    rung = ladder.rung(rung_number)
    paged = replace(
        escalation,
        state=MACHINE.after(escalation.state, "page"),
        rung=rung_number % len(ladder.rungs),
        round=rung_number // len(ladder.rungs),
        next_rung_at=now + timedelta(seconds=rung.seconds),
    )
    pages = tuple(
        Page(
            id=new_id(),
            escalation_id=escalation.id,
            centre_id=escalation.centre_id,
            staff_id=person.staff_id,
            channel=channel,
            rung=rung_number,
            state="due" if channel == "sms" else "sent",
            made_at=now,
            sent_at=None if channel == "sms" else now,
        )
        for person in roster.get(rung.who, ())
        for channel in rung.channels
        if channel != "sms" or person.has_telephone
    )
    entry = _entry(
        paged, "escalation.paged", system_actor("escalator"), rung=rung_number, who=rung.who, pages=len(pages)
    )
    effects = tuple(Send(page_id=page.id) for page in pages if page.channel == "sms")
    return Outcome(rows=(paged, *pages), entries=(entry,), effects=effects)


def _entry(escalation: Escalation, kind: str, actor: str, **body: Json) -> Entry:
    staff_ids = (escalation.owner_id,) if escalation.owner_id else ()
    return Entry(
        kind=kind,
        centre_id=escalation.centre_id,
        contact_id=escalation.contact_id,
        escalation_id=escalation.id,
        actor=actor,
        staff_ids=staff_ids,
        body=body,
    )
