"""The keeper: everything whose time has come, found by looking.

Missed offers, counselors who do not come, lost heartbeats, wrap-up minimums that have passed; and, less
often, ranks that age, chats whose page has gone silent and tasks that are late. Each is a column with a
time in it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from typing import Final

from hotline.base import clock, log, turns
from hotline.base.errors import Broken
from hotline.domain.session import ScreeningTimes
from hotline.flow import ageing, coverage, dispatch, duty, followup, intake, offer, screening, session, task
from hotline.policy.policies import Policies
from hotline.store.unit import Store

AGAIN_SECONDS: Final = 0.1
"""A pause for those who want the same rows; whoever is held just then comes again too."""

_log = log.get("keeper")


async def run(store: Store, policies: Policies, every_seconds: float, batch_max: int) -> None:
    """Keep looking."""
    while True:
        await _look(SOON, store, policies, batch_max)
        await asyncio.sleep(every_seconds)


async def age(store: Store, policies: Policies, every_seconds: float, batch_max: int) -> None:
    """Keep ranks up to date, find the chats that were left without a word, and hand overdue calls upwards.

    A step of ageing takes a quarter of an hour, and a page may be silent for a minute and a half: nobody
    looks every second. Soon again while there are more than fit into one look.
    """
    while True:
        is_more = await _look(SLOW, store, policies, batch_max)
        await asyncio.sleep(AGAIN_SECONDS if is_more else every_seconds)


async def remind(store: Store, times: ScreeningTimes, every_seconds: float, batch_max: int) -> None:
    """Keep reminding of screenings that are not there yet."""
    while True:
        due = await screening.remind_due(store, times, clock.now(), batch_max)
        await asyncio.sleep(every_seconds if due < batch_max else AGAIN_SECONDS)


async def cover(store: Store, policies: Policies, every_seconds: float) -> None:
    """Look whether somebody could acknowledge wherever a line is open, and call for somebody where not."""
    while True:
        await coverage.sweep(store, policies, clock.now())
        await asyncio.sleep(every_seconds)


async def once(store: Store, policies: Policies, batch_max: int) -> None:
    """One look at everything; each part takes at most `batch_max` and comes again."""
    await _look(SOON, store, policies, batch_max)
    await _look(SLOW, store, policies, batch_max)


Sweep = Callable[[Store, Policies, datetime, int], Awaitable[object]]
SOON: Final[tuple[Sweep, ...]] = (offer.miss_overdue, session.sweep, duty.sweep)
"""What should not be late by more than a second."""
SLOW: Final[tuple[Sweep, ...]] = (
    intake.sweep_silent, ageing.sweep, task.climb_due, followup.climb_overdue, dispatch.remind_due,
)  # fmt: skip


async def _look(sweeps: Iterable[Sweep], store: Store, policies: Policies, batch_max: int) -> bool:
    """Each of these sweeps, whatever becomes of the others; whether one of them left something.

    Raises:
        Broken: one could not even begin; the others have looked.
    """
    found: list[object] = []

    async def look(sweep: Sweep) -> None:
        found.append(await sweep(store, policies, clock.now(), batch_max))

    if await turns.each(sweeps, look, _log):
        raise Broken("keeper.sweep", "A sweep could not look at what is due; the log says which.")
    return any(isinstance(many, int) and many >= batch_max for many in found)
