"""Somebody new at the chat's door: what the house tells them at this moment.

Those who are there already cannot be asked: their talks may be over by now.
"""

from tests.drills.floor import Floor
from tests.journeys.drills import AGAIN_SECONDS, TROUBLE
from tests.web.visitor import Visitor

TRY_AGAIN = 503


async def is_served(busy: Floor) -> bool:
    """Whether a chat opens and words in it are called stored."""
    visitor = Visitor(busy.house.base, busy.stage, patience_seconds=AGAIN_SECONDS)
    if not (await visitor.open_chat()).is_success:
        return False
    async with visitor.page() as page:
        return bool(await page.stored(await page.say(TROUBLE)))


async def is_told_to_try_again(busy: Floor) -> bool:
    """Whether the house says, in its own words, that it cannot store anything at the moment."""
    answer = await Visitor(busy.house.base, busy.stage, patience_seconds=AGAIN_SECONDS).open_chat()
    return answer.status_code == TRY_AGAIN and answer.json()["code"] == "store.unreachable"
