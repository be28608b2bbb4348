"""A house is founded: its centres, lines and people, as a description says.

Founding twice changes nothing: a centre is known by its name and place in the tree, a line by its
address, a person by the login, and what is there is left as it is, password included. Hashing a
password takes a tenth of a second and 64 MB on purpose, so it is done before the transaction.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pwdlib import PasswordHash

from hotline.base import ids
from hotline.base.errors import Broken
from hotline.base.sensitive import Sensitive
from hotline.domain.centre import Centre, Line
from hotline.domain.outcome import Outcome
from hotline.domain.staff import Staff
from hotline.policy.founding import CentreToFound, Description, LineToFound, PersonToFound
from hotline.store import staff as store_staff
from hotline.store.unit import Store, Unit

HASHES_AT_ONCE_MAX = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Founded:
    """What was new; all empty when everything stood already."""

    centres: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    logins: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was new."""
        return not (self.centres or self.lines or self.logins)


async def found(
    store: Store, description: Description, passwords: Mapping[str, Sensitive], now: datetime
) -> Founded:
    """Found what the description names and does not stand yet; one transaction.

    Raises:
        Broken: a new person has no password.
        Refused: somebody else founds the same at this moment.
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
    return Founded(centres=new_centres, lines=new_lines, logins=tuple(person.login for person in newcomers))


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
