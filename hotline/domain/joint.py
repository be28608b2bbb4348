"""Which states may stand together, and what it is called when they do not.

Every machine keeps its own table; this file keeps the tables in step. It is enforced three times:
by partial unique indexes, before every commit, and by the auditor afterwards, who reports by the
names given here.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from hotline.domain.contact import Contact
from hotline.domain.escalation import Escalation
from hotline.domain.level import Level
from hotline.domain.offer import Offer
from hotline.domain.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """Everything that moves under one contact's lock: its pending offer, live session, escalation."""

    contact: Contact
    offer: Offer | None = None
    session: Session | None = None
    escalation: Escalation | None = None


def breaches(journey: Journey) -> Iterator[str]:
    """The names of the pairs of states that may not stand together, in this journey."""
    state = journey.contact.state
    offer = journey.offer.state if journey.offer else None
    session = journey.session.state if journey.session else None
    if (state == "offered") != (offer == "pending"):
        yield "offered_iff_one_pending_offer"
    if (state == "connecting") != (session == "connecting"):
        yield "connecting_iff_one_connecting_session"
    if (state == "talking") != (session == "open"):
        yield "talking_iff_one_open_session"
    if (state == "wrapping") != (session == "wrapping"):
        yield "wrapping_iff_one_wrapping_session"
    if (journey.contact.counselor_id is None) == (state in {"offered", "connecting", "talking", "wrapping"}):
        yield "counselor_iff_held"
    if state in {"waiting", "offered", "connecting", "talking"} and journey.contact.joined_at is None:
        yield "queued_has_join_time"
    if journey.contact.level is Level.IMMINENT and journey.escalation is None:
        yield "imminent_has_escalation"
    held = journey.offer or journey.session
    if held is not None and held.staff_id != journey.contact.counselor_id:
        yield "one_owner"
