"""The replayer: works out what the last days would have been under a rulebook that somebody thinks of using.

One at a time on each node, in a process of its own that is the last to get the processor; see `flow.replay`.
"""

import asyncio

from hotline.base import clock
from hotline.flow import replay
from hotline.policy.workbench import Workbench
from hotline.store.unit import Store


async def run(store: Store, workbench: Workbench, every_seconds: float) -> None:
    """Look for ever; soon again while there are more."""
    while True:
        if not await replay.work(store, workbench, clock.now):
            await asyncio.sleep(every_seconds)
