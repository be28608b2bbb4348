"""Staff, centres and lines."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hotline.base.errors import Absent
from hotline.domain import presence as presences
from hotline.domain.centre import Centre, Channel, Line
from hotline.domain.presence import FREE, Choice, Load, Presence
from hotline.domain.routing import Candidate, Repertoire
from hotline.domain.staff import Device, Staff
from hotline.store.contact import DECLINED_MAX
from hotline.store.driver import Connection, Record
from hotline.store.layouts import CENTRE, LINE, PRESENCE, STAFF
from hotline.store.presence import Held, held, held_by
from hotline.store.statements import statement
from hotline.store.unit import Unit
from hotline.store.vault import Vault


@dataclass(frozen=True, slots=True)
class Account:
    """A member of staff with the hash that a sign-in is checked against."""

    staff: Staff
    password_hash: str


async def add(unit: Unit, staff: Staff, password_hash: str, now: datetime) -> None:
    """Store a new member of staff, signed out."""
    values = STAFF.values(staff, unit.vault) | {"password_hash": password_hash}
    columns = ", ".join(values)
    marks = ", ".join(f"${number}" for number in range(1, len(values) + 1))
    await unit.connection.execute(f"insert into staff ({columns}) values ({marks})", *values.values())  # noqa: S608
    first = PRESENCE.values(presences.first(staff.id, staff.centre_id, now), unit.vault)
    columns = ", ".join(first)
    marks = ", ".join(f"${number}" for number in range(1, len(first) + 1))
    await unit.connection.execute(f"insert into presence ({columns}) values ({marks})", *first.values())  # noqa: S608


async def find_account(connection: Connection, vault: Vault, login: str) -> Account | None:
    """The active account behind a login name."""
    row = await connection.fetchrow("select * from staff where login = $1 and is_active", login)
    return None if row is None else Account(STAFF.entity(row, vault), row["password_hash"])


async def get(connection: Connection, vault: Vault, staff_id: UUID) -> Staff:
    """A member of staff.

    Raises:
        Absent: there is no such person.
    """
    row = await connection.fetchrow("select * from staff where id = $1", staff_id)
    if row is None:
        raise Absent("staff.absent", "There is no such member of staff.")
    return STAFF.entity(row, vault)


async def by_ids(connection: Connection, vault: Vault, staff_ids: Iterable[UUID]) -> dict[UUID, Staff]:
    """Members of staff by id."""
    rows = await connection.fetch("select * from staff where id = any($1)", list(staff_ids))
    return {row["id"]: STAFF.entity(row, vault) for row in rows}


async def names(connection: Connection, vault: Vault, staff_ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """The names of members of staff by id; None among them is nobody."""
    wanted = {each for each in staff_ids if each is not None}
    people = await by_ids(connection, vault, wanted) if wanted else {}
    return {person.id: person.name.reveal() for person in people.values()}


async def of_centres(connection: Connection, vault: Vault, centre_ids: Iterable[UUID]) -> list[Staff]:
    """Everybody active in these centres."""
    rows = await connection.fetch(
        "select * from staff where centre_id = any($1) and is_active", list(centre_ids)
    )
    return [STAFF.entity(row, vault) for row in rows]


@dataclass(frozen=True, slots=True)
class Shown:
    """A member of staff as screens show one."""

    staff: Staff
    presence: Presence
    load: Load


async def shown(connection: Connection, vault: Vault, staff_ids: Iterable[UUID]) -> list[Shown]:
    """What screens show of these members of staff, as of one moment."""
    rows = await connection.fetch(
        f"""with held as ({statement("loads")})
            select s as staff, p as presence, held.*
            from staff as s join presence as p on p.id = s.id left join held on held.counselor_id = s.id
            where s.id = any($1)""",  # noqa: S608  the text is ours
        list(staff_ids),
    )
    return [
        Shown(
            STAFF.entity(row["staff"], vault),
            PRESENCE.entity(row["presence"], vault),
            held(row).load if row["counselor_id"] else FREE,
        )
        for row in rows
    ]


async def presences_of(
    connection: Connection, vault: Vault, staff_ids: Iterable[UUID]
) -> dict[UUID, Presence]:
    """Presence by staff id."""
    rows = await connection.fetch("select * from presence where id = any($1)", list(staff_ids))
    return {row["id"]: PRESENCE.entity(row, vault) for row in rows}


async def candidates(connection: Connection, vault: Vault, centre_id: UUID, each_max: int) -> list[Candidate]:
    """The counselors of a centre to whom something may be offered; the longest idle of every kind.

    They hold nothing, or chats that leave room for another contact.
    """
    rows = await connection.fetch(statement("candidates"), centre_id, each_max, DECLINED_MAX)
    return [
        _candidate(
            row,
            PRESENCE.entity(row["presence"], vault),
            Held(
                load=Load(chats_talking=row["held"], since=row["since"]),
                chat_slots=frozenset(row["slots"] or ()),
            ),
        )
        for row in rows
    ]


async def counselors(connection: Connection, vault: Vault, centre_id: UUID) -> list[Candidate]:
    """Every counselor of a centre as routing would see them, ready or not."""
    rows = await connection.fetch(
        """select s.id, s.languages, s.skills, s.chat_capacity, s.device, p as presence
           from presence as p join staff as s on s.id = p.id
           where p.centre_id = $1 and s.is_active and 'counselor' = any(s.roles)""",
        centre_id,
    )
    holding = await held_by(connection, [row["id"] for row in rows])
    return [
        _candidate(row, PRESENCE.entity(row["presence"], vault), holding.get(row["id"], Held()))
        for row in rows
    ]


async def repertoires(connection: Connection, centre_id: UUID) -> list[Repertoire]:
    """What those on duty in a centre can do, each combination once; whether they are free or not."""
    rows = await connection.fetch(statement("repertoires"), centre_id)
    return [
        Repertoire(languages=frozenset(row["languages"]), skills=frozenset(row["skills"])) for row in rows
    ]


def _candidate(row: Record, presence: Presence, holds: Held) -> Candidate:
    return Candidate(
        id=presence.id,
        languages=frozenset(row["languages"]),
        skills=frozenset(row["skills"]),
        standing=presences.derive(presence, holds.load),
        load=holds.load,
        idle_since=max(presence.idle_since, presence.since),
        device=Device(row["device"]),
        chat_capacity=row["chat_capacity"],
        chat_slots_taken=holds.chat_slots,
        is_free=presence.free_at is None,
        is_present=presence.choice is Choice.READY and presence.is_connected,
    )


async def reach_of(connection: Connection, centre_id: UUID) -> frozenset[UUID]:
    """The centre itself and every centre below it."""
    rows = await connection.fetch(
        """with recursive below as (
             select id from centre where id = $1
             union all select c.id from centre as c join below on c.parent_id = below.id)
           select id from below""",
        centre_id,
    )
    return frozenset(row["id"] for row in rows)


async def above(connection: Connection, centre_id: UUID) -> tuple[UUID, ...]:
    """The centre itself, then its parents up to the root."""
    rows = await connection.fetch(
        """with recursive above as (
             select id, parent_id, 0 as height from centre where id = $1
             union all
             select c.id, c.parent_id, height + 1 from centre as c join above on c.id = above.parent_id)
           select id from above order by height""",
        centre_id,
    )
    return tuple(row["id"] for row in rows)


async def get_centre(connection: Connection, vault: Vault, centre_id: UUID) -> Centre:
    """A centre.

    Raises:
        Absent: there is no such centre.
    """
    row = await connection.fetchrow("select * from centre where id = $1", centre_id)
    if row is None:
        raise Absent("centre.absent", "There is no such centre.")
    return CENTRE.entity(row, vault)


async def find_centre(connection: Connection, name: str, parent_id: UUID | None) -> UUID | None:
    """The id of the centre of this name beneath `parent_id`, or at the root."""
    return await connection.fetchval(
        "select id from centre where name = $1 and parent_id is not distinct from $2", name, parent_id
    )


async def known_logins(connection: Connection, logins: Iterable[str]) -> frozenset[str]:
    """Which of these logins are taken."""
    rows = await connection.fetch("select login from staff where login = any($1)", list(logins))
    return frozenset(row["login"] for row in rows)


async def by_logins(connection: Connection, vault: Vault, logins: Iterable[str]) -> dict[str, Staff]:
    """Members of staff by login."""
    rows = await connection.fetch("select * from staff where login = any($1)", list(logins))
    return {row["login"]: STAFF.entity(row, vault) for row in rows}


async def find_line(connection: Connection, vault: Vault, channel: Channel, address: str) -> Line | None:
    """The line with this number or slug."""
    row = await connection.fetchrow(
        "select * from line where channel = $1 and address = $2", channel.value, address
    )
    return None if row is None else LINE.entity(row, vault)


async def get_line(connection: Connection, vault: Vault, line_id: UUID) -> Line:
    """A line.

    Raises:
        Absent: there is no such line.
    """
    row = await connection.fetchrow("select * from line where id = $1", line_id)
    if row is None:
        raise Absent("line.absent", "There is no such line.")
    return LINE.entity(row, vault)


async def lines(connection: Connection, vault: Vault) -> list[Line]:
    """Every line."""
    return [LINE.entity(row, vault) for row in await connection.fetch("select * from line order by address")]
