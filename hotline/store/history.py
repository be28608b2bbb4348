"""What is known of a caller from earlier contacts, found by the blind index of the number."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hotline.domain.contact import Contact
from hotline.domain.followup import FollowUp
from hotline.domain.level import Level
from hotline.domain.session import Session
from hotline.store.driver import Connection, Record
from hotline.store.layouts import FOLLOW_UP, SESSION
from hotline.store.statements import statement
from hotline.store.vault import Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """An earlier contact of the same caller, in codes and times; `level` is that of whoever was gravest."""

    contact_id: UUID
    channel: str
    state: str
    level: Level
    arrived_at: datetime
    answered_at: datetime | None
    disposition: str | None
    result: str | None
    staff_id: UUID | None


async def earlier(connection: Connection, contact: Contact, most: int) -> list[Earlier]:
    """The caller's contacts with this centre before this one, the latest first."""
    rows = await connection.fetch(
        statement("history_earlier"),
        contact.caller_key,
        contact.centre_id,
        contact.arrived_at,
        contact.id,
        most,
    )
    return [_earlier(row) for row in rows]


async def last_record(connection: Connection, vault: Vault, contact: Contact) -> Session | None:
    """The last closed record of the caller before this contact."""
    row = await connection.fetchrow(
        statement("history_record"), contact.caller_key, contact.centre_id, contact.arrived_at, contact.id
    )
    return None if row is None else SESSION.entity(row, vault)


async def owed(connection: Connection, vault: Vault, contact: Contact) -> list[FollowUp]:
    """The calls that are still owed to the caller, from whatever contact."""
    rows = await connection.fetch(
        """select f.* from contact as c join follow_up as f on f.contact_id = c.id
           where c.caller_key = $1 and c.centre_id = $2 and f.state in ('due', 'attempted', 'unreached')
           order by f.next_at""",
        contact.caller_key,
        contact.centre_id,
    )
    return [FOLLOW_UP.entity(row, vault) for row in rows]


def _earlier(row: Record) -> Earlier:
    return Earlier(
        contact_id=row["id"],
        channel=row["channel"],
        state=row["state"],
        level=Level.highest(Level.parse(row["level"]), Level.parse(row["subject_level"])),
        arrived_at=row["arrived_at"],
        answered_at=row["answered_at"],
        disposition=row["disposition"],
        result=row["result"],
        staff_id=row["staff_id"],
    )
