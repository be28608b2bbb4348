"""The keeper: everything whose time has come, found by looking.

Missed offers, counselors who do not come, lost heartbeats, wrap-up minimums that have passed, ranks
that age, chats whose page has gone silent. Each is a column with a time in it.
"""

import asyncio

from hotline.base import clock
from hotline.flow import ageing, duty, intake, offer, session
from hotline.policy.policies import Policies
from hotline.store.unit import Store


async def run(store: Store, policies: Policies, every_seconds: float, batch_max: int) -> None:
    """Keep looking."""
    while True:
        await once(store, policies, batch_max)
        await asyncio.sleep(every_seconds)


async def once(store: Store, policies: Policies, batch_max: int) -> None:
    """One look at everything; each part takes at most `batch_max` and comes again."""
    await offer.miss_overdue(store, policies, clock.now(), batch_max)
    await session.sweep(store, policies, clock.now(), batch_max)
    await duty.sweep(store, policies, clock.now(), batch_max)
    await ageing.sweep(store, policies, clock.now(), batch_max)
    await intake.sweep_silent(store, policies, clock.now(), batch_max)
