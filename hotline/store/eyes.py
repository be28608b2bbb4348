"""Whose a contact is, as far as it decides who may see it: one question for every request of the console."""

from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

from hotline.store.driver import Connection

Thing = Literal["contact", "session", "escalation"]
"""What a path names; each belongs to one contact for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Whose:
    """A contact's centre, the counselor who holds it or held it last, and its latest escalation, if any."""

    contact_id: UUID
    centre_id: UUID
    counselor_id: UUID | None
    escalation_state: str | None
    escalation_owner_id: UUID | None


_CONTACT_OF: Final = {
    "contact": "$1",
    "session": "(select contact_id from session where id = $1)",
    "escalation": "(select contact_id from escalation where id = $1)",
}
_WHOSE: Final = {
    thing: f"""
    select c.id as contact_id, c.centre_id, e.state as escalation_state, e.owner_id as escalation_owner_id,
      coalesce(c.counselor_id, (
        select s.staff_id from session as s where s.contact_id = c.id order by s.begun_at desc limit 1
      )) as counselor_id
    from contact as c left join lateral (
      select state, owner_id from escalation where contact_id = c.id order by declared_at desc limit 1
    ) as e on true
    where c.id = {contact_id}"""  # noqa: S608  the text is ours
    for thing, contact_id in _CONTACT_OF.items()
}


async def find_whose(connection: Connection, thing: Thing, thing_id: UUID) -> Whose | None:
    """Whose the contact is that this thing belongs to; None when there is no such thing."""
    row = await connection.fetchrow(_WHOSE[thing], thing_id)
    return None if row is None else Whose(**row)
