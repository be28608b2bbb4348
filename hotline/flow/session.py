"""The engagement itself: hanging up, screening, writing the record, closing it, and what breaks."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from hotline.base import ids, log, turns
from hotline.base.errors import Absent
from hotline.domain import (
    assist as assists,
    followup as followups,
    followup_plan,
    presence as presences,
    recovery,
    session as sessions,
    task as tasks,
)
from hotline.domain.contact import Contact
from hotline.domain.joint import Journey
from hotline.domain.outcome import Outcome
from hotline.domain.presence import Presence
from hotline.domain.session import Record, Session
from hotline.policy.policies import Policies
from hotline.store import (
    assist as store_assist,
    contact as store_contact,
    dispatch as store_dispatch,
    followup as store_followup,
    leg as store_leg,
    noting as store_noting,
    presence as store_presence,
    staff as store_staff,
)
from hotline.store.health import hears_since
from hotline.store.unit import Store, Unit

_log = log.get("session")


async def hang_up(store: Store, contact_id: UUID, staff_id: UUID, now: datetime) -> None:
    """The counselor ends the talk on purpose; twice changes nothing.

    Raises:
        Absent: the contact is with nobody, or with somebody else.
    """
    async with store.unit() as unit:
        journey = await store_contact.lock_journey(unit, contact_id)
        if journey.session is None:
            raise Absent("session.absent", "This contact is not with you.")
        session = sessions.own(journey.session, staff_id)
        if session.state == "wrapping":
            return
        outcome = sessions.end(journey.contact, session, now, by="counselor")
        outcome += await store_leg.settled(unit, outcome, journey.contact, now)
        await unit.save(outcome, now, journey)


@dataclass(frozen=True, slots=True, kw_only=True)
class Screened:
    """Whether the caller was asked about suicide and what came of it, without a level."""

    result: str
    reason: str | None = None


async def screen(
    store: Store, policies: Policies, session_id: UUID, staff_id: UUID, said: Screened, now: datetime
) -> None:
    """Note whether the caller was asked about suicide; who has not denied it is raised to what that means.

    Raises:
        Refused: the result is not one of the four, or its reason is missing.
    """
    async with store.unit() as unit:
        journey, session = await _lock_session(unit, session_id, staff_id)
        outcome = sessions.screen(session, said.result, said.reason, now)
        outcome += sessions.answer(journey.contact, outcome.row(Session), now, policies.queue)
        await unit.save(outcome, now, journey)


async def write(
    store: Store, policies: Policies, session_id: UUID, staff_id: UUID, record: Record, now: datetime
) -> None:
    """Keep what the counselor has written so far; of a harmed minor a report is owed from then on.

    What is written is read by rules in the same transaction, so that a record and a level do not drift apart.

    Raises:
        Refused: a code is unknown, or the record is closed.
    """
    async with store.unit() as unit:
        journey, session = await _lock_session(unit, session_id, staff_id)
        outcome = sessions.write(session, record)
        outcome += tasks.minor_harmed(journey.contact, record.age_band, task_id=ids.new_id(), now=now)
        texts = (record.words, record.facts, record.judgment, record.unknowns)
        outcome += await store_noting.answered(unit, policies, journey, texts, now, age_band=record.age_band)
        await unit.save(outcome, now, journey)


async def close(store: Store, policies: Policies, session_id: UUID, staff_id: UUID, now: datetime) -> None:
    """Complete the record; the counselor is free after the wrap-up minimum. Twice changes nothing.

    With it come the calls that are owed to the caller, and after imminent danger or a rescue the counselor's
    recovery; a supervisor who was called to the counselor need not come any more.

    Raises:
        Refused: the talk goes on, or a mandatory field is missing.
    """
    async with store.unit() as unit:
        journey, session = await _lock_session(unit, session_id, staff_id)
        if session.state == "closed":
            return
        presence = await store_presence.lock(unit, staff_id)
        outcome = sessions.close(journey.contact, session, presence, now, policies.queue)
        outcome += assists.end_with_session(await store_assist.find_open(unit, session_id), now)
        outcome += await _aftercare(unit, policies, journey, outcome, now)
        await unit.save(outcome, now, journey)


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What a sweep over engagements found."""

    failed: int = 0
    interrupted: int = 0


async def sweep(store: Store, policies: Policies, now: datetime, most: int) -> Swept:
    """Put callers back whose counselor does not come, or whose counselor's page has gone silent."""
    policy = policies.queue
    async with store.connection() as connection:
        silent_before = partial(presences.silent_before, now, hears_since=await hears_since(connection, now))
        slow = await store_contact.slow_connections(connection, silent_before(policy.connect_seconds), most)
        lost = await store_contact.with_lost_counselor(
            connection,
            silent_before(policy.device_lost_seconds),
            silent_before(policy.chat_lost_seconds),
            most,
        )
    await turns.each(slow, lambda contact_id: _fail(store, policies, contact_id, now), _log)
    await turns.each(lost, lambda contact_id: interrupt(store, policies, contact_id, now), _log)
    return Swept(failed=len(slow), interrupted=len(lost))


async def interrupt(store: Store, policies: Policies, contact_id: UUID, now: datetime) -> None:
    """The counselor's device is lost: the caller is back in the queue, at the front."""
    async with store.unit() as unit:
        journey = await store_contact.lock_journey_if_free(unit, contact_id)
        if journey is None or journey.contact.state != "talking" or journey.session is None:
            return
        presence = await store_presence.lock(unit, journey.session.staff_id)
        outcome = sessions.interrupt(journey.contact, journey.session, presence, now, policies.queue)
        outcome += await store_leg.settled(unit, outcome, journey.contact, now)
        await unit.save(outcome, now, journey)


async def _fail(store: Store, policies: Policies, contact_id: UUID, now: datetime) -> None:
    async with store.unit() as unit:
        journey = await store_contact.lock_journey_if_free(unit, contact_id)
        if journey is None or journey.contact.state != "connecting" or journey.session is None:
            return
        outcome = sessions.fail(journey.contact, journey.session, now, policies.queue, reason="not_connected")
        outcome += await store_leg.settled(unit, outcome, journey.contact, now)
        await unit.save(outcome, now, journey)


async def _aftercare(
    unit: Unit, policies: Policies, journey: Journey, closed: Outcome, now: datetime
) -> Outcome:
    """What is owed once this record is closed: calls to the caller, and rest for the counselor."""
    contact, presence, rules = closed.row(Contact), closed.row(Presence), policies.afterwards
    danger = followups.danger_of(journey.escalation)
    means = followups.Means(
        policy=rules.followup,
        line=await store_staff.get_line(unit.connection, unit.vault, contact.line_id),
        agreement=await store_followup.agreement_of(unit.connection, unit.vault, contact.id),
        new_id=ids.new_id,
        running=tuple(await store_followup.running(unit.connection, unit.vault, contact.id)),
        danger=danger,
    )
    made = await store_followup.lock_of_contact(unit, contact.id)
    outcome = followup_plan.plan(contact, presence.id, made, means=means, now=now)
    is_rescued = await store_dispatch.is_rescued(unit.connection, contact.id)
    if recovery.is_owed(contact.gravest, danger, is_rescued=is_rescued):
        about_id = closed.row(Session).id
        outcome += recovery.recover(presence, rules.recovery, now)
        outcome += recovery.debrief(
            contact, about_id, presence, rules.recovery, task_id=ids.new_id(), now=now
        )
    return outcome


async def _lock_session(unit: Unit, session_id: UUID, staff_id: UUID) -> tuple[Journey, Session]:
    journey = await store_contact.lock_journey_of(unit, "session", session_id)
    return journey, sessions.own(await store_contact.session_of(unit, journey, session_id), staff_id)
