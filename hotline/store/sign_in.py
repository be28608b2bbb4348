"""Sign-ins of browsers, by the hash of their token, and failures for throttling."""

from datetime import datetime
from typing import Final
from uuid import UUID

from hotline.domain.staff import Staff
from hotline.store.driver import Connection, Record
from hotline.store.layouts import STAFF
from hotline.store.vault import Vault

Known = tuple[Staff, frozenset[UUID]]
"""Whose a sign-in is, and the centres in reach: the person's own and all below it."""

KNOWN: Final = """
    select s.*, array(
      with recursive below as (
        select s.centre_id as id
        union all select c.id from centre as c join below on c.parent_id = below.id)
      select id from below) as reach
    from sign_in as i join staff as s on s.id = i.staff_id
    where i.token_hash = $1 and i.expires_at > $2 and s.is_active"""
"""The sign-in of a token at a moment, if it has not ended and the person is still active."""


async def add(
    connection: Connection, token_hash: bytes, staff_id: UUID, now: datetime, expires_at: datetime
) -> None:
    """Keep a new sign-in."""
    await connection.execute(
        """insert into sign_in (token_hash, staff_id, made_at, seen_at, expires_at)
           values ($1, $2, $3, $3, $4)""",
        token_hash,
        staff_id,
        now,
        expires_at,
    )


async def find_staff(connection: Connection, vault: Vault, token_hash: bytes, now: datetime) -> Known | None:
    """Whose sign-in this is; None if it has ended or the person is not active any more."""
    row = await connection.fetchrow(KNOWN, token_hash, now)
    return None if row is None else known(row, vault)


def known(row: Record, vault: Vault) -> Known:
    """What a row of `KNOWN` says."""
    return STAFF.entity(row, vault), frozenset(row["reach"])


async def end(connection: Connection, token_hash: bytes) -> None:
    """End a sign-in; ended already changes nothing."""
    await connection.execute("delete from sign_in where token_hash = $1", token_hash)


async def failures_of(
    connection: Connection, keys: list[bytes], since: datetime
) -> dict[bytes, tuple[int, datetime]]:
    """Failures of each key since then, and when the first of them was; keys without any are left out."""
    rows = await connection.fetch(
        """select key, count(*) as failures, min(at) as first_at from sign_in_failure
           where key = any($1) and at > $2 group by key""",
        keys,
        since,
    )
    return {row["key"]: (row["failures"], row["first_at"]) for row in rows}


async def add_failure(connection: Connection, keys: list[bytes], now: datetime) -> None:
    """Count a failure under every key."""
    await connection.executemany(
        "insert into sign_in_failure (key, at) values ($1, $2)", [(key, now) for key in keys]
    )


async def forget_failures(connection: Connection, keys: list[bytes], before: datetime) -> None:
    """Forget the failures of these keys, and everybody's old ones."""
    await connection.execute("delete from sign_in_failure where key = any($1) or at < $2", keys, before)
