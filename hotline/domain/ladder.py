"""The ladder of an escalation: who is paged at each rung, by what, and how long they have.

A ladder has no end: after the last rung it begins again, louder, so it never falls silent. It has a second
part for those who have taken something: how long it may stand still at each state before its owner is
reminded, and after that others are told that it has stalled.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from hotline.domain.level import Level

CONSOLE: Final = "console"
SMS: Final = "sms"
VOICE: Final = "voice"
MAIL: Final = "mail"
WEBHOOK: Final = "webhook"
CHANNELS: Final = (CONSOLE, SMS, VOICE, MAIL, WEBHOOK)
BY_TELEPHONE: Final = frozenset({SMS, VOICE})
"""Channels that need the person's telephone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """Who is paged by which channels, and how long they have; `who` names a group of the roster.

    With `nth`, only the first, second … of the group, in the order of calling, so that a team can be called
    one after the other; where there are fewer, it goes round.
    """

    who: str
    channels: tuple[str, ...]
    seconds: int
    nth: int | None = None

    def people(self, roster: "Roster") -> "Sequence[Responder]":
        """Whom the rung calls."""
        group = roster.get(self.who, ())
        if self.nth is None or not group:
            return group
        return (group[(self.nth - 1) % len(group)],)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How many seconds an owned escalation may stand still: until contact, an outcome, its closing.

    Past that its owner is reminded; every `remind_seconds` after that others are told that it has stalled.
    """

    contact_seconds: int
    outcome_seconds: int
    close_seconds: int
    remind_seconds: int

    def of(self, state: str) -> int:
        """The time that an owner has in `state`."""
        return {"contact_made": self.outcome_seconds, "resolved": self.close_seconds}.get(
            state, self.contact_seconds
        )

    def again(self, state: str) -> int:
        """The time between two chases in `state`; what only waits for its closing is chased as rarely."""
        return self.close_seconds if state == "resolved" else self.remind_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """The rungs for one level; it starts again after the last, so it has no end."""

    level: Level
    acknowledge_seconds: int
    rungs: tuple[Rung, ...]
    patience: Patience
    report_seconds: int = 86_400
    """By when the managers read of it: within 24 hours (requirement 32)."""

    def rung(self, number: int) -> Rung:
        """The rung of a running number; numbers go on over the rounds."""
        return self.rungs[number % len(self.rungs)]

    def seconds(self, number: int, roster: "Roster") -> int:
        """How long those of a rung have; no time where it reaches nobody and another rung somebody."""
        reaches = [self._reaches(each, roster) for each in range(number, number + len(self.rungs))]
        return self.rung(number).seconds if reaches[0] or not any(reaches) else 0

    def _reaches(self, number: int, roster: "Roster") -> bool:
        people, channels = self.rung(number).people(roster), self.channels(number)
        return any(person.is_reached_by(channel) for person in people for channel in channels)

    def channels(self, number: int) -> tuple[str, ...]:
        """By what a rung pages: from the second round on by every channel that the ladder knows."""
        return self.rung(number).channels if number < len(self.rungs) else self.every_channel

    @property
    def every_channel(self) -> tuple[str, ...]:
        """All the ladder's channels, each once, in the order of their coming up."""
        return tuple(dict.fromkeys(channel for rung in self.rungs for channel in rung.channels))


Ladders = Mapping[Level, Ladder]


@dataclass(frozen=True, slots=True, kw_only=True)
class LadderBook:
    """The house's ladders, and by the name of a centre those levels for which it has its own."""

    default: Ladders
    of_centres: Mapping[str, Ladders]

    def nearest(self, names: Sequence[str]) -> Ladders:
        """The ladders for a centre; `names` are its own and those of the centres above, the nearest first."""
        found = dict(self.default)
        for name in reversed(names):
            found |= self.of_centres.get(name, {})
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Responder:
    """Somebody who can be paged; `has_telephone` says whether SMS and calls reach them, `has_mail` e-mail.

    `is_at_desk`: a console of theirs is open, and shows and sounds what it pages them for.
    """

    staff_id: UUID
    has_telephone: bool
    has_mail: bool = False
    is_at_desk: bool = False

    def is_reached_by(self, channel: str) -> bool:
        """Whether the person can be paged by this channel."""
        if channel == MAIL:
            return self.has_mail
        return self.has_telephone or channel not in BY_TELEPHONE


Roster = Mapping[str, Sequence[Responder]]
"""Group name of a rung -> the people in it who are on duty or on call, in the order of calling."""

NOBODY: Final[Roster] = {}
"""The roster of a decision that calls nobody in."""
EVERYONE: Final = "everyone"
SUPERVISORS: Final = "supervisors"
"""Whoever is on call as supervisor; without any, all of them."""
TEAM: Final = "team"
"""The crisis team's people on call, in the order of calling; else its members; without a team, responders."""
DUTY_MANAGER: Final = "duty_manager"
"""Whoever is on call as manager; without any, managers; without these, supervisors."""
ON_CALL: Final = "on_call"
"""Whoever is on call now, in whatever position."""
GROUPS: Final = frozenset({TEAM, "responders", SUPERVISORS, DUTY_MANAGER, "managers", ON_CALL, EVERYONE})
ON_DUTY: Final = "supervisors_on_duty"
"""Supervisors who are connected now: one of them joins by rule at imminent, the others after them."""


def reached(roster: Roster, staff_id: UUID) -> Responder:
    """How somebody who is known by id can be paged; the console reaches everybody."""
    found = (person for person in roster.get(EVERYONE, ()) if person.staff_id == staff_id)
    return next(found, Responder(staff_id=staff_id, has_telephone=False))
