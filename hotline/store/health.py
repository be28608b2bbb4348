"""How the store is: the lag of the fence, effects that were given up, how many wait."""

from dataclasses import dataclass

from hotline.store.driver import Connection, one


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """Seconds, and counts of this moment."""

    fence_lag_seconds: float
    held_effects: int
    waiting: int


async def read(connection: Connection) -> Health:
    """Ask the database."""
    row = await one(
        connection,
        """select
             coalesce((select extract(epoch from max(now() - xact_start)) from pg_stat_activity
                       where backend_xid is not null and pid <> pg_backend_pid()), 0) as lag,
             (select count(*) from pgqueuer.pgqueuer where status = 'failed') as held,
             (select count(*) from contact where state = 'waiting') as waiting""",
    )
    return Health(fence_lag_seconds=float(row["lag"]), held_effects=row["held"], waiting=row["waiting"])
