"""Twilio's webhooks: its requests become facts, the flow's answers become documents.

Documents (arrive, client, plan, digits, wait) are answered from the state after the fact, whichever fact
it was and however often it came. Reports (room, ended, message) are noted. A number that we do not have,
a leg that we do not know and a mistake of ours all end in a document with the emergency numbers.
"""

from functools import partial
from typing import Final
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from hotline.base import clock, log
from hotline.base.errors import Absent, HotlineError
from hotline.carriers import number
from hotline.carriers.port import Ended, Joined, Left
from hotline.carriers.twilio import facts, urls
from hotline.carriers.twilio.render import fallback
from hotline.domain.centre import Channel, Line
from hotline.domain.leg import WAIT_STEP, Divert, Park
from hotline.flow import call, escalation, leg as ends
from hotline.store import staff as store_staff
from hotline.web.edge import Edge
from hotline.web.webhooks.door import NOBODY, Visit, behind, document, note

IDENTITY: Final = "u_"
OWN_HANG_UP: Final = "participant_hung_up"
UNDELIVERED: Final = frozenset({"failed", "undelivered"})

_log = log.get("webhooks")


# ------------------------------------------------------------------------------------------ documents


async def arrive(visit: Visit) -> Response:
    """A caller's call reaches one of our numbers."""
    return await document(partial(_arrive, visit), partial(_way_out, visit))


async def client(visit: Visit) -> Response:
    """A counselor's page calls in for an offer that it has accepted."""

    async def over() -> str:
        return visit.door.goodbye("offer_over")

    return await document(partial(_client, visit), over)


async def plan(visit: Visit) -> Response:
    """A leg asks what it should experience now."""
    return await document(partial(_plan, visit), partial(_way_out, visit))


async def digits(visit: Visit) -> Response:
    """Keys were pressed, or nobody pressed any."""
    in_queue = dict(visit.asked.query).get("step") == WAIT_STEP
    return await document(partial(_digits, visit), partial(_wait_on if in_queue else _way_out, visit))


async def wait(visit: Visit) -> Response:
    """A parked caller asks what to hear next."""
    return await document(partial(_wait, visit), partial(_wait_on, visit))


async def _arrive(visit: Visit) -> str:
    edge, door, asked = visit.edge, visit.door, visit.asked
    fact = facts.arrived(asked.form, number.HOME_REGION)
    if fault := facts.fault(asked.form):
        _log.warning("the network could not do what a document said", code=fault.code, sid=fault.sid)
    ring = call.Ring(sid=fact.sid, to=fact.to, number=fact.number, number_quality=fact.quality, key=fact.key)
    answer = await call.arrive(edge.store, ring, clock.now())
    if answer is None:
        _log.warning("a call for a number that is no line", sid=fact.sid)
        return fallback(_no_line(edge), edge.phrases.say)
    return door.renderer.plan(answer.leg_id, answer.plan)


async def _client(visit: Visit) -> str:
    edge, door, asked = visit.edge, visit.door, visit.asked
    fact = facts.picked_up(asked.form)
    staff_id = _uuid(fact.identity.removeprefix(IDENTITY))
    offer_id = _uuid(fact.asked.get("offer", ""))
    answer = await call.client(edge.store, fact.sid, staff_id, offer_id, key=fact.key, now=clock.now())
    if answer is None:
        return door.goodbye("offer_over")
    return door.renderer.plan(answer.leg_id, answer.plan)


async def _plan(visit: Visit) -> str:
    edge, door, asked = visit.edge, visit.door, visit.asked
    now = clock.now()
    back = facts.diverted(asked.query, asked.form)
    if back is not None:
        answer = await call.plan(edge.store, back.leg_id, now)
        if isinstance(answer.plan, Divert):
            key = "farewell" if back.is_reached else "emergency_numbers"
            return door.goodbye(key, answer.plan.prompt.language)
        return door.renderer.plan(answer.leg_id, answer.plan)
    fact = facts.planned(asked.query, asked.form)
    answer = await call.answer(edge.store, fact.leg_id, fact.sid, key=f"answered:{fact.sid}", now=now)
    return door.renderer.plan(answer.leg_id, answer.plan)


async def _digits(visit: Visit) -> str:
    edge, door, asked = visit.edge, visit.door, visit.asked
    fact = facts.digits(asked.query, asked.form)
    keys = call.Keys(step=fact.step, digits=fact.value, key=fact.key)
    try:
        answer = await call.press(edge.store, edge.policies, fact.leg_id, keys, clock.now())
    except Absent:
        if fact.step != WAIT_STEP:
            raise
        return door.leave()
    write = door.renderer.in_queue if fact.step == WAIT_STEP else door.renderer.plan
    return write(answer.leg_id, answer.plan)


async def _wait(visit: Visit) -> str:
    edge, door, asked = visit.edge, visit.door, visit.asked
    fact = facts.waited(asked.query, asked.form)
    try:
        answer = await call.plan(edge.store, fact.leg_id, clock.now())
    except Absent:
        return door.leave()
    return door.renderer.in_queue(answer.leg_id, answer.plan)


async def _way_out(visit: Visit) -> str:
    """The document for a caller whom we cannot serve: the line's own way out, or the numbers alone."""
    edge, dialled = visit.edge, dict(visit.asked.form).get("To", "")
    line: Line | None = None
    try:
        async with edge.store.connection() as connection:
            address = number.line_address(dialled, number.HOME_REGION)
            line = await store_staff.find_line(connection, edge.store.vault, Channel.VOICE, address)
    except HotlineError as error:
        _log.error("not even the line could be read", code=error.code)
    return fallback(line or _no_line(edge), edge.phrases.say)


async def _wait_on(visit: Visit) -> str:
    """The document for a parked caller whom we cannot serve just now: music, and the question again."""
    leg_id = _uuid(dict(visit.asked.query).get("leg", ""), NOBODY)
    return visit.door.renderer.in_queue(leg_id, Park(prompt=None, step=WAIT_STEP))


def _no_line(edge: Edge) -> Line:
    return Line(
        id=NOBODY,
        centre_id=NOBODY,
        channel=Channel.VOICE,
        address="",
        name="",
        languages=tuple(sorted(edge.phrases.languages, reverse=True)),
    )


def _uuid(text: str, otherwise: UUID | None = None) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        if otherwise is not None:
            return otherwise
        raise Absent("telephony.no_id", "There is nobody and nothing of this id.") from None


# -------------------------------------------------------------------------------------------- reports


async def room(visit: Visit) -> Response:
    """Somebody came into a room or left it."""
    return await note(partial(_room, visit))


async def ended(visit: Visit) -> Response:
    """How far a call has come; above all, that it is over."""
    return await note(partial(_progress, visit))


async def message(visit: Visit) -> Response:
    """What became of a page by SMS."""
    return await note(partial(_report, visit))


async def _room(visit: Visit) -> None:
    edge, asked = visit.edge, visit.asked
    now = clock.now()
    match facts.room_event(asked.form):
        case Joined() as fact:
            await ends.join(edge.store, fact.sid, fact.room, key=fact.key, now=now)
        case Left() as fact:
            left = ends.Departure(
                sid=fact.sid, room=fact.room, is_hang_up=fact.why == OWN_HANG_UP, key=fact.key
            )
            await ends.leave(edge.store, edge.policies, left, now)
        case _:
            pass


async def _progress(visit: Visit) -> None:
    edge, asked = visit.edge, visit.asked
    now = clock.now()
    fact = facts.progressed(asked.query, asked.form)
    if fact is None:
        return
    if fact.leg_id is not None:
        await ends.ringing(edge.store, fact.leg_id, fact.sid, now)
    if isinstance(fact, Ended):
        await ends.end(edge.store, edge.policies, fact.sid, reason=fact.cause, key=fact.key, now=now)


async def _report(visit: Visit) -> None:
    edge, asked = visit.edge, visit.asked
    fact = facts.reported(asked.query, asked.form)
    if fact.status in UNDELIVERED:
        _log.error("a page did not arrive", page=str(fact.page_id), code=fact.code)
        await escalation.page_sent(edge.store, fact.page_id, clock.now(), state="failed")


# --------------------------------------------------------------------------------------------- routes

router = APIRouter()
for _path, _answer in (
    (urls.ARRIVE, arrive),
    (urls.CLIENT, client),
    (urls.PLAN, plan),
    (urls.DIGITS, digits),
    (urls.WAIT, wait),
    (urls.ROOM, room),
    (urls.STATUS, ended),
    (urls.MESSAGE, message),
):
    router.add_route(_path, behind(_answer), methods=["POST"], include_in_schema=False)
