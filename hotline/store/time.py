"""The house's time is the database's: there is one of it, however many nodes there are.

Every process reads the database's clock at its start and each `READ_SECONDS` after that, and sets its own by
it. The answer is on its way for a moment, so a reading is good to half of what the question took; a slow
one is left out. With the database away the clock goes on counting.
"""

import asyncio
from datetime import datetime, timedelta
from time import monotonic
from typing import Final, cast

from hotline.base import clock, log
from hotline.store.unit import Store

READ_SECONDS: Final = 5.0
SLOW_SECONDS: Final = 0.5
"""A reading that took longer says too little."""
AHEAD_SECONDS_MAX: Final = 1.0
"""A machine that is further off wants mending; its log lines and its tokens carry its own time."""

_log = log.get("time")


async def read(store: Store, slow_seconds: float = SLOW_SECONDS) -> None:
    """Set this process's clock by the database's.

    Raises:
        Unreachable: the database does not answer.
    """
    async with store.connection() as connection:
        asked = monotonic()
        at = cast("datetime", await connection.fetchval("select clock_timestamp()"))
        took = monotonic() - asked
    if took <= slow_seconds:
        clock.set_to(at + timedelta(seconds=took / 2), within_seconds=took / 2)


async def keep(store: Store) -> None:
    """Go on setting it; a machine that begins to be off is told of once."""
    was_off = False
    while True:
        await read(store)
        ahead = clock.machine_ahead_seconds()
        is_off = abs(ahead) > AHEAD_SECONDS_MAX
        if is_off and not was_off:
            _log.warning("this machine's wall clock is off; the house goes by the database's", ahead=ahead)
        was_off = is_off
        await asyncio.sleep(READ_SECONDS)
