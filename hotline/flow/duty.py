"""Coming on duty and going off it: sign-in, ready and not ready, heartbeats and their loss."""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from uuid import UUID

from hotline.domain import presence as presences
from hotline.domain.outcome import Outcome
from hotline.domain.presence import Choice, Presence
from hotline.policy.policies import Policies
from hotline.store import presence as store_presence
from hotline.store.health import hears_since
from hotline.store.unit import Store


async def sign_in(store: Store, staff_id: UUID, now: datetime) -> None:
    """Signed in: not ready until the person says so."""
    await _change(store, staff_id, now, lambda presence: presences.sign_in(presence, now))


async def choose(store: Store, staff_id: UUID, choice: Choice, reason: str | None, now: datetime) -> None:
    """Ready, not ready with a reason, or signed out.

    Raises:
        Refused: not ready needs a known reason.
    """
    await _change(store, staff_id, now, lambda presence: presences.choose(presence, choice, reason, now))


async def beat(store: Store, staff_id: UUID, now: datetime) -> None:
    """A heartbeat of the person's page; the first one after a silence is journalled."""
    if not await beat_all(store, [staff_id], now):
        await _change(store, staff_id, now, lambda presence: presences.beat(presence, now))


async def beat_all(store: Store, staff_ids: Iterable[UUID], now: datetime) -> frozenset[UUID]:
    """The heartbeats of many pages in one commit; whoever is not given back needs a `beat` of their own."""
    async with store.connection() as connection:
        return await store_presence.beat(connection, staff_ids, now)


async def sweep(store: Store, policies: Policies, now: datetime, most: int) -> int:
    """Find people whose heartbeat is lost, and people whose wrap-up minimum has passed; how many."""
    seconds = policies.queue.heartbeat_seconds
    async with store.connection() as connection:
        before = presences.silent_before(now, seconds, await hears_since(connection, now))
        silent = await store_presence.silent(connection, before, most)
        rested = await store_presence.rested(connection, now, most)
    await _change_all(store, silent, now, lambda presence: presences.lose(presence, now, seconds))
    await _change_all(store, rested, now, lambda presence: presences.be_free(presence, now))
    return len(silent) + len(rested)


async def _change_all(
    store: Store, staff_ids: Collection[UUID], now: datetime, decide: Callable[[Presence], Outcome]
) -> None:
    """All in one transaction, save those whom a step holds at this moment: they come again."""
    if not staff_ids:
        return
    async with store.unit() as unit:
        found = await store_presence.lock_free(unit, staff_ids)
        await unit.save_all([(decide(presence), None) for presence in found], now)


async def _change(store: Store, staff_id: UUID, now: datetime, decide: Callable[[Presence], Outcome]) -> None:
    async with store.unit() as unit:
        presence = await store_presence.lock(unit, staff_id)
        await unit.save(decide(presence), now)
