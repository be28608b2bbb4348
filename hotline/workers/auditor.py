"""The auditor: looks for states that may not stand together, and says their names.

What the indexes and the check before every commit prevent is looked for all the same. A finding is an
error in the log, for an engineer; nothing is repaired here, because nobody knows yet what is true.
"""

import asyncio

from hotline.base import log
from hotline.store import audit
from hotline.store.unit import Store

_log = log.get("auditor")


async def run(store: Store, every_seconds: float) -> None:
    """Audit for ever."""
    while True:
        await once(store)
        await asyncio.sleep(every_seconds)


async def once(store: Store) -> dict[str, int]:
    """One look; the names of the breaches found, with how often each stands."""
    async with store.connection() as connection:
        found = await audit.breaches(connection)
    for name, count in found.items():
        _log.error("states may not stand together", breach=name, count=count)
    return found
