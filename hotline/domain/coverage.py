"""Cover: in opening hours somebody who may acknowledge is on duty; when nobody is, that is an alarm.

(Requirement 24: when the last one has signed out, the alarm comes within 60 seconds, to those on call.)
Where nobody is on call either, or not any more, everybody who could acknowledge is called, again and again,
until somebody comes. A gap in the cover is a row with a beginning and an end.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from hotline.domain import paging
from hotline.domain.journal import Entry, Json, system_actor
from hotline.domain.ladder import EVERYONE, ON_CALL, Ladder, Responder, Roster
from hotline.domain.outcome import NOTHING, Outcome
from hotline.domain.paging import NewId, Summons


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverPolicy:
    """How long a gap may last before the alarm, and how soon it is repeated while nobody is on call."""

    alarm_seconds: int = 20
    again_seconds: int = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Nobody of a centre could acknowledge from `since` to `ended_at`; the next alarm is at `next_at`."""

    id: UUID
    centre_id: UUID
    since: datetime
    next_at: datetime | None
    alarms: int = 0
    ended_at: datetime | None = None


def begin(centre_id: UUID, policy: CoverPolicy, now: datetime, new_id: NewId) -> Outcome:
    """Nobody is there: a page that is loaded anew may still bring somebody back before the alarm."""
    due = now + timedelta(seconds=policy.alarm_seconds)
    gap = Gap(id=new_id(), centre_id=centre_id, since=now, next_at=due)
    return Outcome(rows=(gap,), entries=(_entry(gap, "coverage.gap"),))


@dataclass(frozen=True, slots=True, kw_only=True)
class Within:
    """Who can be called, and who has been called about this gap."""

    roster: Roster
    told: frozenset[UUID] = frozenset()


def alarm(
    gap: Gap, ladder: Ladder, whom: Within, policy: CoverPolicy, *, now: datetime, new_id: NewId
) -> Outcome:
    """Call those on call, each once; where nobody is, everybody, for as long as the gap lasts.

    Watches end and begin while it lasts: whoever comes on call later is called then, and when the last of
    them goes off, everybody again.
    """
    if gap.ended_at is not None or (gap.next_at is not None and gap.next_at > now):
        return NOTHING
    on_call: Sequence[Responder] = whom.roster.get(ON_CALL, ())
    fresh = on_call if gap.next_at else [each for each in on_call if each.staff_id not in whom.told]
    if on_call and not fresh:
        return NOTHING
    again = None if on_call else now + timedelta(seconds=policy.again_seconds)
    told = replace(gap, alarms=gap.alarms + 1, next_at=again)
    summons = Summons(
        escalation_id=None,
        about_id=gap.id,
        centre_id=gap.centre_id,
        purpose=paging.COVER,
        rung=gap.alarms,
        at=now,
        is_loud=gap.alarms > 0,
    )
    people = fresh or whom.roster.get(EVERYONE, ())
    made = paging.pages(summons, people, ladder.every_channel, new_id)
    entry = _entry(told, "coverage.lost", on_call=len(on_call), pages=len(made))
    return Outcome(rows=(told, *made), entries=(entry,), effects=paging.sends(made))


def end(gap: Gap, now: datetime) -> Outcome:
    """Somebody has come, or the line has closed."""
    over = replace(gap, ended_at=now, next_at=None)
    return Outcome(rows=(over,), entries=(_entry(over, "coverage.restored"),))


def _entry(gap: Gap, kind: str, **body: Json) -> Entry:
    return Entry(
        kind=kind, centre_id=gap.centre_id, actor=system_actor("keeper"), body={"gap": str(gap.id), **body}
    )
