"""Actions and amendments of records, and the links of the chain over closed ones."""

from collections.abc import AsyncGenerator, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from hotline.domain.chain import Fault, Link
from hotline.domain.level import Level
from hotline.domain.record import Action, Amendment
from hotline.store.driver import Connection, Record
from hotline.store.layouts import ACTION, AMENDMENT
from hotline.store.statements import statement
from hotline.store.vault import Vault

LINKS_AT_ONCE: Final = 1000
_LINKS_OF: Final = (
    f"{statement('record_chain').partition('where l.')[0]} where l.thing_id = any($1) order by l.seq"
)
"""The digests are those of the whole chain's walk, for a few of its links."""
_LISTED: Final = """select s.id as session_id, s.contact_id, s.staff_id, c.channel, c.level, s.state,
     s.begun_at, s.closed_at, s.disposition,
     (select count(*) from amendment as a where a.session_id = s.id) as amendments
   from session as s join contact as c on c.id = s.contact_id"""
_OVER: Final = "and s.state in ('closed', 'interrupted') order by s.begun_at desc, s.id"


async def history_of(connection: Connection, vault: Vault, action_id: UUID) -> list[Action]:
    """The rows of one action, in order."""
    rows = await connection.fetch("select * from record_action where action_id = $1 order by nth", action_id)
    return [ACTION.entity(row, vault) for row in rows]


async def actions_of(connection: Connection, vault: Vault, session_id: UUID) -> list[Action]:
    """Every row of every action of a record, in order."""
    rows = await connection.fetch(
        "select * from record_action where session_id = $1 order by at, nth, id", session_id
    )
    return [ACTION.entity(row, vault) for row in rows]


async def amendments_of(connection: Connection, vault: Vault, session_id: UUID) -> list[Amendment]:
    """Every amendment of a record, in order."""
    rows = await connection.fetch("select * from amendment where session_id = $1 order by at, id", session_id)
    return [AMENDMENT.entity(row, vault) for row in rows]


@dataclass(frozen=True, slots=True)
class Head:
    """The newest link of a centre's chain."""

    centre_id: UUID
    seq: int
    hash: bytes


async def heads(connection: Connection) -> list[Head]:
    """Of every centre that has a chain, its newest link."""
    rows = await connection.fetch("select centre_id, seq, hash from record_head order by centre_id")
    return [Head(**row) for row in rows]


async def links_to(connection: Connection, head: Head) -> AsyncGenerator[Link]:
    """A chain in order up to this head, each link with the digest of its row as it stands now."""
    seq = 0
    while rows := await connection.fetch(
        statement("record_chain"), head.centre_id, seq, head.seq, LINKS_AT_ONCE
    ):
        for row in rows:
            yield Link(**row)
        seq = rows[-1]["seq"]


async def links_of(connection: Connection, thing_ids: Collection[UUID]) -> list[Link]:
    """The links of these records, actions and amendments, each with the digest of its row as it is now."""
    rows = await connection.fetch(_LINKS_OF, list(thing_ids))
    return [Link(**row) for row in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A record that is over, in codes and times."""

    session_id: UUID
    contact_id: UUID
    staff_id: UUID
    channel: str
    level: Level
    state: str
    begun_at: datetime
    closed_at: datetime | None
    disposition: str | None
    amendments: int


async def own(connection: Connection, staff_id: UUID, since: datetime, most: int) -> list[Listed]:
    """The records of one counselor's talks since a moment, the latest first."""
    rows = await connection.fetch(
        f"{_LISTED} where s.staff_id = $1 and s.begun_at >= $2 {_OVER} limit $3", staff_id, since, most
    )
    return [_listed(row) for row in rows]


async def of_centres(
    connection: Connection, centre_ids: Iterable[UUID], since: datetime, most: int
) -> list[Listed]:
    """The records of these centres' contacts that arrived since a moment, the latest first."""
    rows = await connection.fetch(
        f"{_LISTED} where c.centre_id = any($1) and c.arrived_at >= $2 {_OVER} limit $3",
        list(centre_ids),
        since,
        most,
    )
    return [_listed(row) for row in rows]


def _listed(row: Record) -> Listed:
    return Listed(
        session_id=row["session_id"],
        contact_id=row["contact_id"],
        staff_id=row["staff_id"],
        channel=row["channel"],
        level=Level.parse(row["level"]),
        state=row["state"],
        begun_at=row["begun_at"],
        closed_at=row["closed_at"],
        disposition=row["disposition"],
        amendments=row["amendments"],
    )


async def unlinked(connection: Connection, most: int) -> list[Fault]:
    """Records that are closed, and actions and amendments, of which no chain knows."""
    rows = await connection.fetch(statement("record_unlinked"), most)
    return [Fault(name="unlinked", seq=None, session_id=row["session_id"]) for row in rows]
