"""Somebody is gone: what follows depends on who it was and where the contact stands.

A caller who leaves before an answer has abandoned; in mid-talk the talk is over and the record
still open. A counselor who vanishes never costs the caller the place: back into the queue, at the
front if the two had met. Whose device does not answer is set to not ready, or it would be rung again
and again.
"""

from datetime import datetime

from hotline.domain import offer as offers, session as sessions
from hotline.domain.joint import Journey
from hotline.domain.leg import Leg
from hotline.domain.outcome import NOTHING, Outcome
from hotline.domain.presence import Presence
from hotline.domain.queue import QueuePolicy


def caller_leaves(journey: Journey, now: datetime, *, reason: str = "caller_left") -> Outcome:
    """The caller is gone, at whatever stage; gone already changes nothing."""
    contact, session = journey.contact, journey.session
    match contact.state:
        case "arriving" | "waiting" | "offered":
            return offers.abandon(contact, journey.offer, now, reason=reason)
        case "connecting" if session is not None:
            return sessions.give_up(contact, session, now)
        case "talking" if session is not None:
            return sessions.end(contact, session, now, by="caller")
        case _:
            return NOTHING


def counselor_leaves(
    journey: Journey, leg: Leg, presence: Presence, now: datetime, policy: QueuePolicy, *, reason: str
) -> Outcome:
    """The counselor's leg is down without a word: busy, failed, torn off, or its page gone."""
    contact, offer, session = journey.contact, journey.offer, journey.session
    if contact.state == "offered" and offer is not None and offer.id == leg.offer_id:
        failed = offers.fail(contact, offer, now, policy, reason=reason)
        return failed + presences.impose(presence, "device", now)
    if session is None or not holds(leg, journey):
        return NOTHING
    if contact.state == "connecting":
        return sessions.fail(contact, session, now, policy, reason=reason)
    if contact.state == "talking":
        return sessions.interrupt(contact, session, presence, now, policy)
    return NOTHING


def holds(leg: Leg, journey: Journey) -> bool:
    """Whether this is the leg of the counselor who has the contact now."""
    contact = journey.contact
    return leg.staff_id == contact.counselor_id and leg.generation == contact.generation
