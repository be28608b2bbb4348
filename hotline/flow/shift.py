"""The hand-over of a shift: the sheet of this moment, given by one and taken by another."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from hotline.base import ids
from hotline.base.sensitive import Sensitive
from hotline.domain import shift as shifts
from hotline.domain.access import Viewer
from hotline.domain.shift import Handover, Sheet
from hotline.store import leg as store_leg, shift as store_shift, staff as store_staff
from hotline.store.driver import Connection
from hotline.store.unit import Store

AHEAD: Final = timedelta(hours=24)
"""Calls that are due within a day are the next shift's business."""
LATEST_MAX: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """What is open now, the sheets given lately, and the names of everybody in them."""

    sheet: Sheet
    latest: tuple[Handover, ...]
    names: dict[UUID, str]


async def draw_up(store: Store, viewer: Viewer, now: datetime) -> Drawn:
    """The sheet of this moment, and those before it."""
    async with store.connection() as connection:
        sheet = await store_shift.draw_up(connection, viewer.reach, now + AHEAD)
        latest = await store_shift.latest(connection, store.vault, viewer.reach, LATEST_MAX)
        names = await _names(connection, store, [sheet, *(each.sheet for each in latest)], latest)
    return Drawn(sheet=sheet, latest=tuple(latest), names=names)


async def give(
    store: Store, viewer: Viewer, words: Sensitive | None, now: datetime, *, key: str | None = None
) -> UUID | None:
    """Hand the shift over as it is at this moment; None when this request was carried out before."""
    async with store.unit() as unit:
        if key is not None and not await store_leg.is_new_fact(unit, f"asked:{viewer.staff_id}:{key}", now):
            return None
        sheet = await store_shift.draw_up(unit.connection, viewer.reach, now + AHEAD)
        outcome = shifts.give(viewer, sheet, words, handover_id=ids.new_id(), now=now)
        await unit.save(outcome, now)
        return outcome.row(Handover).id


async def take(store: Store, viewer: Viewer, handover_id: UUID, now: datetime) -> None:
    """Take the shift over by name.

    Raises:
        Absent: there is no such sheet in reach.
        Refused: it is one's own, or somebody else has it.
    """
    async with store.unit() as unit:
        given = shifts.require_reach(viewer, await store_shift.lock(unit, handover_id))
        await unit.save(shifts.take(given, viewer.staff_id, now), now)


async def _names(
    connection: Connection, store: Store, sheets: Iterable[Sheet], latest: Iterable[Handover]
) -> dict[UUID, str]:
    items = [item for sheet in sheets for kind in sheet.values() for item in kind]
    people = {UUID(str(item["staff_id"])) for item in items if item.get("staff_id")}
    for each in latest:
        people |= {staff_id for staff_id in (each.given_by, each.taken_by) if staff_id}
    return await store_staff.names(connection, store.vault, people)
