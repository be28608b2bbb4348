"""Callers' numbers that were opened, or are asked for."""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from hotline.base.errors import Absent
from hotline.domain.number import Opening
from hotline.store.driver import Connection
from hotline.store.layouts import OPENING
from hotline.store.unit import Unit
from hotline.store.vault import Vault

ASKED_MAX: Final = 100
"""So many at most are shown to those who decide, the longest asked for first."""


async def load(unit: Unit, opening_id: UUID) -> Opening:
    """An opening of a locked contact, remembered for saving; the contact's lock covers it.

    Raises:
        Absent: there is no such opening.
    """
    row = await unit.connection.fetchrow("select * from opening where id = $1", opening_id)
    if row is None:
        raise Absent("opening.absent", "There is no such opening.")
    return unit.loaded(Opening, row)


async def find_asked(unit: Unit, contact_id: UUID) -> Opening | None:
    """What is asked for of a contact and not decided; at most one is."""
    row = await unit.connection.fetchrow(
        "select * from opening where contact_id = $1 and state = 'asked'", contact_id
    )
    return None if row is None else unit.loaded(Opening, row)


async def of_contact(connection: Connection, vault: Vault, contact_id: UUID) -> list[Opening]:
    """Every opening of a contact's number, in order."""
    rows = await connection.fetch(
        "select * from opening where contact_id = $1 order by asked_at, id", contact_id
    )
    return [OPENING.entity(row, vault) for row in rows]


async def asked(connection: Connection, vault: Vault, centre_ids: Iterable[UUID]) -> list[Opening]:
    """What is asked for in these centres and not decided."""
    rows = await connection.fetch(
        "select * from opening where centre_id = any($1) and state = 'asked' order by asked_at, id limit $2",
        list(centre_ids),
        ASKED_MAX,
    )
    return [OPENING.entity(row, vault) for row in rows]
