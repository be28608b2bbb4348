"""Reading the journal in the order of commits, without losing a row and without waiting for one.

Identity numbers are handed out before the commit, so a reader that remembers the last `seq` loses
rows that commit late. The place of a reader therefore moves only over rows whose transaction is older
than every transaction still running (the fence): nothing smaller can later appear before it. Rows that
are visible but lie beyond the fence are handed out at once and remembered, so that one long
transaction, anywhere on the server, holds nobody's screen back. Every row is handed out exactly once.
Writers pay nothing for all this; health tells how far the fence lags.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from hotline.domain.journal import Entry
from hotline.store.driver import Connection, Record
from hotline.store.statements import statement

BATCH_MAX: Final = 500
AHEAD_MAX: Final = 20_000
"""Rows beyond the fence that are remembered; with more, a reader keeps to the fence."""


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
    return _before(await connection.fetchval(statement("journal_fence")))


def _before(xmin: str) -> Cursor:
    return Cursor(xid=int(xmin) - 1, seq=2**62)


class Tail:
    """One reader of the journal: its fenced place, and the rows beyond it that it already has."""

    def __init__(self, cursor: Cursor) -> None:
        """Begin behind `cursor`."""
        self.cursor = cursor
        self._ahead: dict[int, Cursor] = {}

    async def read(self, connection: Connection) -> list[Recorded]:
        """The entries that have not been handed out yet, at most `BATCH_MAX`.

        The fence is of the same moment as the rows: whatever lies before it is committed, so the rows
        hold all of it, and the place may move up to it.
        """
        rows = await connection.fetch(
            statement("journal_after"),
            str(self.cursor.xid),
            self.cursor.seq,
            len(self._ahead) >= AHEAD_MAX,
            list(self._ahead),
            BATCH_MAX,
        )
        passed = _before(rows[0]["fence"])
        entries = [_recorded(row) for row in rows if row["seq"] is not None]
        self._ahead.update({recorded.cursor.seq: recorded.cursor for recorded in entries})
        self._move(min(passed, entries[-1].cursor) if len(entries) == BATCH_MAX else passed)
        return entries

    def _move(self, passed: Cursor) -> None:
        """Move the place up to `passed`; what it leaves behind need not be remembered any more."""
        behind = [cursor for cursor in self._ahead.values() if cursor <= passed]
        self.cursor = max([self.cursor, *behind])
        self._ahead = {seq: cursor for seq, cursor in self._ahead.items() if cursor > self.cursor}


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
