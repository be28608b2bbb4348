"""Health: alive (the process answers) and ready (the database answers and the journal is followed).

Whether pokes are heard is tried, not believed: a pooler between us and the database, or half a connection,
takes LISTEN with a smile and passes nothing on. Then everything still works, a second later.
"""

import asyncio
from typing import Final

from fastapi import APIRouter

from hotline.base import clock, ids
from hotline.store import health as store_health
from hotline.store.signal import Signal
from hotline.web.edge import TheEdge

ECHO_SECONDS_MAX: Final = 0.5
"""How long a node that sends itself a hint waits to hear it."""

router = APIRouter(prefix="/health", include_in_schema=False)


@router.get("/live")
async def live() -> dict[str, str]:
    """The process answers."""
    return {"state": "alive"}


@router.get("/ready")
async def ready(edge: TheEdge) -> dict[str, object]:
    """The database answers; how far the fence lags, whether pokes are heard, orders given up or late.

    `rulebook` is the version by which this node judges, `rulebook_fault` why it is not the one in use.
    `machine_clock_ahead_seconds` tells of a machine whose clock is off; the house goes by the database's.
    """
    async with edge.store.connection() as connection:
        found = await store_health.read(connection)
    return {
        "state": "ready",
        "fence_lag_seconds": found.fence_lag_seconds,
        "pokes": await _hears(edge.store.signal),
        "held_effects": found.held_effects,
        "late_effects": found.late_effects,
        "waiting": found.waiting,
        "workers_silent_seconds": found.workers_silent_seconds,
        "rulebook": edge.policies.rulebook.digest,
        "rulebook_fault": edge.policies.shelf.fault,
        "machine_clock_ahead_seconds": round(clock.machine_ahead_seconds(), 3),
    }


async def _hears(signal: Signal) -> bool:
    """Whether a hint that we send by way of the database comes back to us."""
    if not signal.is_listening:
        return False
    mark, heard = ids.new_secret(8), asyncio.Event()
    unhear = signal.hear(lambda payload: heard.set() if mark in payload else None)
    try:
        signal.hint({"what": "health", "mark": mark})
        async with asyncio.timeout(ECHO_SECONDS_MAX):
            await heard.wait()
    except TimeoutError:
        return False
    finally:
        unhear()
    return True
