"""The dispatcher: whoever waits is matched with whoever is free, at once.

Woken by every commit that may move somebody (words do not) and once a second besides. One dispatcher at a
time works on a centre, over all nodes; the others find its lock taken and have nothing to do. A contact
that was held by another transaction is looked at again after a moment: its caller would wait a second for
nothing.
"""

from typing import Final
from uuid import UUID

from hotline.base import clock, log, turns
from hotline.flow import offer
from hotline.flow.offer import Dispatched
from hotline.policy.policies import Policies
from hotline.store import contact as store_contact
from hotline.store.unit import Store

AGAIN_SECONDS: Final = 0.05

_log = log.get("dispatcher")


async def run(store: Store, policies: Policies, every_seconds: float) -> None:
    """Dispatch for ever."""
    waiter = store.signal.move_waiter()
    try:
        while True:
            again_seconds = await once(store, policies)
            await waiter.wait(every_seconds if again_seconds is None else again_seconds)
    finally:
        waiter.close()


async def once(store: Store, policies: Policies) -> float | None:
    """One round over every centre in which somebody waits; when to look again without being poked.

    At once when offers were made, because more may be possible; soon when a contact was held by another
    transaction, whose end nobody pokes about; None when there is nothing to be had before the next poke.
    """
    async with store.connection() as connection:
        centre_ids = await store_contact.centres_with_waiting(connection)
    done: list[Dispatched] = []

    async def dispatch(centre_id: UUID) -> None:
        done.append(await offer.dispatch(store, policies, centre_id, clock.now()))

    await turns.each(centre_ids, dispatch, _log)
    if any(each.pairings for each in done):
        return 0.0
    return AGAIN_SECONDS if any(each.held for each in done) else None
