"""Reviews: the talks of the last days that a person should look at again."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from hotline.base import clock
from hotline.domain.centre import Channel
from hotline.flow import review
from hotline.web.console import shapes
from hotline.web.console.reach import Watcher
from hotline.web.edge import TheEdge

router = APIRouter(prefix="/api/reviews", tags=["reviews"])


class ReviewShown(BaseModel):
    """A talk that the rules left below the flag; `opinion` is a likelihood in percent, and no judgement."""

    contact_id: UUID
    channel: Channel
    state: shapes.ContactState
    level: shapes.LevelCode
    arrived_at: datetime
    opinion: int
    messages: int


class ReviewsShown(BaseModel):
    """The likeliest first."""

    reviews: tuple[ReviewShown, ...]


@router.get("")
async def list_reviews(edge: TheEdge, viewer: Watcher) -> ReviewsShown:
    """Talks that the rules left, that the second opinion doubts, and that no person has judged."""
    limits = edge.settings.web
    found = await review.list_doubted(
        edge.store, viewer, days=limits.reviews_days, most=limits.reviews_max, now=clock.now()
    )
    return ReviewsShown(
        reviews=tuple(
            ReviewShown(
                contact_id=each.contact_id,
                channel=Channel(each.channel),
                state=each.state,
                level=each.level.text,
                arrived_at=each.arrived_at,
                opinion=each.opinion,
                messages=each.messages,
            )
            for each in found
        )
    )
