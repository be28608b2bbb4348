"""Subjects: the people at risk whom contacts are about."""

from uuid import UUID

from hotline.domain.subject import Subject
from hotline.store.driver import Connection
from hotline.store.layouts import SUBJECT
from hotline.store.unit import Unit
from hotline.store.vault import Vault

_OF_CONTACT = "select * from subject where contact_id = $1 order by made_at, id"


async def load(unit: Unit, contact_id: UUID) -> tuple[Subject, ...]:
    """Everybody whom a locked contact is about, remembered for saving."""
    rows = await unit.connection.fetch(_OF_CONTACT, contact_id)
    return tuple(unit.loaded(Subject, row) for row in rows)


async def of_contact(connection: Connection, vault: Vault, contact_id: UUID) -> list[Subject]:
    """Everybody whom a contact is about, in the order of their naming."""
    rows = await connection.fetch(_OF_CONTACT, contact_id)
    return [SUBJECT.entity(row, vault) for row in rows]
