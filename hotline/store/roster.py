"""Who can be paged: crisis teams and those on call, by centre; and where nobody could acknowledge."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from hotline.base.errors import Absent
from hotline.domain.coverage import Gap
from hotline.domain.ladder import (
    DUTY_MANAGER,
    EVERYONE,
    NOBODY,
    ON_CALL,
    ON_DUTY,
    SUPERVISORS,
    TEAM,
    LadderBook,
    Ladders,
    Responder,
    Roster,
)
from hotline.domain.level import Level
from hotline.domain.team import CrisisTeam, Watch
from hotline.store.driver import Connection, Record
from hotline.store.layouts import GAP, TEAM as TEAMS, WATCH
from hotline.store.statements import statement
from hotline.store.unit import Unit
from hotline.store.vault import Vault

WATCHES_MAX: Final = 1000
FAR: Final = 2
"""How far a team is that is at home elsewhere; below 0, it is at home where the person is."""


async def roster(
    connection: Connection, centre_id: UUID, level: Level, now: datetime, contact_id: UUID | None = None
) -> Roster:
    """Who can be paged for a centre: its own people first, then those of the centres above.

    Within a centre those who are connected come first, in a team those who are first in its order. Only
    those are in it who may acknowledge. A group that is empty falls back to a wider one. Where the level
    calls nobody in, nobody is looked up. Where it is known in which region the person of `contact_id` is, the
    teams of that region come first, and those of other regions are left out.
    """
    if not level.needs_escalation:
        return NOBODY
    return await everybody(connection, centre_id, now, contact_id)


async def everybody(
    connection: Connection, centre_id: UUID, now: datetime, contact_id: UUID | None = None
) -> Roster:
    """As `roster`, whatever it is for."""
    return _grouped(await connection.fetch(statement("roster"), centre_id, now, contact_id, None))


async def at_home(connection: Connection, centre_id: UUID, region: str, now: datetime) -> Roster:
    """The crisis teams that are at home in a region: whoever is on call, else their members."""
    rows = await connection.fetch(statement("roster"), centre_id, now, None, region)
    return {TEAM: _grouped([row for row in rows if (row["distance"] or 0) < 0])[TEAM]}


def _grouped(rows: Sequence[Record]) -> Roster:

    def those(holds: Callable[[Record], bool], among: Iterable[Record] = rows) -> list[Responder]:
        return [_responder(row) for row in among if holds(row)]

    team = sorted((row for row in rows if row["place"] is not None), key=lambda row: row["place"])
    responders = those(lambda row: "responder" in row["roles"])
    supervisors = those(lambda row: "supervisor" in row["roles"])
    managers = those(lambda row: "admin" in row["roles"])
    near = [row for row in team if row["distance"] < FAR]
    on_call = [those(lambda row: "team" in row["positions"], among) for among in (near, team)]
    return {
        TEAM: on_call[0] or on_call[1] or those(lambda _: True, near or team) or responders,
        "responders": responders,
        SUPERVISORS: those(lambda row: "supervisor" in row["positions"]) or supervisors,
        "managers": managers or supervisors,
        DUTY_MANAGER: those(lambda row: "manager" in row["positions"]) or managers or supervisors,
        ON_CALL: those(lambda row: bool(row["positions"])),
        ON_DUTY: those(lambda row: row["is_on_duty"] and "supervisor" in row["roles"]),
        EVERYONE: those(lambda _: True),
    }


async def strangers(connection: Connection, names: Iterable[str]) -> frozenset[str]:
    """Those names that no centre has."""
    asked = frozenset(names)
    rows = await connection.fetch("select name from centre where name = any($1)", list(asked))
    return asked - {row["name"] for row in rows}


async def ladders(connection: Connection, book: LadderBook, centre_id: UUID) -> Ladders:
    """The ladders that a centre's escalations climb: its own, the nearest above's, or the house's."""
    if not book.of_centres:
        return book.default
    rows = await connection.fetch(statement("centres_above"), centre_id)
    return book.nearest([row["name"] for row in rows])


def _responder(row: Record) -> Responder:
    return Responder(
        staff_id=row["id"],
        has_telephone=row["has_telephone"],
        has_mail=row["has_mail"],
        is_at_desk=row["is_on_duty"],
    )


async def teams_of(connection: Connection, vault: Vault, centre_ids: Iterable[UUID]) -> list[CrisisTeam]:
    """The teams of these centres that are in use."""
    rows = await connection.fetch(
        "select * from crisis_team where centre_id = any($1) and retired_at is null order by name, id",
        list(centre_ids),
    )
    return [TEAMS.entity(row, vault) for row in rows]


async def watches_of(
    connection: Connection, vault: Vault, centre_ids: Iterable[UUID], since: datetime
) -> list[Watch]:
    """Who is on call in these centres, from `since` on, in order."""
    rows = await connection.fetch(
        """select * from on_call where centre_id = any($1) and withdrawn_at is null and ends_at > $2
           order by begins_at, id limit $3""",
        list(centre_ids),
        since,
        WATCHES_MAX,
    )
    return [WATCH.entity(row, vault) for row in rows]


async def get_team(connection: Connection, vault: Vault, team_id: UUID) -> CrisisTeam:
    """A team.

    Raises:
        Absent: there is no such team.
    """
    row = await connection.fetchrow("select * from crisis_team where id = $1", team_id)
    if row is None:
        raise Absent("team.absent", "There is no such team.")
    return TEAMS.entity(row, vault)


async def lock_team(unit: Unit, team_id: UUID) -> CrisisTeam:
    """Lock a team.

    Raises:
        Absent: there is no such team.
    """
    row = await unit.connection.fetchrow("select * from crisis_team where id = $1 for update", team_id)
    if row is None:
        raise Absent("team.absent", "There is no such team.")
    return unit.loaded(CrisisTeam, row)


async def lock_watch(unit: Unit, watch_id: UUID) -> Watch:
    """Lock a watch.

    Raises:
        Absent: there is no such watch.
    """
    row = await unit.connection.fetchrow("select * from on_call where id = $1 for update", watch_id)
    if row is None:
        raise Absent("watch.absent", "There is no such watch.")
    return unit.loaded(Watch, row)


async def uncovered(connection: Connection, now: datetime) -> frozenset[UUID]:
    """Centres with a line that is open at `now`, for which nobody who may acknowledge is at a desk."""
    rows = await connection.fetch(statement("uncovered"), now)
    return frozenset(row["centre_id"] for row in rows)


async def gaping(connection: Connection, vault: Vault) -> list[Gap]:
    """Every gap in the cover that has not ended."""
    rows = await connection.fetch("select * from coverage_gap where ended_at is null")
    return [GAP.entity(row, vault) for row in rows]


async def told(connection: Connection, gap_id: UUID) -> frozenset[UUID]:
    """Who has been called about a gap."""
    rows = await connection.fetch("select distinct staff_id from page where about_id = $1", gap_id)
    return frozenset(row["staff_id"] for row in rows)


async def lock_gap(unit: Unit, gap_id: UUID) -> Gap | None:
    """Lock a gap, or None when somebody else sees to it."""
    row = await unit.connection.fetchrow(
        "select * from coverage_gap where id = $1 for update skip locked", gap_id
    )
    return None if row is None else unit.loaded(Gap, row)
