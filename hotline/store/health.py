"""How the store is: the lag of the fence, effects that were given up or are late, how many wait."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

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
"""The pulse of whoever hears pages and the telephone network, on any node."""

LATE: Final = timedelta(minutes=1)
"""An order that waits longer is late: the telephone network is out, or nobody relays."""

PULSE_SECONDS: Final = 2.0
PULSE_SECONDS_MAX: Final = 10
"""A pulse older than this has stopped."""


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


async def hears_since(connection: Connection, now: datetime) -> datetime | None:
    """Since when somebody has been hearing without a pause; None if nobody hears at this moment."""
    return await connection.fetchval(
        "select since from pulse where name = $1 and at >= $2",
        EARS,
        now - timedelta(seconds=PULSE_SECONDS_MAX),
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
              where status <> 'failed' and created < now() - $2::interval) as late,
             (select count(*) from contact where state = 'waiting') as waiting,
             (select extract(epoch from now() - at) from pulse where name = $1) as silent""",
        WORKERS,
        LATE,
    )
    silent = row["silent"]
    return Health(
        fence_lag_seconds=float(row["lag"]),
        held_effects=row["held"],
        late_effects=row["late"],
        waiting=row["waiting"],
        workers_silent_seconds=None if silent is None else float(silent),
    )
