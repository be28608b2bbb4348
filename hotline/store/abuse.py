"""Incidents and restrictions, and whether one stands: worked out afresh each time it is asked."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from hotline.base.errors import Absent
from hotline.domain.abuse import Caller, Incident, Restriction
from hotline.domain.contact import Contact
from hotline.domain.joint import Journey
from hotline.store import contact as store_contact
from hotline.store.driver import Connection
from hotline.store.layouts import RESTRICTION
from hotline.store.unit import Unit
from hotline.store.vault import Vault

LATELY: Final = timedelta(days=30)
_STANDS: Final = """r.state = 'standing' and r.ends_at > {now} and not exists (
    select 1 from contact as c
    where c.caller_key = r.caller_key and c.centre_id = r.centre_id
      and (c.arrived_at >= r.made_at and (c.level <> 'none_found' or c.subject_level <> 'none_found')
        or c.id = r.contact_id and (c.level not in ('none_found', 'low') or c.subject_level <> 'none_found')
        or (c.id = r.contact_id or c.arrived_at >= r.made_at)
          and ((c.form->>'crisis_key')::boolean or c.form->>'safe_now' in ('no', 'unsure'))))"""
"""It is in its time, and nothing has spoken of danger since: no key, no form, no level of any later contact,
nor a graver one of the contact that it was made for."""


async def stands(connection: Connection, contact: Contact, now: datetime) -> bool:
    """Whether the caller of this contact has to wait behind others."""
    if contact.caller_key is None:
        return False
    found = await connection.fetchval(
        f"""select exists (select 1 from restriction as r
            where r.caller_key = $1 and r.centre_id = $2 and {_STANDS.format(now="$3")})""",  # noqa: S608  ours
        contact.caller_key,
        contact.centre_id,
        now,
    )
    return bool(found)


async def find_incident(unit: Unit, session_id: UUID) -> Incident | None:
    """The incident of a session whose contact is locked."""
    row = await unit.connection.fetchrow("select * from incident where session_id = $1", session_id)
    return None if row is None else unit.loaded(Incident, row)


async def caller_of(unit: Unit, journey: Journey, now: datetime) -> Caller:
    """What a restriction of the caller of a locked contact is decided by."""
    contact = journey.contact
    row = await unit.connection.fetchrow(
        """select c.timezone, exists (select 1 from contact as k
             where k.caller_key = $2 and k.centre_id = $1 and k.arrived_at > $3
               and (k.level in ('moderate', 'high', 'imminent')
                 or k.subject_level in ('moderate', 'high', 'imminent'))) as is_recently_grave
           from centre as c where c.id = $1""",
        contact.centre_id,
        contact.caller_key,
        now - LATELY,
    )
    if row is None:
        raise Absent("centre.absent", "There is no such centre.")
    session = journey.session
    if session is None:
        session = await store_contact.last_session(unit.connection, unit.vault, contact.id)
    return Caller(
        contact=contact,
        session=session,
        is_recently_grave=row["is_recently_grave"],
        timezone=row["timezone"],
    )


async def find_asked(unit: Unit, contact_id: UUID, kind: str) -> UUID | None:
    """A restriction of this kind that has been asked for after this contact, and is not lifted."""
    found = await unit.connection.fetchval(
        "select id from restriction where contact_id = $1 and kind = $2 and state <> 'lifted' limit 1",
        contact_id,
        kind,
    )
    return None if found is None else UUID(str(found))


async def lock_restriction(unit: Unit, restriction_id: UUID) -> Restriction:
    """A restriction, whose contact is locked with it.

    Raises:
        Absent: there is no such restriction.
    """
    await store_contact.lock_journey_of(unit, "restriction", restriction_id)
    row = await unit.connection.fetchrow("select * from restriction where id = $1", restriction_id)
    if row is None:
        raise Absent("restriction.absent", "There is no such restriction.")
    return unit.loaded(Restriction, row)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A restriction, and whether it has any effect now."""

    restriction: Restriction
    is_in_effect: bool


async def of_centres(
    connection: Connection, vault: Vault, centre_ids: Iterable[UUID], now: datetime, most: int
) -> list[Listed]:
    """Restrictions that are asked for or in their time, newest first, with those danger has ended."""
    rows = await connection.fetch(
        f"""select r as restriction, {_STANDS.format(now="$2")} as is_in_effect from restriction as r
            where r.centre_id = any($1) and r.ends_at > $2 and r.state <> 'lifted'
            order by r.made_at desc limit $3""",  # noqa: S608  ours
        list(centre_ids),
        now,
        most,
    )
    return [
        Listed(restriction=RESTRICTION.entity(row["restriction"], vault), is_in_effect=row["is_in_effect"])
        for row in rows
    ]
