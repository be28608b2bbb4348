"""The replayer: works out what the last days would have been under a rulebook that somebody thinks of using.

One at a time on each node, judged in a process of its own that is the last to get the processor.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime

from hotline.base import clock
from hotline.base.errors import HotlineError, Unreachable
from hotline.domain.rulebook import Replay
from hotline.flow import replay
from hotline.flow.replay import Batch
from hotline.policy.workbench import Workbench
from hotline.store.unit import Store

Now = Callable[[], datetime]
"""A replay takes minutes: it is handed the clock, not a moment."""


async def run(store: Store, workbench: Workbench, every_seconds: float) -> None:
    """Look for ever; soon again while there are more."""
    while True:
        if not await once(store, workbench, clock.now):
            await asyncio.sleep(every_seconds)


async def once(store: Store, workbench: Workbench, at: Now) -> bool:
    """Do the next replay that waits; whether there was one."""
    begun = await replay.begin(store, at())
    if begun is None:
        return False
    try:
        await _through(store, workbench, begun, at)
    except Unreachable:
        raise  # the database is away; it is begun again when it is back
    except HotlineError:
        await replay.fail(store, begun.id, at())
    return True


async def _through(store: Store, workbench: Workbench, begun: Replay, at: Now) -> None:
    old, new = await replay.files(store, begun)
    left, place = workbench.limits.replay_contacts_max, replay.first_place(begun)
    counted: Replay | None = begun
    async with workbench.bench() as bench:
        while counted is not None and counted.state == "running":
            said, place = await replay.read(store, place, min(left, replay.BATCH_MAX))
            found = await bench.compare(old, new, said) if said else []
            left -= len(said)
            batch = Batch(found=found, is_cut=bool(said) and left == 0)
            counted = await replay.count(store, workbench.limits, counted, batch, at())
