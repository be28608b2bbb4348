"""A caller's number opened by two people: asked for, agreed to, looked at, and never without an entry."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from hotline.base import ids
from hotline.base.errors import Refused
from hotline.base.sensitive import Sensitive
from hotline.domain import number as numbers
from hotline.domain.access import Viewer
from hotline.domain.contact import Contact
from hotline.domain.escalation import Means
from hotline.domain.number import Opening
from hotline.domain.outcome import Outcome
from hotline.policy.policies import Policies
from hotline.store import (
    contact as store_contact,
    number as store_number,
    roster as store_roster,
    staff as store_staff,
)
from hotline.store.unit import Store


async def list_asked(store: Store, viewer: Viewer) -> tuple[tuple[Opening, ...], dict[UUID, str]]:
    """What waits for somebody to agree, and the names of those who ask."""
    async with store.connection() as connection:
        asked = await store_number.asked(connection, store.vault, viewer.reach)
        staff = await store_staff.by_ids(connection, store.vault, {each.asked_by for each in asked})
    return tuple(asked), {person.id: person.name.reveal() for person in staff.values()}


async def ask(
    store: Store, policies: Policies, contact_id: UUID, staff_id: UUID, reason: Sensitive, now: datetime
) -> UUID:
    """Somebody needs the number; while it is asked for, it is not asked for again.

    Where a team is called in, a supervisor is called for it at once.

    Raises:
        Refused: there is no number, or no reason.
    """
    async with store.unit() as unit:
        journey = await store_contact.lock_journey(unit, contact_id)
        asked = await store_number.find_asked(unit, contact_id)
        if asked is not None:
            return asked.id
        outcome = numbers.ask(journey.contact, reason, staff_id, opening_id=ids.new_id(), now=now)
        means = Means(
            queue=policies.queue,
            ladders=await store_roster.ladders(unit.connection, policies.ladders, journey.contact.centre_id),
            roster=await store_roster.everybody(
                unit.connection, journey.contact.centre_id, now, journey.contact.id
            ),
            new_id=ids.new_id,
        )
        outcome += numbers.call_for(journey.escalation, staff_id, means=means, now=now)
        await unit.save(outcome, now, journey)
        return outcome.row(Opening).id


async def approve(store: Store, policies: Policies, opening_id: UUID, staff_id: UUID, now: datetime) -> None:
    """Another agrees; the caller is owed a word about it from then on.

    Raises:
        Refused: it is the one who asked, or it is decided.
    """

    def agreed(opening: Opening, contact: Contact) -> Outcome:
        times = (policies.numbers, policies.tasks)
        return numbers.approve(opening, contact, staff_id, policies=times, task_id=ids.new_id(), now=now)

    await _change(store, opening_id, now, agreed)


async def refuse(store: Store, opening_id: UUID, staff_id: UUID, now: datetime) -> None:
    """Another does not agree.

    Raises:
        Refused: it is the one who asked, or it is decided.
    """
    await _change(
        store, opening_id, now, lambda opening, contact: numbers.refuse(opening, contact, staff_id, now)
    )


async def look(store: Store, opening_id: UUID, staff_id: UUID, now: datetime) -> Sensitive:
    """One of the two is shown the number; every look is journalled before it is shown.

    Raises:
        Absent: it is neither of the two.
        Refused: nobody has agreed yet, or the time is over.
    """
    contact = await _change(
        store, opening_id, now, lambda opening, contact: numbers.look(opening, contact, staff_id, now)
    )
    if contact.number is None:
        raise Refused("number.gone", "The number is not kept any more.")
    return contact.number


async def _change(
    store: Store, opening_id: UUID, now: datetime, decide: Callable[[Opening, Contact], Outcome]
) -> Contact:
    async with store.unit() as unit:
        journey = await store_contact.lock_journey_of(unit, "opening", opening_id)
        opening = await store_number.load(unit, opening_id)
        await unit.save(decide(opening, journey.contact), now, journey)
        return journey.contact
