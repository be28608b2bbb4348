"""Two app nodes, two worker nodes: one of each killed, one of each frozen at the worst moment and woken.

A frozen node is worse than a dead one: its connections stay, it may hold rows, and woken it goes on with
what it knew. So the workers are frozen while one of their transactions is open, and what the others
manage meanwhile is counted. No contact may be offered twice at a time, nothing may be done twice.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from hotline.store.driver import Connection
from tests.drills import judged
from tests.drills.floor import Floor, Size as Crowd, floor
from tests.drills.ground import Ground
from tests.journeys.drills import AGAIN_SECONDS, AWAY, until
from tests.web.visitor import Visitor

FIRST_SECONDS_MAX = 45.0
"""Counselors may be busy, and a frozen node's rows are let go of after a while."""
ARRIVAL_SECONDS = 0.6
"""So often somebody else opens a chat, all along."""
FREEZE_TRIES_MAX = 500
GLANCE_SECONDS = 0.01
SURE_SECONDS = 0.25
"""A transaction that has not moved for so long belongs to somebody who is frozen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Who is there, and how long a node is frozen."""

    crowd: Crowd
    frozen_seconds: float


FAST = Size(crowd=Crowd(callers=6, writers=6, counselors=4, serves=2, works=2), frozen_seconds=6.0)
LONG = Size(
    crowd=Crowd(callers=20, writers=20, counselors=8, serves=2, works=2, in_danger=3), frozen_seconds=30.0
)


async def drill(ground: Ground, size: Size) -> None:
    """Kill one of each, bring them back, freeze one of each, wake them."""
    async with floor(ground, size.crowd) as busy:
        await busy.open(size.frozen_seconds)
        busy.crew.keep("arrivals", lambda: _come(busy))
        await until(lambda: _answered(busy), "somebody is answered")
        await asyncio.gather(busy.house.kill("serve-1"), busy.house.kill("work-1"))
        await _go_on(busy, "while one of each was dead", size.frozen_seconds / 2)
        await asyncio.gather(busy.house.start("serve-1"), busy.house.start("work-1"))
        ground.shows("locks held by the frozen workers", await _freeze_at_work(busy, "work-2"))
        busy.house.pause("serve-2")
        await _go_on(
            busy, f"while one of each was frozen for {size.frozen_seconds:.0f} s", size.frozen_seconds
        )
        for name in ("serve-2", "work-2"):
            busy.house.wake(name)
        await judged.the_living(busy)
        await judged.everybody(busy)
        await _once_each(busy)


async def _come(busy: Floor) -> None:
    """One help-seeker after the other, each of whom says nothing."""
    while True:
        with suppress(*AWAY):
            await Visitor(busy.house.base, busy.stage, patience_seconds=AGAIN_SECONDS).open_chat()
        await asyncio.sleep(ARRIVAL_SECONDS)


async def _answered(busy: Floor) -> int:
    """How many have been answered."""
    return await busy.stage.value("select count(*) from contact where answered_at is not null")


async def _go_on(busy: Floor, when: str, seconds: float) -> None:
    """People are offered to counselors all the same, and before long."""
    loop, before = asyncio.get_running_loop(), await _offers(busy)
    began = loop.time()

    async def is_made() -> bool:
        return await _offers(busy) > before

    await until(is_made, f"an offer {when}", FIRST_SECONDS_MAX)
    first = loop.time() - began
    await asyncio.sleep(max(0.0, seconds - first))
    made = await _offers(busy) - before
    busy.ground.shows(f"offers made {when}, the first after", f"{made}, {first:.1f} s")
    busy.ground.say(f"{made} offers {when}, the first after {first:.1f} s")


async def _offers(busy: Floor) -> int:
    return await busy.stage.value("select count(*) from offer")


async def _freeze_at_work(busy: Floor, name: str) -> str:
    """Freeze workers again and again until they are caught in the middle of a transaction; what they hold."""
    async with busy.stage.store.connection() as connection:
        for _ in range(FREEZE_TRIES_MAX):
            busy.house.pause(name)
            await asyncio.sleep(GLANCE_SECONDS)
            if seen := await _open(connection):
                await asyncio.sleep(SURE_SECONDS)
                if caught := {key: held for key, held in (await _open(connection)).items() if key in seen}:
                    return "; ".join(caught.values())
            busy.house.wake(name)
            await asyncio.sleep(GLANCE_SECONDS)
    busy.house.pause(name)
    return "none: never caught in a transaction"


async def _open(connection: Connection) -> dict[tuple[int, datetime], str]:
    """Transactions that wait for their client, since when, and what they have locked."""
    rows = await connection.fetch(
        """select a.pid, a.state_change, string_agg(distinct coalesce(c.relname, l.locktype), ', ') as what
           from pg_stat_activity as a join pg_locks as l on l.pid = a.pid
           left join pg_class as c on c.oid = l.relation and c.relkind = 'r'
           where a.datname = current_database() and a.state like 'idle in transaction%'
             and l.locktype in ('relation', 'advisory') group by 1, 2"""
    )
    return {(row["pid"], row["state_change"]): row["what"] for row in rows}


async def _once_each(busy: Floor) -> None:
    """What a node may never do because another has done it already."""
    ground, stage = busy.ground, busy.stage
    asked = {
        "offers that were made or answered twice": """select count(*) from (
            select body->>'offer' from journal where centre_id = $1 and kind like 'offer.%'
            group by body->>'offer', kind having count(*) > 1) as twice""",
        "offers of one contact that were open at the same time": """select count(*)
            from offer as a join offer as b on a.contact_id = b.contact_id and a.id < b.id
            where a.centre_id = $1 and b.made_at < coalesce(a.decided_at, 'infinity')""",
        "talks of one contact that were open at the same time": """select count(*)
            from session as a join session as b on a.contact_id = b.contact_id and a.id < b.id
            where a.centre_id = $1 and b.begun_at < coalesce(a.ended_at, 'infinity')""",
    }
    for label, query in asked.items():
        ground.wants(label, await stage.value(query, stage.centre.id), 0)
