"""Health: alive (the process answers) and ready (the database answers and the journal is followed)."""

from fastapi import APIRouter

from hotline.store import health as store_health
from hotline.web.edge import TheEdge

router = APIRouter(prefix="/health", include_in_schema=False)


@router.get("/live")
async def live() -> dict[str, str]:
    """The process answers."""
    return {"state": "alive"}


@router.get("/ready")
async def ready(edge: TheEdge) -> dict[str, object]:
    """The database answers; how far the journal's fence lags, whether pokes are heard, held effects."""
    async with edge.store.connection() as connection:
        found = await store_health.read(connection)
    return {
        "state": "ready",
        "fence_lag_seconds": found.fence_lag_seconds,
        "pokes": edge.store.signal.is_listening,
        "held_effects": found.held_effects,
        "waiting": found.waiting,
        "workers_silent_seconds": found.workers_silent_seconds,
    }
