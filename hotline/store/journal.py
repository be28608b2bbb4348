"""Reading the journal in the order of commits, without losing a row.

Identity numbers are handed out before the commit, so a reader that remembers the last `seq` loses
rows that commit late. Rows are read in `(xid, seq)` order, and only those whose transaction is older
than every transaction still running: nothing that was invisible can later appear before them.
Writers pay nothing for it; the price is that one long transaction holds the readers back, so
transactions are kept short and health tells how far the fence lags.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from hotline.domain.journal import Entry
from hotline.store.driver import Connection, Record
from hotline.store.statements import statement

BATCH_MAX: Final = 500


@dataclass(frozen=True, slots=True, order=True)
class Cursor:
    """A place in the journal: everything up to and including `(xid, seq)` has been read."""

    xid: int = 0
    seq: int = 0

    def __str__(self) -> str:
        """The form that travels to the console and back."""
        return f"{self.xid}-{self.seq}"


@dataclass(frozen=True, slots=True)
class Recorded:
    """An entry as it stands in the journal."""

    cursor: Cursor
    at: datetime
    entry: Entry


async def fence(connection: Connection) -> Cursor:
    """The place from which a fresh reader starts: all before it is committed and visible."""
    return Cursor(xid=int(await connection.fetchval(statement("journal_fence"))) - 1, seq=2**62)


async def after(connection: Connection, cursor: Cursor) -> list[Recorded]:
    """The next entries behind `cursor`, at most `BATCH_MAX`."""
    rows = await connection.fetch(statement("journal_after"), str(cursor.xid), cursor.seq, BATCH_MAX)
    return [_recorded(row) for row in rows]


async def is_noted_since(
    connection: Connection, contact_id: UUID, kind: str, actor: str, since: datetime
) -> bool:
    """Whether this actor already has an entry of this kind about the contact since then."""
    found = await connection.fetchval(
        """select exists (select 1 from journal
           where contact_id = $1 and kind = $2 and actor = $3 and at > $4)""",
        contact_id,
        kind,
        actor,
        since,
    )
    return bool(found)


def _recorded(row: Record) -> Recorded:
    entry = Entry(
        kind=row["kind"],
        centre_id=row["centre_id"],
        contact_id=row["contact_id"],
        escalation_id=row["escalation_id"],
        staff_ids=tuple(row["staff_ids"]),
        actor=row["actor"],
        body=row["body"],
    )
    return Recorded(cursor=Cursor(xid=int(row["xid"]), seq=row["seq"]), at=row["at"], entry=entry)
