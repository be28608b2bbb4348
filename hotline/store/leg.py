"""Legs of calls, and the facts that have been acted on."""

from datetime import datetime
from uuid import UUID

from hotline.domain.centre import Channel
from hotline.domain.contact import Contact
from hotline.domain.leg import Leg, Scene, counselor_of, settle
from hotline.domain.offer import Offer
from hotline.domain.outcome import NOTHING, Outcome
from hotline.store import staff as store_staff
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


async def settled(unit: Unit, outcome: Outcome, contact: Contact, now: datetime) -> Outcome:
    """The effects that bring every leg of a call to where it should be after `outcome`.

    Nothing for a chat; the contact must be locked.
    """
    if contact.channel is not Channel.VOICE:
        return NOTHING
    after = next((row for row in outcome.rows if isinstance(row, Contact)), contact)
    legs = await of_contact(unit, contact.id)
    line = await store_staff.get_line(unit.connection, unit.vault, contact.line_id)
    offer = next((row for row in outcome.rows if isinstance(row, Offer) and row.state == "pending"), None)
    scene = Scene(contact=after, line=line, offer=offer, counselor=counselor_of(legs, after))
    return Outcome(effects=settle(legs, scene, now))
