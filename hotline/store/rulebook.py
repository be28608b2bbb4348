"""Rulebooks: which is in use, versions and changes, replays and their contacts, who judges by what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from hotline.base.errors import Absent, Unreachable
from hotline.domain.contact import Contact
from hotline.domain.message import Message
from hotline.domain.replay import Line, Said as Spoken
from hotline.domain.rulebook import Activation, Change, Files, Replay, Version
from hotline.store.driver import Connection
from hotline.store.layouts import (
    CONTACT,
    MESSAGE,
    RULEBOOK_ACTIVATION,
    RULEBOOK_CHANGE,
    RULEBOOK_REPLAY,
    RULEBOOK_VERSION,
)
from hotline.store.unit import Unit
from hotline.store.vault import Vault

GONE: Final = timedelta(seconds=30)
"""A node that has not said for so long by which version it judges has stopped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a process says of itself: by which version it judges, and why not by the one in use."""

    name: str
    kind: str
    digest: str
    fault: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Node(Said):
    """A process that judges, and when it last said so."""

    at: datetime


async def in_use(connection: Connection) -> str | None:
    """The hash of the version in use; None before the first start."""
    return await connection.fetchval("select digest from rulebook_activation order by number desc limit 1")


async def find_standing(connection: Connection, vault: Vault) -> Activation | None:
    """The latest activation."""
    row = await connection.fetchrow("select * from rulebook_activation order by number desc limit 1")
    return None if row is None else RULEBOOK_ACTIVATION.entity(row, vault)


async def get_standing(connection: Connection, vault: Vault) -> Activation:
    """The latest activation.

    Raises:
        Unreachable: nothing is in use yet; the first node that starts sees to that.
    """
    found = await find_standing(connection, vault)
    if found is None:
        raise Unreachable("rulebook.absent", "No rulebook is in use yet; try again when the service is up.")
    return found


async def activations(connection: Connection, vault: Vault, most: int) -> list[Activation]:
    """What was in use, the latest first."""
    rows = await connection.fetch("select * from rulebook_activation order by number desc limit $1", most)
    return [RULEBOOK_ACTIVATION.entity(row, vault) for row in rows]


async def files(connection: Connection, digest: str) -> Files:
    """The files of a version.

    Raises:
        Absent: there is none of this hash.
    """
    found = await connection.fetchval("select files from rulebook_version where digest = $1", digest)
    if found is None:
        raise Absent("rulebook.version", "There is no such version of the rulebook.")
    return found


async def find_digest(connection: Connection, begins: str) -> str | None:
    """The hash of the one version whose hash begins so; None where there is none, or more than one."""
    rows = await connection.fetch(
        "select digest from rulebook_version where starts_with(digest, $1) limit 2", begins
    )
    return rows[0]["digest"] if len(rows) == 1 else None


async def find_version(connection: Connection, vault: Vault, digest: str) -> Version | None:
    """A version by its hash."""
    row = await connection.fetchrow("select * from rulebook_version where digest = $1", digest)
    return None if row is None else RULEBOOK_VERSION.entity(row, vault)


async def newer_shipped(connection: Connection, number: int) -> str | None:
    """A version that came with a release and was never put into use, though people chose the present one."""
    return await connection.fetchval(
        """select v.digest from rulebook_version as v
           where v.made_by is null and v.made_at > (select at from rulebook_activation where number = $1)
             and not exists (select 1 from rulebook_activation as a where a.version_id = v.id)
           order by v.made_at desc limit 1""",
        number,
    )


async def get_change(connection: Connection, vault: Vault, change_id: UUID) -> Change:
    """A change as it stands.

    Raises:
        Absent: there is none.
    """
    found = await find_change(connection, vault, change_id)
    if found is None:
        raise _no_change()
    return found


async def lock_change(unit: Unit, change_id: UUID) -> Change:
    """A change, held until the step is over.

    Raises:
        Absent: there is none.
    """
    row = await unit.connection.fetchrow("select * from rulebook_change where id = $1 for update", change_id)
    if row is None:
        raise _no_change()
    return unit.loaded(Change, row)


async def find_change(connection: Connection, vault: Vault, change_id: UUID) -> Change | None:
    """A change, if there is one of this id."""
    row = await connection.fetchrow("select * from rulebook_change where id = $1", change_id)
    return None if row is None else RULEBOOK_CHANGE.entity(row, vault)


async def open_changes(connection: Connection, vault: Vault, most: int) -> list[Change]:
    """What people are at work on, the latest first."""
    rows = await connection.fetch(
        """select * from rulebook_change where state in ('draft', 'proposed')
           order by made_at desc limit $1""",
        most,
    )
    return [RULEBOOK_CHANGE.entity(row, vault) for row in rows]


async def find_replay(connection: Connection, vault: Vault, replay_id: UUID) -> Replay | None:
    """A replay, if there is one of this id."""
    row = await connection.fetchrow("select * from rulebook_replay where id = $1", replay_id)
    return None if row is None else RULEBOOK_REPLAY.entity(row, vault)


async def last_replay(connection: Connection, vault: Vault, change_id: UUID) -> Replay | None:
    """The latest replay that somebody asked for of a change."""
    row = await connection.fetchrow(
        "select * from rulebook_replay where change_id = $1 order by asked_at desc, id desc limit 1",
        change_id,
    )
    return None if row is None else RULEBOOK_REPLAY.entity(row, vault)


async def lock_undone(unit: Unit, silent_before: datetime) -> Replay | None:
    """A replay that waits, or whose worker has fallen silent."""
    row = await unit.connection.fetchrow(
        """select * from rulebook_replay
           where state = 'waiting' or (state = 'running' and beat_at < $1)
           order by asked_at limit 1 for update skip locked""",
        silent_before,
    )
    return None if row is None else unit.loaded(Replay, row)


async def lock_replay(unit: Unit, replay_id: UUID) -> Replay | None:
    """A replay, held until the step is over."""
    row = await unit.connection.fetchrow("select * from rulebook_replay where id = $1 for update", replay_id)
    return None if row is None else unit.loaded(Replay, row)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """How far a replay has come: behind this contact."""

    arrived_at: datetime
    contact_id: UUID


async def said_since(connection: Connection, vault: Vault, after: Place, most: int) -> list[Spoken]:
    """The next contacts with what their callers wrote, in the order in which they arrived."""
    rows = await connection.fetch(
        """select k.* from centre as c cross join lateral (
             select * from contact where centre_id = c.id and (arrived_at, id) > ($1, $2)
             order by arrived_at, id limit $3) as k
           order by k.arrived_at, k.id limit $3""",
        after.arrived_at,
        after.contact_id,
        most,
    )
    contacts: list[Contact] = [CONTACT.entity(row, vault) for row in rows]
    lines: dict[UUID, list[Line]] = {contact.id: [] for contact in contacts}
    said = await connection.fetch(
        """select * from message where contact_id = any($1) and sender <> 'system'
           order by contact_id, seq""",
        list(lines),
    )
    for row in said:
        one: Message = MESSAGE.entity(row, vault)
        lines[one.contact_id].append(
            Line(sender=one.sender, words=one.words.reveal(), at=one.at, seq=one.seq)
        )
    return [Spoken(contact=contact, lines=tuple(lines[contact.id])) for contact in contacts]


async def note_node(connection: Connection, node: Said) -> None:
    """A process says by which version it judges; by the database's own clock."""
    await connection.execute(
        """insert into rulebook_node (name, kind, digest, fault, at) values ($1, $2, $3, $4, now())
           on conflict (name) do update
           set digest = excluded.digest, fault = excluded.fault, at = excluded.at""",
        node.name,
        node.kind,
        node.digest,
        node.fault,
    )


async def forget_gone(connection: Connection) -> None:
    """Processes that ended long ago go from the list; each start makes a new one."""
    await connection.execute("delete from rulebook_node where at < now() - 20 * $1::interval", GONE)


async def nodes(connection: Connection) -> Sequence[Node]:
    """The processes that judge at this moment."""
    rows = await connection.fetch(
        "select * from rulebook_node where at > now() - $1::interval order by kind, name", GONE
    )
    return [Node(**row) for row in rows]


def _no_change() -> Absent:
    return Absent("change.absent", "There is no such draft.")
