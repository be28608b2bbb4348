"""Who asks, and whose a contact is as far as it decides who may see it: one question of every request."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from hotline.store import sign_in
from hotline.store.driver import Connection
from hotline.store.sign_in import Known
from hotline.store.vault import Vault

Thing = Literal["contact", "session", "escalation", "subject", "restriction", "dispatch", "opening"]
"""What a path names; each belongs to one contact for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Whose:
    """A contact's centre, the counselor who holds it or held it last, and its latest escalation, if any."""

    contact_id: UUID
    centre_id: UUID
    counselor_id: UUID | None
    is_escalated: bool
    """Whether somebody still has to act."""
    escalation_owner_id: UUID | None


_CONTACT_OF: Final = {
    "contact": "$3",
    "session": "(select contact_id from session where id = $3)",
    "restriction": "(select contact_id from restriction where id = $3)",
    "escalation": "(select contact_id from escalation where id = $3)",
    "subject": "(select contact_id from subject where id = $3)",
    "dispatch": "(select contact_id from dispatch where id = $3)",
    "opening": "(select contact_id from opening where id = $3)",
}
_ASKING: Final = {
    thing: f"""
    select who.*, whose.* from ({sign_in.KNOWN}) as who left join lateral (
      select c.id as contact_id, c.centre_id as contact_centre_id,
        coalesce(e.is_open, false) as is_escalated, e.owner_id as escalation_owner_id,
        coalesce(c.counselor_id, (
          select s.staff_id from session as s where s.contact_id = c.id order by s.begun_at desc limit 1
        )) as counselor_id
      from contact as c left join lateral (
        select closed_at is null as is_open, owner_id from escalation
        where contact_id = c.id order by closed_at is null desc, declared_at desc limit 1
      ) as e on true
      where c.id = {contact_id}
    ) as whose on true"""  # noqa: S608  the text is ours
    for thing, contact_id in _CONTACT_OF.items()
}


async def find_asking(
    connection: Connection, vault: Vault, token_hash: bytes, now: datetime, thing: Thing, thing_id: UUID
) -> tuple[Known, Whose | None] | None:
    """Whose sign-in this is, and whose the contact is that a thing belongs to; two looks in one.

    None when nobody is signed in so; None for the contact when there is no such thing.
    """
    row = await connection.fetchrow(_ASKING[thing], token_hash, now, thing_id)
    if row is None:
        return None
    whose = None
    if row["contact_id"] is not None:
        whose = Whose(
            contact_id=row["contact_id"],
            centre_id=row["contact_centre_id"],
            counselor_id=row["counselor_id"],
            is_escalated=row["is_escalated"],
            escalation_owner_id=row["escalation_owner_id"],
        )
    return sign_in.known(row, vault), whose
