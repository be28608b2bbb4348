"""Ageing: the rank of a waiting contact is worked out anew when its time has come."""

from datetime import datetime

from hotline.domain import contact as contacts
from hotline.policy.policies import Policies
from hotline.store import contact as store_contact
from hotline.store.unit import Store


async def sweep(store: Store, policies: Policies, now: datetime, most: int) -> int:
    """Re-rank every waiting contact that is due; how many there were."""
    async with store.connection() as connection:
        due = await store_contact.due_to_age(connection, now, most)
    for contact_id in due:
        async with store.unit() as unit:
            journey = await store_contact.lock_journey_if_free(unit, contact_id)
            if journey is not None and journey.contact.state == "waiting":
                await unit.save(contacts.age(journey.contact, now, policies.queue), now, journey)
    return len(due)
