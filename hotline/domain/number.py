"""A caller's number: how far it can be relied on, and how two people open one that the house keeps shut.

Where a house promises anonymity nobody is shown a number. In an emergency one person asks for it with a
reason and another, a supervisor, agrees; then the two can look at it for a while, every look is journalled,
and the caller is owed a word about it (requirement 29). A number can mislead whoever is sent out: behind a
fixed line there may be a switchboard, and its address is not where the caller is (requirement 28).

    asked      somebody needs the number, and says why
    approved   another agrees; it is open to the two until `expires_at`
    refused    another does not
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from hotline.base.errors import Absent, Refused
from hotline.base.sensitive import Sensitive
from hotline.domain import escalation as escalations, paging, task as tasks
from hotline.domain.contact import Contact
from hotline.domain.escalation import Escalation, Means
from hotline.domain.journal import Entry, Json, staff_actor
from hotline.domain.ladder import ON_DUTY, SUPERVISORS, Responder
from hotline.domain.machine import Machine
from hotline.domain.outcome import NOTHING, Outcome
from hotline.domain.staff import Role
from hotline.domain.task import Owed, TaskPolicy

MACHINE: Final = Machine(
    name="opening",
    start="asked",
    moves={("asked", "approve"): "approved", ("asked", "refuse"): "refused"},
    ends=frozenset({"approved", "refused"}),
)

CHINA: Final = "+86"
MOBILE: Final = CHINA + "1"
"""Every Chinese number that begins with 1 is a mobile's; the others are fixed lines, or short ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberPolicy:
    """How the house keeps numbers; set in `config/duty.toml`. `anonymity` is 1 where nobody is shown one."""

    anonymity: int = 0
    opening_seconds: int = 3600

    @property
    def is_anonymous(self) -> bool:
        """Whether nobody is shown a number but by opening it."""
        return self.anonymity > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A caller's number opened by two people, or asked for."""

    id: UUID
    contact_id: UUID
    centre_id: UUID
    state: str
    asked_by: UUID
    asked_at: datetime
    reason: Sensitive
    decided_by: UUID | None = None
    decided_at: datetime | None = None
    expires_at: datetime | None = None

    def is_open_to(self, staff_id: UUID, now: datetime) -> bool:
        """Whether this person may look at the number now: one of the two, in time."""
        in_time = self.state == "approved" and self.expires_at is not None and now < self.expires_at
        return in_time and staff_id in {self.asked_by, self.decided_by}


def may_be_switchboard(contact: Contact) -> bool:
    """Whether it may be a switchboard's number: its address says little about where the caller is."""
    if contact.number_quality == "switchboard":
        return True
    number = "" if contact.number is None else contact.number.reveal()
    return number.startswith(CHINA) and not number.startswith(MOBILE)


def ask(contact: Contact, reason: Sensitive, staff_id: UUID, *, opening_id: UUID, now: datetime) -> Outcome:
    """Somebody needs the number.

    Raises:
        Refused: there is no number, or no reason.
    """
    if contact.number is None:
        raise Refused("number.none", "No number came with this contact.")
    if reason.is_blank:
        raise Refused("number.reason", "Say why the number is needed.", ("reason",))
    asked = Opening(
        id=opening_id,
        contact_id=contact.id,
        centre_id=contact.centre_id,
        state=MACHINE.start,
        asked_by=staff_id,
        asked_at=now,
        reason=reason,
    )
    return Outcome(rows=(asked,), entries=(_entry(asked, contact, "number.asked", staff_id),))


def call_for(escalation: Escalation | None, staff_id: UUID, *, means: Means, now: datetime) -> Outcome:
    """In an emergency the other one is called at once: a supervisor on duty, else all there are."""
    if escalation is None or not escalation.is_open:
        return NOTHING
    groups = (means.roster.get(name, ()) for name in (ON_DUTY, SUPERVISORS))
    others = next((found for group in groups if (found := _but(group, staff_id))), ())
    channels = means.ladders[escalation.level].every_channel
    return escalations.called(escalation, paging.NUMBER, others, channels, now=now, new_id=means.new_id)


def _but(people: Sequence[Responder], staff_id: UUID) -> tuple[Responder, ...]:
    return tuple(each for each in people if each.staff_id != staff_id)


def approve(
    opening: Opening,
    contact: Contact,
    staff_id: UUID,
    *,
    policies: tuple[NumberPolicy, TaskPolicy],
    task_id: UUID,
    now: datetime,
) -> Outcome:
    """Another agrees: the two may look from now on, for a while; the caller is owed a word about it.

    Raises:
        Refused: it is the one who asked, or it is decided. Agreeing twice is no error.
    """
    if opening.state == "approved" and opening.decided_by == staff_id:
        return NOTHING
    _require_other(opening, staff_id)
    numbers, times = policies
    approved = replace(
        opening,
        state=MACHINE.after(opening.state, "approve"),
        decided_by=staff_id,
        decided_at=now,
        expires_at=now + timedelta(seconds=numbers.opening_seconds),
    )
    owed = Owed(
        kind=tasks.NOTIFY_CALLER,
        about_id=opening.id,
        role=Role.SUPERVISOR,
        due_at=now + timedelta(seconds=times.notify_caller_seconds),
        made_by=staff_id,
    )
    entry = _entry(approved, contact, "number.approved", staff_id)
    return Outcome(rows=(approved,), entries=(entry,)) + tasks.make(contact, owed, task_id, now)


def refuse(opening: Opening, contact: Contact, staff_id: UUID, now: datetime) -> Outcome:
    """Another does not agree.

    Raises:
        Refused: it is the one who asked, or it is decided. Refusing twice is no error.
    """
    if opening.state == "refused" and opening.decided_by == staff_id:
        return NOTHING
    _require_other(opening, staff_id)
    refused = replace(
        opening, state=MACHINE.after(opening.state, "refuse"), decided_by=staff_id, decided_at=now
    )
    return Outcome(rows=(refused,), entries=(_entry(refused, contact, "number.refused", staff_id),))


def look(opening: Opening, contact: Contact, staff_id: UUID, now: datetime) -> Outcome:
    """One of the two looks at the number; every look is journalled.

    Raises:
        Absent: it is neither of the two.
        Refused: nobody has agreed yet, or its time is over.
    """
    if staff_id not in {opening.asked_by, opening.decided_by}:
        raise Absent("opening.absent", "There is no such opening.")
    if not opening.is_open_to(staff_id, now):
        raise Refused("number.closed", "Nobody has agreed yet, or the time is over; ask again.")
    return Outcome(entries=(_entry(opening, contact, "number.looked", staff_id),))


def _require_other(opening: Opening, staff_id: UUID) -> None:
    if opening.asked_by == staff_id:
        raise Refused("number.two", "It takes two people: somebody else has to decide.")


def _entry(opening: Opening, contact: Contact, kind: str, staff_id: UUID, **body: Json) -> Entry:
    touched = {opening.asked_by, contact.counselor_id} - {None}
    return Entry(
        kind=kind,
        centre_id=opening.centre_id,
        contact_id=opening.contact_id,
        actor=staff_actor(staff_id),
        staff_ids=tuple(each for each in touched if each is not None),
        body={"opening": str(opening.id), **body},
    )
