"""The screening that is not there yet: its counselor is reminded, then the supervisors see it."""

from datetime import datetime, timedelta
from uuid import UUID

from hotline.base import log, turns
from hotline.domain import session as sessions
from hotline.domain.session import ScreeningTimes
from hotline.store import contact as store_contact, screening as store_screening
from hotline.store.unit import Store


async def remind_due(store: Store, times: ScreeningTimes, now: datetime, most: int) -> int:
    """Look for talks without a screening; how many were due. Each stage is told of once."""
    async with store.connection() as connection:
        due = await store_screening.unscreened(
            connection,
            now - timedelta(seconds=times.remind_seconds),
            now - timedelta(seconds=times.due_seconds),
            most,
        )
    await turns.each(due, lambda contact_id: _remind(store, times, contact_id, now), log.get("screening"))
    return len(due)


async def _remind(store: Store, times: ScreeningTimes, contact_id: UUID, now: datetime) -> None:
    async with store.unit() as unit:
        journey = await store_contact.lock_journey_if_free(unit, contact_id)
        if journey is None or journey.session is None:
            return
        await unit.save(sessions.remind(journey.session, times, now), now, journey)
