"""What a counselor's page needs to be a telephone: nothing, the practice exchange's address, or a token.

The identity is opaque, because telephone networks show it in their logs.
"""

from datetime import timedelta

from fastapi import APIRouter

from hotline.base import clock
from hotline.web.console.reach import Answerer
from hotline.web.console.shapes import NoPhone, Phone, PracticePhone, TwilioPhone
from hotline.web.edge import TheEdge

router = APIRouter(prefix="/api/softphone", tags=["softphone"])


@router.post("/tokens")
async def make(edge: TheEdge, viewer: Answerer) -> Phone:
    """A telephone for this page; it may call in for accepted offers and do nothing else."""
    settings = edge.settings.telephony
    identity = f"u_{viewer.staff_id.hex}"
    if settings.kind == "none":
        return NoPhone()
    if settings.base_url:
        address = settings.practice_browser_url or settings.base_url
        return PracticePhone(exchange_url=address.rstrip("/"), identity=identity)
    made = edge.telephony.softphone(identity, settings.softphone_seconds)
    expires_at = clock.now() + timedelta(seconds=made.ttl_seconds)
    return TwilioPhone(token=made.token.reveal(), identity=made.identity, expires_at=expires_at)
