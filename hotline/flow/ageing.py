"""Ageing: the rank of a waiting contact is worked out anew when its time has come.

All that are due go together: whoever waits in a long queue costs one row now and then, not a transaction.
"""

from datetime import datetime

from hotline.domain import contact as contacts
from hotline.policy.policies import Policies
from hotline.store import contact as store_contact
from hotline.store.unit import Store


async def sweep(store: Store, policies: Policies, now: datetime, most: int) -> int:
    """Re-rank every waiting contact that is due, save those that somebody holds; how many were due."""
    async with store.connection() as connection:
        due = await store_contact.due_to_age(connection, now, most)
    if not due:
        return 0
    async with store.unit() as unit:
        journeys = (await store_contact.lock_waiting(unit, due)).values()
        aged = [(contacts.age(each.contact, now, policies.queue), each) for each in journeys]
        await unit.save_all(aged, now)
    return len(due)
