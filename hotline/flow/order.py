"""What the relay asks before it carries out an order: is it still wanted, and has it been given before?

An order is a job that may be done twice, late, or by a worker that dies in the middle. So it begins with a
look at the leg, and where twice would do harm (a second ring, a second way into the room) the leg is
marked before the network is told.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from hotline.base.sensitive import Sensitive
from hotline.domain import leg as legs
from hotline.domain.call import Call
from hotline.domain.outcome import NOTHING, Outcome
from hotline.store import leg as store_leg, staff as store_staff
from hotline.store.unit import Store, Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """A leg as the network knows it: its id there, and how far it had come when it was last looked at."""

    sid: str
    state: str


async def send_for(store: Store, leg_id: UUID, now: datetime, *, is_again: bool) -> str | None:
    """Mark a leg as on its way; the provider's id of it, or None if it is where it should be.

    `is_again`: this order was begun before and may not have reached the network, so the mark says nothing.
    """
    async with store.unit() as unit:
        call = await _call(unit, leg_id)
        if call is None or call.leg.sid is None:
            return None
        leg = replace(call.leg, place="none") if is_again and call.leg.place == legs.MOVING else call.leg
        if legs.is_orphan(leg, call.scene(NOTHING)) or not legs.wants_steering(leg, call.scene(NOTHING), now):
            return None
        await unit.save(Outcome(rows=(replace(leg, place=legs.MOVING, place_at=now, joined_at=None),)), now)
        return leg.sid


async def ring(store: Store, leg_id: UUID, now: datetime) -> Sensitive | None:
    """Mark a prepared leg as dialled; whom to ring, or None if that has been done or is not wanted any more.

    A mark that is there already may mean a telephone that rings: it is looked for, never rung again.
    """
    async with store.unit() as unit:
        call = await _call(unit, leg_id)
        if call is None or call.leg.state != legs.MACHINE.start or call.leg.place == legs.DIALLED:
            return None
        staff_id = call.leg.staff_id
        if legs.is_orphan(call.leg, call.scene(NOTHING)) or staff_id is None:
            await unit.save(Outcome(rows=(legs.ended(call.leg, now, "not_wanted"),)), now)
            return None
        staff = await store_staff.get(unit.connection, unit.vault, staff_id)
        await unit.save(Outcome(rows=(legs.moved(call.leg, legs.DIALLED, now),)), now)
        return staff.telephone or Sensitive("")


async def unring(store: Store, leg_id: UUID, now: datetime) -> None:
    """The network has certainly not rung: the order may be given again."""
    async with store.unit() as unit:
        call = await _call(unit, leg_id)
        if call is not None and call.leg.place == legs.DIALLED and call.leg.sid is None:
            await unit.save(Outcome(rows=(legs.moved(call.leg, "none", now),)), now)


async def let_go(store: Store, leg_id: UUID, now: datetime) -> End | None:
    """What to end at the network, or None if the leg is over or has a part to play again."""
    async with store.unit() as unit:
        call = await _call(unit, leg_id)
        if call is None:
            return None
        leg = call.leg
        if leg.state == "ended":
            is_up = leg.end_reason == legs.SUPERSEDED and leg.sid is not None
            return End(sid=leg.sid or "", state="live") if is_up else None
        if not legs.is_orphan(leg, call.scene(NOTHING)):
            return None
        if leg.sid is not None:
            return End(sid=leg.sid, state=leg.state)
        if leg.place != legs.DIALLED:
            await unit.save(Outcome(rows=(legs.ended(leg, now, "not_wanted"),)), now)
        return None


async def forget(store: Store, leg_id: UUID, now: datetime) -> None:
    """A leg that was to ring and that the network does not know is over; its offer runs out by itself."""
    async with store.unit() as unit:
        call = await _call(unit, leg_id)
        if call is not None and call.leg.sid is None:
            await unit.save(Outcome(rows=(legs.ended(call.leg, now, "forgotten"),)), now)


async def _call(unit: Unit, leg_id: UUID) -> Call | None:
    found = await store_leg.find(unit.connection, unit.vault, leg_id)
    return None if found is None else await store_leg.load_call(unit, found)
