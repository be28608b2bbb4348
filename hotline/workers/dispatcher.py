"""The dispatcher: whoever waits is matched with whoever is free, at once.

Woken by every poke and once a second besides. One dispatcher at a time works on a centre, over all
nodes; the others find its lock taken and have nothing to do.
"""

from hotline.base import clock
from hotline.flow import offer
from hotline.policy.policies import Policies
from hotline.store import contact as store_contact
from hotline.store.unit import Store


async def run(store: Store, policies: Policies, every_seconds: float) -> None:
    """Dispatch for ever."""
    waiter = store.signal.waiter()
    try:
        while True:
            await once(store, policies)
            await waiter.wait(every_seconds)
    finally:
        waiter.close()


async def once(store: Store, policies: Policies) -> int:
    """One round over every centre in which somebody waits; how many offers were made."""
    async with store.connection() as connection:
        centre_ids = await store_contact.centres_with_waiting(connection)
    made = 0
    for centre_id in centre_ids:
        match = await offer.dispatch(store, policies, centre_id, clock.now())
        made += len(match.pairings)
    return made
