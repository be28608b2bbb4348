"""Who may sign in to the demonstration: passwords made at the first start, kept in one file of the home.

They are random, so that a demonstration left running is no open door, and made of three short words, so
that a person can type one from a terminal into a page. The file is readable by its owner only; lost, it
cannot be told again from the hashes in the database.
"""

import json
import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter

FILE: Final = "demo-logins.json"
_MODE: Final = 0o600

WORDS: Final = tuple(
    (
        "acorn amber apple arch aspen autumn bamboo barley basil beach berry birch bloom boat breeze bridge "
        "brook candle canyon cedar cherry chime citrus clay cliff cloud clover coast cocoa coral cotton cove "
        "crane creek crisp cup daisy dawn deer delta dew dove drift dune eagle earth east ebony echo elm "
        "ember fable feather fern field fig fir flint flute foam forest fox garden ginger glade glass globe "
        "gold grain grape grove gull harbor harp hazel heron hill honey iris island ivory ivy jade jasmine "
        "kettle kite lagoon lake lamp lantern lark laurel leaf lemon lily linen lotus lunar maple marble "
        "meadow melon mint mist moon moss mountain nest nutmeg oak oasis ocean olive onyx opal orchard otter "
        "paper peach pearl pebble pepper pine plum pond poplar quartz quill rain raven reed ridge river "
        "rose saffron sage sand sea shell silk silver sky slate snow song spring spruce star stone stream "
        "summer sun swan tea thyme tide timber trail tulip valley velvet violet walnut water wave wheat "
        "wind winter wren yarrow zephyr"
    ).split()
)
_DIGITS_BELOW: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """Somebody of the demonstration, with what it takes to be them."""

    login: str
    password: str
    name: str
    roles: tuple[str, ...]
    languages: tuple[str, ...]
    device: str = "browser"
    telephone: str | None = None


_LOGINS: Final = TypeAdapter(tuple[Login, ...])


def memorable() -> str:
    """A fresh password: three words and two digits, about 29 bits; sign-in is throttled."""
    words = [secrets.choice(WORDS) for _ in range(3)]
    return "-".join(words) + f"-{secrets.randbelow(_DIGITS_BELOW):02d}"


def keep(home: Path, people: Sequence[Mapping[str, Any]]) -> tuple[Login, ...]:
    """The logins of these people, written to the file: passwords stay, newcomers get fresh ones.

    Others that the file knows stay in it: a second file of people takes nobody's password away.

    A person is a mapping with the fields of `Login` except the password.
    """
    before = read(home)
    known = {each.login: each.password for each in before}
    logins = tuple(
        Login(
            login=person["login"],
            password=known.get(person["login"]) or memorable(),
            name=person["name"],
            roles=tuple(sorted(person["roles"])),
            languages=tuple(sorted(person["languages"], reverse=True)),
            device=person.get("device", "browser"),
            telephone=person.get("telephone"),
        )
        for person in people
    )
    named = {each.login for each in logins}
    every = (*logins, *(each for each in before if each.login not in named))
    _write(place(home), json.dumps([asdict(each) for each in every], ensure_ascii=False, indent=1))
    return logins


def place(home: Path) -> Path:
    """Where the logins of a home are kept."""
    return home / FILE


def read(home: Path) -> tuple[Login, ...]:
    """The logins of the file; none when there is no file."""
    path = place(home)
    if not path.is_file():
        return ()
    return _LOGINS.validate_json(path.read_bytes())


LEFT_TO_PEOPLE: Final[Mapping[str, int]] = {"counselor": 2, "responder": 1}
"""How many of a role the practice shift leaves free, the first ones; other roles it does not play."""


def played(logins: Sequence[Login]) -> frozenset[str]:
    """The logins that the practice shift signs in with: counselors and responders but the first ones."""
    taken: list[str] = []
    for role, left in LEFT_TO_PEOPLE.items():
        of_role = [each.login for each in logins if role in each.roles]
        taken += of_role[left:]
    return frozenset(taken)


def _write(path: Path, text: str) -> None:
    """Write whole or not at all, readable by the owner only."""
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(path)
