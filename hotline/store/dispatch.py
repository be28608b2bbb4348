"""Dispatches, and what may say where a caller is."""

from datetime import datetime
from typing import Final
from uuid import UUID

from hotline.base.errors import Absent
from hotline.domain.dispatch import RESCUES, Clue, Dispatch
from hotline.store.driver import Connection
from hotline.store.layouts import CLUE, DISPATCH
from hotline.store.unit import Unit
from hotline.store.vault import Vault

CLUES_MAX: Final = 500


async def load(unit: Unit, dispatch_id: UUID) -> Dispatch:
    """A dispatch of a locked contact, remembered for saving; the contact's lock covers it.

    Raises:
        Absent: there is no such dispatch.
    """
    found = await find(unit, dispatch_id)
    if found is None:
        raise Absent("dispatch.absent", "There is no such dispatch.")
    return found


async def find(unit: Unit, dispatch_id: UUID) -> Dispatch | None:
    """As `load`, or None."""
    row = await unit.connection.fetchrow("select * from dispatch where id = $1", dispatch_id)
    return None if row is None else unit.loaded(Dispatch, row)


async def of_contact(connection: Connection, vault: Vault, contact_id: UUID) -> list[Dispatch]:
    """Everybody who was sent out for a contact, in the order of the calls."""
    rows = await connection.fetch(
        "select * from dispatch where contact_id = $1 order by called_at, id", contact_id
    )
    return [DISPATCH.entity(row, vault) for row in rows]


async def count_open(connection: Connection, contact_id: UUID) -> int:
    """How many are under way for a contact, nobody having confirmed yet that the person was reached."""
    return int(
        await connection.fetchval(
            "select count(*) from dispatch where contact_id = $1 and state = 'open'", contact_id
        )
    )


async def is_rescued(connection: Connection, contact_id: UUID) -> bool:
    """Whether somebody who was sent out has reached the person."""
    return bool(
        await connection.fetchval(
            "select exists (select 1 from dispatch where contact_id = $1 and result = any($2))",
            contact_id,
            sorted(RESCUES),
        )
    )


async def due(connection: Connection, now: datetime, most: int) -> list[tuple[UUID, UUID]]:
    """Contact and dispatch of what has to be asked for again."""
    rows = await connection.fetch(
        """select contact_id, id from dispatch where next_reminder_at <= $1
           order by next_reminder_at limit $2""",
        now,
        most,
    )
    return [(row["contact_id"], row["id"]) for row in rows]


async def clues_of(connection: Connection, vault: Vault, contact_id: UUID) -> list[Clue]:
    """What may say where the caller is, in order; of more than anybody reads, the latest."""
    rows = await connection.fetch(
        "select * from location_clue where contact_id = $1 order by at desc, id desc limit $2",
        contact_id,
        CLUES_MAX,
    )
    return [CLUE.entity(row, vault) for row in reversed(rows)]


async def is_clue(connection: Connection, clue_id: UUID) -> bool:
    """Whether a clue is kept already."""
    return bool(
        await connection.fetchval("select exists (select 1 from location_clue where id = $1)", clue_id)
    )
