"""A house is founded: its centres, lines, people and crisis teams, as a description says.

Founding twice changes nothing: a centre is known by its name and place in the tree, a line by its
address, a person by the login, a team by its name, and what is there is left as it is, password
included. Who shall be on call is put on call unless they are. Hashing a password takes a tenth of a
second and 64 MB on purpose, so it is done before the transaction.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from pwdlib import PasswordHash

from hotline.base import ids
from hotline.base.errors import Broken
from hotline.base.sensitive import Sensitive
from hotline.domain import team as teams
from hotline.domain.centre import Centre, Line
from hotline.domain.outcome import Outcome
from hotline.domain.staff import Staff
from hotline.domain.team import CrisisTeam, Watch
from hotline.policy.founding import (
    CentreToFound,
    Description,
    LineToFound,
    PersonToFound,
    TeamToFound,
    WatchToFound,
)
from hotline.store import roster as store_roster, staff as store_staff
from hotline.store.unit import Store, Unit

HASHES_AT_ONCE_MAX = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Founded:
    """What was new; all empty when everything stood already."""

    centres: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    logins: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    on_call: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was new."""
        return not (self.centres or self.lines or self.logins or self.teams or self.on_call)


async def found(
    store: Store, description: Description, passwords: Mapping[str, Sensitive], now: datetime
) -> Founded:
    """Found what the description names and does not stand yet; one transaction.

    Raises:
        Broken: a new person has no password.
        Refused: somebody else founds the same at this moment, or somebody is to be called who could not
            acknowledge.
    """
    async with store.connection() as connection:
        known = await store_staff.known_logins(connection, [person.login for person in description.staff])
    newcomers = [person for person in description.staff if person.login not in known]
    hashes = await _hashed(newcomers, passwords)
    async with store.unit() as unit:
        centres, new_centres = await _found_centres(unit, description, now)
        new_lines = await _found_lines(unit, description.lines, centres, now)
        for person in newcomers:
            member = _member(person, centres[person.centre])
            await store_staff.add(unit, member, hashes[person.login], now)
        roster = _Roster(unit, centres, await _people(unit, description), now)
        new_teams = [team.name for team in description.teams if await roster.found(team)]
        on_call = [watch.login for watch in description.on_call if await roster.put_on_call(watch)]
    return Founded(
        centres=new_centres,
        lines=new_lines,
        logins=tuple(person.login for person in newcomers),
        teams=tuple(new_teams),
        on_call=tuple(on_call),
    )


async def _people(unit: Unit, description: Description) -> dict[str, Staff]:
    """Those who are to be called, by login."""
    called = {login for team in description.teams for login in team.members}
    called |= {watch.login for watch in description.on_call}
    return await store_staff.by_logins(unit.connection, unit.vault, called)


class _Roster:
    """Teams and watches, where they do not stand."""

    def __init__(
        self, unit: Unit, centres: Mapping[str, UUID], people: Mapping[str, Staff], now: datetime
    ) -> None:
        self._unit = unit
        self._centres = centres
        self._people = people
        self._now = now

    async def found(self, wanted: TeamToFound) -> bool:
        """Whether the team is new; the first of it is who made it."""
        centre_id = self._centres[wanted.centre]
        if await self._find(centre_id, wanted.name) is not None:
            return False
        members = tuple(self._people[login] for login in wanted.members)
        team = CrisisTeam(
            id=ids.new_id(), centre_id=centre_id, name=wanted.name, members=(), made_at=self._now
        )
        await self._unit.save(teams.found(team, members[0].id), self._now)
        above = await store_staff.above(self._unit.connection, centre_id)
        changed = teams.change(team, team.name, members, members[0].id, above=above)
        await self._unit.save(changed, self._now)
        return True

    async def put_on_call(self, wanted: WatchToFound) -> bool:
        """Whether they were not on call; it is their own watch."""
        centre_id, person = self._centres[wanted.centre], self._people[wanted.login]
        standing = await store_roster.watches_of(
            self._unit.connection, self._unit.vault, (centre_id,), self._now
        )
        if any((each.staff_id, each.position) == (person.id, wanted.position) for each in standing):
            return False
        team = None if wanted.team is None else await self._find(centre_id, wanted.team)
        watch = Watch(
            id=ids.new_id(),
            centre_id=centre_id,
            staff_id=person.id,
            position=wanted.position,
            team_id=None if team is None else team.id,
            begins_at=self._now,
            ends_at=self._now + timedelta(days=wanted.days),
            made_by=person.id,
            made_at=self._now,
        )
        await self._unit.save(teams.put_on_call(watch, person, team), self._now)
        return True

    async def _find(self, centre_id: UUID, name: str) -> CrisisTeam | None:
        found = await store_roster.teams_of(self._unit.connection, self._unit.vault, (centre_id,))
        return next((team for team in found if team.name == name), None)


async def _hashed(newcomers: list[PersonToFound], passwords: Mapping[str, Sensitive]) -> dict[str, str]:
    without = [person.login for person in newcomers if not passwords.get(person.login)]
    if without:
        raise Broken("founding.password", f"No password was given for {', '.join(without)}.")
    gate = asyncio.Semaphore(HASHES_AT_ONCE_MAX)
    hasher = PasswordHash.recommended()

    async def one(login: str) -> str:
        async with gate:
            return await asyncio.to_thread(hasher.hash, passwords[login].reveal())

    logins = [person.login for person in newcomers]
    return dict(zip(logins, await asyncio.gather(*map(one, logins)), strict=True))


async def _found_centres(
    unit: Unit, description: Description, now: datetime
) -> tuple[dict[str, UUID], tuple[str, ...]]:
    """The id of every centre by its key, and the names of the new ones."""
    found: dict[str, UUID] = {}
    new: list[str] = []
    for wanted in description.centres:
        parent_id = found[wanted.parent] if wanted.parent else None
        centre_id = await store_staff.find_centre(unit.connection, wanted.name, parent_id)
        if centre_id is None:
            centre = _centre(wanted, parent_id)
            await unit.save(Outcome(rows=(centre,)), now)
            centre_id = centre.id
            new.append(centre.name)
        found[wanted.key] = centre_id
    return found, tuple(new)


async def _found_lines(
    unit: Unit, lines: tuple[LineToFound, ...], centres: Mapping[str, UUID], now: datetime
) -> tuple[str, ...]:
    new: list[str] = []
    for wanted in lines:
        if await store_staff.find_line(unit.connection, unit.vault, wanted.channel, wanted.address) is None:
            line = _line(wanted, centres[wanted.centre])
            await unit.save(Outcome(rows=(line,)), now)
            new.append(line.address)
    return tuple(new)


def _centre(wanted: CentreToFound, parent_id: UUID | None) -> Centre:
    return Centre(
        id=ids.new_id(),
        name=wanted.name,
        kind=wanted.kind,
        timezone=wanted.timezone,
        parent_id=parent_id,
    )


def _line(wanted: LineToFound, centre_id: UUID) -> Line:
    return Line(
        id=ids.new_id(),
        centre_id=centre_id,
        channel=wanted.channel,
        address=wanted.address,
        name=wanted.name,
        languages=wanted.languages,
        skills=wanted.skills,
        opens_at=wanted.opens_at,
        closes_at=wanted.closes_at,
        timezone=wanted.timezone,
        overflow=wanted.overflow,
    )


def _member(wanted: PersonToFound, centre_id: UUID) -> Staff:
    return Staff(
        id=ids.new_id(),
        centre_id=centre_id,
        login=wanted.login,
        name=Sensitive(wanted.name),
        roles=wanted.roles,
        languages=wanted.languages,
        skills=wanted.skills,
        chat_capacity=wanted.chat_capacity,
        device=wanted.device,
        telephone=Sensitive(wanted.telephone) if wanted.telephone else None,
        mail=Sensitive(wanted.mail) if wanted.mail else None,
    )
