"""Outreach: whoever hung up while waiting is called back, if the number is known and nobody is given away.

Nothing is stored by the hanging up itself: who is to be called follows from the contacts (abandoned in the
queue, number known, not heard from since) and from the calls made so far. The gravest come first, then the
young, then those who were tried least. A call is begun, which shows the number and counts as a try whatever
comes of it, and then reported. Quiet hours, the number of tries and the pause between them bind everybody;
only whoever left in imminent danger is called at any hour. A machine hears a neutral sentence, or nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from hotline.base.errors import Refused
from hotline.base.sensitive import Sensitive
from hotline.domain import contact as contacts, hours
from hotline.domain.centre import Line
from hotline.domain.contact import UNDER_AGE, Contact
from hotline.domain.hours import Hours, Rule
from hotline.domain.journal import Json, staff_actor
from hotline.domain.level import Level, band_of
from hotline.domain.outcome import NOTHING, Outcome

BEGUN: Final = "begun"
UNREPORTED: Final = "unreported"
ENOUGH: Final = frozenset({"reached", "refused", "wrong_number", "number_invalid"})
"""After these the caller is not called again."""
RESULTS: Final = ENOUGH | {"no_answer", "voicemail"}
STATES: Final = RESULTS | {BEGUN, UNREPORTED}


@dataclass(frozen=True, slots=True, kw_only=True)
class OutreachPolicy:
    """The figures, and what a machine may hear, by language."""

    hours: Hours
    voicemail: dict[str, str]
    within_hours: int = 72
    tries_max: int = 3
    spacing_hours: int = 3
    listed_max: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call to somebody who hung up; its state is what came of it."""

    id: UUID
    contact_id: UUID
    centre_id: UUID
    caller_key: bytes
    staff_id: UUID
    state: str
    begun_at: datetime
    ended_at: datetime | None = None
    words: Sensitive | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What was tried with a caller since they left; `is_back`: they have come to us again."""

    tries: int = 0
    last_at: datetime | None = None
    is_enough: bool = False
    is_back: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Somebody to be called: the contact that they left, and what was tried."""

    contact: Contact
    tried: Tried


def in_order(waiting: Iterable[Waiting]) -> list[Waiting]:
    """The gravest first, then the young, then those tried least, then those who left first."""
    return sorted(waiting, key=_place)


def callable_from(waiting: Waiting, line: Line, policy: OutreachPolicy, now: datetime) -> datetime:
    """When the caller may be called: now, or at the end of the pause or the quiet hours."""
    last = waiting.tried.last_at
    at = now if last is None else max(now, last + timedelta(hours=policy.spacing_hours))
    if waiting.contact.gravest is Level.IMMINENT:
        return at
    return hours.after(at, Rule(line=line, hours=(policy.hours,)))


def begin(
    waiting: Waiting, line: Line, policy: OutreachPolicy, staff_id: UUID, *, call_id: UUID, now: datetime
) -> Outcome:
    """Somebody calls now.

    Raises:
        Refused: they are not to be called (any more), or not yet; the sentence says which.
    """
    contact, tried = waiting.contact, waiting.tried
    if tried.is_back:
        raise Refused("outreach.reached_us", "This caller has reached us since; there is no need to call.")
    is_left = contact.state == "abandoned" and contact.joined_at is not None
    if not is_left or contact.number is None or contact.caller_key is None or tried.is_enough:
        raise Refused("outreach.over", "Nobody is to be called here; look at the list again.")
    if tried.tries >= policy.tries_max:
        raise Refused("outreach.tries", f"They were called {tried.tries} times; a supervisor decides.")
    if callable_from(waiting, line, policy, now) > now:
        raise Refused("outreach.too_early", "It is too early to call again; the list says from when.")
    call = Call(
        id=call_id,
        contact_id=contact.id,
        centre_id=contact.centre_id,
        caller_key=contact.caller_key,
        staff_id=staff_id,
        state=BEGUN,
        begun_at=now,
    )
    entry = contacts.note(
        contact, "outreach.begun", staff_actor(staff_id), call=str(call.id), nth=tried.tries + 1
    )
    return Outcome(rows=(call,), entries=(entry,))


def report(contact: Contact, call: Call, result: str, words: Sensitive | None, now: datetime) -> Outcome:
    """What came of the call; the same twice changes nothing.

    Raises:
        Refused: the result is unknown, or another one was reported.
    """
    if result not in RESULTS:
        raise Refused("outreach.result", f"A call ends as one of {', '.join(sorted(RESULTS))}.")
    if (call.state, call.words) == (result, words):
        return NOTHING
    if call.state != BEGUN:
        raise Refused("outreach.reported", "This call has been reported already.")
    return _ended(contact, call, result, words, now)


def give_up_if_old(contact: Contact, call: Call, policy: OutreachPolicy, now: datetime) -> Outcome:
    """A call of somebody else that nobody has reported for long: it counts, and stands in nobody's way.

    Raises:
        Refused: it was begun a moment ago.
    """
    if now < call.begun_at + timedelta(hours=policy.spacing_hours):
        raise Refused("outreach.taken", "Somebody else is calling them at this moment.")
    return _ended(contact, call, UNREPORTED, None, now)


def needs_decision(waiting: Waiting, result: str, policy: OutreachPolicy) -> bool:
    """Whether a supervisor has to look: in danger, and not reached by the last of the tries."""
    is_last = waiting.tried.tries >= policy.tries_max or result in ENOUGH - {"reached"}
    return waiting.contact.gravest.needs_escalation and result != "reached" and is_last


def _ended(contact: Contact, call: Call, state: str, words: Sensitive | None, now: datetime) -> Outcome:
    ended = replace(call, state=state, ended_at=now, words=words)
    body: dict[str, Json] = {"call": str(call.id), "result": state}
    entry = contacts.note(contact, "outreach.ended", staff_actor(call.staff_id), **body)
    return Outcome(rows=(ended,), entries=(entry,))


def _place(waiting: Waiting) -> tuple[int, int, int, datetime]:
    contact = waiting.contact
    is_young = contact.form.age_band in UNDER_AGE
    band = 0 if contact.form.crisis_key else band_of(contact.gravest)
    return band, 0 if is_young else 1, waiting.tried.tries, contact.ended_at or contact.since
