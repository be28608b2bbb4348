"""Follow-ups: agreed to, taken, tried, ended, and climbed by the clock.

The contact's row is the lock of its follow-ups as it is of its escalation: what a counselor hears in a
follow-up raises the level and calls the team in, in the transaction that keeps the try.
"""

from dataclasses import dataclass, replace
from datetime import datetime, time
from uuid import UUID

from hotline.base import ids, log, turns
from hotline.base.errors import Absent
from hotline.base.sensitive import Sensitive
from hotline.domain import (
    access,
    escalation as escalations,
    followup as followups,
    followup_plan as plans,
    task as tasks,
)
from hotline.domain.access import Permission, Viewer
from hotline.domain.contact import Contact
from hotline.domain.escalation import Cause, Escalation
from hotline.domain.followup import FOR_GOOD, NOT_AGREED, Agreement, Attempt, FollowUp, Means
from hotline.domain.joint import Journey
from hotline.domain.judgement import Judgement
from hotline.domain.level import Level
from hotline.domain.outcome import NOTHING, Outcome
from hotline.domain.staff import Role
from hotline.domain.task import Owed
from hotline.policy.policies import Policies
from hotline.store import (
    contact as store_contact,
    followup as store_followup,
    leg as store_leg,
    noting as store_noting,
    roster as store_roster,
    staff as store_staff,
    task as store_task,
)
from hotline.store.unit import Store, Unit

_log = log.get("followup")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a caller says to being called again; `key` is the same in every try of one request."""

    is_agreed: bool
    way: str | None = None
    reach: Sensitive | None = None
    since: time | None = None
    until: time | None = None
    may_leave_voicemail: bool = False
    code_word: Sensitive | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class More:
    """One more call, so many days from now."""

    days: int
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What became of a try, as the counselor reports it."""

    result: str
    intent: int | None = None
    hopefulness: int | None = None
    distress: int | None = None
    level: Level | None = None
    acts_since: str | None = None
    words: Sensitive | None = None
    key: str | None = None


async def agree(
    store: Store, policies: Policies, contact_id: UUID, staff_id: UUID, wish: Wish, now: datetime
) -> None:
    """Keep what the caller said; a no ends what is owed at once, a yes plans it if the record is closed.

    What is owed to the same caller for other contacts ends too, each in a transaction of its own: nobody is
    called there in between, because the last word counts for all of them.

    Raises:
        Refused: they agreed, and the safe way is missing.
    """
    await _agree(store, policies, contact_id, staff_id, wish, now)
    if not wish.is_agreed:
        await _withdraw_elsewhere(store, contact_id, staff_id, NOT_AGREED, now)


async def _agree(
    store: Store, policies: Policies, contact_id: UUID, staff_id: UUID, wish: Wish, now: datetime
) -> None:
    async with store.unit() as unit:
        journey = await store_contact.lock_journey(unit, contact_id)
        if await _is_repeated(unit, staff_id, wish.key, now):
            return
        contact = journey.contact
        agreement = _agreement(contact, staff_id, wish, now)
        outcome = plans.agree(contact, agreement)
        made = await store_followup.lock_of_contact(unit, contact_id)
        if not agreement.is_agreed:
            outcome += plans.withdraw(made, staff_id, NOT_AGREED, now)
        elif contact.state == "closed":
            means = replace(await _means(unit, policies, journey), agreement=agreement)
            outcome += plans.plan(contact, staff_id, made, means=means, now=now)
        await unit.save(outcome, now, journey)


async def add(
    store: Store,
    policies: Policies,
    contact_id: UUID,
    staff_id: UUID,
    more: More,
    now: datetime,
) -> None:
    """One more call, because somebody thinks it good.

    Raises:
        Refused: the caller has not agreed, or the day is too far.
    """
    async with store.unit() as unit:
        journey = await store_contact.lock_journey(unit, contact_id)
        if await _is_repeated(unit, staff_id, more.key, now):
            return
        means = await _means(unit, policies, journey)
        outcome = plans.add(journey.contact, staff_id, days=more.days, means=means, now=now)
        await unit.save(outcome, now, journey)


async def take(store: Store, viewer: Viewer, follow_up_id: UUID, now: datetime) -> None:
    """Somebody of the centre says that they will call.

    Raises:
        Absent: there is no such follow-up in reach.
        Refused: it is over.
    """
    async with store.unit() as unit:
        journey, found, _ = await _lock(unit, follow_up_id)
        followups.require_reach(viewer, found)
        await unit.save(followups.take(found, viewer.staff_id), now, journey)


async def attempt(
    store: Store, policies: Policies, viewer: Viewer, follow_up_id: UUID, tried: Tried, now: datetime
) -> None:
    """Keep a try, answer what was heard in it, and hand on what cannot be reached; together or not at all.

    Who wishes no more calls, and who is dead, is not called for any other contact of theirs either.

    Raises:
        Absent: there is no such follow-up for these eyes.
        Forbidden: somebody else calls here.
        Refused: it is over, or a code or rating is unknown.
    """
    contact_id = await _attempt_one(store, policies, viewer, follow_up_id, tried, now)
    result = FOR_GOOD.get(tried.result)
    if result is not None:
        await _withdraw_elsewhere(store, contact_id, viewer.staff_id, result, now)


async def _attempt_one(
    store: Store, policies: Policies, viewer: Viewer, follow_up_id: UUID, tried: Tried, now: datetime
) -> UUID:
    async with store.unit() as unit:
        journey, found, made = await _lock(unit, follow_up_id)
        followups.own(followups.require_reading(viewer, found), viewer.staff_id)
        if await _is_repeated(unit, viewer.staff_id, tried.key, now):
            return journey.contact.id
        kept = _attempt(found, viewer.staff_id, tried, now)
        means = await _means(unit, policies, journey)
        outcome = followups.attempt(found, kept, means=means, now=now)
        others = [each for each in made if each.id != found.id]
        outcome += _for_good(journey.contact, kept, others, now)
        outcome += plans.renew(journey.contact, found, kept, others, means=means, now=now)
        outcome += await _answered(unit, policies, journey, kept, now)
        outcome += await _handed_on(unit, journey.contact, found, outcome, now)
        answered = store_noting.after(journey, outcome)
        outcome += await store_noting.answered(unit, policies, answered, [kept.words], now)
        await unit.save(outcome, now, journey)
        return journey.contact.id


async def close(
    store: Store,
    viewer: Viewer,
    follow_up_id: UUID,
    now: datetime,
    *,
    result: str,
    reason: Sensitive,
) -> None:
    """A supervisor ends it without a talk; who is dead is not called for any other reason either.

    Raises:
        Absent: there is no such follow-up for these eyes.
        Forbidden: only a supervisor ends what is owed.
        Refused: no such result, no reason, or it is over.
    """
    async with store.unit() as unit:
        journey, found, made = await _lock(unit, follow_up_id)
        followups.require_reading(viewer, found)
        access.require(viewer, Permission.READ_CENTRE)
        outcome = followups.close(found, result, reason, viewer.staff_id, now)
        if result in FOR_GOOD:
            others = [each for each in made if each.id != found.id]
            outcome += plans.withdraw(others, viewer.staff_id, FOR_GOOD[result], now)
        await unit.save(outcome, now, journey)
    if result in FOR_GOOD:
        await _withdraw_elsewhere(store, found.contact_id, viewer.staff_id, FOR_GOOD[result], now)


async def climb_overdue(store: Store, policies: Policies, now: datetime, most: int) -> int:
    """Hand what is overdue to the next one above too; how many contacts there were."""
    async with store.connection() as connection:
        contact_ids = await store_followup.due_to_climb(connection, now, most)
    await turns.each(contact_ids, lambda contact_id: _climb(store, policies, contact_id, now), _log)
    return len(contact_ids)


async def _climb(store: Store, policies: Policies, contact_id: UUID, now: datetime) -> None:
    async with store.unit() as unit:
        journey = await store_contact.lock_journey_if_free(unit, contact_id)
        if journey is None:
            return
        outcome = NOTHING
        for each in await store_followup.lock_of_contact(unit, contact_id):
            outcome += followups.climb(each, policies.afterwards.followup, now)
        await unit.save(outcome, now, journey)


async def _withdraw_elsewhere(
    store: Store, contact_id: UUID, staff_id: UUID, result: str, now: datetime
) -> None:
    """End what is owed to the same caller for other contacts; done again, it changes nothing."""
    async with store.connection() as connection:
        others = await store_followup.owing_elsewhere(connection, contact_id)
    for other in others:
        async with store.unit() as unit:
            journey = await store_contact.lock_journey(unit, other)
            made = await store_followup.lock_of_contact(unit, other)
            await unit.save(plans.withdraw(made, staff_id, result, now), now, journey)


async def _lock(unit: Unit, follow_up_id: UUID) -> tuple[Journey, FollowUp, list[FollowUp]]:
    contact_id = await store_followup.contact_of(unit.connection, follow_up_id)
    journey = await store_contact.lock_journey(unit, contact_id)
    made = await store_followup.lock_of_contact(unit, contact_id)
    found = next((each for each in made if each.id == follow_up_id), None)
    if found is None:
        raise Absent("followup.absent", "There is no such follow-up.")
    return journey, found, made


async def _means(unit: Unit, policies: Policies, journey: Journey) -> Means:
    contact = journey.contact
    return Means(
        policy=policies.afterwards.followup,
        line=await store_staff.get_line(unit.connection, unit.vault, contact.line_id),
        agreement=await store_followup.agreement_of(unit.connection, unit.vault, contact.id),
        new_id=ids.new_id,
        running=tuple(await store_followup.running(unit.connection, unit.vault, contact.id)),
        danger=followups.danger_of(journey.escalation),
    )


def _agreement(contact: Contact, staff_id: UUID, wish: Wish, now: datetime) -> Agreement:
    return Agreement(
        id=ids.new_id(),
        contact_id=contact.id,
        centre_id=contact.centre_id,
        staff_id=staff_id,
        at=now,
        is_agreed=wish.is_agreed,
        way=wish.way if wish.is_agreed else None,
        reach=wish.reach or None,
        since=wish.since,
        until=wish.until,
        may_leave_voicemail=wish.may_leave_voicemail,
        code_word=wish.code_word or None,
    )


def _attempt(found: FollowUp, staff_id: UUID, tried: Tried, now: datetime) -> Attempt:
    return Attempt(
        id=ids.new_id(),
        follow_up_id=found.id,
        staff_id=staff_id,
        at=now,
        result=tried.result,
        intent=tried.intent,
        hopefulness=tried.hopefulness,
        distress=tried.distress,
        level=tried.level,
        acts_since=tried.acts_since,
        words=tried.words or None,
    )


def _for_good(contact: Contact, tried: Attempt, others: list[FollowUp], now: datetime) -> Outcome:
    """Who does not wish it, and who is dead, is not called again: every later step ends too."""
    result = FOR_GOOD.get(tried.result)
    if result is None:
        return NOTHING
    outcome = plans.withdraw(others, tried.staff_id, result, now)
    if result != NOT_AGREED:
        return outcome
    return outcome + plans.agree(contact, _agreement(contact, tried.staff_id, Wish(is_agreed=False), now))


async def _handed_on(
    unit: Unit, contact: Contact, before: FollowUp, outcome: Outcome, now: datetime
) -> Outcome:
    """Who cannot be reached, or wishes it no more, is for a supervisor to think about, once."""
    after = next(row for row in outcome.rows if isinstance(row, FollowUp) and row.id == before.id)
    if not followups.needs_supervisor(before, after):
        return NOTHING
    if await store_task.find_owed(unit, followups.MISSED, before.id) is not None:
        return NOTHING
    owed = Owed(
        kind=followups.MISSED, about_id=before.id, role=Role.SUPERVISOR, due_at=now, reason=after.result
    )
    return tasks.make(contact, owed, ids.new_id(), now)


async def _answered(
    unit: Unit, policies: Policies, journey: Journey, tried: Attempt, now: datetime
) -> Outcome:
    """The level that the talk came to: it only raises, and what needs a team has one."""
    contact, level = journey.contact, followups.found_level(tried)
    if level is None or (level <= contact.level and not level.needs_escalation):
        return NOTHING
    roster = await store_roster.roster(unit.connection, contact.centre_id, level, now, contact.id)
    ladders = await store_roster.ladders(unit.connection, policies.ladders, contact.centre_id)
    means = escalations.Means(queue=policies.queue, ladders=ladders, roster=roster, new_id=ids.new_id)
    latest = journey.escalation
    open_one = latest if latest is not None and latest.is_open else None
    cause = Cause(source="counselor", staff_id=tried.staff_id)
    outcome = escalations.respond(contact, open_one, level, cause, means=means, now=now)
    is_called = open_one is not None or any(isinstance(row, Escalation) for row in outcome.rows)
    if level.needs_escalation and not is_called:
        as_found = replace(contact, level=level)
        outcome += escalations.declare(as_found, cause, ladders, roster, now=now, new_id=ids.new_id)
    return outcome + _judged(contact, tried, level, now)


def _judged(contact: Contact, tried: Attempt, level: Level, now: datetime) -> Outcome:
    """A level that rises is a person's judgement, kept with its grounds like any other."""
    if level <= contact.level:
        return NOTHING
    judged = Judgement(
        id=ids.new_id(),
        contact_id=contact.id,
        staff_id=tried.staff_id,
        at=now,
        before=contact.level,
        after=level,
        basis=tried.words,
    )
    return Outcome(rows=(judged,))


async def _is_repeated(unit: Unit, staff_id: UUID, key: str | None, now: datetime) -> bool:
    """Whether this request of this person has been acted on; asked under the contact's lock, and noted."""
    return key is not None and not await store_leg.is_new_fact(unit, f"asked:{staff_id}:{key}", now)
