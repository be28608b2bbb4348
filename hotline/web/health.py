"""Health: alive (the process answers) and ready (the database answers and the journal is followed)."""

from fastapi import APIRouter

from hotline.base import clock
from hotline.store import health as store_health
from hotline.web.edge import TheEdge

router = APIRouter(prefix="/health", include_in_schema=False)


@router.get("/live")
async def live() -> dict[str, str]:
    """The process answers."""
    return {"state": "alive"}


@router.get("/ready")
async def ready(edge: TheEdge) -> dict[str, object]:
    """The database answers; how far the fence lags, whether pokes are heard, orders that were given up.

    `machine_clock_ahead_seconds` tells of a machine whose clock is off; the house goes by the database's.
    """
    async with edge.store.connection() as connection:
        found = await store_health.read(connection)
    return {
        "state": "ready",
        "fence_lag_seconds": found.fence_lag_seconds,
        "pokes": edge.store.signal.is_listening,
        "held_effects": found.held_effects,
        "waiting": found.waiting,
        "workers_silent_seconds": found.workers_silent_seconds,
        "machine_clock_ahead_seconds": round(clock.machine_ahead_seconds(), 3),
    }
