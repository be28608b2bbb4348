"""What a person chooses about themselves: ready, not ready with a reason, signed out, fit again."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel

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


class RecoveryShown(BaseModel):
    """`may_end_at` is null for whoever does not recover; `is_needed`: somebody in danger waits."""

    may_end_at: datetime | None
    is_needed: bool


@router.get("/recovery")
async def recovering(edge: TheEdge, viewer: TheViewer) -> RecoveryShown:
    """One's own recovery after a grave contact, and whether somebody in danger waits meanwhile."""
    found = await duty.recovering(edge.store, viewer.staff_id)
    return RecoveryShown(may_end_at=found.may_end_at, is_needed=found.is_needed)


@router.delete("/recovery", status_code=204)
async def come_back(edge: TheEdge, viewer: TheViewer) -> None:
    """Say that one is fit again; 409 before the least rest is over, or while nobody in danger waits."""
    await duty.come_back(edge.store, viewer.staff_id, clock.now())
