"""How a drill's end is judged: everybody accounted for, every order carried out, no states that disagree.

What the exchange knows is held against what the rows say. First while calls are still up (`the_living`),
then when everybody has been answered (`everybody`).
"""

from typing import Any, Final
from uuid import UUID

from tests.drills.floor import Floor
from tests.drills.nodes import FALLBACK_SAYS
from tests.journeys import drills
from tests.journeys.drills import until

HELD: Final = frozenset({"offered", "connecting", "talking", "wrapping"})
SETTLED_SECONDS_MAX: Final = 90.0
ANSWERED_SECONDS_MAX: Final = 150.0


async def the_living(floor: Floor) -> None:
    """Every call that is up is with a counselor, or waits with its first join time, or is at the menu."""
    settled = await until(lambda: _settled(floor), "every live call has its place", SETTLED_SECONDS_MAX)
    floor.ground.shows("live calls, each with a counselor or in its place", settled)


async def everybody(floor: Floor) -> None:
    """In the end: nobody lost, nothing doubled, nothing left."""
    ground, stage = floor.ground, floor.stage
    try:
        await until(floor.is_everybody_answered, "everybody is answered in the end", ANSWERED_SECONDS_MAX)
    except AssertionError:
        await _who_is_left(floor)
        raise
    again = sum(len(caller.sids) - 1 for caller in floor.callers)
    ground.shows("callers and help-seekers answered", len(floor.callers) + len(floor.writers))
    ground.shows("calls that were cut off and placed again", again)
    await floor.crew.stop()
    await floor.faults()
    try:
        await until(lambda: drills.orders_are_done(stage), "every order is carried out", SETTLED_SECONDS_MAX)
    except AssertionError:
        await _what_is_left(floor)
        raise
    await _calls_are_known(floor)
    await _times_hold(floor)
    await _effects(floor)
    for writer in floor.writers:
        await writer.holds(stage)
    told = sum(len(writer.told) for writer in floor.writers)
    ground.shows("messages called stored, each there once and in its words", told)
    await drills.is_sound(stage)
    ground.wants("states that may not stand together, at any look", dict(floor.watch.breaches), {})
    ground.wants("processes that ended by themselves", floor.house.fallen, [])


async def _who_is_left(floor: Floor) -> None:
    """For whoever has to find out why: what the rows say of the contacts that nobody has answered."""
    async with floor.stage.store.connection() as connection:
        rows = await connection.fetch(
            """select c.channel, c.state, count(*), array_agg(distinct l.place) as places from contact as c
               left join leg as l on l.contact_id = c.id and l.state <> 'ended'
               where c.centre_id = $1 and c.answered_at is null group by c.channel, c.state""",
            floor.stage.centre.id,
        )
        staff = await connection.fetch(
            "select choice, reason, is_connected, count(*) from presence group by 1, 2, 3 order by 1, 2, 3"
        )
    for row in (*rows, *staff):
        floor.ground.shows("unanswered, or on duty", dict(row))


async def _what_is_left(floor: Floor) -> None:
    """For whoever has to find out why: orders that wait or were given up, and how often each was tried."""
    async with floor.stage.store.connection() as connection:
        rows = await connection.fetch(
            """select entrypoint, status, attempts, headers, count(*), min(execute_after) - now() as due_in
               from pgqueuer.pgqueuer group by 1, 2, 3, 4 order by 1, 2"""
        )
    for row in rows:
        floor.ground.shows("orders left", dict(row))


async def _settled(floor: Floor) -> str | None:
    """What the live calls are doing, or None while one of them is somewhere else than its row says."""
    places = dict[str, int]()
    for call in await floor.calls():
        if call["status"] in {"in-progress", "ringing"}:
            place = await _place(floor, call)
            if place is None:
                return None
            places[place] = places.get(place, 0) + 1
    return ", ".join(f"{count} {place}" for place, count in sorted(places.items())) or "none is up"


async def _place(floor: Floor, call: dict[str, Any]) -> str | None:
    row = await _contact_of(floor, call["sid"])
    if row is None:
        return None
    contact_id, state, joined_at = row
    first = floor.watch.joined_at.get(contact_id, joined_at)
    if joined_at != first:
        return None
    if state == "talking":
        hears = call["hears"] or {"text": ""}
        return "talking" if "counselor" in hears["text"] else None
    if state in {"waiting", "offered", "connecting"}:
        return "waiting" if joined_at is not None else None
    return "at the menu or taking leave"


async def _contact_of(floor: Floor, sid: str) -> tuple[UUID, str, Any] | None:
    async with floor.stage.store.connection() as connection:
        row = await connection.fetchrow(
            """select c.id, c.state, c.joined_at from contact as c join leg as l on l.contact_id = c.id
               where l.sid = $1 and l.role = 'caller'""",
            sid,
        )
    return None if row is None else (row["id"], row["state"], row["joined_at"])


async def _calls_are_known(floor: Floor) -> None:
    """Every call on the exchange is a contact, or its caller was given the numbers by the fallback."""
    known = fallback = 0
    lost: list[str] = []
    for call in await floor.calls():
        heard = " ".join(one["text"] for one in call["transcript"])
        if await _contact_of(floor, call["sid"]) is not None:
            known += 1
        elif FALLBACK_SAYS in heard:
            fallback += 1
        else:
            lost.append(f"{call['sid']} {call['status']}")
    ground = floor.ground
    ground.shows("calls on the exchange that are contacts here", known)
    ground.shows("calls that heard the fallback and never reached us", fallback)
    ground.wants("calls that nobody knows of", lost, [])


async def _times_hold(floor: Floor) -> None:
    """No contact's join time ever changed, and whoever called again had the one of the first time."""
    ground = floor.ground
    ground.wants("contacts whose join time changed", len(floor.watch.moved), 0)
    twice = [caller for caller in floor.callers if len(await caller.joined_at()) > 1]
    ground.wants("callers who lost their place by calling again", len(twice), 0)


async def _effects(floor: Floor) -> None:
    """Every page was sent, every fact acted on once, nothing was given up."""
    ground, stage = floor.ground, floor.stage
    pages = await stage.value(
        """select count(*) from page as p join escalation as e on e.id = p.escalation_id
           join contact as c on c.id = e.contact_id where c.centre_id = $1 and p.channel = 'sms'""",
        stage.centre.id,
    )
    unsent = await stage.value(
        """select count(*) from page as p join escalation as e on e.id = p.escalation_id
           join contact as c on c.id = e.contact_id
           where c.centre_id = $1 and p.channel = 'sms' and p.state <> 'sent'""",
        stage.centre.id,
    )
    sent = len((await floor.exchange.get("/practice/messages")).json())
    danger = [writer.visitor.contact_id for writer in floor.writers if writer.has_told_of_danger]
    escalated = await stage.value(
        "select count(distinct contact_id) from escalation where contact_id = any($1)", danger
    )
    ground.wants("people who could tell of danger, and were escalated", escalated, len(danger))
    ground.wants("pages that did not go out", unsent, 0)
    ground.shows(
        "pages, and messages at the exchange",
        f"{pages}, {sent}",
        is_good=bool(sent >= pages > 0 or not danger),
    )
    doubled = await stage.value(
        """select count(*) from (
             select contact_id, kind from journal
             where centre_id = $1
               and kind in ('contact.arrived', 'contact.joined', 'contact.abandoned', 'contact.diverted')
             group by contact_id, kind having count(*) > 1) as twice""",
        stage.centre.id,
    )
    ground.wants("arrivals, joinings and ends that were acted on twice", doubled, 0)
    held = await stage.value("select count(*) from pgqueuer.pgqueuer where status = 'failed'")
    ground.wants("orders that were given up", held, 0)
