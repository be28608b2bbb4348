"""Follow-ups: what was agreed, what is owed, what was tried."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

from hotline.base.errors import Absent
from hotline.domain.followup import Agreement, Attempt, FollowUp
from hotline.store.driver import Connection
from hotline.store.layouts import AGREEMENT, ATTEMPT, FOLLOW_UP
from hotline.store.unit import Unit
from hotline.store.vault import Vault

_ELSEWHERE: Final = """from contact as c
     join contact as e on e.caller_key = c.caller_key and e.centre_id = c.centre_id and e.id <> c.id
     join follow_up as f on f.contact_id = e.id
   where c.id = $1 and c.caller_key is not null"""


async def agreement_of(connection: Connection, vault: Vault, contact_id: UUID) -> Agreement | None:
    """What the caller said last to being called again, in this contact or an earlier one of theirs.

    An earlier no counts as much as an earlier yes: nobody is asked twice for what they have refused.
    """
    row = await connection.fetchrow(
        """select a.* from follow_up_agreement as a where a.contact_id = any(
             select $1::uuid union
             select e.id from contact as c join contact as e
               on e.caller_key = c.caller_key and e.centre_id = c.centre_id
             where c.id = $1 and c.caller_key is not null)
           order by a.at desc, a.id desc limit 1""",
        contact_id,
    )
    return None if row is None else AGREEMENT.entity(row, vault)


async def of_contact(connection: Connection, vault: Vault, contact_id: UUID) -> list[FollowUp]:
    """Every follow-up of a contact, in the order of their days."""
    rows = await connection.fetch(
        "select * from follow_up where contact_id = $1 order by due_at, id", contact_id
    )
    return [FOLLOW_UP.entity(row, vault) for row in rows]


async def lock_of_contact(unit: Unit, contact_id: UUID) -> list[FollowUp]:
    """As `of_contact`, remembered for saving; the contact's row is their lock."""
    rows = await unit.connection.fetch(
        "select * from follow_up where contact_id = $1 order by due_at, id", contact_id
    )
    return [unit.loaded(FollowUp, row) for row in rows]


async def running(connection: Connection, vault: Vault, contact_id: UUID) -> list[FollowUp]:
    """What is to be called for other contacts of the same caller at the same centre, in order.

    Those contacts are not locked: whoever asks only spares the caller a second call.
    """
    rows = await connection.fetch(
        f"select f.* {_ELSEWHERE} and f.state in ('due', 'attempted') order by f.next_at, f.id",
        contact_id,
    )
    return [FOLLOW_UP.entity(row, vault) for row in rows]


async def owing_elsewhere(connection: Connection, contact_id: UUID) -> list[UUID]:
    """Other contacts of the same caller for which a call is still owed, in the order of their ids."""
    rows = await connection.fetch(
        f"""select distinct f.contact_id {_ELSEWHERE}
            and f.state in ('due', 'attempted', 'unreached') order by f.contact_id""",
        contact_id,
    )
    return [row["contact_id"] for row in rows]


async def get(connection: Connection, vault: Vault, follow_up_id: UUID) -> FollowUp:
    """A follow-up as it stands.

    Raises:
        Absent: there is no such follow-up.
    """
    row = await connection.fetchrow("select * from follow_up where id = $1", follow_up_id)
    if row is None:
        raise Absent("followup.absent", "There is no such follow-up.")
    return FOLLOW_UP.entity(row, vault)


async def attempts_of(connection: Connection, vault: Vault, follow_up_id: UUID) -> list[Attempt]:
    """Every try of a follow-up, in order."""
    rows = await connection.fetch(
        "select * from follow_up_attempt where follow_up_id = $1 order by at, id", follow_up_id
    )
    return [ATTEMPT.entity(row, vault) for row in rows]


async def owed(
    connection: Connection, vault: Vault, centre_ids: Iterable[UUID], until: datetime, most: int
) -> list[FollowUp]:
    """What is owed by these centres up to a moment: the longest overdue first."""
    rows = await connection.fetch(
        """select * from follow_up
           where centre_id = any($1) and state in ('due', 'attempted', 'unreached') and next_at <= $2
           order by next_at, id limit $3""",
        list(centre_ids),
        until,
        most,
    )
    return [FOLLOW_UP.entity(row, vault) for row in rows]


async def due_to_climb(connection: Connection, now: datetime, most: int) -> list[UUID]:
    """Contacts with a follow-up that is overdue for the next one above."""
    rows = await connection.fetch(
        """select contact_id from follow_up where climbs_at is not null and climbs_at <= $1
           order by climbs_at limit $2""",
        now,
        most,
    )
    return list(dict.fromkeys(row["contact_id"] for row in rows))


async def contact_of(connection: Connection, follow_up_id: UUID) -> UUID:
    """The contact of a follow-up.

    Raises:
        Absent: there is no such follow-up.
    """
    found = await connection.fetchval("select contact_id from follow_up where id = $1", follow_up_id)
    if found is None:
        raise Absent("followup.absent", "There is no such follow-up.")
    return UUID(str(found))
