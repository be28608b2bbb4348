"""Crisis teams and who is on call: read and changed by those who keep the roster of their centres."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hotline.base import ids
from hotline.base.errors import Absent, Refused
from hotline.domain import team as teams
from hotline.domain.access import Viewer
from hotline.domain.staff import Staff
from hotline.domain.team import CrisisTeam, Watch
from hotline.store import roster as store_roster, staff as store_staff
from hotline.store.unit import Store, Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Rostered:
    """Teams, watches that are not over, those who can be put into them, and the name of everybody in them."""

    teams: tuple[CrisisTeam, ...]
    watches: tuple[Watch, ...]
    able: tuple[Staff, ...]
    names: dict[UUID, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wished:
    """A watch as somebody wishes it."""

    centre_id: UUID
    staff_id: UUID
    position: str
    team_id: UUID | None
    begins_at: datetime
    ends_at: datetime


async def read(store: Store, viewer: Viewer, now: datetime) -> Rostered:
    """The teams and watches in reach."""
    async with store.connection() as connection:
        in_use = await store_roster.teams_of(connection, store.vault, viewer.reach)
        watches = await store_roster.watches_of(connection, store.vault, viewer.reach, now)
        people = await store_staff.of_centres(connection, store.vault, viewer.reach)
        named = {each for team in in_use for each in team.members} | {each.staff_id for each in watches}
        staff = await store_staff.by_ids(connection, store.vault, named)
    able = tuple(person for person in people if person.roles & teams.ABLE)
    names = {person.id: person.name.reveal() for person in (*staff.values(), *able)}
    return Rostered(teams=tuple(in_use), watches=tuple(watches), able=able, names=names)


async def found(store: Store, viewer: Viewer, centre_id: UUID, name: str, now: datetime) -> UUID:
    """Make a team of a centre in reach; its id.

    Raises:
        Absent: the centre is out of reach.
        Refused: it has no name.
    """
    _require_reach(viewer, centre_id, "centre")
    async with store.unit() as unit:
        team = CrisisTeam(id=ids.new_id(), centre_id=centre_id, name=name, members=(), made_at=now)
        await unit.save(teams.found(team, viewer.staff_id), now)
    return team.id


async def change(
    store: Store, viewer: Viewer, team_id: UUID, name: str, members: tuple[UUID, ...], now: datetime
) -> None:
    """Give a team its name, and its people in the order of calling.

    Raises:
        Absent: the team is out of reach, or somebody in it is nobody.
        Refused: somebody could not acknowledge, would not be called for this centre, or is in it twice.
    """
    async with store.unit() as unit:
        team = await _team(unit, viewer, team_id)
        people = await store_staff.by_ids(unit.connection, unit.vault, members)
        if set(members) - people.keys():
            raise Absent("staff.absent", "There is no such member of staff.")
        chosen = tuple(people[each] for each in members)
        above = await store_staff.above(unit.connection, team.centre_id)
        await unit.save(teams.change(team, name, chosen, viewer.staff_id, above=above), now)


async def place(store: Store, viewer: Viewer, team_id: UUID, region: str | None, now: datetime) -> None:
    """Say for whose region the team is called.

    Raises:
        Absent: the team is out of reach.
        Refused: it is no code of a region.
    """
    async with store.unit() as unit:
        team = await _team(unit, viewer, team_id)
        await unit.save(teams.place(team, region, viewer.staff_id), now)


async def retire(store: Store, viewer: Viewer, team_id: UUID, now: datetime) -> None:
    """The team is called no more.

    Raises:
        Absent: the team is out of reach.
    """
    async with store.unit() as unit:
        team = await _team(unit, viewer, team_id)
        await unit.save(teams.retire(team, viewer.staff_id, now), now)


async def put_on_call(store: Store, viewer: Viewer, wished: Wished, now: datetime) -> UUID:
    """Somebody is on call; the id of the watch.

    Raises:
        Absent: the centre, the team or the person is out of reach.
        Refused: the watch cannot be as it is wished.
    """
    _require_reach(viewer, wished.centre_id, "centre")
    async with store.unit() as unit:
        person = await store_staff.get(unit.connection, unit.vault, wished.staff_id)
        team = await _team(unit, viewer, wished.team_id) if wished.team_id is not None else None
        if team is not None and team.centre_id != wished.centre_id:
            raise Refused("oncall.team", "On call with a team, name a team of this centre.")
        watch = Watch(
            id=ids.new_id(),
            centre_id=wished.centre_id,
            staff_id=wished.staff_id,
            position=wished.position,
            team_id=wished.team_id,
            begins_at=wished.begins_at,
            ends_at=wished.ends_at,
            made_by=viewer.staff_id,
            made_at=now,
        )
        await unit.save(teams.put_on_call(watch, person, team), now)
    return watch.id


async def withdraw(store: Store, viewer: Viewer, watch_id: UUID, now: datetime) -> None:
    """The watch ends now, or never begins.

    Raises:
        Absent: there is no such watch in reach.
    """
    async with store.unit() as unit:
        watch = await store_roster.lock_watch(unit, watch_id)
        _require_reach(viewer, watch.centre_id, "watch")
        await unit.save(teams.withdraw(watch, viewer.staff_id, now), now)


async def _team(unit: Unit, viewer: Viewer, team_id: UUID) -> CrisisTeam:
    team = await store_roster.lock_team(unit, team_id)
    _require_reach(viewer, team.centre_id, "team")
    return team


def _require_reach(viewer: Viewer, centre_id: UUID, what: str) -> None:
    if not viewer.reaches(centre_id):
        raise Absent(f"{what}.absent", f"There is no such {what}.")
