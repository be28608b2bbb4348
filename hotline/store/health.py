"""How the store is: the lag of the fence, effects that were given up or are late, how many wait."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from hotline.store.driver import Connection, one
from hotline.store.unit import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """Seconds, and counts of this moment; None where workers have never run."""

    fence_lag_seconds: float
    held_effects: int
    late_effects: int
    waiting: int
    workers_silent_seconds: float | None


WORKERS: Final = "workers"
"""The pulse of whoever dispatches, sweeps and escalates, on any node."""

EARS: Final = "ears"
"""Pulses of those who hear pages and the telephone network, one for each node: `ears:` and its id.

Nodes of the release before have one together, without an id."""

LATE: Final = timedelta(minutes=1)
"""An order that waits longer is late: the telephone network is out, or nobody relays."""

PULSE_SECONDS: Final = 2.0
PULSE_SECONDS_MAX: Final = 10
"""A pulse older than this has stopped."""

HESITATES_SECONDS: Final = 5
"""A node whose last pulse is older does not hear at this moment."""

FORGOTTEN: Final = timedelta(hours=1)
"""So long after its last pulse a node is not remembered any more."""


async def pulse(store: Store, name: str) -> None:
    """Leave signs of life for ever."""
    while True:
        async with store.connection() as connection:
            await beat(connection, name)
        await asyncio.sleep(PULSE_SECONDS)


async def beat(connection: Connection, name: str) -> None:
    """Leave a sign of life, by the database's own clock; after a pause too long, a new life begins."""
    await connection.execute(
        """insert into pulse (name, at, since) values ($1, now(), now())
           on conflict (name) do update set
             at = greatest(pulse.at, excluded.at),
             since = case when pulse.at < excluded.at - $2::interval then excluded.at
                          else coalesce(pulse.since, excluded.at) end""",
        name,
        timedelta(seconds=PULSE_SECONDS_MAX),
    )


def ears_of(node: UUID) -> str:
    """The name of a node's pulse as a listener."""
    return f"{EARS}:{node}"


async def begin_anew(connection: Connection, name: str) -> None:
    """Leave a sign of life that counts from now on only: whoever hears late has not heard until now."""
    await connection.execute(
        """insert into pulse (name, at, since) values ($1, now(), now())
           on conflict (name) do update set at = excluded.at, since = excluded.since""",
        name,
    )


async def forget_gone(connection: Connection) -> None:
    """Remove the pulses of nodes that stopped long ago; each start of a node makes a new one."""
    await connection.execute(
        "delete from pulse where starts_with(name, $1) and at < now() - $2::interval", f"{EARS}:", FORGOTTEN
    )


async def hears_since(connection: Connection, now: datetime) -> datetime | None:
    """Since when every page that is there could be heard in time; None if nobody hears at this moment.

    The latest of all nodes counts, because nobody knows who is heard by which. One that hesitates does not
    hear at this moment; one that has stopped is given up, and from then on its people have their full time to
    be heard by another.
    """
    return await connection.fetchval(
        """select max(case when at >= $2 then coalesce(since, at) when at >= $3 then $4
                           else at + ($4 - $3) end)
           from pulse where name = $1 or starts_with(name, $1 || ':')
           having bool_or(at >= $2)""",
        EARS,
        now - timedelta(seconds=HESITATES_SECONDS),
        now - timedelta(seconds=PULSE_SECONDS_MAX),
        now,
    )


async def workers_silent_seconds(connection: Connection) -> float | None:
    """How long ago any worker gave its last sign of life; None where none ever has."""
    return await connection.fetchval(
        "select extract(epoch from now() - at)::float8 from pulse where name = $1", WORKERS
    )


async def read(connection: Connection) -> Health:
    """Ask the database."""
    row = await one(
        connection,
        """select
             coalesce((select extract(epoch from max(now() - xact_start)) from pg_stat_activity
                       where backend_xid is not null and pid <> pg_backend_pid()), 0) as lag,
             (select count(*) from pgqueuer.pgqueuer where status = 'failed') as held,
             (select count(*) from pgqueuer.pgqueuer
              where status <> 'failed' and created < now() - $1::interval) as late,
             (select count(*) from contact where state = 'waiting') as waiting""",
        LATE,
    )
    return Health(
        fence_lag_seconds=float(row["lag"]),
        held_effects=row["held"],
        late_effects=row["late"],
        waiting=row["waiting"],
        workers_silent_seconds=await workers_silent_seconds(connection),
    )
