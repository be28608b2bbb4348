"""The ends of a call: they ring, come into the room, leave it and go, and are brought to where they belong.

Nobody waits for an answer to these facts. Each is acted on once (its natural key is inserted in the same
transaction), and the orders for the other ends are effects of that transaction. What was told late, twice
or never is made good by `settle`, which compares where everybody is with where everybody should be.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from hotline.domain import leaving, leg as legs, session as sessions
from hotline.domain.call import Call
from hotline.domain.centre import Channel
from hotline.domain.effects import Send
from hotline.domain.joint import Journey
from hotline.domain.leg import Leg
from hotline.domain.outcome import NOTHING, Outcome
from hotline.domain.staff import Device
from hotline.policy.policies import Policies
from hotline.store import (
    contact as store_contact,
    jobs as store_jobs,
    leg as store_leg,
    presence as store_presence,
    staff as store_staff,
)
from hotline.store.unit import Store, Unit


async def ringing(store: Store, leg_id: UUID, sid: str, now: datetime) -> None:
    """The network has taken our order to ring; now we know the provider's id."""
    async with store.unit() as unit:
        found = await store_leg.find(unit.connection, unit.vault, leg_id)
        if found is None:
            return
        call = await store_leg.load_call(unit, found)
        rings = Outcome(rows=(legs.ringing(call.leg, sid),))
        await unit.save(call.settled(rings, now, answering=None), now)


async def join(store: Store, sid: str, room: str, *, key: str, now: datetime) -> None:
    """The provider says that a leg is in a room; when both are in, the talk has begun."""

    async def decide(unit: Unit, call: Call) -> Outcome:
        _ = unit
        contact, session = call.journey.contact, call.journey.session
        if room != contact.room:
            return NOTHING
        joined = legs.joined(call.leg, now)
        together = legs.are_together([*call.others, joined], contact)
        begun = (
            sessions.connect(contact, session, now)
            if together and session is not None and contact.state == "connecting"
            else NOTHING
        )
        return Outcome(rows=(joined,)) + begun

    await _tell(store, sid, key, now, decide)


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """A leg has left a room (None: whichever it was in), because its own end hung up or otherwise."""

    sid: str
    room: str | None
    is_hang_up: bool
    key: str


async def leave(store: Store, policies: Policies, left: Departure, now: datetime) -> None:
    """The provider says that a leg has left a room.

    A counselor whose own end hung up is gone. One who left for another reason, such as the end of the
    room, may only follow the caller: `settle` looks again.
    """

    async def decide(unit: Unit, call: Call) -> Outcome:
        contact = call.journey.contact
        if (left.room or contact.room) != contact.room or call.leg.place != "room":
            return NOTHING
        away = Outcome(rows=(legs.left(call.leg, now),))
        if left.is_hang_up and call.leg.role == "counselor" and contact.state == "talking":
            return away + await _counselor_gone(unit, policies, call.journey, call.leg, "completed", now)
        return away

    await _tell(store, left.sid, left.key, now, decide)


async def end(store: Store, policies: Policies, sid: str, *, reason: str, key: str, now: datetime) -> None:
    """A leg is down, whoever hung up. What follows depends on whose it was and where the contact stands."""

    async def decide(unit: Unit, call: Call) -> Outcome:
        return await _down(unit, policies, call, reason, now)

    await _tell(store, sid, key, now, decide)


async def fail(store: Store, policies: Policies, leg_id: UUID, *, reason: str, now: datetime) -> None:
    """A leg of which the provider has no id has come to nothing; twice changes nothing."""
    async with store.unit() as unit:
        found = await store_leg.find(unit.connection, unit.vault, leg_id)
        if found is None:
            return
        call = await store_leg.load_call(unit, found)
        outcome = await _down(unit, policies, call, reason, now)
        await unit.save(call.settled(outcome, now, answering=None), now, call.journey)


async def settle(store: Store, policies: Policies, contact_id: UUID, now: datetime) -> int:
    """Compare where the ends of a call are with where they should be; how many orders that made.

    A caller who has been left alone by the counselor waits again, ahead. Ends with an order that still
    waits to be carried out are left to it.
    """
    async with store.unit() as unit:
        journey = await store_contact.lock_journey_if_free(unit, contact_id)
        if journey is None or journey.contact.channel is not Channel.VOICE:
            return 0
        known = await store_leg.of_contact(unit, contact_id)
        line = await store_staff.get_line(unit.connection, unit.vault, journey.contact.line_id)
        alone = leaving.left_alone(journey, known, now)
        found = NOTHING
        if alone is not None:
            found = await _counselor_gone(unit, policies, journey, alone, alone.end_reason or "", now)
        call = Call(journey=journey, line=line, leg=known[0], others=known[1:])
        wanted = call.settled(found, now, answering=None)
        under_way = await store_jobs.ordered(unit.connection, [leg.id for leg in known])
        orders = tuple(
            each for each in wanted.effects if isinstance(each, Send) or each.leg_id not in under_way
        )
        await unit.save(replace(wanted, effects=orders), now, journey)
        return len(orders)


Decide = Callable[[Unit, Call], Awaitable[Outcome]]


async def _tell(store: Store, sid: str, key: str, now: datetime, decide: Decide) -> None:
    """Lock and load by the provider's id, decide once per fact, save; nobody waits for an answer."""
    async with store.unit() as unit:
        found = await store_leg.find_by_sid(unit.connection, unit.vault, sid)
        if found is None or not await store_leg.is_new_fact(unit, key, now):
            return
        call = await store_leg.load_call(unit, found)
        outcome = await decide(unit, call)
        await unit.save(call.settled(outcome, now, answering=None), now, call.journey)


async def _down(unit: Unit, policies: Policies, call: Call, reason: str, now: datetime) -> Outcome:
    if call.leg.state == "ended":
        return NOTHING
    down = Outcome(rows=(legs.ended(call.leg, now, reason),))
    if call.leg.role == "caller":
        return down + leaving.caller_leaves(call.journey, now)
    if call.journey.contact.state == "talking":
        return down  # the caller may have hung up first: `settle` looks again
    return down + await _counselor_gone(unit, policies, call.journey, call.leg, reason, now)


async def _counselor_gone(
    unit: Unit, policies: Policies, journey: Journey, leg: Leg, reason: str, now: datetime
) -> Outcome:
    if leg.staff_id is None:
        return NOTHING
    staff = await store_staff.get(unit.connection, unit.vault, leg.staff_id)
    is_hang_up = staff.device is Device.PHONE and reason == leaving.HUNG_UP
    session = journey.session
    if is_hang_up and journey.contact.state == "talking" and session and leaving.holds(leg, journey):
        return sessions.end(journey.contact, session, now, by="counselor")
    presence = await store_presence.lock(unit, leg.staff_id)
    return leaving.counselor_leaves(journey, leg, presence, now, policies.queue, reason=reason)
