"""Somebody is gone: what follows depends on who it was and where the contact stands.

A caller who leaves before an answer has abandoned; in mid-talk the talk is over and the record
still open. A counselor who vanishes never costs the caller the place: back into the queue, at the
front if the two had met. Whose device does not answer is set to not ready, or it would be rung again
and again.

When a caller hangs up the network lets the counselor go too, and tells both in any order. So the end
of a counselor's leg in mid-talk says nothing by itself: only if the caller is still there a moment
later has the counselor been lost.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from hotline.domain import leg as legs, offer as offers, presence as presences, session as sessions
from hotline.domain.joint import Journey
from hotline.domain.leg import Leg
from hotline.domain.outcome import NOTHING, Outcome
from hotline.domain.presence import Presence
from hotline.domain.queue import QueuePolicy

ALONE_SECONDS: Final = 3
"""How long a caller's own end may come after the counselor's before it is taken for a lost device."""

HUNG_UP: Final = "completed"
NOT_ANSWERED: Final = "no-answer"


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
    """The counselor's leg is down without a word: busy, failed, torn off, or its page gone.

    A telephone that nobody answered has missed the offer; one that was picked up and hung up again has
    declined it.
    """
    contact, offer, session = journey.contact, journey.offer, journey.session
    if contact.state == "offered" and offer is not None and offer.id == leg.offer_id:
        if reason == NOT_ANSWERED:
            return offers.miss(contact, offer, presence, now, policy)
        if reason == HUNG_UP:
            return offers.decline(contact, offer, now, policy, reason="not_taken")
        failed = offers.fail(contact, offer, now, policy, reason=reason)
        return failed + presences.impose(presence, "device", now)
    if session is None or not holds(leg, journey):
        return NOTHING
    if contact.state == "connecting":
        return sessions.fail(contact, session, now, policy, reason=reason)
    if contact.state == "talking":
        return sessions.interrupt(contact, session, presence, now, policy)
    return NOTHING


def left_alone(journey: Journey, known: Sequence[Leg], now: datetime) -> Leg | None:
    """The last leg of a counselor whose caller has been alone in the room for too long to be leaving too."""
    if journey.contact.state != "talking":
        return None
    mine = [leg for leg in known if leg.role == "counselor" and holds(leg, journey)]
    caller = legs.caller_of(known)
    if not mine or caller is None or not caller.is_live or caller.place != "room":
        return None
    last = max(mine, key=lambda leg: leg.ended_at or now)
    alone_since = last.ended_at
    is_over = alone_since is not None and now >= alone_since + timedelta(seconds=ALONE_SECONDS)
    return last if is_over else None


def holds(leg: Leg, journey: Journey) -> bool:
    """Whether this is the leg of the counselor who has the contact now."""
    contact = journey.contact
    return leg.staff_id == contact.counselor_id and leg.generation == contact.generation
