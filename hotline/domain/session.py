"""A session: a counselor's engagement with a contact, from the acceptance to the closed record.

It begins when the counselor accepts, opens when the two can talk, and turns to wrapping when the
talk ends. It closes only when the record is complete: every answered contact has a screening
result, except those that were nobody's talk (silent, wrong number, test, abuse). Nobody can close
it because a level is low, and nothing here can end a talk but the two who talk.
"""

from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from hotline.base.errors import Absent, Refused
from hotline.base.sensitive import Sensitive
from hotline.domain import contact as contacts, offer as offers, presence as presences
from hotline.domain.centre import Channel
from hotline.domain.contact import Contact
from hotline.domain.journal import Entry, Json, staff_actor, system_actor
from hotline.domain.level import Level
from hotline.domain.machine import Machine
from hotline.domain.offer import Offer
from hotline.domain.outcome import NOTHING, Outcome
from hotline.domain.presence import Presence
from hotline.domain.queue import QueuePolicy

MACHINE: Final = Machine(
    name="session",
    start="connecting",
    moves={
        ("connecting", "open"): "open",
        ("connecting", "fail"): "failed",
        ("open", "end"): "wrapping",
        ("open", "interrupt"): "interrupted",
        ("wrapping", "close"): "closed",
    },
    ends=frozenset({"failed", "interrupted", "closed"}),
)

SCREENINGS: Final = frozenset({"asked_positive", "asked_denied", "asked_unclear", "not_possible"})
UNDENIED: Final = {"asked_positive": Level.MODERATE, "asked_unclear": Level.UNKNOWN}
"""What an answer comes to at least, where nobody has said more: thoughts of suicide without a known plan are
moderate (requirements 3a)."""
UNSCREENED: Final = frozenset({"silent", "hang_up", "wrong_number", "abusive", "sexual_misuse", "test"})
"""Dispositions under which there was no talk that could have been screened (requirement 15)."""
DISPOSITIONS: Final = UNSCREENED | {"counselling", "information", "referral_only"}
RESULTS: Final = frozenset({"calmer", "unchanged", "worse", "unknown"})
AGE_BANDS: Final = ("<10", "10-13", "14-17", "18-24", "25-29", "30-44", "45-59", "60+", "unknown")
REGIONS: Final = frozenset({"local", "non_local", "unknown"})
"""Where the caller lives, as the official month asks: in the line's own area, outside it, or not known."""
MARKS: Final = frozenset({"difficult", "media", "public_safety_event"})
"""What the official month or the line's own head wants to know of a talk."""
PROBLEMS: Final = frozenset(
    "mental_illness emotion crisis love marriage family parenting child_education work study interpersonal "
    "sexuality health grief economic violence addiction other".split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What the counselor writes down; words, facts, judgment and unknowns are kept apart."""

    disposition: str | None = None
    result: str | None = None
    age_band: str | None = None
    region: str | None = None
    problems: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    words: Sensitive = field(default_factory=lambda: Sensitive(""))
    facts: Sensitive = field(default_factory=lambda: Sensitive(""))
    judgment: Sensitive = field(default_factory=lambda: Sensitive(""))
    unknowns: Sensitive = field(default_factory=lambda: Sensitive(""))

    def over(self, earlier: "Record") -> "Record":  # noqa: ARG002  a draft looks at it
        """What is kept when this is written where `earlier` stood: this, wholly."""
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft(Record):
    """A record as a page sends it; of the fields in `silent` the page says nothing, so they stay as they are.

    A page of the release before does not know the newer fields and must not empty them.
    """

    silent: frozenset[str] = frozenset()

    def over(self, earlier: Record) -> Record:
        names = (each.name for each in fields(Record))
        kept = {name: getattr(earlier if name in self.silent else self, name) for name in names}
        return Record(**kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A counselor's engagement with one contact.

    While nobody has been screened, `reminded_at` is when the counselor was reminded of it and `overdue_at`
    when the supervisors were told.
    """

    id: UUID
    contact_id: UUID
    centre_id: UUID
    staff_id: UUID
    state: str
    begun_at: datetime
    opened_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None
    closed_at: datetime | None = None
    screening: str | None = None
    screening_reason: Sensitive | None = None
    screened_at: datetime | None = None
    reminded_at: datetime | None = None
    overdue_at: datetime | None = None
    record: Record = field(default_factory=Record)

    @property
    def screened_second(self) -> int | None:
        """At which second of the talk the caller was asked for the first time; None where that is unknown."""
        if self.screened_at is None or self.opened_at is None:
            return None
        return int((self.screened_at - self.opened_at).total_seconds())


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreeningTimes:
    """After how many seconds of talk without a screening the counselor, then the supervisors, are told.

    Due within the first 10 minutes: time order of a call at the Beijing hotline (requirement 16).
    """

    remind_seconds: int
    due_seconds: int


def begin(contact: Contact, offer: Offer, session_id: UUID, now: datetime) -> Outcome:
    """Accept the offer. A chat opens at once; a call opens when both are in the room.

    Raises:
        Refused: the offer is over.
    """
    accepted = offers.accept(contact, offer, now)
    session = Session(
        id=session_id,
        contact_id=contact.id,
        centre_id=contact.centre_id,
        staff_id=offer.staff_id,
        state=MACHINE.start,
        begun_at=now,
    )
    begun = accepted + Outcome(rows=(session,))
    if contact.channel is Channel.VOICE:
        return begun
    return begun + connect(accepted.row(Contact), session, now)


def connect(contact: Contact, session: Session, now: datetime) -> Outcome:
    """Both are there: the talk has begun. The first answer counts, later ones do not move it."""
    talking = replace(
        contact,
        state=contacts.MACHINE.after(contact.state, "connect"),
        since=now,
        answered_at=contact.answered_at or now,
        declined_by=(),
    )
    opened = replace(session, state=MACHINE.after(session.state, "open"), opened_at=now)
    return Outcome(
        rows=(talking, opened), entries=(_entry(opened, "session.opened", staff_actor(session.staff_id)),)
    )


def fail(contact: Contact, session: Session, now: datetime, policy: QueuePolicy, *, reason: str) -> Outcome:
    """The two could not be brought together; the caller waits on at the old place."""
    failed = replace(session, state=MACHINE.after(session.state, "fail"), ended_at=now, ended_by=reason)
    back = contacts.put_back(_renewed(contact), now, policy)
    return Outcome(
        rows=(back, failed),
        entries=(_entry(failed, "session.failed", system_actor("sweeper"), reason=reason),),
    )


def give_up(contact: Contact, session: Session, now: datetime) -> Outcome:
    """The caller hangs up while the two are being brought together: abandoned, nobody's fault."""
    failed = replace(session, state=MACHINE.after(session.state, "fail"), ended_at=now, ended_by="caller")
    entry = _entry(failed, "session.failed", system_actor("intake"), reason="caller_left")
    return contacts.abandon(contact, now) + Outcome(rows=(failed,), entries=(entry,))


def interrupt(
    contact: Contact, session: Session, presence: Presence, now: datetime, policy: QueuePolicy
) -> Outcome:
    """The counselor is lost in mid-talk: the caller is back in the queue, ahead by join time.

    What was lost is the telephone of a call, the console of a chat; the counselor's card says which.
    """
    broken = replace(
        session, state=MACHINE.after(session.state, "interrupt"), ended_at=now, ended_by="device_lost"
    )
    back = contacts.put_back(_renewed(contact), now, policy)
    entry = _entry(broken, "session.interrupted", system_actor("sweeper"))
    reason = "console" if contact.channel is Channel.CHAT else "device"
    return Outcome(rows=(back, broken), entries=(entry,)) + presences.impose(presence, reason, now)


def end(contact: Contact, session: Session, now: datetime, *, by: str) -> Outcome:
    """The talk is over; `by` is `caller`, `counselor` or `network`. The record is still open."""
    wrapping = replace(
        contact, state=contacts.MACHINE.after(contact.state, "end"), since=now, ended_at=now, end_reason=by
    )
    ended = replace(session, state=MACHINE.after(session.state, "end"), ended_at=now, ended_by=by)
    return Outcome(
        rows=(wrapping, ended), entries=(_entry(ended, "session.ended", _ender(session, by), by=by),)
    )


def own(session: Session, staff_id: UUID) -> Session:
    """The session, if it is this counselor's; nobody else can write in it.

    Raises:
        Absent: it is somebody else's.
    """
    if session.staff_id != staff_id:
        raise Absent("session.absent", "This contact is not with you.")
    return session


def screen(session: Session, result: str, reason: str | None, now: datetime) -> Outcome:
    """Note whether the caller was asked about suicide, and what the answer was.

    Raises:
        Refused: the result is unknown, or `not_possible` comes without a reason.
    """
    if result not in SCREENINGS:
        raise Refused("session.screening", f"A screening result is one of {', '.join(sorted(SCREENINGS))}.")
    if result == "not_possible" and not reason:
        raise Refused("session.screening_reason", "Say why asking was not possible.")
    _require_unclosed(session)
    screened = replace(
        session,
        screening=result,
        screening_reason=Sensitive(reason) if reason else None,
        screened_at=session.screened_at or now,
    )
    entry = _entry(screened, "session.screened", staff_actor(session.staff_id), result=result)
    return Outcome(rows=(screened,), entries=(entry,))


def answer(contact: Contact, session: Session, now: datetime, policy: QueuePolicy) -> Outcome:
    """The level that a screening comes to where its counselor has concluded none; it only raises."""
    level = UNDENIED.get(session.screening or "")
    if level is None:
        return NOTHING
    return contacts.raise_level(contact, level, now, policy, actor=staff_actor(session.staff_id))


def remind(session: Session, times: ScreeningTimes, now: datetime) -> Outcome:
    """Remind the counselor of a screening that is not there yet, then let the supervisors see it; each once.

    Nobody is paged, and nothing happens to the talk.
    """
    if session.state != "open" or session.screening is not None or session.opened_at is None:
        return NOTHING
    talked_seconds = (now - session.opened_at).total_seconds()
    if talked_seconds >= times.due_seconds and session.overdue_at is None:
        told = replace(session, reminded_at=session.reminded_at or now, overdue_at=now)
        kind = "session.screening_overdue"
    elif talked_seconds >= times.remind_seconds and session.reminded_at is None:
        told = replace(session, reminded_at=now)
        kind = "session.screening_reminded"
    else:
        return NOTHING
    return Outcome(rows=(told,), entries=(_entry(told, kind, system_actor("keeper")),))


def write(session: Session, record: Record) -> Outcome:
    """Keep what the counselor has written so far.

    Raises:
        Refused: a code is not in its list, or the record is closed (it can be amended, not rewritten).
    """
    _require_unclosed(session)
    require_codes(record)
    written = replace(session, record=record.over(session.record))
    return Outcome(
        rows=(written,), entries=(_entry(written, "session.written", staff_actor(session.staff_id)),)
    )


def require_codes(record: Record) -> None:
    """Let pass a record whose codes are all in their lists.

    Raises:
        Refused: one is not; the sentence says which.
    """
    unknown = [
        *([record.disposition] if record.disposition not in {None, *DISPOSITIONS} else []),
        *([record.result] if record.result not in {None, *RESULTS} else []),
        *([record.age_band] if record.age_band not in {None, *AGE_BANDS} else []),
        *([record.region] if record.region not in {None, *REGIONS} else []),
        *(problem for problem in record.problems if problem not in PROBLEMS),
        *(mark for mark in record.marks if mark not in MARKS),
    ]
    if unknown:
        raise Refused("session.record_code", f"Not a code of the record: {', '.join(map(str, unknown))}.")


def missing(session: Session) -> tuple[str, ...]:
    """The fields without which the record cannot be closed, in the order of the form."""
    record = session.record
    gaps = [
        ("disposition", record.disposition is None),
        ("screening", record.disposition not in UNSCREENED and session.screening is None),
        ("outcome", record.disposition not in UNSCREENED and record.result is None),
    ]
    return tuple(name for name, is_missing in gaps if is_missing)


def close(
    contact: Contact, session: Session, presence: Presence, now: datetime, policy: QueuePolicy
) -> Outcome:
    """Complete the record; the wrap-up minimum runs from the end of the talk.

    Where the level is high or imminent no disposition makes a screening needless; one that was not possible
    is noted as that, with the reason.

    Raises:
        Refused: the talk goes on, or a mandatory field is missing (the screening first).
    """
    _require_unclosed(session)
    is_spared = session.record.disposition in UNSCREENED and session.screening is None
    if is_spared and contact.gravest.needs_escalation:
        raise Refused(
            "session.screening_in_danger",
            "This contact was in danger: note the suicide-risk screening, or why it was not possible.",
            ("screening",),
        )
    gaps = missing(session)
    if "screening" in gaps:
        raise Refused(
            "session.screening_missing",
            "Note the suicide-risk screening before you close the record.",
            gaps,
        )
    if gaps:
        raise Refused("session.record_incomplete", f"Still missing: {', '.join(gaps)}.", gaps)
    closed = replace(session, state=MACHINE.after(session.state, "close"), closed_at=now)
    done = replace(
        contact,
        state=contacts.MACHINE.after(contact.state, "close"),
        since=now,
        counselor_id=None,
        chat_slot=None,
    )
    free_at = (session.ended_at or now) + timedelta(seconds=policy.wrap_up_seconds_min)
    rested = presences.rest(presence, now, until=free_at)
    return Outcome(
        rows=(done, closed, rested),
        entries=(_entry(closed, "session.closed", staff_actor(session.staff_id)),),
    )


def _renewed(contact: Contact) -> Contact:
    return replace(contact, generation=contact.generation + 1)


def _require_unclosed(session: Session) -> None:
    if session.state in MACHINE.ends:
        raise Refused("session.closed", "This record is closed; it can be amended, not rewritten.")


def _ender(session: Session, by: str) -> str:
    return staff_actor(session.staff_id) if by == "counselor" else by


def _entry(session: Session, kind: str, actor: str, **body: Json) -> Entry:
    return Entry(
        kind=kind,
        centre_id=session.centre_id,
        contact_id=session.contact_id,
        actor=actor,
        staff_ids=(session.staff_id,),
        body={"session": str(session.id), **body},
    )
