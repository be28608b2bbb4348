"""Offers, answered by the counselor they are made to."""

from uuid import UUID

from fastapi import APIRouter

from hotline.base import clock
from hotline.flow import offer
from hotline.web.console.reach import Answerer
from hotline.web.console.shapes import Accepted, RefusalAsked
from hotline.web.edge import TheEdge

router = APIRouter(prefix="/api/offers", tags=["offers"])


@router.post("/{offer_id}/acceptance")
async def accept(edge: TheEdge, viewer: Answerer, offer_id: UUID) -> Accepted:
    """Take the contact; 409 `offer.gone` when it waits no more or waits for somebody else."""
    begun = await offer.accept(edge.store, offer_id, viewer.staff_id, clock.now())
    return Accepted(contact_id=begun.contact_id, session_id=begun.id)


@router.post("/{offer_id}/refusal", status_code=204)
async def refuse(edge: TheEdge, viewer: Answerer, offer_id: UUID, asked: RefusalAsked) -> None:
    """Leave the contact to somebody else; it waits on at its old place."""
    await offer.decline(
        edge.store, edge.policies, offer_id, viewer.staff_id, reason=asked.reason, now=clock.now()
    )
