"""Offers: made by the dispatcher, answered by counselors, missed by the clock."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from hotline.base import ids, log, turns
from hotline.base.errors import Broken, Refused
from hotline.base.sensitive import Sensitive
from hotline.domain import (
    leg as legs,
    offer as offers,
    presence as presences,
    routing,
    session as sessions,
)
from hotline.domain.contact import Contact
from hotline.domain.effects import Dial
from hotline.domain.joint import Journey
from hotline.domain.leg import Leg
from hotline.domain.offer import Offer, Pairing
from hotline.domain.outcome import Outcome
from hotline.domain.routing import Candidate, Repertoire, Waiting
from hotline.domain.session import Session
from hotline.domain.staff import Device
from hotline.policy.policies import Policies
from hotline.store import (
    contact as store_contact,
    leg as store_leg,
    presence as store_presence,
    staff as store_staff,
)
from hotline.store.health import hears_since
from hotline.store.statements import statement
from hotline.store.unit import Store, Unit

_log = log.get("offer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatched:
    """What one round has done: the offers made, and how many contacts somebody else held just then."""

    pairings: tuple[Pairing, ...] = ()
    held: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """Contacts ahead (None when not queued, or too many), and per counselor the reason or None."""

    ahead: int | None
    verdicts: tuple[tuple[UUID, Sensitive, str | None], ...]


async def dispatch(store: Store, policies: Policies, centre_id: UUID, now: datetime) -> Dispatched:
    """Match the waiting contacts of a centre with its free counselors, and make the offers.

    One dispatcher at a time works on a centre, and makes at most `offers_at_once_max` offers in a
    transaction, so that no caller's row is held for long. A contact that somebody else holds at this
    moment is passed over: whoever holds it need not poke, so the caller looks again. One whose row cannot
    be read is told of and passed over too: those behind it must not wait for an engineer.
    """
    try:
        return await _round(store, policies, centre_id, now)
    except Broken:
        unreadable = await _unreadable(store, policies, centre_id)
        if not unreadable:
            raise
    return await _round(store, policies, centre_id, now, unreadable)


async def _round(
    store: Store,
    policies: Policies,
    centre_id: UUID,
    now: datetime,
    unreadable: frozenset[UUID] = frozenset(),
) -> Dispatched:
    async with store.unit() as unit:
        if not await unit.connection.fetchval(statement("pool_lock"), str(centre_id)):
            return Dispatched()
        most = policies.queue.offers_at_once_max
        candidates = await store_staff.candidates(unit.connection, unit.vault, centre_id, most)
        if not candidates:
            return Dispatched()
        heads = await store_contact.waiting_heads(
            unit.connection,
            centre_id,
            routing.reach(candidates),
            min(most, len(candidates)) + len(unreadable),
            now - timedelta(seconds=policies.queue.relax_after_seconds),
        )
        waiting = [each for each in heads if each.id not in unreadable]
        present: list[Repertoire] = []
        if any(routing.may_relax(each, policies.queue, now) for each in waiting):
            present = await store_staff.repertoires(unit.connection, centre_id)
        found = routing.match(waiting, candidates, policies.queue, now, present).pairings[:most]
        return await _offered(unit, policies, found, candidates, now)


async def _offered(
    unit: Unit,
    policies: Policies,
    found: Sequence[Pairing],
    candidates: Iterable[Candidate],
    now: datetime,
) -> Dispatched:
    journeys = await store_contact.lock_waiting(unit, [each.contact_id for each in found])
    people = {each.id: each for each in candidates}
    made = tuple(each for each in found if each.contact_id in journeys)
    outcomes = [
        _made(journeys[each.contact_id].contact, each, people[each.staff_id].device, policies, now)
        for each in made
    ]
    held = [journeys[each.contact_id] for each in made]
    await unit.save_all(zip(outcomes, held, strict=True), now)
    return Dispatched(pairings=made, held=len(found) - len(made))


async def _unreadable(store: Store, policies: Policies, centre_id: UUID) -> frozenset[UUID]:
    """Those among the first in the queue whose rows cannot be read; each is told of in the log."""

    async def read(contact_id: UUID) -> None:
        async with store.unit() as unit:
            await store_contact.lock_waiting(unit, [contact_id])

    async with store.connection() as connection:
        first = await store_contact.first_waiting(connection, centre_id, policies.queue.offers_at_once_max)
    return await turns.each(first, read, _log)


def _made(contact: Contact, pairing: Pairing, device: Device, policies: Policies, now: datetime) -> Outcome:
    outcome = offers.make(contact, pairing, ids.new_id(), now, policies.queue)
    if device is Device.PHONE and pairing.chat_slot is None:
        outcome += _ring(outcome.row(Offer), contact.generation, now)
    return outcome


def _ring(offer: Offer, generation: int, now: datetime) -> Outcome:
    leg = Leg(
        id=ids.new_id(),
        contact_id=offer.contact_id,
        role="counselor",
        state=legs.MACHINE.start,
        made_at=now,
        staff_id=offer.staff_id,
        offer_id=offer.id,
        generation=generation,
    )
    return Outcome(rows=(leg,), effects=(Dial(leg_id=leg.id),))


async def explain(store: Store, policies: Policies, contact_id: UUID, now: datetime) -> Explained:
    """Why a contact waits: for every counselor of its centre, what stands against an offer at this moment."""
    async with store.connection() as connection:
        contact = await store_contact.get(connection, store.vault, contact_id)
        counselors = await store_staff.counselors(connection, store.vault, contact.centre_id)
        people = await store_staff.by_ids(connection, store.vault, [each.id for each in counselors])
        ahead = await store_contact.ahead_of(connection, contact) if contact.joined_at else None
    waiting = Waiting(
        id=contact.id,
        channel=contact.channel,
        rank=contact.rank,
        need=contact.needs(),
        level=contact.gravest,
        joined_at=contact.joined_at or now,
        since=contact.since,
        declined_by=contact.declined_by,
    )
    present = [each for each in counselors if each.is_present]
    skills = routing.required_skills(waiting, present, policies.queue, now)
    return Explained(
        ahead=ahead,
        verdicts=tuple(
            (each.id, people[each.id].name, routing.why_not(waiting, each, skills, policies.queue, now))
            for each in counselors
        ),
    )


async def accept(store: Store, offer_id: UUID, staff_id: UUID, now: datetime) -> Session:
    """The counselor takes the contact; the session begins.

    Raises:
        Refused: the offer is over, or it was made to somebody else.
    """
    async with store.unit() as unit:
        journey, offer = await _lock(unit, offer_id, staff_id)
        outcome = sessions.begin(journey.contact, offer, ids.new_id(), now)
        await unit.save(outcome, now, journey)
        return outcome.row(Session)


async def decline(
    store: Store, policies: Policies, offer_id: UUID, staff_id: UUID, *, reason: str | None, now: datetime
) -> None:
    """The counselor says no; the contact waits on for somebody else.

    Raises:
        Refused: the offer is over, or it was made to somebody else.
    """
    async with store.unit() as unit:
        journey, offer = await _lock(unit, offer_id, staff_id)
        outcome = offers.decline(journey.contact, offer, now, policies.queue, reason=reason)
        outcome += await store_leg.settled(unit, outcome, journey.contact, now)
        await unit.save(outcome, now, journey)


async def miss_overdue(store: Store, policies: Policies, now: datetime, most: int) -> int:
    """Count every offer past its deadline as missed, unless it was we who were slow; how many there were."""
    async with store.connection() as connection:
        contact_ids: Sequence[UUID] = await store_contact.overdue_offers(connection, now, most)
        hears = await hears_since(connection, now) if contact_ids else None

    async def miss(contact_id: UUID) -> None:
        async with store.unit() as unit:
            await _miss(unit, policies, contact_id, now, hears)

    await turns.each(contact_ids, miss, _log)
    return len(contact_ids)


async def _miss(
    unit: Unit, policies: Policies, contact_id: UUID, now: datetime, hears: datetime | None
) -> None:
    journey = await store_contact.lock_journey_if_free(unit, contact_id)
    if journey is None or journey.offer is None or not offers.is_overdue(journey.offer, now):
        return
    presence = await store_presence.lock(unit, journey.offer.staff_id)
    outcome = offers.lapse(
        journey.contact,
        journey.offer,
        presence,
        now,
        policies.queue,
        was_heard=presences.was_heard(journey.offer.made_at, hears),
    )
    outcome += await store_leg.settled(unit, outcome, journey.contact, now)
    await unit.save(outcome, now, journey)


async def _lock(unit: Unit, offer_id: UUID, staff_id: UUID) -> tuple[Journey, Offer]:
    journey = await store_contact.lock_journey_of(unit, "offer", offer_id)
    offer = journey.offer
    if offer is None or offer.id != offer_id or offer.staff_id != staff_id:
        raise Refused("offer.gone", "This offer is over; the caller has left or waits for somebody else.")
    return journey, offer
