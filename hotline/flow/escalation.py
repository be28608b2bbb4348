"""Escalations: raised by hand, acknowledged, noted, resolved, stood down, and climbed by the clock."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from hotline.base import ids
from hotline.base.errors import Absent, Forbidden, Refused
from hotline.base.sensitive import Sensitive
from hotline.domain import contact as contacts, escalation as escalations
from hotline.domain.contact import Contact
from hotline.domain.escalation import Cause, Escalation
from hotline.domain.joint import Journey
from hotline.domain.journal import staff_actor
from hotline.domain.level import Level
from hotline.domain.outcome import Outcome
from hotline.policy.policies import Policies
from hotline.store import contact as store_contact, escalation as store_escalation
from hotline.store.unit import Store, Unit


async def declare(
    store: Store,
    policies: Policies,
    contact_id: UUID,
    staff_id: UUID,
    *,
    level: Level,
    reason: str,
    now: datetime,
) -> UUID:
    """A person raises the alarm with one button; the contact's level rises with it.

    Raises:
        Refused: the level does not call for a team.
    """
    if not level.needs_escalation:
        raise Refused("escalation.level", "An escalation is high or imminent.")
    async with store.unit() as unit:
        journey = await store_contact.lock_journey(unit, contact_id)
        existing = await _latest(unit, journey)
        cause = Cause(source="counselor", staff_id=staff_id)
        means = await _means(unit, policies, journey.contact)
        open_one = existing if existing is not None and existing.is_open else None
        outcome = escalations.respond(journey.contact, open_one, level, cause, means=means, now=now)
        escalation = next((row for row in outcome.rows if isinstance(row, Escalation)), open_one)
        if escalation is None:
            raise Refused("escalation.none", "Nothing was raised; look again.")
        if reason.strip():
            outcome += escalations.add_note(
                escalation, Sensitive(reason), staff_id, now=now, new_id=ids.new_id
            )
        await unit.save(outcome, now, journey)
        return escalation.id


async def set_level(
    store: Store,
    policies: Policies,
    contact_id: UUID,
    staff_id: UUID,
    *,
    level: Level,
    may_lower: bool,
    now: datetime,
) -> None:
    """A person's judgement of the contact's level; lowering is for those who may, and is journalled.

    Raises:
        Forbidden: lowering needs a supervisor.
    """
    async with store.unit() as unit:
        journey = await store_contact.lock_journey(unit, contact_id)
        contact = journey.contact
        if level < contact.level and not may_lower:
            raise Forbidden("level.lower", "A level is lowered by a supervisor, with a reason.")
        judged = contacts.set_level(contact, level, now, policies.queue, actor=staff_actor(staff_id))
        outcome = judged
        if level.needs_escalation and level > contact.level:
            existing = await _latest(unit, journey)
            means = await _means(unit, policies, contact)
            cause = Cause(source="counselor", staff_id=staff_id)
            outcome += escalations.respond(judged.row(Contact), existing, level, cause, means=means, now=now)
        await unit.save(outcome, now, journey)


async def acknowledge(store: Store, escalation_id: UUID, staff_id: UUID, now: datetime) -> None:
    """Somebody says "I have it".

    Raises:
        Refused: somebody else has it, or it is over.
    """
    await _change(store, escalation_id, now, lambda each: escalations.acknowledge(each, staff_id, now))


async def note(store: Store, escalation_id: UUID, staff_id: UUID, words: Sensitive, now: datetime) -> None:
    """Add words to an escalation."""
    await _change(
        store,
        escalation_id,
        now,
        lambda each: escalations.add_note(each, words, staff_id, now=now, new_id=ids.new_id),
    )


async def resolve(
    store: Store, escalation_id: UUID, staff_id: UUID, *, outcome: str, words: Sensitive, now: datetime
) -> None:
    """End it with what became of the person.

    Raises:
        Refused: nobody has acknowledged, or the outcome is not in the list.
    """
    await _change(
        store, escalation_id, now, lambda each: escalations.resolve(each, outcome, words, staff_id, now)
    )


async def stand_down(
    store: Store, escalation_id: UUID, staff_id: UUID, reason: Sensitive, now: datetime
) -> None:
    """Take it back, by name and with a reason.

    Raises:
        Refused: there is no reason, or it is over.
    """
    await _change(store, escalation_id, now, lambda each: escalations.stand_down(each, reason, staff_id, now))


async def climb_due(store: Store, policies: Policies, now: datetime, most: int) -> int:
    """Page the next rung of every escalation whose time has passed; how many there were."""
    async with store.connection() as connection:
        contact_ids = await store_escalation.due(connection, now, most)
    for contact_id in contact_ids:
        async with store.unit() as unit:
            journey = await store_contact.lock_journey_if_free(unit, contact_id)
            if journey is None:
                continue
            escalation = await _latest(unit, journey)
            if escalation is None:
                continue
            roster = await store_escalation.roster(unit.connection, escalation.centre_id)
            outcome = escalations.climb(escalation, policies.ladders, roster, now=now, new_id=ids.new_id)
            await unit.save(outcome, now, journey)
    return len(contact_ids)


async def page_sent(store: Store, page_id: UUID, now: datetime, *, state: str) -> None:
    """The relay has sent a page, or has given up on it."""
    async with store.unit() as unit:
        page = await store_escalation.lock_page(unit, page_id)
        if page is not None and page.state != "sent":
            await unit.save(escalations.page_done(page, state, now), now)


async def _change(
    store: Store, escalation_id: UUID, now: datetime, decide: Callable[[Escalation], Outcome]
) -> None:
    async with store.unit() as unit:
        contact_id = await store_contact.of_escalation(unit.connection, escalation_id)
        journey = await store_contact.lock_journey(unit, contact_id)
        escalation = await _latest(unit, journey)
        if escalation is None or escalation.id != escalation_id:
            raise Absent("escalation.absent", "This escalation is over; there is a newer one.")
        await unit.save(decide(escalation), now, journey)


async def _latest(unit: Unit, journey: Journey) -> Escalation | None:
    if journey.escalation is not None:
        return journey.escalation
    return await store_escalation.load_latest(unit, journey.contact.id)


async def _means(unit: Unit, policies: Policies, contact: Contact) -> escalations.Means:
    roster = await store_escalation.roster(unit.connection, contact.centre_id)
    return escalations.Means(queue=policies.queue, ladders=policies.ladders, roster=roster, new_id=ids.new_id)
