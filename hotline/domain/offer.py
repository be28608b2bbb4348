"""An offer: a contact held out to one counselor until a deadline.

Accepted, it leads to a session. Declined, missed, failed or rescinded, the contact stands in the
queue again with its old join time. Whoever misses an offer is set to not ready, because the next
caller must not ring in an empty room; the caller pays nothing.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from hotline.base.errors import Refused
from hotline.domain import contact as contacts, presence as presences
from hotline.domain.contact import Contact
from hotline.domain.journal import Entry, Json, staff_actor, system_actor
from hotline.domain.machine import Machine
from hotline.domain.outcome import Outcome
from hotline.domain.presence import Presence
from hotline.domain.queue import QueuePolicy

MACHINE: Final = Machine(
    name="offer",
    start="pending",
    moves={
        ("pending", "accept"): "accepted",
        ("pending", "decline"): "declined",
        ("pending", "miss"): "missed",
        ("pending", "rescind"): "rescinded",
        ("pending", "fail"): "failed",
    },
    ends=frozenset({"accepted", "declined", "missed", "rescinded", "failed"}),
)

HOUSE_SLOW: Final = "house_slow"
"""Why an offer failed that nobody could have answered in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One contact held out to one counselor; `reasons` says why to this one."""

    id: UUID
    contact_id: UUID
    centre_id: UUID
    staff_id: UUID
    state: str
    made_at: datetime
    deadline_at: datetime
    decided_at: datetime | None = None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing:
    """Routing's choice: who is offered what, and why."""

    contact_id: UUID
    staff_id: UUID
    chat_slot: int | None
    reasons: tuple[str, ...]


def make(contact: Contact, pairing: Pairing, offer_id: UUID, now: datetime, policy: QueuePolicy) -> Outcome:
    """Hold the contact out to the counselor of the pairing."""
    offered = replace(
        contact,
        state=contacts.MACHINE.after(contact.state, "offer"),
        since=now,
        counselor_id=pairing.staff_id,
        chat_slot=pairing.chat_slot,
    )
    offer = Offer(
        id=offer_id,
        contact_id=contact.id,
        centre_id=contact.centre_id,
        staff_id=pairing.staff_id,
        state=MACHINE.start,
        made_at=now,
        deadline_at=now + timedelta(seconds=policy.offer_seconds),
        reasons=pairing.reasons,
    )
    entry = _entry(offer, "offer.made", system_actor("dispatcher"), reasons=list(pairing.reasons))
    return Outcome(rows=(offered, offer), entries=(entry,))


def accept(contact: Contact, offer: Offer, now: datetime) -> Outcome:
    """The counselor takes the contact.

    Raises:
        Refused: the offer is no longer pending, or its deadline has passed.
    """
    if offer.state != MACHINE.start or now > offer.deadline_at:
        raise Refused("offer.gone", "This offer is over; the caller has left or waits for somebody else.")
    taken = replace(contact, state=contacts.MACHINE.after(contact.state, "accept"), since=now)
    accepted = _decided(offer, "accept", now)
    entry = _entry(accepted, "offer.accepted", staff_actor(offer.staff_id))
    return Outcome(rows=(taken, accepted), entries=(entry,))


def decline(
    contact: Contact, offer: Offer, now: datetime, policy: QueuePolicy, *, reason: str | None
) -> Outcome:
    """The counselor says no; the contact waits on at its old place for somebody else."""
    declined = _decided(offer, "decline", now)
    back = contacts.put_back(contact, now, policy, declined_by=offer.staff_id)
    entry = _entry(declined, "offer.declined", staff_actor(offer.staff_id), reason=reason)
    return Outcome(rows=(back, declined), entries=(entry,))


def miss(contact: Contact, offer: Offer, presence: Presence, now: datetime, policy: QueuePolicy) -> Outcome:
    """The deadline has passed: the contact waits on, and the counselor is set to not ready."""
    missed = _decided(offer, "miss", now)
    back = contacts.put_back(contact, now, policy)
    entry = _entry(missed, "offer.missed", system_actor("sweeper"))
    return Outcome(rows=(back, missed), entries=(entry,)) + presences.impose(presence, "missed", now)


def lapse(
    contact: Contact, offer: Offer, presence: Presence, now: datetime, policy: QueuePolicy, *, was_heard: bool
) -> Outcome:
    """The deadline has passed: missed, if the house has been hearing in time since the offer was made.

    If it has not, the offer may have been shown too late, or its answer was not heard: nobody is blamed. The
    counselor stays ready, and is the last to be offered something again.
    """
    if was_heard:
        return miss(contact, offer, presence, now, policy)
    return fail(contact, offer, now, policy, reason=HOUSE_SLOW) + presences.wait_anew(presence, now)


def fail(contact: Contact, offer: Offer, now: datetime, policy: QueuePolicy, *, reason: str) -> Outcome:
    """The counselor could not be reached (telephone busy or failed, page gone): not a refusal."""
    failed = _decided(offer, "fail", now)
    back = contacts.put_back(contact, now, policy)
    return Outcome(
        rows=(back, failed), entries=(_entry(failed, "offer.failed", system_actor("duty"), reason=reason),)
    )


def rescind(offer: Offer, now: datetime, *, reason: str) -> Outcome:
    """The contact has gone while it was held out; the counselor's page stops ringing."""
    rescinded = _decided(offer, "rescind", now)
    entry = _entry(rescinded, "offer.rescinded", system_actor("intake"), reason=reason)
    return Outcome(rows=(rescinded,), entries=(entry,))


def abandon(contact: Contact, offer: Offer | None, now: datetime, *, reason: str = "caller_left") -> Outcome:
    """The caller leaves while waiting or ringing; a pending offer is rescinded with it."""
    left = contacts.abandon(contact, now, reason=reason)
    return left if offer is None else left + rescind(offer, now, reason=reason)


def is_overdue(offer: Offer, now: datetime) -> bool:
    """Whether the sweeper should count the offer as missed."""
    return offer.state == MACHINE.start and now >= offer.deadline_at


def _decided(offer: Offer, step: str, now: datetime) -> Offer:
    return replace(offer, state=MACHINE.after(offer.state, step), decided_at=now)


def _entry(offer: Offer, kind: str, actor: str, **body: Json) -> Entry:
    return Entry(
        kind=kind,
        centre_id=offer.centre_id,
        contact_id=offer.contact_id,
        actor=actor,
        staff_ids=(offer.staff_id,),
        body={"offer": str(offer.id), **body},
    )
