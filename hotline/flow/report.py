"""The official month of a centre: counted afresh until it is put away, and told as it was from then on."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hotline.base import ids
from hotline.base.errors import Absent
from hotline.domain import measures
from hotline.domain.access import Viewer
from hotline.domain.centre import Centre
from hotline.domain.measures import Month, Report
from hotline.policy.policies import Policies
from hotline.store import report as store_report
from hotline.store.unit import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A month's report, and when it was put away (None: it is counted afresh each time)."""

    centre: Centre
    month: Month
    report: Report
    put_away_at: datetime | None


async def centres(store: Store, viewer: Viewer) -> list[Centre]:
    """The centres whose month these eyes may see: one's own first, then those below it by name."""
    async with store.connection() as connection:
        found = await store_report.centres(connection, store.vault, viewer.reach)
    return sorted(found, key=lambda each: each.id != viewer.centre_id)


async def month(store: Store, policies: Policies, viewer: Viewer, centre_id: UUID, text: str) -> Told:
    """The report of a month.

    Raises:
        Absent: the centre is out of reach.
        Refused: there is no such month.
    """
    _require_reach(viewer, centre_id)
    async with store.connection() as connection:
        centre = await store_report.get_centre(connection, store.vault, centre_id)
        asked = measures.month_of(text, centre.timezone)
        kept = await store_report.find_snapshot(connection, store.vault, centre_id, asked.first)
        if kept is not None:
            told = measures.report(kept.counts, kept.definitions)
            return Told(centre=centre, month=asked, report=told, put_away_at=kept.made_at)
        counts = await store_report.counts_of(
            connection, centre_id, asked, short_abandon_seconds=policies.queue.short_abandon_seconds
        )
    return Told(centre=centre, month=asked, report=measures.report(counts), put_away_at=None)


async def put_away(
    store: Store, policies: Policies, viewer: Viewer, centre_id: UUID, text: str, now: datetime
) -> None:
    """Keep the counts of a month for good; a month that was put away already stays as it is.

    Raises:
        Absent: the centre is out of reach.
        Refused: there is no such month, or it is not over.
    """
    _require_reach(viewer, centre_id)
    async with store.unit() as unit:
        centre = await store_report.get_centre(unit.connection, unit.vault, centre_id)
        asked = measures.month_of(text, centre.timezone)
        if await store_report.find_snapshot(unit.connection, unit.vault, centre_id, asked.first):
            return
        counts = await store_report.counts_of(
            unit.connection, centre_id, asked, short_abandon_seconds=policies.queue.short_abandon_seconds
        )
        by = (viewer.staff_id, ids.new_id())
        await unit.save(measures.put_away(centre_id, asked, counts, by, now), now)


def _require_reach(viewer: Viewer, centre_id: UUID) -> None:
    if not viewer.reaches(centre_id):
        raise Absent("centre.absent", "There is no such centre.")
