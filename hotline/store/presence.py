"""Presence rows, and the loads that states are derived from."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hotline.base.errors import Absent
from hotline.domain.presence import FREE, Load, Presence
from hotline.store.driver import Connection, Record
from hotline.store.layouts import PRESENCE
from hotline.store.statements import statement
from hotline.store.unit import Unit
from hotline.store.vault import Vault


async def lock(unit: Unit, staff_id: UUID) -> Presence:
    """Lock a person's presence.

    Raises:
        Absent: the person has none; it is made with the person.
    """
    row = await unit.connection.fetchrow("select * from presence where id = $1 for update", staff_id)
    if row is None:
        raise Absent("presence.absent", "There is no such member of staff.")
    return unit.loaded(Presence, row)


async def lock_free(unit: Unit, staff_ids: Iterable[UUID]) -> list[Presence]:
    """Lock those of these presences that nobody else holds, in the order of their ids."""
    rows = await unit.connection.fetch(
        "select * from presence where id = any($1) order by id for update skip locked", list(staff_ids)
    )
    return [unit.loaded(Presence, row) for row in rows]


@dataclass(frozen=True, slots=True)
class Held:
    """What a counselor holds: the load, and the chat slots in use."""

    load: Load = FREE
    chat_slots: frozenset[int] = frozenset()


async def held_by(connection: Connection, staff_ids: Iterable[UUID]) -> dict[UUID, Held]:
    """What each of them holds; those who hold nothing are not in it."""
    rows = await connection.fetch(statement("loads"), list(staff_ids))
    return {row["counselor_id"]: held(row) for row in rows}


def held(row: Record) -> Held:
    """What the person of a row of `loads` holds."""
    return Held(
        load=Load(
            offered=row["offered"],
            connecting=row["connecting"],
            voice_talking=row["voice_talking"],
            chats_talking=row["chats_talking"],
            wrapping=row["wrapping"],
            grave=row["grave"],
            since=row["since"],
        ),
        chat_slots=frozenset(row["chat_slots"] or ()),
    )


async def beat(connection: Connection, staff_ids: Iterable[UUID], now: datetime) -> frozenset[UUID]:
    """Note the heartbeats of those who are connected, and give them back.

    Left out is whoever was silent, and whoever's row a step holds at this moment: nobody waits for it.
    """
    rows = await connection.fetch(statement("beat"), list(staff_ids), now)
    return frozenset(row["id"] for row in rows)


async def silent(connection: Connection, before: datetime, most: int) -> list[UUID]:
    """People still counted as connected whose last heartbeat is older than `before`.

    Read from all who are connected: an index in the order of silence would have to take in every heartbeat.
    """
    rows = await connection.fetch(
        "select id from presence where is_connected and heartbeat_at < $1 order by heartbeat_at limit $2",
        before,
        most,
    )
    return [row["id"] for row in rows]


async def rested(connection: Connection, now: datetime, most: int) -> list[UUID]:
    """People whose wrap-up minimum has passed."""
    rows = await connection.fetch(
        "select id from presence where free_at <= $1 order by free_at limit $2", now, most
    )
    return [row["id"] for row in rows]


async def get(connection: Connection, vault: Vault, staff_id: UUID) -> Presence:
    """A person's presence as it stands.

    Raises:
        Absent: the person has none; it is made with the person.
    """
    row = await connection.fetchrow("select * from presence where id = $1", staff_id)
    if row is None:
        raise Absent("presence.absent", "There is no such member of staff.")
    return PRESENCE.entity(row, vault)


async def is_needed(connection: Connection, centre_id: UUID) -> bool:
    """Whether somebody in danger waits at this centre and is offered to nobody."""
    return bool(
        await connection.fetchval(
            """select exists (select 1 from contact where centre_id = $1 and state = 'waiting'
                 and (level in ('high', 'imminent') or subject_level in ('high', 'imminent')
                   or (form->>'crisis_key')::boolean))""",
            centre_id,
        )
    )
