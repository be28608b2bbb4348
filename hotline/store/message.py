"""Messages and appraisals of a contact."""

from datetime import datetime
from uuid import UUID

from hotline.domain.appraisal import Appraisal
from hotline.domain.message import Message
from hotline.store.driver import Connection
from hotline.store.layouts import APPRAISAL, MESSAGE
from hotline.store.vault import Vault


async def find_by_client_id(
    connection: Connection, vault: Vault, contact_id: UUID, client_id: UUID
) -> Message | None:
    """The message that was already stored under the sender's own id."""
    row = await connection.fetchrow(
        "select * from message where contact_id = $1 and client_id = $2", contact_id, client_id
    )
    return None if row is None else MESSAGE.entity(row, vault)


async def after(connection: Connection, vault: Vault, contact_id: UUID, seq: int, most: int) -> list[Message]:
    """The messages behind `seq`, in order."""
    rows = await connection.fetch(
        "select * from message where contact_id = $1 and seq > $2 order by seq limit $3",
        contact_id,
        seq,
        most,
    )
    return [MESSAGE.entity(row, vault) for row in rows]


async def mark_read(connection: Connection, contact_id: UUID, sender: str, up_to: int, now: datetime) -> int:
    """Note that the other side has read `sender`'s messages up to `up_to`; the number newly read."""
    result = await connection.execute(
        """update message set read_at = $4
           where contact_id = $1 and sender = $2 and seq <= $3 and read_at is null""",
        contact_id,
        sender,
        up_to,
        now,
    )
    return int(result.split()[-1])


async def read_up_to(connection: Connection, contact_id: UUID, sender: str) -> int:
    """The last of `sender`'s messages that the other side has read; 0 where none is."""
    return int(
        await connection.fetchval(
            """select coalesce(max(seq), 0) from message
               where contact_id = $1 and sender = $2 and read_at is not null""",
            contact_id,
            sender,
        )
    )


async def appraisals_of(connection: Connection, vault: Vault, contact_id: UUID) -> list[Appraisal]:
    """Everything the rules have found in this contact, in order."""
    rows = await connection.fetch("select * from appraisal where contact_id = $1 order by at, id", contact_id)
    return [APPRAISAL.entity(row, vault) for row in rows]
