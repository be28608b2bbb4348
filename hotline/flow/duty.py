"""Coming on duty and going off it: ready and not ready, heartbeats and their loss."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from hotline.base import log, turns
from hotline.base.errors import HotlineError, Unreachable
from hotline.domain import presence as presences, recovery
from hotline.domain.outcome import Outcome
from hotline.domain.presence import Choice, Presence
from hotline.policy.policies import Policies
from hotline.store import presence as store_presence
from hotline.store.health import hears_since
from hotline.store.unit import Store

RETURNS_AT_ONCE_MAX: Final = 200
"""After an outage everybody comes back at once: so many in one transaction, which is short then too."""

_log = log.get("duty")


async def choose(store: Store, staff_id: UUID, choice: Choice, reason: str | None, now: datetime) -> None:
    """Ready, not ready with a reason, or signed out.

    Raises:
        Refused: not ready needs a known reason.
    """
    await _change(store, staff_id, now, lambda presence: presences.choose(presence, choice, reason, now))


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovering:
    """From when on a person may come back early (None: they do not recover); whether somebody needs it."""

    may_end_at: datetime | None = None
    is_needed: bool = False


async def recovering(store: Store, staff_id: UUID) -> Recovering:
    """What a person who recovers is told of those who wait: that there is somebody in danger, and no more."""
    async with store.connection() as connection:
        presence = await store_presence.get(connection, store.vault, staff_id)
        begins_at = recovery.may_end_at(presence)
        if begins_at is None:
            return Recovering()
        is_needed = await store_presence.is_needed(connection, presence.centre_id)
        return Recovering(may_end_at=begins_at, is_needed=is_needed)


async def come_back(store: Store, staff_id: UUID, now: datetime) -> None:
    """A person who recovers is fit again, because somebody in danger waits.

    Raises:
        Refused: the least rest is not over, or nobody in danger waits.
    """
    async with store.unit() as unit:
        presence = await store_presence.lock(unit, staff_id)
        is_needed = await store_presence.is_needed(unit.connection, presence.centre_id)
        await unit.save(recovery.come_back(presence, now, is_needed=is_needed), now)


async def beat(store: Store, staff_ids: Collection[UUID], now: datetime) -> frozenset[UUID]:
    """The heartbeats of many pages; whoever was silent is connected again, and that is journalled.

    Those who are given back are noted. Left out is whoever's row a step holds at this moment: nobody waits
    for it, they ask again.
    """
    async with store.connection() as connection:
        noted = await store_presence.beat(connection, staff_ids, now)
    left = sorted(frozenset(staff_ids) - noted)
    for first in range(0, len(left), RETURNS_AT_ONCE_MAX):
        some = left[first : first + RETURNS_AT_ONCE_MAX]
        noted |= await _change_all(store, some, now, lambda presence: presences.beat(presence, now))
    return noted


async def sweep(store: Store, policies: Policies, now: datetime, most: int) -> int:
    """Find people whose heartbeat is lost, and people whose wrap-up minimum has passed; how many."""
    seconds = policies.queue.heartbeat_seconds
    async with store.connection() as connection:
        before = presences.silent_before(now, seconds, await hears_since(connection, now))
        silent = await store_presence.silent(connection, before, most)
        rested = await store_presence.rested(connection, now, most)
    await _change_each(store, silent, now, lambda presence: presences.lose(presence, now, seconds))
    await _change_each(store, rested, now, lambda presence: presences.be_free(presence, now))
    return len(silent) + len(rested)


async def _change_all(
    store: Store, staff_ids: Collection[UUID], now: datetime, decide: Callable[[Presence], Outcome]
) -> frozenset[UUID]:
    """All in one transaction, save those whom a step holds at this moment: they come again. Who was found."""
    if not staff_ids:
        return frozenset()
    async with store.unit() as unit:
        found = await store_presence.lock_free(unit, staff_ids)
        await unit.save_all([(decide(presence), None) for presence in found], now)
    return frozenset(presence.id for presence in found)


async def _change_each(
    store: Store, staff_ids: Collection[UUID], now: datetime, decide: Callable[[Presence], Outcome]
) -> None:
    """As `_change_all`; where one of them cannot be changed, each by itself, so that the others are."""
    try:
        await _change_all(store, staff_ids, now, decide)
    except Unreachable:
        raise
    except HotlineError:
        await turns.each(staff_ids, lambda staff_id: _change_all(store, [staff_id], now, decide), _log)


async def _change(store: Store, staff_id: UUID, now: datetime, decide: Callable[[Presence], Outcome]) -> None:
    async with store.unit() as unit:
        presence = await store_presence.lock(unit, staff_id)
        await unit.save(decide(presence), now)
