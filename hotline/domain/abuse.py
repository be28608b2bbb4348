"""Abuse: warn, end, log; and, where nothing speaks of danger, a restriction that never refuses anybody.

A counselor need not bear abuse: one key warns, one key ends the talk, logs it and offers a break, and the
supervisor sees it. Risk comes first all the same: nobody is ended so, or restricted, while there is any
sign of danger; and nobody is restricted before somebody has asked about it (requirement 49).

A restriction costs a turn in the queue and nothing else: its caller waits one ageing step behind others of
the last band and hears how to say that there is danger. The crisis key, a form that speaks of danger, or any
level found in any later call end it by themselves: whether it stands is worked out from the contacts each
time (`store.abuse`), so no step can forget to lift it. What is longer than a day needs a second person, and
one that nobody has reviewed by its day is over.

    proposed  asked for; it has no effect yet
    standing  its caller waits behind
    lifted    ends
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from hotline.base.errors import Refused
from hotline.base.sensitive import Sensitive
from hotline.domain import presence as presences, session as sessions
from hotline.domain.contact import Contact
from hotline.domain.journal import Entry, Json, staff_actor
from hotline.domain.level import Level
from hotline.domain.machine import Machine
from hotline.domain.outcome import NOTHING, Outcome
from hotline.domain.presence import Presence
from hotline.domain.session import UNDENIED, Session

MACHINE: Final = Machine(
    name="restriction",
    start="proposed",
    moves={
        ("proposed", "approve"): "standing",
        ("proposed", "lift"): "lifted",
        ("standing", "lift"): "lifted",
    },
    ends=frozenset({"lifted"}),
)

ABUSES: Final = {"insults": "abusive", "threats": "abusive", "sexual": "sexual_misuse", "prank": "abusive"}
"""What it was, and the disposition that the record gets."""
COOLDOWN: Final = "cooldown_24h"
RESTRICTIONS: Final = (COOLDOWN, "limited_plan", "blocked")
"""Differ in how long they stand and in what a reader makes of them; in effect they are all alike."""
COOLDOWN_HOURS: Final = 24
DANGERS: Final = frozenset({"suicide", "self_harm", "child_in_danger", "abuse", "medical", "violence"})
"""Flags of a contact that speak of danger to somebody."""
BREAK: Final = "abuse_break"
"""Why somebody is not ready after a talk that was ended so, until they say that they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """Abuse in one talk; `words` are the counselor's own."""

    id: UUID
    contact_id: UUID
    session_id: UUID
    centre_id: UUID
    staff_id: UUID
    kind: str
    words: Sensitive | None = None
    warned_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Restriction:
    """Whoever calls with this key waits behind others until `ends_at`, if there is no danger."""

    id: UUID
    centre_id: UUID
    caller_key: bytes
    contact_id: UUID
    kind: str
    state: str
    reason: Sensitive
    staff_id: UUID
    made_at: datetime
    review_on: date
    ends_at: datetime
    approved_by: UUID | None = None
    lifted_by: UUID | None = None
    lifted_at: datetime | None = None
    lifted_why: Sensitive | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A restriction as somebody asks for it; `ends_on` is its last day, of a cooldown it is not asked."""

    kind: str
    reason: Sensitive
    review_on: date
    ends_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """What a restriction is decided by: the contact, its latest session, and what is known from earlier."""

    contact: Contact
    session: Session | None
    is_recently_grave: bool
    timezone: str


def warn(session: Session, incident: Incident | None, kind: str, new_id: UUID, now: datetime) -> Outcome:
    """The counselor has said that the talk will end if this goes on; twice changes nothing.

    Raises:
        Refused: the kind is not in the list, or nobody is talking.
    """
    _require_kind(kind)
    if session.state != "open":
        raise Refused("abuse.no_talk", "There is no talk that could be warned in.")
    if incident is not None:
        return NOTHING
    row = _incident(session, kind, new_id, warned_at=now)
    return Outcome(rows=(row,), entries=(_note(session, "abuse.warned", abuse=kind),))


def end(
    contact: Contact,
    session: Session,
    presence: Presence,
    incident: Incident,
    now: datetime,
) -> Outcome:
    """The counselor ends an abusive talk: logged, the record has its disposition, a break is there.

    `incident` is that of the warning, or a fresh one (`unwarned`) where it was too much at once.

    Raises:
        Refused: there are signs of danger; hanging up is possible all the same, this way of it is not.
    """
    is_grave = contact.gravest >= Level.MODERATE or bool(DANGERS & set(contact.flags))
    if is_grave or session.screening in UNDENIED or _says_danger(contact):
        raise Refused(
            "abuse.risk_first",
            "There are signs of danger in this contact: ask about suicide, or call your supervisor in.",
        )
    ended = sessions.end(contact, session, now, by="counselor")
    written = replace(ended.row(Session), record=replace(session.record, disposition=ABUSES[incident.kind]))
    log = replace(incident, ended_at=now)
    entry = _note(session, "abuse.ended", abuse=incident.kind, warned=incident.warned_at is not None)
    rest = presences.impose(presence, BREAK, now)
    return ended + Outcome(rows=(written, log), entries=(entry,)) + rest


def unwarned(session: Session, kind: str, new_id: UUID) -> Incident:
    """An incident in which there was no warning.

    Raises:
        Refused: the kind is not in the list.
    """
    _require_kind(kind)
    return _incident(session, kind, new_id, warned_at=None)


def restrict(caller: Caller, asked: Asked, by: tuple[UUID, UUID], now: datetime, *, days_max: int) -> Outcome:
    """Ask for a restriction; `by` is who asks, and the new row's id. A cooldown stands at once.

    Raises:
        Refused: the caller is not known by a number; there are signs of danger, or nobody has asked about
            it; the reason or a day is missing or too far away.
    """
    contact = caller.contact
    if contact.caller_key is None:
        raise Refused("restriction.nobody", "This caller cannot be told from others; nobody is restricted.")
    _require_no_risk(caller)
    ends_at = _ends_at(caller, asked, now, days_max)
    staff_id, restriction_id = by
    restriction = Restriction(
        id=restriction_id,
        centre_id=contact.centre_id,
        caller_key=contact.caller_key,
        contact_id=contact.id,
        kind=asked.kind,
        state=MACHINE.after(MACHINE.start, "approve") if asked.kind == COOLDOWN else MACHINE.start,
        reason=asked.reason,
        staff_id=staff_id,
        made_at=now,
        review_on=asked.review_on,
        ends_at=ends_at,
    )
    return _changed(restriction, f"restriction.{restriction.state}", staff_id)


def approve(restriction: Restriction, staff_id: UUID, now: datetime) -> Outcome:
    """Somebody else agrees, so it stands; twice changes nothing.

    Raises:
        Refused: it is one's own, or it is over.
    """
    if restriction.state == "standing" and restriction.approved_by == staff_id:
        return NOTHING
    if restriction.staff_id == staff_id:
        raise Refused("restriction.second_person", "Somebody else has to agree to this restriction.")
    if restriction.ends_at <= now:
        raise Refused("restriction.over", "Its time is over; ask for another one if it is still needed.")
    state = MACHINE.after(restriction.state, "approve")
    return _changed(replace(restriction, state=state, approved_by=staff_id), "restriction.standing", staff_id)


def lift(restriction: Restriction, staff_id: UUID, why: Sensitive, now: datetime) -> Outcome:
    """A person takes it back; twice changes nothing.

    Raises:
        Refused: no reason is given.
    """
    if restriction.state in MACHINE.ends:
        return NOTHING
    if why.is_blank:
        raise Refused("restriction.reason", "Say why.")
    lifted = replace(
        restriction,
        state=MACHINE.after(restriction.state, "lift"),
        lifted_by=staff_id,
        lifted_at=now,
        lifted_why=why,
    )
    return _changed(lifted, "restriction.lifted", staff_id)


def _require_no_risk(caller: Caller) -> None:
    contact, session = caller.contact, caller.session
    is_grave = contact.gravest not in {Level.NONE_FOUND, Level.LOW} or bool(DANGERS & set(contact.flags))
    is_asked = session is not None and session.screening == "asked_denied"
    if is_grave or _says_danger(contact) or caller.is_recently_grave or not is_asked:
        raise Refused(
            "restriction.risk_first",
            "Nobody is restricted while there is any sign of danger, now or lately, or before somebody has "
            "asked about suicide and it was denied.",
        )


def _says_danger(contact: Contact) -> bool:
    return contact.form.crisis_key or contact.form.safe_now in {"no", "unsure"}


def _ends_at(caller: Caller, asked: Asked, now: datetime, days_max: int) -> datetime:
    """When it is over: at its end, or unreviewed at the end of its day of review, whichever comes first."""
    if asked.kind not in RESTRICTIONS:
        raise Refused("restriction.kind", f"A restriction is one of {', '.join(RESTRICTIONS)}.")
    if asked.reason.is_blank:
        raise Refused("restriction.reason", "Say why.")
    zone = ZoneInfo(caller.timezone)
    today = now.astimezone(zone).date()
    if not today <= asked.review_on <= today + timedelta(days=days_max):
        raise Refused("restriction.review_on", f"It must be reviewed within {days_max} days from today.")
    reviewed_at = datetime.combine(asked.review_on + timedelta(days=1), time(), zone)
    if asked.kind == COOLDOWN:
        return min(reviewed_at, now + timedelta(hours=COOLDOWN_HOURS))
    if asked.ends_on is None or asked.ends_on < today:
        raise Refused("restriction.ends_on", "Say on which day it ends.")
    return min(reviewed_at, datetime.combine(asked.ends_on + timedelta(days=1), time(), zone))


def _require_kind(kind: str) -> None:
    if kind not in ABUSES:
        raise Refused("abuse.kind", f"Abuse is one of {', '.join(ABUSES)}.")


def _incident(session: Session, kind: str, new_id: UUID, *, warned_at: datetime | None) -> Incident:
    return Incident(
        id=new_id,
        contact_id=session.contact_id,
        session_id=session.id,
        centre_id=session.centre_id,
        staff_id=session.staff_id,
        kind=kind,
        warned_at=warned_at,
    )


def _changed(restriction: Restriction, kind: str, staff_id: UUID) -> Outcome:
    entry = Entry(
        kind=kind,
        centre_id=restriction.centre_id,
        contact_id=restriction.contact_id,
        actor=staff_actor(staff_id),
        staff_ids=(restriction.staff_id,),
        body={"restriction": str(restriction.id), "restricted": restriction.kind},
    )
    return Outcome(rows=(restriction,), entries=(entry,))


def _note(session: Session, kind: str, **body: Json) -> Entry:
    return Entry(
        kind=kind,
        centre_id=session.centre_id,
        contact_id=session.contact_id,
        actor=staff_actor(session.staff_id),
        staff_ids=(session.staff_id,),
        body={"session": str(session.id), **body},
    )
