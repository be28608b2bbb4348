"""The ladder of an escalation: who is paged at each rung, by what, and how long they have.

A ladder has no end: after the last rung it begins again, so it never falls silent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from hotline.domain.level import Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """Who is paged by which channels, and how long they have; `who` names a group of the roster."""

    who: str
    channels: tuple[str, ...]
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """The rungs for one level; it starts again after the last, so it has no end."""

    level: Level
    acknowledge_seconds: int
    rungs: tuple[Rung, ...]

    def rung(self, number: int) -> Rung:
        """The rung of a running number; numbers go on over the rounds."""
        return self.rungs[number % len(self.rungs)]


Ladders = Mapping[Level, Ladder]


@dataclass(frozen=True, slots=True, kw_only=True)
class Responder:
    """Somebody who can be paged; `has_telephone` says whether SMS can reach them."""

    staff_id: UUID
    has_telephone: bool


Roster = Mapping[str, Sequence[Responder]]
"""Group name of a rung -> the people in it who are on duty or on call, in the order of calling."""

NOBODY: Final[Roster] = {}
"""The roster of a decision that calls nobody in."""
