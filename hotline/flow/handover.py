"""Whose an escalation is changes by an offer and an acceptance; and a supervisor joins it.

Until somebody has accepted, its owner has it: there is no moment with two of them or with none.
"""

from datetime import datetime
from uuid import UUID

from hotline.base import ids
from hotline.base.errors import Absent, Refused
from hotline.domain import custody
from hotline.domain.custody import Hand
from hotline.domain.escalation import Escalation, Means
from hotline.domain.joint import Journey
from hotline.domain.ladder import EVERYONE
from hotline.policy.policies import Policies
from hotline.store import contact as store_contact, escalation as store_escalation, roster as store_roster
from hotline.store.unit import Store, Unit


async def offer(
    store: Store, policies: Policies, escalation_id: UUID, hand: Hand, to: UUID, now: datetime
) -> None:
    """Hold an escalation out to somebody who may acknowledge; they are paged.

    Raises:
        Refused: nobody has it, it is theirs already, or they are none of those who can be paged.
        Forbidden: it is somebody else's.
    """
    async with store.unit() as unit:
        journey, held = await _lock(unit, escalation_id)
        roster = await store_roster.roster(unit.connection, held.centre_id, held.level, now)
        if to not in {person.staff_id for person in roster[EVERYONE]}:
            raise Refused(
                "escalation.unable", "This person cannot take it; choose a responder or supervisor."
            )
        ladders = await store_roster.ladders(unit.connection, policies.ladders, held.centre_id)
        means = Means(queue=policies.queue, ladders=ladders, roster=roster, new_id=ids.new_id)
        seconds = policies.handover_seconds
        await unit.save(custody.offer(held, hand, to, seconds=seconds, means=means, now=now), now, journey)


async def accept(store: Store, policies: Policies, escalation_id: UUID, hand: Hand, now: datetime) -> None:
    """Whoever it is held out to has it from now on.

    Raises:
        Refused: it is not held out to them, or not any more.
    """
    async with store.unit() as unit:
        journey, held = await _lock(unit, escalation_id)
        ladders = await store_roster.ladders(unit.connection, policies.ladders, held.centre_id)
        await unit.save(custody.accept(held, hand, ladders[held.level], now), now, journey)


async def decline(store: Store, escalation_id: UUID, hand: Hand, now: datetime) -> None:
    """The offer is declined, or taken back by the owner.

    Raises:
        Refused: it is held out to nobody, or to somebody else.
    """
    async with store.unit() as unit:
        journey, held = await _lock(unit, escalation_id)
        await unit.save(custody.decline(held, hand, now), now, journey)


async def join(store: Store, escalation_id: UUID, hand: Hand, now: datetime) -> None:
    """A supervisor has joined and listens, asked or unasked.

    Raises:
        Refused: it is over.
    """
    async with store.unit() as unit:
        journey, held = await _lock(unit, escalation_id)
        joined = await store_escalation.joining_of(unit, escalation_id, hand.staff_id)
        await unit.save(custody.join(held, joined, hand, now=now, new_id=ids.new_id), now, journey)


async def _lock(unit: Unit, escalation_id: UUID) -> tuple[Journey, Escalation]:
    journey = await store_contact.lock_journey_of(unit, "escalation", escalation_id)
    if journey.escalation is None or journey.escalation.id != escalation_id:
        raise Absent("escalation.absent", "This escalation is over; there is a newer one.")
    return journey, journey.escalation
