"""Where each flag of a contact leads: which team is thought of first, whom to ring, what is owed by law.

A flag is not a level: a contact may be in danger of suicide, hurt by somebody and ill at once, and each of
these has a way of its own. A route only ever adds: it names who can help and why, and takes no way from
anybody. What is done is decided by people and kept with the dispatches.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from hotline.domain.level import Level

FLAGS: Final = (
    "suicide",
    "self_harm",
    "violence",
    "abuse",
    "child_in_danger",
    "medical",
    "psychosis",
    "intoxication",
    "third_party",
)
"""What a rule may mark; each of them has a route."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agency:
    """Somebody to ring: `code` is the agency's as dispatches know it, `number` is dialled."""

    code: str
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """The way of one flag.

    `order` puts the most urgent first (1). `team` is the kind of team to think of first. `from_level` is the
    level from which the agencies are to be rung at once, and not only kept at hand. `report` says that the
    law may ask for a report. `zh` and `en` say what to do first.
    """

    flag: str
    order: int
    team: str
    agencies: tuple[Agency, ...]
    from_level: Level
    report: bool
    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A route as it concerns one contact; `is_now` says that its agencies should be rung at once."""

    route: Route
    is_now: bool


Routes = Mapping[str, Route]


def routes_for(flags: Iterable[str], level: Level, routes: Routes) -> tuple[Way, ...]:
    """The ways of these flags, the most urgent first; what is no flag of a danger has none.

    Nothing here waits for a level: every flag's way is shown, also where nothing else was found.
    """
    ways = [
        Way(route=routes[flag], is_now=level >= routes[flag].from_level)
        for flag in set(flags) & routes.keys()
    ]
    return tuple(sorted(ways, key=lambda way: (not way.is_now, way.route.order, way.route.flag)))
