"""The dispatcher: whoever waits is matched with whoever is free, at once.

Woken by every poke and once a second besides. One dispatcher at a time works on a centre, over all
nodes; the others find its lock taken and have nothing to do. A contact that was held by another
transaction is looked at again after a moment: its caller would wait a second for nothing.
"""

from typing import Final

from hotline.base import clock
from hotline.flow import offer
from hotline.policy.policies import Policies
from hotline.store import contact as store_contact
from hotline.store.unit import Store

AGAIN_SECONDS: Final = 0.05


async def run(store: Store, policies: Policies, every_seconds: float) -> None:
    """Dispatch for ever."""
    waiter = store.signal.waiter()
    try:
        while True:
            is_done = await once(store, policies)
            await waiter.wait(every_seconds if is_done else AGAIN_SECONDS)
    finally:
        waiter.close()


async def once(store: Store, policies: Policies) -> bool:
    """One round over every centre in which somebody waits; False when a contact was held by another."""
    async with store.connection() as connection:
        centre_ids = await store_contact.centres_with_waiting(connection)
    is_done = True
    for centre_id in centre_ids:
        match = await offer.dispatch(store, policies, centre_id, clock.now())
        is_done = is_done and not any(offer.HELD in why.values() for why in match.left.values())
    return is_done
