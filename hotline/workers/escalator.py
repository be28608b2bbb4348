"""The escalator: what nobody has acknowledged in time climbs to its next rung; so does a counselor's call."""

import asyncio

from hotline.base import clock
from hotline.flow import assist, escalation
from hotline.policy.policies import Policies
from hotline.store.unit import Store


async def run(store: Store, policies: Policies, every_seconds: float, batch_max: int) -> None:
    """Climb for ever."""
    while True:
        await escalation.climb_due(store, policies, clock.now(), batch_max)
        await asyncio.sleep(every_seconds)


async def assist_on(store: Store, policies: Policies, every_seconds: float, batch_max: int) -> None:
    """Call on for ever for counselors to whom nobody has come yet; apart, so that neither stops the other."""
    while True:
        await assist.climb_due(store, policies, clock.now(), batch_max)
        await asyncio.sleep(every_seconds)
