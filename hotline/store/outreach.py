"""Who hung up while waiting and is to be called, and the calls made to them."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from hotline.base.errors import Absent
from hotline.domain.contact import Contact
from hotline.domain.outreach import Call, Tried, Waiting
from hotline.store.driver import Connection, Record, one
from hotline.store.layouts import CONTACT
from hotline.store.statements import statement
from hotline.store.unit import Unit
from hotline.store.vault import Vault


async def waiting(
    connection: Connection, vault: Vault, centre_ids: Iterable[UUID], since: datetime, most: int
) -> list[Waiting]:
    """Whoever left a queue of these centres since then, was not heard from again and not called enough."""
    rows = await connection.fetch(statement("outreach_waiting"), list(centre_ids), since, most)
    return [Waiting(contact=CONTACT.entity(row["contact"], vault), tried=_tried(row)) for row in rows]


async def tried(connection: Connection, contact: Contact) -> Tried:
    """What was tried with a caller since they left this contact, and whether they are back."""
    row = await one(
        connection,
        f"select t.*, {_BACK} as is_back from contact as c, lateral ({_TRIED}) as t where c.id = $1",  # noqa: S608
        contact.id,
    )
    return _tried(row)


async def load_begun(unit: Unit, caller_key: bytes, centre_id: UUID) -> Call | None:
    """The call to this caller that is going on, or that nobody has reported."""
    row = await unit.connection.fetchrow(
        "select * from outreach_call where caller_key = $1 and centre_id = $2 and state = 'begun' for update",
        caller_key,
        centre_id,
    )
    return None if row is None else unit.loaded(Call, row)


async def load(unit: Unit, call_id: UUID) -> Call:
    """A call, remembered for saving; its contact's row is its lock."""
    row = await unit.connection.fetchrow("select * from outreach_call where id = $1", call_id)
    if row is None:
        raise Absent("outreach.absent", "There is no such call.")
    return unit.loaded(Call, row)


async def contact_of(connection: Connection, call_id: UUID) -> UUID:
    """The contact of a call.

    Raises:
        Absent: there is no such call.
    """
    found = await connection.fetchval("select contact_id from outreach_call where id = $1", call_id)
    if found is None:
        raise Absent("outreach.absent", "There is no such call.")
    return UUID(str(found))


def _tried(row: Record) -> Tried:
    return Tried(
        tries=row["tries"], last_at=row["last_at"], is_enough=row["is_enough"], is_back=row["is_back"]
    )


_TRIED = """
  select count(*) as tries, max(call.begun_at) as last_at,
    coalesce(
      bool_or(call.state in ('reached', 'refused', 'wrong_number', 'number_invalid')), false) as is_enough
  from outreach_call as call
  where call.caller_key = c.caller_key and call.centre_id = c.centre_id and call.begun_at >= c.ended_at"""
_BACK = """exists (
  select 1 from contact as later
  where later.caller_key = c.caller_key and later.centre_id = c.centre_id and later.arrived_at > c.arrived_at
    and (later.answered_at is not null or later.joined_at is not null))"""
