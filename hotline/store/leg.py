"""Legs of calls, and the facts that have been acted on."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from hotline.domain.call import Call
from hotline.domain.centre import Channel, Line
from hotline.domain.contact import Contact
from hotline.domain.leg import Leg, Scene, counselor_of, settle
from hotline.domain.offer import Offer
from hotline.domain.outcome import NOTHING, Outcome
from hotline.store import contact as store_contact, staff as store_staff
from hotline.store.driver import Connection
from hotline.store.layouts import CONTACT, LEG, LINE
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


async def find_ringing(
    connection: Connection, vault: Vault, dialled: str, sid: str
) -> tuple[Line | None, tuple[Leg, Contact] | None]:
    """The line that was dialled, and the caller's leg of this call if the line's menu is before it now."""
    row = await connection.fetchrow(
        """select n.*, l as leg, c as contact from line as n
           left join (leg as l join contact as c on c.id = l.contact_id)
             on l.sid = $2 and l.role = 'caller' and l.state = 'live' and l.place = 'ivr'
               and c.state = 'arriving' and c.line_id = n.id
           where n.channel = 'voice' and n.address = $1""",
        dialled,
        sid,
    )
    if row is None:
        return None, None
    line = LINE.entity(row, vault)
    if row["leg"] is None:
        return line, None
    return line, (LEG.entity(row["leg"], vault), CONTACT.entity(row["contact"], vault))


async def of_contact(unit: Unit, contact_id: UUID) -> list[Leg]:
    """Every leg of a locked contact, remembered for saving; the contact's lock covers them."""
    rows = await unit.connection.fetch(
        "select * from leg where contact_id = $1 order by made_at, id", contact_id
    )
    return [unit.loaded(Leg, row) for row in rows]


async def load_call(unit: Unit, found: Leg) -> Call:
    """Lock the contact of a leg and load the whole call, the leg as it stands now."""
    journey = await store_contact.lock_journey(unit, found.contact_id)
    known = await of_contact(unit, found.contact_id)
    line = await store_staff.get_line(unit.connection, unit.vault, journey.contact.line_id)
    leg = next(each for each in known if each.id == found.id)
    return Call(journey=journey, line=line, leg=leg, others=[each for each in known if each.id != leg.id])


async def unended(connection: Connection, vault: Vault, most: int) -> list[Leg]:
    """Legs that are expected, ringing or live."""
    rows = await connection.fetch("select * from leg where state <> 'ended' order by made_at limit $1", most)
    return [LEG.entity(row, vault) for row in rows]


async def by_sids(connection: Connection, vault: Vault, sids: Iterable[str]) -> dict[str, Leg]:
    """Legs by the provider's ids, ended ones too; those that we do not know are not in it."""
    rows = await connection.fetch("select * from leg where sid = any($1)", list(sids))
    return {row["sid"]: LEG.entity(row, vault) for row in rows}


async def unsettled_contacts(connection: Connection, moved_before: datetime, most: int) -> list[UUID]:
    """Contacts with a leg that may not be where it should be, longest first.

    Legs at rest are left out: a caller who is asked, is parked or talks, and a counselor who talks with
    the caller. Whether the others really are out of place is decided under the contact's lock.
    """
    rows = await connection.fetch(
        """select l.contact_id, min(coalesce(l.place_at, l.made_at)) as since
           from leg as l join contact as c on c.id = l.contact_id
           where l.state <> 'ended' and coalesce(l.place_at, l.made_at) < $1
             and (l.role, c.state, l.place) not in (
               ('caller', 'arriving', 'ivr'), ('caller', 'waiting', 'park'), ('caller', 'offered', 'park'))
             and not (l.role = 'caller' and c.state = 'talking' and l.place = 'room' and exists (
               select 1 from leg as o where o.contact_id = c.id and o.role = 'counselor'
                 and o.state <> 'ended' and o.generation = c.generation))
             and not (l.role = 'counselor' and c.state = 'talking' and l.place = 'room'
               and l.staff_id = c.counselor_id and l.generation = c.generation)
           group by l.contact_id order by since limit $2""",
        moved_before,
        most,
    )
    return [row["contact_id"] for row in rows]


async def has_doubts(connection: Connection, since: datetime) -> bool:
    """Whether only the network can say how something stands that should have been done by `since`.

    Two who should have met, a telephone of which nobody knows whether it rings, a leg that was told to
    ask for its plan and has not.
    """
    return bool(
        await connection.fetchval(
            """select exists (
                 select 1 from leg as l join contact as c on c.id = l.contact_id
                 where l.state <> 'ended' and (
                   (c.state = 'connecting' and c.since < $1 and l.place = 'room' and l.joined_at is null)
                   or (l.sid is null and l.place = 'dialled' and l.place_at < $1)))""",
            since,
        )
    )


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
