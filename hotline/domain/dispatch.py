"""A dispatch: somebody sent out to the person, by a call of ours to an emergency service or to those near.

Several may be under way for one contact. Each is open until contact with the person is confirmed; while it
is, whoever has the contact is reminded, and the escalation called out again; so it is when the person was not
found. A call to 110 or 120 in the
midst of an attempt needs no form; a rescue against the caller's will is written down with what was tried
before, what the caller said to it, and why (requirements 25 to 27). Where the person may be is kept with how
it is known and how sure that is.

    open         somebody was called; nobody has confirmed that the person was reached
    confirmed    what became of the person is known
    unconfirmed  a supervisor has said why nothing more will be known
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from hotline.base.errors import Forbidden, Refused
from hotline.base.sensitive import Sensitive
from hotline.domain import escalation as escalations, paging
from hotline.domain.access import Permission, Viewer
from hotline.domain.centre import is_region
from hotline.domain.contact import Contact
from hotline.domain.escalation import Cause, Escalation, Means
from hotline.domain.journal import Entry, Json, staff_actor, system_actor
from hotline.domain.ladder import reached
from hotline.domain.machine import Machine
from hotline.domain.outcome import NOTHING, Outcome

MACHINE: Final = Machine(
    name="dispatch",
    start="open",
    moves={("open", "confirm"): "confirmed", ("open", "give_up"): "unconfirmed"},
    ends=frozenset({"confirmed", "unconfirmed"}),
)

AGENCIES: Final = (
    "110", "119", "120", "mobile_team", "family", "school", "workplace", "hospital", "other",
)  # fmt: skip
NOT_NEEDED: Final = "not_needed_attempt_in_progress"
INVOLUNTARY: Final = "involuntary"
CONSENTS: Final = frozenset({"voluntary", INVOLUNTARY, NOT_NEEDED})
SOURCES: Final = frozenset({"caller", "number", "carrier", "earlier_record", "third_party", "inference"})
CONFIDENCES: Final = frozenset({"low", "medium", "high"})
UNKNOWN: Final = "unknown"
"""The result that only a supervisor states, with a reason."""
NOT_FOUND: Final = "not_found"
"""The result that says that the person was not reached."""
RESULTS: Final = frozenset(
    {"reached_safe", "reached_injured", "taken_to_hospital", NOT_FOUND, "refused", "deceased"}
)
RESCUES: Final = frozenset({"reached_safe", "reached_injured", "taken_to_hospital", "deceased"})
"""Results with which a rescue is over, in time or too late: whoever had the caller rests after it."""

UNCONFIRMED: Final = Cause(
    source="dispatch",
    rule="dispatch_unconfirmed",
    reason={
        "zh": "已派出救援，尚未确认见到当事人",
        "en": "Help was sent out; nobody has confirmed that the person was reached",
    },
)
"""Why a team is called in (again) although nobody has found anything new."""
LOST: Final = Cause(
    source="dispatch",
    rule="dispatch_not_found",
    reason={
        "zh": "已派出的人员没有找到当事人",
        "en": "Help was sent out and did not find the person",
    },
)
"""Why a team is called in when those who were sent out come back alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatchPolicy:
    """The times of dispatches; every one is set in `config/duty.toml`."""

    reminder_seconds: int = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What is told to whom was called, and what they said; None: nothing (new) is known of it.

    `location` goes with how it is known and how sure that is.
    """

    contact_person: Sensitive | None = None
    reference: Sensitive | None = None
    location: Sensitive | None = None
    location_source: str | None = None
    location_confidence: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Who was called and on what terms; the last three are the record of a rescue against somebody's will."""

    agency: str
    consent: str
    called_at: datetime | None = None
    options_tried: Sensitive | None = None
    caller_answer: Sensitive | None = None
    ground: Sensitive | None = None
    details: Details = field(default_factory=Details)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """Somebody sent out for one contact; `reminders` counts how often it was still open."""

    id: UUID
    contact_id: UUID
    centre_id: UUID
    agency: str
    consent: str
    state: str
    made_by: UUID
    made_at: datetime
    called_at: datetime
    next_reminder_at: datetime | None
    reminders: int = 0
    options_tried: Sensitive | None = None
    caller_answer: Sensitive | None = None
    ground: Sensitive | None = None
    contact_person: Sensitive | None = None
    reference: Sensitive | None = None
    location: Sensitive | None = None
    location_source: str | None = None
    location_confidence: str | None = None
    result: str | None = None
    arrival_confirmed_at: datetime | None = None
    closed_at: datetime | None = None
    closed_by: UUID | None = None
    words: Sensitive | None = None

    @property
    def is_open(self) -> bool:
        """Whether nobody has confirmed yet what became of the person."""
        return self.state not in MACHINE.ends

    @property
    def is_rescue(self) -> bool:
        """Whether somebody has reached the person, in time or too late."""
        return self.result in RESCUES


@dataclass(frozen=True, slots=True, kw_only=True)
class Clue:
    """Something that may say where the caller is; clues are only ever added.

    `region` is a code of GB/T 2260 as far as it is known: province (2 digits), city (4) or district (6).
    """

    id: UUID
    contact_id: UUID
    staff_id: UUID
    at: datetime
    words: Sensitive
    source: str
    confidence: str
    region: str | None = None


def send(
    contact: Contact, call: Call, staff_id: UUID, policy: DispatchPolicy, *, dispatch_id: UUID, now: datetime
) -> Outcome:
    """Somebody was called to the person. At whatever level: who calls for help is not asked for a score.

    Raises:
        Refused: a code is not in its list; or, of a rescue against the caller's will and never in the midst
            of an attempt, something of its record is missing.
    """
    _require_code("agency", call.agency, AGENCIES)
    _require_code("consent", call.consent, CONSENTS)
    _require_record(call)
    details = call.details
    _require_known(details)
    sent = Dispatch(
        id=dispatch_id,
        contact_id=contact.id,
        centre_id=contact.centre_id,
        agency=call.agency,
        consent=call.consent,
        state=MACHINE.start,
        made_by=staff_id,
        made_at=now,
        called_at=min(call.called_at or now, now),
        next_reminder_at=now + timedelta(seconds=policy.reminder_seconds),
        options_tried=call.options_tried,
        caller_answer=call.caller_answer,
        ground=call.ground,
        contact_person=details.contact_person,
        reference=details.reference,
        location=details.location,
        location_source=details.location_source,
        location_confidence=details.location_confidence,
    )
    entry = _entry(sent, "dispatch.sent", staff_actor(staff_id), contact, consent=call.consent)
    return Outcome(rows=(sent,), entries=(entry,))


def amend(dispatch: Dispatch, contact: Contact, details: Details, staff_id: UUID) -> Outcome:
    """More is known: with whom we spoke, under which reference, where the person is.

    Raises:
        Refused: it is over, or a code is not in its list.
    """
    if not dispatch.is_open:
        raise Refused("dispatch.over", "This dispatch is over; add a note to the escalation instead.")
    _require_known(details)
    amended = replace(
        dispatch,
        contact_person=details.contact_person or dispatch.contact_person,
        reference=details.reference or dispatch.reference,
    )
    if details.location is not None:
        amended = replace(
            amended,
            location=details.location,
            location_source=details.location_source,
            location_confidence=details.location_confidence,
        )
    if amended == dispatch:
        return NOTHING
    entry = _entry(amended, "dispatch.amended", staff_actor(staff_id), contact)
    return Outcome(rows=(amended,), entries=(entry,))


def confirm(
    dispatch: Dispatch, contact: Contact, result: str, words: Sensitive, staff_id: UUID, now: datetime
) -> Outcome:
    """Contact with the person is confirmed: what became of them.

    Raises:
        Refused: the result is not in the list, or it is over. Saying the same twice is no error.
    """
    if (dispatch.closed_by, dispatch.result) == (staff_id, result):
        return NOTHING
    _require_code("result", result, RESULTS)
    confirmed = replace(_closed(dispatch, "confirm", result, words, staff_id, now), arrival_confirmed_at=now)
    entry = _entry(confirmed, "dispatch.confirmed", staff_actor(staff_id), contact, result=result)
    return Outcome(rows=(confirmed,), entries=(entry,))


def give_up(
    dispatch: Dispatch, contact: Contact, reason: Sensitive, viewer: Viewer, now: datetime
) -> Outcome:
    """A supervisor says why it will stay unknown whether the person was reached (requirement 27).

    Raises:
        Forbidden: the person is no supervisor.
        Refused: there is no reason, or it is over. Saying it twice is no error.
    """
    if (dispatch.closed_by, dispatch.result) == (viewer.staff_id, UNKNOWN):
        return NOTHING
    if not viewer.may(Permission.DISMISS):
        raise Forbidden("dispatch.unknown", "That the result stays unknown is for a supervisor to say.")
    if reason.is_blank:
        raise Refused("dispatch.reason", "Say why nothing more will be known.", ("reason",))
    given_up = _closed(dispatch, "give_up", UNKNOWN, reason, viewer.staff_id, now)
    entry = _entry(given_up, "dispatch.unconfirmed", staff_actor(viewer.staff_id), contact, result=UNKNOWN)
    return Outcome(rows=(given_up,), entries=(entry,))


def remind(dispatch: Dispatch, contact: Contact, policy: DispatchPolicy, now: datetime) -> Outcome:
    """Nobody has confirmed in time that the person was reached; it is asked for again, and again."""
    if not is_due(dispatch, now):
        return NOTHING
    reminded = replace(
        dispatch,
        reminders=dispatch.reminders + 1,
        next_reminder_at=now + timedelta(seconds=policy.reminder_seconds),
    )
    actor = system_actor("dispatch")
    entry = _entry(reminded, "dispatch.reminded", actor, contact, reminders=reminded.reminders)
    return Outcome(rows=(reminded,), entries=(entry,))


def call_again(
    dispatch: Dispatch, contact: Contact, escalation: Escalation | None, *, means: Means, now: datetime
) -> Outcome:
    """Call out again about one that stays open: whoever has the contact, who sent it, and then others too.

    Where nobody is called in any more the team is called in anew; where nobody has it yet its ladder climbs
    as it is.
    """
    has_failed = dispatch.result == NOT_FOUND
    if escalation is None or not escalation.is_open:
        cause, ladders = LOST if has_failed else UNCONFIRMED, means.ladders
        return escalations.declare(contact, cause, ladders, means.roster, now=now, new_id=means.new_id)
    if escalation.owner_id is None:
        return NOTHING
    ladder = means.ladders[escalation.level]
    people = [*escalations.owner_of(escalation, means.roster), reached(means.roster, dispatch.made_by)]
    purpose = paging.REMIND
    if dispatch.reminders > 1 or has_failed:
        purpose = paging.STALLED
        people += means.roster.get(ladder.rung(max(0, dispatch.reminders - 2)).who, ())
    each_once = list(dict.fromkeys(people))
    return escalations.called(
        escalation, purpose, each_once, ladder.every_channel, now=now, new_id=means.new_id
    )


def is_lost(dispatch: Dispatch, others: Iterable[Dispatch], escalation: Escalation | None) -> bool:
    """Whether those sent out have not found the person, and nobody else has reached them either."""
    has_spoken = escalation is not None and escalation.is_open and escalation.contact_made_at is not None
    reached = any(each.result in RESULTS - {NOT_FOUND} for each in others if each.id != dispatch.id)
    return dispatch.result == NOT_FOUND and not has_spoken and not reached


def is_due(dispatch: Dispatch, now: datetime) -> bool:
    """Whether it is time to ask again."""
    return dispatch.is_open and dispatch.next_reminder_at is not None and dispatch.next_reminder_at <= now


def add_clue(contact: Contact, clue: Clue) -> Outcome:
    """Keep what may say where the caller is.

    Raises:
        Refused: how it is known, or how sure it is, is not in its list; or its region is no code of one.
    """
    _require_code("source", clue.source, SOURCES)
    _require_code("confidence", clue.confidence, CONFIDENCES)
    if clue.region is not None and not is_region(clue.region):
        raise Refused("dispatch.region", "A region is a code of two, four or six digits.", ("region",))
    entry = Entry(
        kind="contact.located",
        centre_id=contact.centre_id,
        contact_id=contact.id,
        actor=staff_actor(clue.staff_id),
        staff_ids=(contact.counselor_id,) if contact.counselor_id else (),
        body={"source": clue.source, "confidence": clue.confidence},
    )
    return Outcome(rows=(clue,), entries=(entry,))


def _require_record(call: Call) -> None:
    """A rescue against the caller's will says what was tried, what was answered, and why."""
    if call.consent != INVOLUNTARY:
        return
    said = {
        "options_tried": call.options_tried, "caller_answer": call.caller_answer, "ground": call.ground,
    }  # fmt: skip
    missing = tuple(name for name, words in said.items() if words is None or words.is_blank)
    if missing:
        raise Refused(
            "dispatch.record",
            "Against the caller's will: say what you tried with the caller, their answer, and why. "
            "In the midst of an attempt none of it is needed.",
            missing,
        )


def _require_known(details: Details) -> None:
    """What is said of where the person is, is said with codes of the lists."""
    if details.location_source is not None:
        _require_code("location_source", details.location_source, SOURCES)
    if details.location_confidence is not None:
        _require_code("location_confidence", details.location_confidence, CONFIDENCES)


def _require_code(name: str, code: str, known: tuple[str, ...] | frozenset[str]) -> None:
    if code not in known:
        raise Refused(f"dispatch.{name}", f"`{name}` is one of {', '.join(sorted(known))}.", (name,))


def _closed(
    dispatch: Dispatch, step: str, result: str, words: Sensitive, staff_id: UUID, now: datetime
) -> Dispatch:
    return replace(
        dispatch,
        state=MACHINE.after(dispatch.state, step),
        result=result,
        words=words,
        next_reminder_at=None,
        closed_at=now,
        closed_by=staff_id,
    )


def _entry(dispatch: Dispatch, kind: str, actor: str, contact: Contact, **body: Json) -> Entry:
    return Entry(
        kind=kind,
        centre_id=dispatch.centre_id,
        contact_id=dispatch.contact_id,
        actor=actor,
        staff_ids=tuple(sorted({each for each in (contact.counselor_id, dispatch.made_by) if each})),
        body={"dispatch": str(dispatch.id), "agency": dispatch.agency, **body},
    )
