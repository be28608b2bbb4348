"""The plan of follow-ups: what the caller agreed to, and which calls are owed for that.

It is made in the transaction that closes the record, made again when the caller agrees later, and taken
back at once when they no longer wish it.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from hotline.base.errors import Refused
from hotline.domain import contact as contacts, followup, hours
from hotline.domain.contact import Contact
from hotline.domain.followup import (
    BY_HAND,
    NOT_AGREED,
    NOT_ASKED,
    WAYS,
    Agreement,
    Attempt,
    FollowUp,
    Means,
    Step,
)
from hotline.domain.journal import staff_actor
from hotline.domain.level import Level
from hotline.domain.outcome import NOTHING, Outcome

UNWELCOME = frozenset({NOT_AGREED, NOT_ASKED})
BY_NUMBER = frozenset({"phone", "sms"})
"""Ways for which the number that a caller rang from will do."""


def agree(contact: Contact, agreement: Agreement) -> Outcome:
    """Keep what the caller said to being called again.

    Raises:
        Refused: they agreed, and the safe way to reach them is missing or unknown.
    """
    if agreement.is_agreed and agreement.way not in WAYS:
        raise Refused("followup.way", f"Say by which way it is safe: one of {', '.join(sorted(WAYS))}.")
    known = contact.number if agreement.way in BY_NUMBER else None
    if agreement.is_agreed and not (agreement.reach or known):
        raise Refused("followup.reach", "Write down where the caller can be reached safely.")
    kind = "followup.agreed" if agreement.is_agreed else "followup.not_agreed"
    actor = staff_actor(agreement.staff_id)
    return Outcome(rows=(agreement,), entries=(contacts.note(contact, kind, actor, way=agreement.way),))


def plan(
    contact: Contact, staff_id: UUID, made: Sequence[FollowUp], *, means: Means, now: datetime
) -> Outcome:
    """The steps that the contact's danger asks for and that are not made yet, once the talk is over.

    The danger is the contact's level, or that at which a team was called in, whichever is graver.

    A caller has one plan: a step that is owed to them already for an earlier contact, or a call that would
    fall on the day of one, is not made a second time. Without an agreement it is one closed line, which says
    that nobody may be called, or that nobody asked.
    """
    known = {each.step for each in made if each.result not in UNWELCOME}
    level = Level.highest(contact.gravest, means.danger)
    steps = [step for step in means.policy.steps if _is_wanted(step, level, means)]
    missing = [step for step in steps if step.code not in known]
    if contact.ended_at is None or not missing:
        return NOTHING
    wanted = [_made(contact, step, staff_id, means=means, now=now) for step in missing]
    if means.is_welcome:
        return _gone_on(contact, _still_useful(wanted, now), staff_id, means)
    result = NOT_ASKED if means.agreement is None else NOT_AGREED
    if any(each.result == result for each in made):
        return NOTHING
    return _planned(contact, [followup.ended(wanted[0], "close", result, now)], staff_id)


def add(contact: Contact, staff_id: UUID, *, days: int, means: Means, now: datetime) -> Outcome:
    """One more call, so many days from now, because somebody thinks it good.

    Raises:
        Refused: the caller has not agreed, or the day is too far.
    """
    if not means.is_welcome:
        raise Refused(
            "followup.no_contact_agreed", "Ask the caller first: nobody is called who has not agreed."
        )
    if not 0 <= days <= means.policy.by_hand_days_max:
        raise Refused("followup.days", f"Between 0 and {means.policy.by_hand_days_max} days from now.")
    from_now = replace(contact, ended_at=now)
    made = _made(from_now, Step(code=BY_HAND, days=days), staff_id, means=means, now=now)
    if made.due_at < now:
        at = hours.after(now, means.rule(waits_for_holidays=False))
        made = replace(made, due_at=at, next_at=at)
    return _planned(contact, [made], staff_id)


def renew(
    contact: Contact,
    talked: FollowUp,
    tried: Attempt,
    others: Sequence[FollowUp],
    *,
    means: Means,
    now: datetime,
) -> Outcome:
    """The plan from its beginning, after a talk of ours that found more danger than it was planned for.

    What is still owed stays, and nobody is called twice on a day.
    """
    level = followup.found_level(tried)
    is_graver = level is not None and (level > talked.level or tried.acts_since == "attempt")
    if level is None or not is_graver or tried.result != "reached" or not means.is_welcome:
        return NOTHING
    grave = replace(contact, ended_at=now, level=Level.highest(contact.level, level))
    owed = [each for each in others if each.is_open]
    known = {each.step for each in owed}
    steps = [step for step in means.policy.steps if level in step.levels and step.code not in known]
    wanted = [_made(grave, step, tried.staff_id, means=means, now=now) for step in steps]
    if not wanted:
        return NOTHING
    return _gone_on(contact, wanted, tried.staff_id, replace(means, running=(*means.running, *owed)))


def withdraw(made: Sequence[FollowUp], staff_id: UUID, result: str, now: datetime) -> Outcome:
    """No further call: every step that is still owed ends with `result`."""
    outcome = NOTHING
    for each in made:
        if each.is_open:
            closed = replace(followup.ended(each, "close", result, now), closed_by=staff_id)
            entry = followup.note(closed, "followup.closed", staff_actor(staff_id), result=result)
            outcome += Outcome(rows=(closed,), entries=(entry,))
    return outcome


def _is_wanted(step: Step, level: Level, means: Means) -> bool:
    return level in step.levels or (means.is_welcome and level in step.offered)


def _made(contact: Contact, step: Step, staff_id: UUID, *, means: Means, now: datetime) -> FollowUp:
    base = contact.ended_at or now
    by_day = hours.on_day(base, step.days, means.line.timezone)
    wanted = base + timedelta(hours=step.hours) if step.hours else by_day
    due_at = hours.fitted(wanted, means.rule(waits_for_holidays=step.waits_for_holidays))
    return FollowUp(
        id=means.new_id(),
        contact_id=contact.id,
        centre_id=contact.centre_id,
        line_id=contact.line_id,
        step=step.code,
        level=Level.highest(contact.gravest, means.danger),
        state=followup.MACHINE.start,
        made_at=now,
        due_at=due_at,
        next_at=due_at,
        climbs_at=max(due_at, now) + timedelta(hours=means.policy.supervisor_after_hours),
        staff_id=staff_id,
    )


def _still_useful(wanted: Sequence[FollowUp], now: datetime) -> list[FollowUp]:
    """What lies ahead, and of all that is past the latest: nobody is called three times in one hour."""
    in_order = sorted(wanted, key=lambda each: each.due_at)
    past = [each for each in in_order if each.due_at < now]
    return [*past[-1:], *in_order[len(past) :]]


def _gone_on(contact: Contact, wanted: Sequence[FollowUp], staff_id: UUID, means: Means) -> Outcome:
    """What the running plan of the same caller does not hold already; that it goes on is noted."""
    zone = ZoneInfo(means.line.timezone)
    steps = {each.step for each in means.running}
    days = {each.next_at.astimezone(zone).date() for each in means.running}
    fresh = [
        each for each in wanted if each.step not in steps and each.due_at.astimezone(zone).date() not in days
    ]
    outcome = _planned(contact, fresh, staff_id) if fresh else NOTHING
    if len(fresh) == len(wanted):
        return outcome
    kept = [each.step for each in wanted if each not in fresh]
    entry = contacts.note(contact, "followup.continued", staff_actor(staff_id), steps=kept)
    return outcome + Outcome(entries=(entry,))


def _planned(contact: Contact, made: Sequence[FollowUp], staff_id: UUID) -> Outcome:
    steps = [each.step for each in made]
    results = sorted({each.result for each in made if each.result})
    entry = contacts.note(contact, "followup.planned", staff_actor(staff_id), steps=steps, results=results)
    return Outcome(rows=tuple(made), entries=(entry,))
