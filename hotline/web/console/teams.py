"""Crisis teams and who is on call."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, Field

from hotline.base import clock
from hotline.domain import team as teams
from hotline.domain.team import CrisisTeam, Watch
from hotline.flow import team
from hotline.flow.team import Rostered, Wished
from hotline.web.console import shapes
from hotline.web.console.reach import RosterKeeper, TeamKeeper, WatchKeeper
from hotline.web.edge import TheEdge

router = APIRouter(prefix="/api", tags=["teams"])

Position = Annotated[str, shapes.one_of(teams.POSITIONS)]


class TeamAsked(shapes.BodyAsked):
    centre_id: UUID
    name: str


class TeamChangeAsked(shapes.BodyAsked):
    """The people in the order of calling; who is left out is in it no more."""

    name: str
    members: tuple[UUID, ...] = Field(max_length=teams.MEMBERS_MAX)


class RegionAsked(shapes.BodyAsked):
    """A code of GB/T 2260: a province, a city or a district; None: the whole centre."""

    region: Annotated[str, Field(max_length=6)] | None


class WatchAsked(shapes.BodyAsked):
    centre_id: UUID
    staff_id: UUID
    position: Position
    team_id: UUID | None = None
    begins_at: AwareDatetime
    ends_at: AwareDatetime


class TeamShown(BaseModel):
    id: UUID
    centre_id: UUID
    name: str
    region: str | None
    members: tuple[shapes.Person, ...]


class WatchShown(BaseModel):
    id: UUID
    centre_id: UUID
    staff: shapes.Person
    position: Position
    team_id: UUID | None
    begins_at: AwareDatetime
    ends_at: AwareDatetime


class AbleShown(BaseModel):
    id: UUID
    name: str
    centre_id: UUID
    is_supervisor: bool
    has_telephone: bool


class RosterShown(BaseModel):
    """Watches that are not over, the earliest first; `able` are those who may acknowledge."""

    teams: tuple[TeamShown, ...]
    watches: tuple[WatchShown, ...]
    able: tuple[AbleShown, ...]


@router.get("/teams")
async def read(edge: TheEdge, viewer: RosterKeeper) -> RosterShown:
    """The teams in reach, and who is on call now and later."""
    found = await team.read(edge.store, viewer, clock.now())
    return RosterShown(
        teams=tuple(_team(each, found) for each in found.teams),
        watches=tuple(_watch(each, found) for each in found.watches),
        able=tuple(
            AbleShown(
                id=person.id,
                name=person.name.reveal(),
                centre_id=person.centre_id,
                is_supervisor="supervisor" in person.roles,
                has_telephone=person.telephone is not None,
            )
            for person in found.able
        ),
    )


@router.post("/teams", status_code=201)
async def make(edge: TheEdge, viewer: RosterKeeper, asked: TeamAsked) -> shapes.Made:
    """A new team, with nobody in it yet."""
    return shapes.Made(id=await team.found(edge.store, viewer, asked.centre_id, asked.name, clock.now()))


@router.put("/teams/{team_id}", status_code=204)
async def change(edge: TheEdge, viewer: TeamKeeper, team_id: UUID, asked: TeamChangeAsked) -> None:
    """The team's name, and its people in the order of calling."""
    await team.change(edge.store, viewer, team_id, asked.name, asked.members, clock.now())


@router.put("/teams/{team_id}/region", status_code=204)
async def place(edge: TheEdge, viewer: TeamKeeper, team_id: UUID, asked: RegionAsked) -> None:
    """For whose region the team is called before others."""
    await team.place(edge.store, viewer, team_id, asked.region, clock.now())


@router.delete("/teams/{team_id}", status_code=204)
async def retire(edge: TheEdge, viewer: TeamKeeper, team_id: UUID) -> None:
    """The team is called no more."""
    await team.retire(edge.store, viewer, team_id, clock.now())


@router.post("/watches", status_code=201)
async def put_on_call(edge: TheEdge, viewer: RosterKeeper, asked: WatchAsked) -> shapes.Made:
    """Somebody is on call."""
    wished = Wished(
        centre_id=asked.centre_id,
        staff_id=asked.staff_id,
        position=asked.position,
        team_id=asked.team_id,
        begins_at=asked.begins_at,
        ends_at=asked.ends_at,
    )
    return shapes.Made(id=await team.put_on_call(edge.store, viewer, wished, clock.now()))


@router.delete("/watches/{watch_id}", status_code=204)
async def withdraw(edge: TheEdge, viewer: WatchKeeper, watch_id: UUID) -> None:
    """The watch ends now, or never begins."""
    await team.withdraw(edge.store, viewer, watch_id, clock.now())


def _team(each: CrisisTeam, found: Rostered) -> TeamShown:
    members = tuple(shapes.Person(id=who, name=found.names.get(who, "")) for who in each.members)
    return TeamShown(
        id=each.id, centre_id=each.centre_id, name=each.name, region=each.region, members=members
    )


def _watch(each: Watch, found: Rostered) -> WatchShown:
    return WatchShown(
        id=each.id,
        centre_id=each.centre_id,
        staff=shapes.Person(id=each.staff_id, name=found.names.get(each.staff_id, "")),
        position=each.position,
        team_id=each.team_id,
        begins_at=each.begins_at,
        ends_at=each.ends_at,
    )
