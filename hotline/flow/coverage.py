"""Cover: gaps are found by looking, alarmed about, and ended when somebody comes."""

from datetime import datetime
from functools import partial
from uuid import UUID

from hotline.base import ids, log, turns
from hotline.domain import coverage as covers
from hotline.domain.coverage import Gap, Within
from hotline.domain.level import Level
from hotline.policy.policies import Policies
from hotline.store import roster as store_roster
from hotline.store.unit import Store

_log = log.get("coverage")


async def sweep(store: Store, policies: Policies, now: datetime) -> None:
    """Begin a gap where there is a new one, alarm about those whose time has come, end the others."""
    async with store.connection() as connection:
        bare = await store_roster.uncovered(connection, now)
        gaps = await store_roster.gaping(connection, store.vault)
    new = bare - {gap.centre_id for gap in gaps}
    await turns.each(new, partial(_begin, store, policies, now), _log)
    over = [gap for gap in gaps if gap.centre_id not in bare]
    await turns.each([gap.id for gap in over], partial(_end, store, now), _log)
    standing = [gap for gap in gaps if gap.centre_id in bare]
    due = [gap for gap in standing if gap.next_at is None or gap.next_at <= now]
    await turns.each(due, partial(_alarm, store, policies, now), _log)


async def _begin(store: Store, policies: Policies, now: datetime, centre_id: UUID) -> None:
    """Another node may be first: the index has the last word, and its refusal is passed over."""
    async with store.unit() as unit:
        await unit.save(covers.begin(centre_id, policies.cover, now, ids.new_id), now)


async def _end(store: Store, now: datetime, gap_id: UUID) -> None:
    async with store.unit() as unit:
        gap = await store_roster.lock_gap(unit, gap_id)
        if gap is not None and gap.ended_at is None:
            await unit.save(covers.end(gap, now), now)


async def _alarm(store: Store, policies: Policies, now: datetime, found: Gap) -> None:
    async with store.unit() as unit:
        gap = await store_roster.lock_gap(unit, found.id)
        if gap is None:
            return
        roster = await store_roster.everybody(unit.connection, gap.centre_id, now)
        ladders = await store_roster.ladders(unit.connection, policies.ladders, gap.centre_id)
        whom = Within(roster=roster, told=await store_roster.told(unit.connection, gap.id))
        outcome = covers.alarm(gap, ladders[Level.HIGH], whom, policies.cover, now=now, new_id=ids.new_id)
        await unit.save(outcome, now)
