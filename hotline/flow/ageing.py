"""Ageing: the rank of a waiting contact is worked out anew when its time has come.

All that are due go together: whoever waits in a long queue costs one row now and then, not a transaction.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from hotline.base import log, turns
from hotline.base.errors import Broken
from hotline.domain import contact as contacts
from hotline.policy.policies import Policies
from hotline.store import contact as store_contact
from hotline.store.unit import Store

_log = log.get("ageing")


async def sweep(store: Store, policies: Policies, now: datetime, most: int) -> int:
    """Re-rank every waiting contact that is due, save those that somebody holds; how many were due."""
    async with store.connection() as connection:
        due = await store_contact.due_to_age(connection, now, most)
    try:
        await _age(store, policies, due, now)
    except Broken:  # one cannot be read: each by itself then, so that it costs the others nothing
        await turns.each(due, lambda contact_id: _age(store, policies, [contact_id], now), _log)
    return len(due)


async def _age(store: Store, policies: Policies, due: Sequence[UUID], now: datetime) -> None:
    if not due:
        return
    async with store.unit() as unit:
        journeys = (await store_contact.lock_waiting(unit, due)).values()
        aged = [(contacts.age(each.contact, now, policies.queue), each) for each in journeys]
        await unit.save_all(aged, now)
