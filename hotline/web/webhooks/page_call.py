"""Calls that page somebody: picked up, a key pressed, over. What they hear betrays nothing of a caller.

A key is acted on under the same rules as the button at the console. Whatever goes wrong with us, the answer
is a sentence that fits a mailbox, too: please look at your duty messages.
"""

from functools import partial

from fastapi import APIRouter
from starlette.responses import Response

from hotline.base import clock
from hotline.carriers.twilio import facts, urls
from hotline.domain import page_call as calls
from hotline.flow import page_call
from hotline.web.webhooks.door import Visit, behind, document, note


async def picked_up(visit: Visit) -> Response:
    """Somebody has picked up, or a mailbox."""
    return await document(partial(_picked_up, visit), partial(_way_out, visit))


async def keys(visit: Visit) -> Response:
    """A key was pressed, or none in time."""
    return await document(partial(_keys, visit), partial(_way_out, visit))


async def ended(visit: Visit) -> Response:
    """It rings, or is over."""
    return await note(partial(_progress, visit))


async def _picked_up(visit: Visit) -> str:
    edge, asked = visit.edge, visit.asked
    fact = facts.page_call(asked.query, asked.form)
    wait_seconds = edge.settings.pages.key_seconds
    plan = await page_call.picked_up(edge.store, fact.page_id, fact.sid, wait_seconds, clock.now())
    return visit.door.renderer.page(fact.page_id, plan)


async def _keys(visit: Visit) -> str:
    edge, asked = visit.edge, visit.asked
    fact = facts.page_keys(asked.query, asked.form)
    pressed = page_call.Pressed(
        step=fact.step, digits=fact.value, wait_seconds=edge.settings.pages.key_seconds
    )
    plan = await page_call.press(edge.store, edge.policies, fact.page_id, pressed, clock.now())
    return visit.door.renderer.page(fact.page_id, plan)


async def _way_out(visit: Visit) -> str:
    return visit.door.goodbye(calls.look())


async def _progress(visit: Visit) -> None:
    edge, asked = visit.edge, visit.asked
    fact = facts.page_call(asked.query, asked.form)
    if fact.cause is None:
        await page_call.ringing(edge.store, fact.page_id, fact.sid, clock.now())
    else:
        await page_call.over(edge.store, fact.page_id, fact.sid, fact.cause, clock.now())


router = APIRouter()
for _path, _answer in ((urls.PAGE, picked_up), (urls.PAGE_KEYS, keys), (urls.PAGE_STATUS, ended)):
    router.add_route(_path, behind(_answer), methods=["POST"], include_in_schema=False)
