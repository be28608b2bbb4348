"""A wrong key file is noticed at start, not at the first caller.

Every key leaves a seal of a known word when it is first used; a ring that cannot open one of them,
or whose index key differs, is refused.
"""

import hashlib
from uuid import UUID

import asyncpg

from hotline.base.errors import Broken
from hotline.base.sensitive import Sensitive
from hotline.store.unit import Store

_PLACE = "key_check.seal"
_ROW = UUID(int=0)
_WORD = Sensitive("hotline")


async def require(store: Store) -> None:
    """Check the ring against the database, and leave a seal for a key that is new.

    Raises:
        Broken: a key is missing or another one than before, or there are no tables yet.
    """
    try:
        await _compare(store)
    except asyncpg.UndefinedTableError:
        raise Broken("database.schema", "The database has no tables yet; run `hotline migrate`.") from None


async def _compare(store: Store) -> None:
    vault = store.vault
    digest = hashlib.sha256(vault.index(_WORD)).digest()
    async with store.connection() as connection:
        for row in await connection.fetch("select * from key_check"):
            vault.open(_PLACE, _ROW, row["seal"])
            if row["index_digest"] != digest:
                raise Broken("vault.index", "The index key is another one than callers were indexed with.")
        await connection.execute(
            """insert into key_check (key_id, seal, index_digest) values ($1, $2, $3)
               on conflict do nothing""",
            vault.primary,
            vault.seal(_PLACE, _ROW, _WORD),
            digest,
        )
