"""Two app nodes, two worker nodes: one of each killed, one of each frozen at the worst moment and woken.

A frozen node is worse than a dead one: its connections stay, it may hold rows, and woken it goes on with
what it knew. So the workers are frozen while one of their transactions is open, and what the others
manage meanwhile is counted. No contact may be offered twice at a time, nothing may be done twice.
"""

import asyncio
from dataclasses import dataclass

from hotline.store.driver import Connection
from tests.drills import judged
from tests.drills.floor import Floor, Size as Crowd, floor
from tests.drills.ground import Ground
from tests.journeys.drills import until

FREEZE_TRIES_MAX = 300
NAP_SECONDS = 0.02
OPEN_LONGER_THAN = "100 milliseconds"
"""A transaction that is open for so long belongs to somebody who is frozen."""


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
        await until(lambda: _answered(busy), "somebody is answered")
        await asyncio.gather(busy.house.kill("serve-1"), busy.house.kill("work-1"))
        ground.shows("offers made while one of each was dead", await _made_in(busy, size.frozen_seconds / 3))
        await asyncio.gather(busy.house.start("serve-1"), busy.house.start("work-1"))
        held = await _freeze_at_work(busy, "work-2")
        busy.house.pause("serve-2")
        ground.shows("locks held by the frozen workers", held)
        made = await _made_in(busy, size.frozen_seconds)
        ground.shows(f"offers made while one of each was frozen for {size.frozen_seconds:.0f} s", made)
        for name in ("serve-2", "work-2"):
            busy.house.wake(name)
        await judged.the_living(busy)
        await judged.everybody(busy)
        await _once_each(busy)


async def _answered(busy: Floor) -> int:
    """How many have been answered."""
    return await busy.stage.value("select count(*) from contact where answered_at is not null")


async def _made_in(busy: Floor, seconds: float) -> int:
    """How many offers are made within this time."""
    before = await busy.stage.value("select count(*) from offer")
    await asyncio.sleep(seconds)
    return await busy.stage.value("select count(*) from offer") - before


async def _freeze_at_work(busy: Floor, name: str) -> str:
    """Freeze workers again and again until they are caught in the middle of a transaction; what they hold."""
    stage = busy.stage
    async with stage.store.connection() as connection:
        for _ in range(FREEZE_TRIES_MAX):
            busy.house.pause(name)
            await asyncio.sleep(0.12)
            if held := await _held(connection):
                return held
            busy.house.wake(name)
            await asyncio.sleep(NAP_SECONDS)
    busy.house.pause(name)
    return "none: never caught in a transaction"


async def _held(connection: Connection) -> str:
    rows = await connection.fetch(
        f"""select distinct coalesce(c.relname, l.locktype) as what
            from pg_stat_activity as a join pg_locks as l on l.pid = a.pid
            left join pg_class as c on c.oid = l.relation
            where a.datname = current_database() and a.state like 'idle in transaction%'
              and a.state_change < clock_timestamp() - interval '{OPEN_LONGER_THAN}'
              and l.locktype in ('relation', 'advisory') and l.mode in ('RowShareLock', 'RowExclusiveLock',
                'ExclusiveLock') order by 1"""  # noqa: S608  a constant
    )
    return ", ".join(row["what"] for row in rows)


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
