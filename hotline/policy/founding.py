"""The description of a house: its centres, lines, people and teams, from a file that a person can write.

`config/demo.toml` is one. Everything is checked before anything is founded, because a line without a
centre, or a person twice, is easier to mend in a file than in a database. Passwords are never in it.
"""

import tomllib
from datetime import time
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from hotline.base.errors import Broken
from hotline.domain import team as teams
from hotline.domain.centre import Channel
from hotline.domain.staff import Device, Role

Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
Word = Annotated[str, Field(min_length=1, max_length=64)]
Telephone = Annotated[str, Field(pattern=r"^\+[1-9]\d{6,14}$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CentreToFound(_Part):
    """An organisation; `key` is its name within the file, `parent` the key of the one above."""

    key: Word
    name: Word
    kind: Word
    timezone: Word = "Asia/Shanghai"
    parent: Word | None = None


class LineToFound(_Part):
    """A dialled number or a chat entrance of the centre with this key."""

    centre: Word
    channel: Channel
    address: Word
    name: Word
    languages: tuple[Language, ...] = Field(min_length=1)
    skills: frozenset[Word] = frozenset()
    opens_at: time = time(0, 0)
    closes_at: time = time(0, 0)
    timezone: Word = "Asia/Shanghai"
    overflow: Telephone | None = None


class PersonToFound(_Part):
    """A member of staff of the centre with this key."""

    login: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{1,62}$")]
    name: Word
    centre: Word
    roles: frozenset[Role] = Field(min_length=1)
    languages: frozenset[Language] = Field(min_length=1)
    skills: frozenset[Word] = frozenset()
    chat_capacity: int = Field(default=1, ge=1, le=2)
    device: Device = Device.BROWSER
    telephone: Telephone | None = None
    mail: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$", max_length=254)] | None = None

    @model_validator(mode="after")
    def _has_a_telephone_to_talk_through(self) -> Self:
        if self.device is Device.PHONE and self.telephone is None:
            raise ValueError(f"{self.login} talks through a phone and has no telephone")
        return self


class TeamToFound(_Part):
    """A crisis team of the centre with this key; `members` are logins in the order of calling."""

    centre: Word
    name: Annotated[str, Field(min_length=1, max_length=teams.NAME_CHARACTERS_MAX)]
    members: tuple[str, ...] = Field(min_length=1, max_length=teams.MEMBERS_MAX)


class WatchToFound(_Part):
    """Somebody of the centre with this key is on call from the founding on; `team` by its name."""

    centre: Word
    login: str
    position: Literal["team", "supervisor", "manager"]
    team: str | None = None
    days: int = Field(ge=1, le=teams.WATCH_DAYS_MAX)


class Description(_Part):
    """A house as it shall stand; centres in the order of founding, parents first."""

    centres: tuple[CentreToFound, ...] = Field(min_length=1)
    lines: tuple[LineToFound, ...] = ()
    staff: tuple[PersonToFound, ...] = ()
    teams: tuple[TeamToFound, ...] = ()
    on_call: tuple[WatchToFound, ...] = ()

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        known: set[str] = set()
        for centre in self.centres:
            if centre.parent is not None and centre.parent not in known:
                raise ValueError(f"centre {centre.key}: its parent {centre.parent} must stand before it")
            known.add(centre.key)
        homeless = [
            *(line.address for line in self.lines if line.centre not in known),
            *(person.login for person in self.staff if person.centre not in known),
            *(team.name for team in self.teams if team.centre not in known),
            *(watch.login for watch in self.on_call if watch.centre not in known),
        ]
        if homeless:
            raise ValueError(f"no such centre for {', '.join(homeless)}")
        _refuse_twice("login", [person.login for person in self.staff])
        _refuse_twice("line", [f"{line.channel}:{line.address}" for line in self.lines])
        _refuse_twice("centre", [centre.key for centre in self.centres])
        _refuse_twice("team", [f"{team.centre}: {team.name}" for team in self.teams])
        self._refuse_strangers()
        return self

    def _refuse_strangers(self) -> None:
        people = {person.login for person in self.staff}
        called = {login for team in self.teams for login in team.members} | {w.login for w in self.on_call}
        if strangers := sorted(called - people):
            raise ValueError(f"in a team or on call, but not among the staff: {', '.join(strangers)}")
        named = {(team.centre, team.name) for team in self.teams}
        for watch in self.on_call:
            if watch.team is not None and (watch.centre, watch.team) not in named:
                raise ValueError(f"{watch.login} is on call with {watch.team}: no team of that centre")


def load(path: Path) -> Description:
    """Read a description.

    Raises:
        Broken: the file is missing or wrong; the sentence lists every fault.
    """
    try:
        return Description.model_validate(tomllib.loads(path.read_text("utf-8")))
    except OSError:
        raise Broken("founding.absent", f"There is no file {path}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Broken("founding.toml", f"{path.name} cannot be read: {error}.") from None
    except ValidationError as error:
        faults = "; ".join(map(_fault, error.errors()))
        raise Broken("founding.wrong", f"{path.name} is wrong: {faults}.") from None


def _fault(error: ErrorDetails) -> str:
    """One fault of a file in words: where, what."""
    place = ".".join(map(str, error["loc"]))
    return ": ".join(filter(None, (place, error["msg"].removeprefix("Value error, "))))


def _refuse_twice(what: str, names: list[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"{what} given twice: {', '.join(twice)}")
