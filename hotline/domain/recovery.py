"""Recovery: whoever has had a contact in imminent danger is offered nothing for a while.

It is part of the presence, so it is what routing sees, what the board shows and what the person's own page
counts down. It can be set longer by the house, never shorter than ten minutes. A debrief is owed besides,
and nobody holds their own.

No rule and no supervisor breaks it, however many wait: nothing is offered in recovery (req. 58). But after
its ten minutes the person may say that they are fit again, while somebody in danger waits: they are told
of it, and it is theirs alone to answer. Without such need they rest on; else it would always be skipped.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from hotline.base.errors import Refused
from hotline.domain import presence as presences, task as tasks
from hotline.domain.contact import Contact
from hotline.domain.journal import Entry, staff_actor, system_actor
from hotline.domain.level import Level
from hotline.domain.outcome import NOTHING, Outcome
from hotline.domain.presence import Presence
from hotline.domain.staff import Role
from hotline.domain.task import Owed

DEBRIEF: Final = "debrief"
"""The kind of the task in which somebody talks with the counselor."""
MINUTES_MIN: Final = 10
"""Requirement 58."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryPolicy:
    """How long the rest lasts, and in which time the debrief is owed."""

    minutes: int = 30
    debrief_hours: int = 24


def is_owed(level: Level, danger: Level, *, is_rescued: bool = False) -> bool:
    """Whether the counselor recovers: the contact was imminent, at the end or while escalated, or rescued."""
    return is_rescued or Level.IMMINENT in {level, danger}


def recover(presence: Presence, policy: RecoveryPolicy, now: datetime) -> Outcome:
    """No offers until the time is over; one that was to last longer is kept."""
    until = now + timedelta(minutes=policy.minutes)
    kept = max(until, presence.recovers_until or until)
    rested = presences.rest(presence, now, until=kept)
    recovering = replace(rested, recovers_until=kept)
    entry = Entry(
        kind="presence.recovering",
        centre_id=presence.centre_id,
        actor=system_actor("duty"),
        staff_ids=(presence.id,),
        body={"minutes": policy.minutes},
    )
    return Outcome(rows=(recovering,), entries=(entry,))


def may_end_at(presence: Presence) -> datetime | None:
    """From when on the person may come back early; None for whoever does not recover."""
    if presence.recovers_until is None or presence.rested_at is None:
        return None
    return presence.rested_at + timedelta(minutes=MINUTES_MIN)


def come_back(presence: Presence, now: datetime, *, is_needed: bool) -> Outcome:
    """The person is fit again and wants to help somebody in danger who waits; twice changes nothing.

    Raises:
        Refused: the least rest is not over, or nobody in danger waits.
    """
    begins_at = may_end_at(presence)
    if begins_at is None:
        return NOTHING
    if now < begins_at:
        raise Refused(
            "recovery.too_early", f"Rest first: at least {MINUTES_MIN} minutes after a grave contact."
        )
    if not is_needed:
        raise Refused("recovery.not_needed", "Nobody in danger is waiting just now; go on resting.")
    back = replace(presence, free_at=None, rested_at=None, recovers_until=None, idle_since=now)
    entry = Entry(
        kind="presence.came_back",
        centre_id=presence.centre_id,
        actor=staff_actor(presence.id),
        staff_ids=(presence.id,),
        body={},
    )
    return Outcome(rows=(back,), entries=(entry,))


def debrief(
    contact: Contact,
    about_id: UUID,
    presence: Presence,
    policy: RecoveryPolicy,
    *,
    task_id: UUID,
    now: datetime,
) -> Outcome:
    """Somebody else than the counselor talks with them about it."""
    owed = Owed(
        kind=DEBRIEF,
        about_id=about_id,
        role=Role.SUPERVISOR,
        due_at=now + timedelta(hours=policy.debrief_hours),
        barred_id=presence.id,
        reason="after_grave_contact",
    )
    return tasks.make(contact, owed, task_id, now)
