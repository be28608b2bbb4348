"""Legs of calls, and the facts that have been acted on."""

from datetime import datetime
from uuid import UUID

from hotline.domain.leg import Leg
from hotline.store.driver import Connection
from hotline.store.layouts import LEG
from hotline.store.unit import Unit
from hotline.store.vault import Vault


async def is_new_fact(unit: Unit, key: str, now: datetime) -> bool:
    """Insert the fact's natural key; False when it has been acted on before."""
    return bool(
        await unit.connection.fetchval(
            "insert into fact (key, at) values ($1, $2) on conflict do nothing returning true", key, now
        )
    )


async def find(connection: Connection, vault: Vault, leg_id: UUID) -> Leg | None:
    """A leg by our key."""
    row = await connection.fetchrow("select * from leg where id = $1", leg_id)
    return None if row is None else LEG.entity(row, vault)


async def find_by_sid(connection: Connection, vault: Vault, sid: str) -> Leg | None:
    """A leg by the provider's id."""
    row = await connection.fetchrow("select * from leg where sid = $1", sid)
    return None if row is None else LEG.entity(row, vault)


async def of_contact(unit: Unit, contact_id: UUID) -> list[Leg]:
    """Every leg of a locked contact, remembered for saving; the contact's lock covers them."""
    rows = await unit.connection.fetch(
        "select * from leg where contact_id = $1 order by made_at, id", contact_id
    )
    return [unit.loaded(Leg, row) for row in rows]


async def unended(connection: Connection, vault: Vault, most: int) -> list[Leg]:
    """Legs that are expected, ringing or live."""
    rows = await connection.fetch("select * from leg where state <> 'ended' order by made_at limit $1", most)
    return [LEG.entity(row, vault) for row in rows]


async def unended_contacts(connection: Connection, made_before: datetime, most: int) -> list[UUID]:
    """Contacts with a leg that is not down, made before `made_before`."""
    rows = await connection.fetch(
        """select distinct contact_id from leg where state <> 'ended' and made_at < $1
           order by contact_id limit $2""",
        made_before,
        most,
    )
    return [row["contact_id"] for row in rows]
