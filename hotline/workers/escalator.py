"""The escalator: an escalation that nobody has acknowledged in time climbs to its next rung."""

import asyncio

from hotline.base import clock
from hotline.flow import escalation
from hotline.policy.policies import Policies
from hotline.store.unit import Store


async def run(store: Store, policies: Policies, every_seconds: float, batch_max: int) -> None:
    """Climb for ever."""
    while True:
        await escalation.climb_due(store, policies, clock.now(), batch_max)
        await asyncio.sleep(every_seconds)
