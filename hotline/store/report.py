"""The counts of a month, and the months that were put away."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from hotline.base.errors import Absent
from hotline.domain.centre import Centre
from hotline.domain.measures import REPEAT_DAYS, Month, Snapshot
from hotline.store.driver import Connection
from hotline.store.layouts import CENTRE, SNAPSHOT
from hotline.store.statements import statement
from hotline.store.vault import Vault


async def get_centre(connection: Connection, vault: Vault, centre_id: UUID) -> Centre:
    """A centre as it stands.

    Raises:
        Absent: there is no such centre.
    """
    row = await connection.fetchrow("select * from centre where id = $1", centre_id)
    if row is None:
        raise Absent("centre.absent", "There is no such centre.")
    return CENTRE.entity(row, vault)


async def centres(connection: Connection, vault: Vault, centre_ids: Iterable[UUID]) -> list[Centre]:
    """These centres, in the order of their names."""
    rows = await connection.fetch(
        "select * from centre where id = any($1) order by name, id", list(centre_ids)
    )
    return [CENTRE.entity(row, vault) for row in rows]


async def counts_of(
    connection: Connection, centre_id: UUID, month: Month, *, short_abandon_seconds: int
) -> dict[str, int]:
    """What happened in a month of a centre, by the names of `measures`."""
    rows = await connection.fetch(
        statement("month_counts"),
        centre_id,
        month.begins_at,
        month.ends_at,
        short_abandon_seconds,
        REPEAT_DAYS,
    )
    return {row["name"]: row["count"] for row in rows}


async def find_snapshot(
    connection: Connection, vault: Vault, centre_id: UUID, first: date
) -> Snapshot | None:
    """The month as it was put away, if it was."""
    row = await connection.fetchrow(
        "select * from monthly_report where centre_id = $1 and month = $2", centre_id, first
    )
    return None if row is None else SNAPSHOT.entity(row, vault)
