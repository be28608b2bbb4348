"""Escalations: raised by hand, taken, worked on to their outcome, closed, and climbed by the clock.

A person's judgement of a level is here too, because a level that rises calls the team in.

What a person sends again because no answer came is kept once: a request with a key is a fact, acted on
once like those of a telephone network. Yet a repeat still raises what has sunk since, and still calls in a
team that has been sent away since: an alarm too many is better than one taken for a repeat. It never lowers.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TypeGuard
from uuid import UUID

from hotline.base import ids, log, turns
from hotline.base.errors import Absent, Refused
from hotline.base.sensitive import Sensitive
from hotline.domain import (
    contact as contacts,
    custody,
    escalation as escalations,
    judgement as judgements,
    paging,
    session as sessions,
    vigil,
)
from hotline.domain.contact import Contact
from hotline.domain.custody import Basis, Hand
from hotline.domain.escalation import Cause, Escalation
from hotline.domain.joint import Journey
from hotline.domain.journal import staff_actor
from hotline.domain.ladder import Ladder, Ladders, Roster
from hotline.domain.level import Level
from hotline.domain.outcome import NOTHING, Outcome
from hotline.policy.policies import Policies
from hotline.store import (
    contact as store_contact,
    dispatch as store_dispatch,
    escalation as store_escalation,
    leg as store_leg,
    noting as store_noting,
    roster as store_roster,
)
from hotline.store.unit import Store, Unit

_log = log.get("escalation")

Judgement = judgements.Asked
"""What a person makes of a contact's level, and on what grounds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Screening:
    """The result of asking about suicide, and the level that the counselor concludes from it."""

    result: str
    reason: str | None
    judgement: Judgement


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a person says of an escalation when it goes on: a code, and words of their own."""

    code: str
    words: Sensitive


async def declare(
    store: Store, policies: Policies, contact_id: UUID, staff_id: UUID, judgement: Judgement, now: datetime
) -> UUID:
    """A person raises the alarm with one button; the contact's level rises with it.

    One that is already open is joined: it grows graver if need be, and the grounds become a note.

    Raises:
        Refused: the level does not call for a team.
    """
    if not judgement.level.needs_escalation:
        raise Refused("escalation.level", "An escalation is high or imminent.")
    async with store.unit() as unit:
        journey = await store_contact.lock_journey(unit, contact_id)
        is_repeated = await _is_repeated(unit, staff_id, judgement.key, now)
        if is_repeated and _is_called(journey.escalation, judgement.level):
            return journey.escalation.id
        outcome = await _called(unit, policies, journey, staff_id, judgement.level, now)
        standing = _standing(journey, outcome)
        if standing is None:
            raise Refused("escalation.none", "Nothing was raised; look again.")
        await unit.save(outcome + _grounds(standing, staff_id, judgement, now), now, journey)
        return standing.id


async def set_level(
    store: Store, policies: Policies, contact_id: UUID, staff_id: UUID, judgement: Judgement, now: datetime
) -> None:
    """A person's judgement of the contact's level; its grounds become a note of the escalation, if any.

    Raises:
        Forbidden: lowering needs a supervisor.
        Refused: lowering needs grounds, or the level has moved since the person looked.
    """
    async with store.unit() as unit:
        journey = await store_contact.lock_journey(unit, contact_id)
        if await _is_judged(unit, journey, staff_id, judgement, now):
            return
        await unit.save(await _judged(unit, policies, journey, staff_id, judgement, now), now, journey)


async def screen(
    store: Store, policies: Policies, session_id: UUID, staff_id: UUID, screening: Screening, now: datetime
) -> None:
    """Note the screening and the level that follows from it, together or not at all.

    Raises:
        Absent: the session is not this counselor's.
        Forbidden: lowering needs a supervisor.
        Refused: the result is not one of the four, its reason is missing, or the record is closed.
    """
    async with store.unit() as unit:
        journey = await store_contact.lock_journey_of(unit, "session", session_id)
        session = sessions.own(await store_contact.session_of(unit, journey, session_id), staff_id)
        if await _is_judged(unit, journey, staff_id, screening.judgement, now):
            return
        outcome = sessions.screen(session, screening.result, screening.reason, now)
        outcome += await _judged(unit, policies, journey, staff_id, screening.judgement, now)
        await unit.save(outcome, now, journey)


async def acknowledge(
    store: Store, policies: Policies, escalation_id: UUID, hand: Hand, now: datetime
) -> None:
    """Somebody says "I have it".

    Raises:
        Refused: somebody else has it, or it is over.
    """
    async with store.unit() as unit:
        journey, held = await _lock(unit, escalation_id)
        ladder = await _ladder(unit, policies, held)
        await unit.save(custody.acknowledge(held, hand, ladder, now), now, journey)


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """Words that a person adds to an escalation; `key` is the same in every try of the same request."""

    staff_id: UUID
    words: Sensitive
    key: str | None = None


async def add_note(
    store: Store, policies: Policies, escalation_id: UUID, noted: Noted, now: datetime
) -> None:
    """Add words to an escalation; sent again under the same `key`, they are kept once.

    Rules read them in the same transaction: an act under way that is noted makes the escalation graver.
    """
    async with store.unit() as unit:
        journey, escalation = await _lock(unit, escalation_id)
        if await _is_repeated(unit, noted.staff_id, noted.key, now):
            return
        outcome = custody.add_note(escalation, noted.words, noted.staff_id, now=now, new_id=ids.new_id)
        outcome += await store_noting.answered(unit, policies, journey, [noted.words], now)
        await unit.save(outcome, now, journey)


async def make_contact(
    store: Store, policies: Policies, escalation_id: UUID, hand: Hand, made: Said, now: datetime
) -> None:
    """Somebody has spoken with the person; `made.code` says how.

    Raises:
        Refused: nobody has acknowledged, or it is not known how.
        Forbidden: it is somebody else's.
    """
    async with store.unit() as unit:
        journey, held = await _lock(unit, escalation_id)
        ladder = await _ladder(unit, policies, held)
        outcome = custody.make_contact(held, hand, made.code, made.words, ladder=ladder, now=now)
        await unit.save(outcome, now, journey)


async def resolve(
    store: Store, policies: Policies, escalation_id: UUID, hand: Hand, said: Said, now: datetime
) -> None:
    """Confirm what became of the person; `said.code` is the outcome. It stays open until it is closed.

    Raises:
        Refused: nobody has acknowledged, no contact was made, or the outcome is not in the list.
        Forbidden: it is somebody else's.
    """
    async with store.unit() as unit:
        journey, held = await _lock(unit, escalation_id)
        ladder = await _ladder(unit, policies, held)
        outcome = custody.resolve(held, hand, said.code, said.words, ladder=ladder, now=now)
        await unit.save(outcome, now, journey)


async def close(store: Store, escalation_id: UUID, hand: Hand, now: datetime) -> None:
    """Put it away; one that was resolved and has a newer one behind it, too.

    Raises:
        Refused: there is no outcome, or somebody is still sent out.
        Forbidden: it is somebody else's.
    """
    async with store.unit() as unit:
        journey = await store_contact.lock_journey_of(unit, "escalation", escalation_id)
        held = await store_escalation.load(unit, escalation_id)
        if held is None:
            raise Absent("escalation.absent", "There is no such escalation.")
        sent = await store_dispatch.count_open(unit.connection, journey.contact.id)
        await unit.save(custody.close(held, hand, open_dispatches=sent, now=now), now, journey)


async def stand_down(store: Store, escalation_id: UUID, hand: Hand, said: Said, now: datetime) -> None:
    """Take it back, by name; `said.code` is the ground, its words the reason.

    Raises:
        Refused: there is no reason, somebody is still sent out, or it is over.
        Forbidden: it is somebody else's, or somebody has judged it imminent.
    """
    async with store.unit() as unit:
        journey, held = await _lock(unit, escalation_id)
        sent = await store_dispatch.count_open(unit.connection, journey.contact.id)
        basis = Basis(contact=journey.contact, open_dispatches=sent)
        outcome = custody.stand_down(held, basis, hand, said.code, said.words, now=now)
        await unit.save(outcome, now, journey)


async def climb_due(store: Store, policies: Policies, now: datetime, most: int) -> int:
    """Page the next rung of every escalation whose time has passed; how many there were.

    One that cannot be read keeps nobody else from being called.
    """

    async def due(many: int) -> list[UUID]:
        async with store.connection() as connection:
            return await store_escalation.due(connection, now, many)

    return await turns.through(due, partial(_climb, store, policies, now), most, _log)


async def _climb(store: Store, policies: Policies, now: datetime, contact_id: UUID) -> None:
    async with store.unit() as unit:
        journey = await store_contact.lock_journey_if_free(unit, contact_id)
        if journey is None or journey.escalation is None:
            return
        for held in await store_escalation.open_of(unit, contact_id):
            outcome = await _climbed(unit, policies, held, now)
            await unit.save(outcome, now, journey if held.id == journey.escalation.id else None)


async def _climbed(unit: Unit, policies: Policies, escalation: Escalation, now: datetime) -> Outcome:
    about, centre_id = escalation.contact_id, escalation.centre_id
    roster = await store_roster.roster(unit.connection, centre_id, escalation.level, now, about)
    ladders = await store_roster.ladders(unit.connection, policies.ladders, escalation.centre_id)
    outcome = await _joiner(unit, ladders, escalation, roster, now)
    held = outcome.row(Escalation) if outcome.rows else escalation
    return outcome + vigil.climb(held, ladders, roster, now=now, new_id=ids.new_id)


async def _joiner(unit: Unit, ladders: Ladders, held: Escalation, roster: Roster, now: datetime) -> Outcome:
    """Whoever was asked to join has not come in time."""
    if held.join_by is None or held.join_by > now:
        return NOTHING
    asked = await store_escalation.joinings_of(unit.connection, unit.vault, held.id)
    return vigil.call_joiner(held, asked, ladders[held.level], roster, now=now, new_id=ids.new_id)


async def page_sent(
    store: Store, page_id: UUID, now: datetime, *, state: str, call_sid: str | None = None
) -> None:
    """The relay has sent a page, or wants it seen that it could not; `call_sid` of a telephone call.

    A telephone may have been reported ringing, busy or answered before: the report is the last word.
    """
    async with store.unit() as unit:
        page = await store_escalation.lock_page(unit, page_id)
        if page is not None and page.state != state and page.call_sid is None:
            await unit.save(paging.page_done(page, state, now, call_sid), now)


async def _lock(unit: Unit, escalation_id: UUID) -> tuple[Journey, Escalation]:
    journey = await store_contact.lock_journey_of(unit, "escalation", escalation_id)
    escalation = journey.escalation
    if escalation is None or escalation.id != escalation_id:
        raise Absent("escalation.absent", "This escalation is over; there is a newer one.")
    return journey, escalation


async def _ladder(unit: Unit, policies: Policies, held: Escalation) -> Ladder:
    """The ladder that it is called by."""
    ladders = await store_roster.ladders(unit.connection, policies.ladders, held.centre_id)
    return ladders[held.level]


async def _is_repeated(unit: Unit, staff_id: UUID, key: str | None, now: datetime) -> bool:
    """Whether this request of this person has been acted on; asked under the contact's lock, and noted."""
    return key is not None and not await store_leg.is_new_fact(unit, f"asked:{staff_id}:{key}", now)


async def _is_judged(
    unit: Unit, journey: Journey, staff_id: UUID, judgement: Judgement, now: datetime
) -> bool:
    """Whether this judgement has been made and still holds, or would only lower what has risen since."""
    is_repeated = await _is_repeated(unit, staff_id, judgement.key, now)
    return is_repeated and journey.contact.level >= judgement.level


def _is_called(escalation: Escalation | None, level: Level) -> TypeGuard[Escalation]:
    """Whether a team is called in for this level, and not about to put it away."""
    if escalation is None or not escalation.is_open or escalation.state == "resolved":
        return False
    return escalation.level >= level


async def _judged(
    unit: Unit, policies: Policies, journey: Journey, staff_id: UUID, judgement: Judgement, now: datetime
) -> Outcome:
    """The level as the person sees it; a team is called in where it rises to one that needs it."""
    before, level = journey.contact, judgement.level
    judgements.require(before.level, judgement)
    outcome = contacts.set_level(before, level, now, policies.queue, actor=staff_actor(staff_id))
    outcome += Outcome(rows=(_kept(before, staff_id, judgement, now),))
    if level.needs_escalation and level > before.level:
        judged = replace(journey, contact=outcome.row(Contact))
        outcome += await _called(unit, policies, judged, staff_id, level, now)
    standing = _standing(journey, outcome)
    return outcome if standing is None else outcome + _grounds(standing, staff_id, judgement, now)


def _kept(before: Contact, staff_id: UUID, judgement: Judgement, now: datetime) -> judgements.Judgement:
    """The judgement as it is kept for good, with its grounds."""
    return judgements.Judgement(
        id=ids.new_id(),
        contact_id=before.id,
        staff_id=staff_id,
        at=now,
        before=before.level,
        after=judgement.level,
        basis=judgement.basis if not judgement.basis.is_blank else None,
    )


async def _called(
    unit: Unit, policies: Policies, journey: Journey, staff_id: UUID, level: Level, now: datetime
) -> Outcome:
    """A person calls the team in: an open escalation grows graver, after a closed one comes a new one."""
    contact, latest = journey.contact, journey.escalation
    roster = await store_roster.roster(unit.connection, contact.centre_id, level, now, contact.id)
    ladders = await store_roster.ladders(unit.connection, policies.ladders, contact.centre_id)
    means = escalations.Means(queue=policies.queue, ladders=ladders, roster=roster, new_id=ids.new_id)
    open_one = latest if latest is not None and latest.is_open else None
    cause = Cause(source="counselor", staff_id=staff_id)
    return escalations.respond(contact, open_one, level, cause, means=means, now=now)


def _standing(journey: Journey, outcome: Outcome) -> Escalation | None:
    """The escalation as it will be after the outcome."""
    changed = next((row for row in outcome.rows if isinstance(row, Escalation)), None)
    return changed or journey.escalation


def _grounds(escalation: Escalation, staff_id: UUID, judgement: Judgement, now: datetime) -> Outcome:
    """The person's own words, kept with the escalation."""
    if judgement.basis.is_blank:
        return NOTHING
    return custody.add_note(escalation, judgement.basis, staff_id, now=now, new_id=ids.new_id)
