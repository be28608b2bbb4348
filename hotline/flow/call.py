"""A call, from the first ring on: facts in, plan out.

Every request that waits for an answer is a fact, acted on once (its natural key is inserted in the same
transaction); the answer is the plan of the leg that asked, worked out from the rows as they stand
after the fact. Steering orders for the other legs are effects of the same transaction. So duplicates,
late and reordered facts do no harm: they change nothing, and are answered from the state.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from hotline.base import ids
from hotline.base.errors import Absent, Refused
from hotline.base.sensitive import Sensitive
from hotline.domain import (
    answering,
    appraisal as appraisals,
    contact as contacts,
    escalation as escalations,
    leg as legs,
    offer as offers,
    session as sessions,
)
from hotline.domain.call import Call
from hotline.domain.centre import Line
from hotline.domain.contact import Caller, Contact
from hotline.domain.effects import Drop
from hotline.domain.leg import Leg, Plan, Scene
from hotline.domain.outcome import NOTHING, Outcome
from hotline.domain.risk.assess import Facts
from hotline.policy.policies import Policies
from hotline.store import (
    abuse as store_abuse,
    contact as store_contact,
    earlier as store_earlier,
    escalation as store_escalation,
    leg as store_leg,
    roster as store_roster,
    staff as store_staff,
)
from hotline.store.unit import Store, Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """An inbound call: the dialled number, the caller's number if it is known, the provider's ids."""

    sid: str
    to: str
    number: Sensitive | None
    number_quality: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the asking leg should experience now."""

    leg_id: UUID
    contact_id: UUID
    plan: Plan


async def arrive(store: Store, ring: Ring, now: datetime) -> Answer | None:
    """A call rings: it is a contact before anything is answered. None if nobody has this number.

    One that rings again while the menu is still to be answered is asked the same, without a lock.
    """
    try:
        async with store.arrival() as unit:
            line, known = await store_leg.find_ringing(unit.connection, unit.vault, ring.to, ring.sid)
            if line is None:
                return None
            if known is not None:
                leg, contact = known
                plan = legs.plan(leg, Scene(contact=contact, line=line), now)
                return Answer(leg_id=leg.id, contact_id=contact.id, plan=plan)
            contact, leg = _arrived(line, ring, unit.vault.index(ring.number) if ring.number else None, now)
            plan = legs.plan(leg, Scene(contact=contact.row(Contact), line=line), now)
            rung = contact + Outcome(rows=(legs.moved(leg, legs.place_of(plan), now),))
            await unit.save(rung, now, fact=ring.key)
            return Answer(leg_id=leg.id, contact_id=leg.contact_id, plan=plan)
    except Refused:
        return await _again(store, ring.sid, now)


def _arrived(line: Line, ring: Ring, key: bytes | None, now: datetime) -> tuple[Outcome, Leg]:
    caller = Caller(key=key, number=ring.number, quality=ring.number_quality)
    arrived = contacts.arrive(ids.new_id(), line, now, caller=caller, form=contacts.Form())
    leg = Leg(
        id=ids.new_id(),
        contact_id=arrived.row(Contact).id,
        role="caller",
        state="live",
        made_at=now,
        sid=ring.sid,
    )
    return arrived, leg


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """Keys pressed in answer to a step; no digits when there was silence."""

    step: str
    digits: str
    key: str


async def press(store: Store, policies: Policies, leg_id: UUID, keys: Keys, now: datetime) -> Answer:
    """Keys were pressed, or none in time; the first answer of a step counts.

    Raises:
        Absent: there is no such leg.
    """

    async def decide(unit: Unit, call: Call) -> Outcome:
        if keys.step == legs.TAKE_STEP:
            return _taken(call, keys.digits, now, policies)
        if call.journey.contact.state == "arriving":
            return await _enter(unit, policies, call, keys.digits, now)
        if keys.digits == legs.CRISIS_KEY and call.journey.contact.state in contacts.BEFORE_ANSWER:
            return await _danger(unit, policies, call.journey.contact, now)
        return NOTHING

    return await _act(store, leg_id, keys.key, now, decide)


async def plan(store: Store, leg_id: UUID, now: datetime) -> Answer:
    """The leg asks what it should experience: no fact, only an answer.

    Raises:
        Absent: there is no such leg.
    """

    async def decide(unit: Unit, call: Call) -> Outcome:
        _ = unit, call
        return NOTHING

    return await _act(store, leg_id, None, now, decide)


async def client(
    store: Store, sid: str, staff_id: UUID, offer_id: UUID, *, key: str, now: datetime
) -> Answer | None:
    """A counselor's browser calls in for an accepted offer; None if that offer is not theirs any more.

    Whoever calls in again (the page was loaded anew) takes the place of the old leg, which is let go.

    Raises:
        Absent: there is no such offer.
    """
    async with store.unit() as unit:
        journey = await store_contact.lock_journey_of(unit, "offer", offer_id)
        contact = journey.contact
        if contact.counselor_id != staff_id or contact.state not in {"connecting", "talking"}:
            return None
        known = await store_leg.of_contact(unit, contact.id)
        line = await store_staff.get_line(unit.connection, unit.vault, contact.line_id)
        leg = next((each for each in known if each.sid == sid), None)
        older = NOTHING
        if leg is None and await store_leg.is_new_fact(unit, key, now):
            leg = _called_in(contact, sid, offer_id, now)
            older = _superseded(known, leg, now)
        if leg is None:
            return None
        others = [each for each in known if each.id != leg.id]
        return await _answer(unit, Call(journey=journey, line=line, leg=leg, others=others), older, now)


def _called_in(contact: Contact, sid: str, offer_id: UUID, now: datetime) -> Leg:
    return Leg(
        id=ids.new_id(),
        contact_id=contact.id,
        role="counselor",
        state="live",
        made_at=now,
        sid=sid,
        staff_id=contact.counselor_id,
        offer_id=offer_id,
        generation=contact.generation,
    )


def _superseded(known: Iterable[Leg], leg: Leg, now: datetime) -> Outcome:
    old = [each for each in known if each.staff_id == leg.staff_id and each.state != "ended"]
    return Outcome(
        rows=tuple(legs.ended(each, now, legs.SUPERSEDED) for each in old),
        effects=tuple(Drop(leg_id=each.id) for each in old),
    )


async def answer(store: Store, leg_id: UUID, sid: str, *, key: str, now: datetime) -> Answer:
    """A telephone that we rang has been picked up and asks what to experience.

    Raises:
        Absent: there is no such leg.
    """

    async def decide(unit: Unit, call: Call) -> Outcome:
        _ = unit
        return Outcome(rows=(legs.answered(call.leg, sid),))

    return await _act(store, leg_id, key, now, decide)


async def _again(store: Store, sid: str, now: datetime) -> Answer | None:
    async with store.connection() as connection:
        leg = await store_leg.find_by_sid(connection, store.vault, sid)
    return None if leg is None else await plan(store, leg.id, now)


Decide = Callable[[Unit, Call], Awaitable[Outcome]]


async def _act(store: Store, leg_id: UUID, key: str | None, now: datetime, decide: Decide) -> Answer:
    """Lock and load by our key, decide once per fact, save, and answer with the plan."""
    async with store.unit() as unit:
        found = await store_leg.find(unit.connection, unit.vault, leg_id)
        if found is None:
            raise Absent("leg.absent", "There is no such leg.")
        call = await store_leg.load_call(unit, found)
        is_new = key is None or await store_leg.is_new_fact(unit, key, now)
        outcome = await decide(unit, call) if is_new else NOTHING
        return await _answer(unit, call, outcome, now)


async def _answer(unit: Unit, call: Call, outcome: Outcome, now: datetime) -> Answer:
    asking = call.leg_after(outcome)
    scene = call.scene(outcome)
    if asking.role == "caller" and scene.contact.state in {"waiting", "offered", "connecting"}:
        scene = replace(scene, ahead=await store_contact.ahead_of(unit.connection, scene.contact))
    wanted = legs.plan(asking, scene, now)
    placed = legs.told(legs.moved(asking, legs.place_of(wanted), now), wanted)
    over = call.settled(outcome + Outcome(rows=(placed,)), now, answering=asking.id)
    await unit.save(over, now, call.journey)
    return Answer(leg_id=asking.id, contact_id=asking.contact_id, plan=wanted)


async def _enter(unit: Unit, policies: Policies, call: Call, digits: str, now: datetime) -> Outcome:
    """The menu is answered: into the queue, or elsewhere if the line is closed and nothing is wrong."""
    line, contact = call.line, call.journey.contact
    chosen = contacts.choose(contact, language=legs.language_of(line, digits))
    is_crisis = digits == legs.CRISIS_KEY
    if not line.is_open(now) and not is_crisis:
        return contacts.divert(chosen, now, reason="closed")
    if is_crisis:
        chosen = contacts.choose(chosen, form=replace(chosen.form, crisis_key=True))
    earlier = await store_earlier.earlier_of(
        unit.connection, contact.caller_key, contact.centre_id, now, policies.queue.return_within_seconds
    )
    chosen = contacts.know(chosen, earlier.background(chosen.background))
    if not is_crisis and await store_abuse.stands(unit.connection, chosen, now):
        chosen = contacts.hold_back(chosen)
    joined = contacts.join(chosen, now, policies.queue, earlier_join=earlier.join_to_resume)
    source = "key" if is_crisis else "history"
    facts = appraisals.facts(joined.row(Contact), now)
    return joined + await _appraised(unit, policies, joined.row(Contact), facts, source=source, now=now)


async def _danger(unit: Unit, policies: Policies, contact: Contact, now: datetime) -> Outcome:
    """The crisis key while waiting: ahead of everybody at once."""
    if contact.form.crisis_key:
        return NOTHING
    pressed = contacts.press_crisis_key(contact, now, policies.queue)
    facts = appraisals.facts(pressed.row(Contact), now)
    return pressed + await _appraised(unit, policies, pressed.row(Contact), facts, source="key", now=now)


async def _appraised(
    unit: Unit, policies: Policies, contact: Contact, facts: Facts, *, source: str, now: datetime
) -> Outcome:
    assessment = policies.rulebook.assess(facts)
    noted = appraisals.appraise(
        assessment,
        appraisal_id=ids.new_id(),
        contact_id=contact.id,
        source=source,
        message_seq=None,
        now=now,
    )
    roster = await store_roster.roster(unit.connection, contact.centre_id, assessment.level, now, contact.id)
    ladders = await store_roster.ladders(unit.connection, policies.ladders, contact.centre_id)
    means = escalations.Means(queue=policies.queue, ladders=ladders, roster=roster, new_id=ids.new_id)
    latest = await store_escalation.load_latest(unit, contact.id)
    return answering.respond_to(contact, latest, noted, means=means, now=now)


def _taken(call: Call, digits: str, now: datetime, policies: Policies) -> Outcome:
    """A counselor's telephone: 1 takes the call, anything else or silence gives it back."""
    contact, offer = call.journey.contact, call.journey.offer
    if offer is None or offer.id != call.leg.offer_id or offers.is_overdue(offer, now):
        return NOTHING
    if digits == legs.TAKE_KEY:
        return sessions.begin(contact, offer, ids.new_id(), now)
    return offers.decline(contact, offer, now, policies.queue, reason="not_taken")
