"""Contacts and their journeys: locking, finding, what is waiting."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final, Literal, TypeVar
from uuid import UUID

from hotline.base.errors import Absent
from hotline.domain.centre import Channel
from hotline.domain.contact import Contact
from hotline.domain.escalation import Escalation
from hotline.domain.joint import Journey
from hotline.domain.level import Level
from hotline.domain.offer import Offer
from hotline.domain.queue import Need
from hotline.domain.routing import Reach, Waiting
from hotline.domain.session import Session
from hotline.store.driver import Connection, Record
from hotline.store.layouts import CONTACT, ESCALATION, SESSION
from hotline.store.statements import statement
from hotline.store.unit import Unit
from hotline.store.vault import Vault

Child = Literal[
    "offer", "session", "escalation", "task", "subject", "restriction", "dispatch", "opening", "assist"
]
"""What belongs to one contact for ever."""


async def lock_journey(unit: Unit, contact_id: UUID) -> Journey:
    """Lock a contact, and load everything that moves with it.

    Raises:
        Absent: there is no such contact.
    """
    journey = await _locked(unit, "select * from lock_journey($1, true)", contact_id)
    if journey is None:
        raise Absent("contact.absent", "There is no such contact.")
    return journey


async def lock_journey_of(unit: Unit, what: Child, child_id: UUID) -> Journey:
    """As `lock_journey`, by the id of something that belongs to the contact.

    Raises:
        Absent: there is no such thing.
    """
    query = f"select * from lock_journey((select contact_id from {what} where id = $1), true)"  # noqa: S608
    journey = await _locked(unit, query, child_id)
    if journey is None:
        raise Absent(f"{what}.absent", f"There is no such {what}.")
    return journey


async def lock_journey_if_free(unit: Unit, contact_id: UUID) -> Journey | None:
    """As `lock_journey`, or None when somebody else holds it: for sweeps, which come again."""
    return await _locked(unit, "select * from lock_journey($1, false)", contact_id)


async def lock_waiting(unit: Unit, contact_ids: Iterable[UUID]) -> dict[UUID, Journey]:
    """Lock those of these contacts that still wait and that nobody else holds, in the order of their ids."""
    rows = await unit.connection.fetch(statement("contact_lock_waiting"), list(contact_ids))
    return {row["id"]: await _waiting_journey(unit, row) for row in rows}


async def _waiting_journey(unit: Unit, row: Record) -> Journey:
    """Who waits has neither offer nor session; an escalation only where danger was seen."""
    contact = unit.loaded(Contact, row)
    if contact.gravest.needs_escalation or contact.level_is_human:
        return await lock_journey(unit, contact.id)
    return Journey(contact=contact)


Part = TypeVar("Part", Offer, Session, Escalation)


async def _locked(unit: Unit, query: str, of_what: UUID) -> Journey | None:
    row = await unit.connection.fetchrow(query, of_what)
    if row is None:
        return None
    return Journey(
        contact=unit.loaded(Contact, row["contact"]),
        offer=_part(unit, Offer, row["offer"]),
        session=_part(unit, Session, row["session"]),
        escalation=_part(unit, Escalation, row["escalation"]),
    )


def _part(unit: Unit, kind: type[Part], record: Record | None) -> Part | None:
    return None if record is None or record["id"] is None else unit.loaded(kind, record)


async def of_session(connection: Connection, session_id: UUID) -> UUID:
    """The contact of a session.

    Raises:
        Absent: there is no such session.
    """
    return await _parent(connection, "select contact_id from session where id = $1", session_id, "session")


async def of_escalation(connection: Connection, escalation_id: UUID) -> UUID:
    """The contact of an escalation.

    Raises:
        Absent: there is no such escalation.
    """
    return await _parent(
        connection, "select contact_id from escalation where id = $1", escalation_id, "escalation"
    )


async def _parent(connection: Connection, query: str, child_id: UUID, what: str) -> UUID:
    found = await connection.fetchval(query, child_id)
    if found is None:
        raise Absent(f"{what}.absent", f"There is no such {what}.")
    return UUID(str(found))


DECLINED_MAX: Final = 200
"""So many waiting contacts that somebody has declined are looked at besides the heads of the queue."""


async def waiting_heads(
    connection: Connection, centre_id: UUID, reach: Reach, each_max: int, relaxed_before: datetime
) -> list[Waiting]:
    """The waiting contacts of a centre that matter to routing, in their order: of every need the first few.

    Of each need within reach the first `each_max`, for each kind of counselor (wholly free or not, with the
    skills or only without: whoever joined before `relaxed_before` may do without); of those needs that
    everybody can meet, at least the first `each_max` in all; and besides, those that somebody declined.
    """
    rows = await connection.fetch(
        statement("waiting_heads"),
        centre_id,
        each_max,
        DECLINED_MAX,
        relaxed_before,
        list(reach.engaged),
        list(reach.some.languages),
        list(reach.some.skills),
        list(reach.every.languages),
        list(reach.every.skills),
    )
    return [waiting_of(row) for row in rows]


async def first_waiting(connection: Connection, centre_id: UUID, most: int) -> list[UUID]:
    """The first who wait in a centre, by place alone and without reading what is sealed."""
    rows = await connection.fetch(
        "select id from contact where centre_id = $1 and state = 'waiting' order by rank, id limit $2",
        centre_id,
        most,
    )
    return [row["id"] for row in rows]


def waiting_of(row: Record) -> Waiting:
    """A waiting contact's row as routing sees it."""
    return Waiting(
        id=row["id"],
        channel=Channel(row["channel"]),
        rank=row["rank"],
        need=Need.from_key(row["need"]),
        level=Level.highest(Level.parse(row["level"]), Level.parse(row["subject_level"])),
        joined_at=row["joined_at"],
        since=row["since"],
        declined_by=tuple(row["declined_by"]),
    )


async def centres_with_waiting(connection: Connection) -> list[UUID]:
    """The centres in which somebody waits."""
    rows = await connection.fetch(statement("waiting_centres"))
    return [row["centre_id"] for row in rows]


AHEAD_MAX: Final = 100
"""A place beyond this is not told: nobody is helped by hearing that they are the 340th."""


async def ahead_of(connection: Connection, contact: Contact) -> int | None:
    """How many contacts of the same centre wait before this one; None beyond `AHEAD_MAX`."""
    ahead = await connection.fetchval(
        statement("queue_ahead"),
        contact.centre_id,
        contact.rank,
        contact.id,
        AHEAD_MAX + 1,
    )
    return None if ahead > AHEAD_MAX else int(ahead)


async def due_to_age(connection: Connection, now: datetime, most: int) -> list[UUID]:
    """Waiting contacts whose rank has to be worked out anew."""
    return await _ids(
        connection,
        "select id from contact where state = 'waiting' and ages_at <= $1 order by ages_at limit $2",
        now,
        most,
    )


async def silent_chats(connection: Connection, before: datetime, most: int) -> list[UUID]:
    """Chats not yet answered whose page has given no sign of life since `before`.

    Read from all that are not yet answered: an index in the order of silence would take in every sign.
    """
    return await _ids(
        connection,
        """select id from contact where channel = 'chat' and state in ('arriving', 'waiting', 'offered')
           and seen_at < $1 order by seen_at limit $2""",
        before,
        most,
    )


async def _ids(connection: Connection, query: str, *arguments: object) -> list[UUID]:
    return [row["id"] for row in await connection.fetch(query, *arguments)]


async def get(connection: Connection, vault: Vault, contact_id: UUID) -> Contact:
    """A contact as it stands.

    Raises:
        Absent: there is no such contact.
    """
    row = await connection.fetchrow("select * from contact where id = $1", contact_id)
    if row is None:
        raise Absent("contact.absent", "There is no such contact.")
    return CONTACT.entity(row, vault)


async def find_by_token(connection: Connection, vault: Vault, token_hash: bytes) -> Contact | None:
    """The chat behind a help-seeker's token."""
    row = await connection.fetchrow(
        "select * from contact where token_hash = $1 and channel = 'chat'", token_hash
    )
    return None if row is None else CONTACT.entity(row, vault)


async def last_session(connection: Connection, vault: Vault, contact_id: UUID) -> Session | None:
    """The contact's latest session, live or not."""
    row = await connection.fetchrow(
        "select * from session where contact_id = $1 order by begun_at desc limit 1", contact_id
    )
    return None if row is None else SESSION.entity(row, vault)


async def last_talk(connection: Connection, vault: Vault, contact_id: UUID) -> Session | None:
    """The contact's latest session in which somebody talked with the caller, and which is over."""
    row = await connection.fetchrow(
        """select * from session where contact_id = $1 and state in ('closed', 'interrupted')
           order by begun_at desc limit 1""",
        contact_id,
    )
    return None if row is None else SESSION.entity(row, vault)


async def session_of(unit: Unit, journey: Journey, session_id: UUID) -> Session:
    """A session of a locked contact by its id: the live one, or one that is over.

    Raises:
        Absent: there is no such session.
    """
    if journey.session is not None and journey.session.id == session_id:
        return journey.session
    row = await unit.connection.fetchrow(
        "select * from session where id = $1 and contact_id = $2", session_id, journey.contact.id
    )
    if row is None:
        raise Absent("session.absent", "There is no such session.")
    return unit.loaded(Session, row)


async def get_session(connection: Connection, vault: Vault, session_id: UUID) -> Session:
    """A session as it stands.

    Raises:
        Absent: there is no such session.
    """
    row = await connection.fetchrow("select * from session where id = $1", session_id)
    if row is None:
        raise Absent("session.absent", "There is no such session.")
    return SESSION.entity(row, vault)


async def last_escalation(connection: Connection, vault: Vault, contact_id: UUID) -> Escalation | None:
    """The contact's latest escalation, open or not."""
    row = await connection.fetchrow(statement("latest_escalation"), contact_id)
    return None if row is None else ESCALATION.entity(row, vault)


async def overdue_offers(connection: Connection, now: datetime, most: int) -> list[UUID]:
    """Contacts whose pending offer has passed its deadline."""
    rows = await connection.fetch(
        """select contact_id from offer where state = 'pending' and deadline_at <= $1
           order by deadline_at limit $2""",
        now,
        most,
    )
    return [row["contact_id"] for row in rows]


async def slow_connections(connection: Connection, before: datetime, most: int) -> list[UUID]:
    """Contacts that have been connecting since before `before`."""
    return await _ids(
        connection,
        "select id from contact where state = 'connecting' and since < $1 order by since limit $2",
        before,
        most,
    )


async def with_lost_counselor(
    connection: Connection, voice_before: datetime, chat_before: datetime, most: int
) -> list[UUID]:
    """Contacts in talk whose counselor has signed out, or whose page has been silent for too long.

    A counselor who talks by telephone needs no page for the talk; every chat needs one.
    """
    return await _ids(
        connection,
        """select c.id from contact as c
           join presence as p on p.id = c.counselor_id join staff as s on s.id = c.counselor_id
           where c.counselor_id is not null and c.state = 'talking'
             and (c.channel = 'chat' or s.device = 'browser')
             and (p.choice = 'signed_out'
                  or p.heartbeat_at < case c.channel when 'chat' then $2::timestamptz
                                                     else $1::timestamptz end)
           limit $3""",
        voice_before,
        chat_before,
        most,
    )
