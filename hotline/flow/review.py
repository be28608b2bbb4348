"""What somebody should look at again: talks that the rules left and the second opinion doubts.

The list holds codes and times, no words; whoever opens one of its talks is journalled like every reader.
A talk leaves it when a person has judged its level, whatever the judgement.
"""

from datetime import datetime, timedelta

from hotline.domain.access import Viewer
from hotline.store import review as store_review
from hotline.store.review import Doubted
from hotline.store.unit import Store


async def list_doubted(store: Store, viewer: Viewer, *, days: int, most: int, now: datetime) -> list[Doubted]:
    """The likeliest first, of the viewer's centre and those below it."""
    async with store.connection() as connection:
        return await store_review.doubted(connection, viewer.reach, now - timedelta(days=days), most)
