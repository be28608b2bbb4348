"""Which states may stand together, and what it is called when they do not.

Every machine keeps its own table; this file keeps the tables in step. It is enforced three times:
by partial unique indexes, before every commit, and by the auditor afterwards, who reports by the
names given here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from hotline.domain.contact import WITH_COUNSELOR, Contact
from hotline.domain.escalation import Escalation
from hotline.domain.level import Level
from hotline.domain.offer import Offer
from hotline.domain.session import Session

QUEUED: Final = frozenset({"waiting", "offered", "connecting", "talking"})
"""States that are reached by way of the queue only."""

PAIRS: Final = (
    ("connecting", "connecting", "connecting_iff_one_connecting_session"),
    ("talking", "open", "talking_iff_one_open_session"),
    ("wrapping", "wrapping", "wrapping_iff_one_wrapping_session"),
)
"""A contact's state, the state of its session that goes with it and no other, and what it is called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """Everything that moves under one contact's lock: its pending offer, live session, escalation."""

    contact: Contact
    offer: Offer | None = None
    session: Session | None = None
    escalation: Escalation | None = None


def breaches(journey: Journey) -> Iterator[str]:
    """The names of the pairs of states that may not stand together, in this journey."""
    yield from _unpaired(journey)
    yield from _unheld(journey)
    if journey.contact.state in QUEUED and journey.contact.joined_at is None:
        yield "queued_has_join_time"
    if journey.contact.gravest is Level.IMMINENT and journey.escalation is None:
        yield "imminent_has_escalation"


def _unpaired(journey: Journey) -> Iterator[str]:
    state = journey.contact.state
    session = journey.session.state if journey.session else None
    if (state == "offered") != (journey.offer is not None and journey.offer.state == "pending"):
        yield "offered_iff_one_pending_offer"
    for of_contact, of_session, name in PAIRS:
        if (state == of_contact) != (session == of_session):
            yield name


def _unheld(journey: Journey) -> Iterator[str]:
    contact = journey.contact
    if (contact.counselor_id is not None) != (contact.state in WITH_COUNSELOR):
        yield "counselor_iff_held"
    held = journey.offer or journey.session
    if held is not None and held.staff_id != contact.counselor_id:
        yield "one_owner"
