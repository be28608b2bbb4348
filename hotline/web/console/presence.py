"""What a person chooses about themselves: ready, not ready with a reason, signed out."""

from fastapi import APIRouter

from hotline.base import clock
from hotline.flow import duty
from hotline.web.auth import TheViewer
from hotline.web.console.shapes import PresenceAsked
from hotline.web.edge import TheEdge

router = APIRouter(prefix="/api/presence", tags=["presence"])


@router.put("", status_code=204)
async def choose(edge: TheEdge, viewer: TheViewer, asked: PresenceAsked) -> None:
    """One's own presence; nobody chooses for others."""
    await duty.choose(edge.store, viewer.staff_id, asked.choice, asked.reason, clock.now())
