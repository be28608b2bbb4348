"""Actions and amendments of records, and the links of the chain over closed ones."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from hotline.domain.chain import Fault, Link
from hotline.domain.record import Action, Amendment
from hotline.store.driver import Connection
from hotline.store.layouts import ACTION, AMENDMENT
from hotline.store.statements import statement
from hotline.store.vault import Vault

LINKS_AT_ONCE: Final = 1000


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


async def unlinked(connection: Connection, most: int) -> list[Fault]:
    """Records that are closed, and actions and amendments, of which no chain knows."""
    rows = await connection.fetch(statement("record_unlinked"), most)
    return [Fault(name="unlinked", seq=None, session_id=row["session_id"]) for row in rows]
