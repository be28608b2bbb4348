"""Crisis teams and who is on call: whom an escalation of a centre can reach when nobody is at a desk.

A team belongs to a centre and has its people in the order of calling; centres below reach it too. Somebody on
call is reached from the beginning to the end of the watch, as one of a team, as the supervisor or as the duty
manager. Only those are on call who may acknowledge.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from hotline.base.errors import Refused
from hotline.domain.centre import is_region
from hotline.domain.journal import Entry, Json, staff_actor
from hotline.domain.outcome import NOTHING, Outcome
from hotline.domain.staff import Role, Staff

ABLE: Final = frozenset({Role.RESPONDER, Role.SUPERVISOR})
"""Roles of which one is needed to acknowledge: nobody else is paged."""
POSITIONS: Final = ("team", "supervisor", "manager")
MEMBERS_MAX: Final = 100
NAME_CHARACTERS_MAX: Final = 64
WATCH_DAYS_MAX: Final = 31
"""A watch is a shift or a week; a longer one was mistyped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CrisisTeam:
    """A team of a centre; `members` in the order of calling.

    With a `region`, a code of GB/T 2260 such as 42 (province), 4201 (city) or 420106 (district), it is called
    for those who are there.
    """

    id: UUID
    centre_id: UUID
    name: str
    members: tuple[UUID, ...]
    made_at: datetime
    retired_at: datetime | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Somebody who is on call, from `begins_at` to `ends_at`; `team_id` for the position `team`."""

    id: UUID
    centre_id: UUID
    staff_id: UUID
    position: str
    team_id: UUID | None
    begins_at: datetime
    ends_at: datetime
    made_by: UUID
    made_at: datetime
    withdrawn_at: datetime | None = None


def found(team: CrisisTeam, by: UUID) -> Outcome:
    """Make a team.

    Raises:
        Refused: it has no name, or a name too long.
    """
    _require_name(team.name)
    return Outcome(rows=(team,), entries=(_entry(team.centre_id, "team.founded", by, team=str(team.id)),))


def change(
    team: CrisisTeam, name: str, members: tuple[Staff, ...], by: UUID, *, above: Collection[UUID]
) -> Outcome:
    """Give a team its name, and its people in the order of calling; `above` is its centre and those above it.

    Raises:
        Refused: somebody in it could not acknowledge, would not be called for its centre, or is in it twice;
            there is no name; it is retired.
    """
    _require_name(name)
    if team.retired_at is not None:
        raise Refused("team.retired", "This team is retired; make another.")
    if len({each.id for each in members}) < len(members) or len(members) > MEMBERS_MAX:
        raise Refused("team.twice", f"Everybody is in a team once, {MEMBERS_MAX} people at most.")
    for person in members:
        _require_able(person)
    if any(person.centre_id not in above for person in members):
        raise Refused(
            "team.outside",
            "Only people of the team's centre, or of one above it, are called for it; choose them, or make a "
            "team at the other centre.",
        )
    changed = replace(team, name=name, members=tuple(each.id for each in members))
    if changed == team:
        return NOTHING
    entry = _entry(team.centre_id, "team.changed", by, team=str(team.id), members=len(members))
    return Outcome(rows=(changed,), entries=(entry,))


def place(team: CrisisTeam, region: str | None, by: UUID) -> Outcome:
    """Say for whose region the team is called; None: for everybody of its centre and those beneath it.

    Raises:
        Refused: it is no code of a region, or the team is retired.
    """
    if team.retired_at is not None:
        raise Refused("team.retired", "This team is retired; make another.")
    if region is not None and not is_region(region):
        raise Refused("team.region", "A region is a code of two, four or six digits, such as 420106.")
    if region == team.region:
        return NOTHING
    entry = _entry(team.centre_id, "team.placed", by, team=str(team.id), region=region)
    return Outcome(rows=(replace(team, region=region),), entries=(entry,))


def retire(team: CrisisTeam, by: UUID, now: datetime) -> Outcome:
    """The team is called no more; saying it twice is no error."""
    if team.retired_at is not None:
        return NOTHING
    entry = _entry(team.centre_id, "team.retired", by, team=str(team.id))
    return Outcome(rows=(replace(team, retired_at=now),), entries=(entry,))


def put_on_call(watch: Watch, person: Staff, team: CrisisTeam | None) -> Outcome:
    """Somebody is on call.

    Raises:
        Refused: the watch ends before it begins or is too long, the person could not acknowledge, or is not
            in the team that they are on call for.
    """
    if watch.position not in POSITIONS:
        raise Refused("oncall.position", f"Somebody is on call as {', '.join(POSITIONS)}.")
    span = watch.ends_at - watch.begins_at
    if not timedelta(0) < span <= timedelta(days=WATCH_DAYS_MAX):
        raise Refused("oncall.span", f"A watch ends after it begins, {WATCH_DAYS_MAX} days later at most.")
    _require_able(person)
    if watch.position == "manager" and Role.SUPERVISOR not in person.roles:
        raise Refused("oncall.manager", "The duty manager is a supervisor; choose one.")
    if (watch.position == "team") != (team is not None):
        raise Refused("oncall.team", "On call with a team, name the team; otherwise name none.")
    if team is not None and (team.retired_at is not None or watch.staff_id not in team.members):
        raise Refused("oncall.member", "This person is not in the team; put them into it first.")
    entry = _entry(
        watch.centre_id, "oncall.set", watch.made_by, watch=str(watch.id), staff=str(watch.staff_id),
        position=watch.position,
    )  # fmt: skip
    return Outcome(rows=(watch,), entries=(replace(entry, staff_ids=(watch.staff_id,)),))


def withdraw(watch: Watch, by: UUID, now: datetime) -> Outcome:
    """The watch ends now, or never begins; saying it twice is no error."""
    if watch.withdrawn_at is not None:
        return NOTHING
    entry = _entry(watch.centre_id, "oncall.withdrawn", by, watch=str(watch.id), staff=str(watch.staff_id))
    return Outcome(
        rows=(replace(watch, withdrawn_at=now),), entries=(replace(entry, staff_ids=(watch.staff_id,)),)
    )


def _require_name(name: str) -> None:
    if not name.strip() or len(name) > NAME_CHARACTERS_MAX:
        raise Refused("team.name", f"A team has a name of {NAME_CHARACTERS_MAX} characters at most.")


def _require_able(person: Staff) -> None:
    if not person.is_active or not person.roles & ABLE:
        raise Refused("team.unable", "Only responders and supervisors can be called; choose another person.")


def _entry(centre_id: UUID, kind: str, by: UUID, **body: Json) -> Entry:
    return Entry(kind=kind, centre_id=centre_id, actor=staff_actor(by), body=body)
