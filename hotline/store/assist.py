"""Counselors who asked for a supervisor: which are open, and which are due for their next rung."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from hotline.base.errors import Absent
from hotline.domain.assist import Assist
from hotline.store.driver import Connection
from hotline.store.layouts import ASSIST
from hotline.store.unit import Unit
from hotline.store.vault import Vault


async def get(connection: Connection, vault: Vault, assist_id: UUID) -> Assist:
    """A call for a supervisor as it stands.

    Raises:
        Absent: there is none.
    """
    row = await connection.fetchrow("select * from assist where id = $1", assist_id)
    if row is None:
        raise Absent("assist.absent", "There is no such call for a supervisor.")
    return ASSIST.entity(row, vault)


async def load(unit: Unit, assist_id: UUID) -> Assist:
    """One of a locked contact, remembered for saving; the contact's lock covers it.

    Raises:
        Absent: there is none.
    """
    row = await unit.connection.fetchrow("select * from assist where id = $1", assist_id)
    if row is None:
        raise Absent("assist.absent", "There is no such call for a supervisor.")
    return unit.loaded(Assist, row)


async def find_open(unit: Unit, session_id: UUID) -> Assist | None:
    """The open one of a session whose contact is locked, remembered for saving; there is at most one."""
    row = await unit.connection.fetchrow(
        "select * from assist where session_id = $1 and ended_at is null", session_id
    )
    return None if row is None else unit.loaded(Assist, row)


async def due(connection: Connection, now: datetime, most: int) -> list[tuple[UUID, UUID]]:
    """Contact and call of those whose next rung's time has come, the longest overdue first."""
    rows = await connection.fetch(
        "select contact_id, id from assist where next_at <= $1 order by next_at limit $2", now, most
    )
    return [(row["contact_id"], row["id"]) for row in rows]


async def open_of(
    connection: Connection, vault: Vault, centre_ids: Iterable[UUID], staff_id: UUID | None
) -> list[Assist]:
    """Those that are open in these centres, or concern this person; for screens."""
    rows = await connection.fetch(
        """select * from assist
           where ended_at is null and (centre_id = any($1) or staff_id = $2 or taken_by = $2)""",
        list(centre_ids),
        staff_id,
    )
    return [ASSIST.entity(row, vault) for row in rows]


async def by_ids(connection: Connection, vault: Vault, assist_ids: Iterable[UUID]) -> list[Assist]:
    """These, open or over."""
    rows = await connection.fetch("select * from assist where id = any($1)", list(assist_ids))
    return [ASSIST.entity(row, vault) for row in rows]
