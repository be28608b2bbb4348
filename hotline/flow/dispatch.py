"""Dispatches: somebody called to the person, what is known of it, and asking until the person was reached.

Where an attempt is in progress the call for help is at the same time a person's judgement that the danger is
imminent: level, team and dispatch are saved together.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID, uuid5

from hotline.base import ids, log, turns
from hotline.base.sensitive import Sensitive
from hotline.domain import (
    contact as contacts,
    dispatch as dispatches,
    escalation as escalations,
    recovery,
    vigil,
)
from hotline.domain.access import Viewer
from hotline.domain.contact import Contact
from hotline.domain.dispatch import Call, Clue, Details, Dispatch
from hotline.domain.escalation import Cause, Escalation, Means
from hotline.domain.joint import Journey
from hotline.domain.journal import staff_actor
from hotline.domain.level import Level
from hotline.domain.number import Opening
from hotline.domain.outcome import NOTHING, Outcome
from hotline.policy.policies import Policies
from hotline.store import (
    contact as store_contact,
    dispatch as store_dispatch,
    escalation as store_escalation,
    journal as store_journal,
    noting as store_noting,
    number as store_number,
    presence as store_presence,
    roster as store_roster,
    staff as store_staff,
    task as store_task,
)
from hotline.store.unit import Store, Unit

NOTED_SECONDS: Final = 60
"""A page asks again with every change; one entry in so long says that these eyes look."""

_log = log.get("dispatch")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A person calls somebody out; `key` is the same in every try of the same request."""

    staff_id: UUID
    call: Call
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """What a person says became of whoever help was sent to."""

    staff_id: UUID
    result: str
    words: Sensitive


@dataclass(frozen=True, slots=True, kw_only=True)
class Help:
    """What has been done to reach a caller, what may say where they are, and the names of those in it."""

    contact: Contact
    dispatches: tuple[Dispatch, ...]
    clues: tuple[Clue, ...]
    openings: tuple[Opening, ...]
    names: dict[UUID, str]


async def open_help(store: Store, viewer: Viewer, contact_id: UUID, now: datetime) -> Help:
    """Everything that was done to reach a caller; the look is journalled."""
    async with store.unit() as unit:
        connection, vault = unit.connection, unit.vault
        contact = await store_contact.get(connection, vault, contact_id)
        actor, since = staff_actor(viewer.staff_id), now - timedelta(seconds=NOTED_SECONDS)
        if not await store_journal.is_noted_since(connection, contact_id, "record.read", actor, since):
            await unit.save(Outcome(entries=(contacts.note(contact, "record.read", actor),)), now)
        sent = await store_dispatch.of_contact(connection, vault, contact_id)
        clues = await store_dispatch.clues_of(connection, vault, contact_id)
        openings = await store_number.of_contact(connection, vault, contact_id)
        people = {each.made_by for each in sent} | {each.closed_by for each in sent}
        people |= {each.staff_id for each in clues}
        people |= {each.asked_by for each in openings} | {each.decided_by for each in openings}
        staff = await store_staff.by_ids(connection, vault, [each for each in people if each])
    return Help(
        contact=contact,
        dispatches=tuple(sent),
        clues=tuple(clues),
        openings=tuple(openings),
        names={person.id: person.name.reveal() for person in staff.values()},
    )


async def send(store: Store, policies: Policies, contact_id: UUID, sent: Sent, now: datetime) -> UUID:
    """Somebody was called to the person; the same request again sends nobody else.

    Raises:
        Refused: a code is unknown, or the record of a rescue against the caller's will is not complete.
    """
    async with store.unit() as unit:
        journey = await store_contact.lock_journey(unit, contact_id)
        dispatch_id = ids.new_id() if sent.key is None else uuid5(contact_id, sent.key)
        if sent.key is not None and await store_dispatch.find(unit, dispatch_id) is not None:
            return dispatch_id
        outcome = dispatches.send(
            journey.contact, sent.call, sent.staff_id, policies.dispatch, dispatch_id=dispatch_id, now=now
        )
        if sent.call.consent == dispatches.NOT_NEEDED:
            outcome += await _alarmed(unit, policies, journey, sent.staff_id, now)
        texts = (sent.call.options_tried, sent.call.caller_answer, sent.call.ground)
        alarmed = store_noting.after(journey, outcome)
        outcome += await store_noting.answered(unit, policies, alarmed, texts, now)
        await unit.save(outcome, now, journey)
        return dispatch_id


async def amend(store: Store, dispatch_id: UUID, staff_id: UUID, details: Details, now: datetime) -> None:
    """More is known of it: names, references and places, which no rule reads.

    Raises:
        Refused: it is over, or a code is unknown.
    """
    async with store.unit() as unit:
        journey = await store_contact.lock_journey_of(unit, "dispatch", dispatch_id)
        dispatch = await store_dispatch.load(unit, dispatch_id)
        await unit.save(dispatches.amend(dispatch, journey.contact, details, staff_id), now, journey)


async def confirm(
    store: Store, policies: Policies, dispatch_id: UUID, said: Confirmed, now: datetime
) -> None:
    """Contact with the person is confirmed; with a rescue that is over comes the counselor's rest.

    Raises:
        Refused: the result is unknown, or it is over.
    """
    async with store.unit() as unit:
        journey = await store_contact.lock_journey_of(unit, "dispatch", dispatch_id)
        dispatch = await store_dispatch.load(unit, dispatch_id)
        outcome = dispatches.confirm(dispatch, journey.contact, said.result, said.words, said.staff_id, now)
        if outcome.rows:
            outcome += await store_noting.answered(unit, policies, journey, [said.words], now)
            outcome += await _recovered(unit, policies, journey, outcome.row(Dispatch), now)
            standing = store_noting.after(journey, outcome)
            outcome += await _lost(unit, policies, standing, outcome.row(Dispatch), now)
        await unit.save(outcome, now, journey)


async def give_up(
    store: Store, policies: Policies, dispatch_id: UUID, viewer: Viewer, reason: Sensitive, now: datetime
) -> None:
    """A supervisor says why it will stay unknown whether the person was reached.

    Raises:
        Forbidden: the person is no supervisor.
        Refused: there is no reason, or it is over.
    """
    async with store.unit() as unit:
        journey = await store_contact.lock_journey_of(unit, "dispatch", dispatch_id)
        dispatch = await store_dispatch.load(unit, dispatch_id)
        outcome = dispatches.give_up(dispatch, journey.contact, reason, viewer, now)
        if outcome.rows:
            outcome += await store_noting.answered(unit, policies, journey, [reason], now)
        await unit.save(outcome, now, journey)


async def add_clue(store: Store, policies: Policies, contact_id: UUID, clue: Clue, now: datetime) -> None:
    """Keep what may say where the caller is; the same clue again is kept once.

    With a region, the crisis team that is at home there is called at once, if nobody has the person yet.

    Raises:
        Refused: how it is known, or how sure it is, is unknown.
    """
    async with store.unit() as unit:
        journey = await store_contact.lock_journey(unit, contact_id)
        if await store_dispatch.is_clue(unit.connection, clue.id):
            return
        outcome = dispatches.add_clue(journey.contact, clue)
        if clue.region is not None and journey.escalation is not None:
            outcome += await _near(unit, policies, journey.escalation, clue.region, now)
        await unit.save(outcome, now, journey)


async def _near(unit: Unit, policies: Policies, held: Escalation, region: str, now: datetime) -> Outcome:
    """The team of the region, as far as it has not been called."""
    there = await store_roster.at_home(unit.connection, held.centre_id, region, now)
    ladders = await store_roster.ladders(unit.connection, policies.ladders, held.centre_id)
    pages = await store_escalation.pages_of(unit.connection, unit.vault, held.id)
    called = {each.staff_id for each in pages}
    return vigil.call_near(held, ladders[held.level], there, called, now=now, new_id=ids.new_id)


async def remind_due(store: Store, policies: Policies, now: datetime, most: int) -> int:
    """Ask again for every dispatch whose arrival nobody has confirmed in time; how many there were."""

    async def due(many: int) -> list[tuple[UUID, UUID]]:
        async with store.connection() as connection:
            return await store_dispatch.due(connection, now, many)

    return await turns.through(due, partial(_remind, store, policies, now), most, _log)


async def _remind(store: Store, policies: Policies, now: datetime, found: tuple[UUID, UUID]) -> None:
    """Whoever has the contact hears of it; the team is called in anew where nobody is any more."""
    contact_id, dispatch_id = found
    async with store.unit() as unit:
        journey = await store_contact.lock_journey_if_free(unit, contact_id)
        if journey is None:
            return
        dispatch = await store_dispatch.load(unit, dispatch_id)
        outcome = dispatches.remind(dispatch, journey.contact, policies.dispatch, now)
        if outcome.rows:
            means = await _means(unit, policies, journey, now)
            outcome += dispatches.call_again(
                outcome.row(Dispatch), journey.contact, journey.escalation, means=means, now=now
            )
        await unit.save(outcome, now, journey)


async def _alarmed(
    unit: Unit, policies: Policies, journey: Journey, staff_id: UUID, now: datetime
) -> Outcome:
    """Who sees an attempt in progress judges the danger imminent, whether they press that button or not."""
    means = await _means(unit, policies, journey, now)
    latest = journey.escalation
    open_one = latest if latest is not None and latest.is_open else None
    cause = Cause(source="counselor", staff_id=staff_id)
    return escalations.respond(journey.contact, open_one, Level.IMMINENT, cause, means=means, now=now)


async def _means(unit: Unit, policies: Policies, journey: Journey, now: datetime) -> Means:
    """What calling people takes; whoever is to be called, whatever the level."""
    roster = await store_roster.everybody(unit.connection, journey.contact.centre_id, now, journey.contact.id)
    ladders = await store_roster.ladders(unit.connection, policies.ladders, journey.contact.centre_id)
    return Means(queue=policies.queue, ladders=ladders, roster=roster, new_id=ids.new_id)


async def _lost(
    unit: Unit, policies: Policies, journey: Journey, confirmed: Dispatch, now: datetime
) -> Outcome:
    """Those sent out come back without having found the person: others hear of it at once."""
    sent = await store_dispatch.of_contact(unit.connection, unit.vault, journey.contact.id)
    if not dispatches.is_lost(confirmed, sent, journey.escalation):
        return NOTHING
    means = await _means(unit, policies, journey, now)
    return dispatches.call_again(confirmed, journey.contact, journey.escalation, means=means, now=now)


async def _recovered(
    unit: Unit, policies: Policies, journey: Journey, confirmed: Dispatch, now: datetime
) -> Outcome:
    """Rest and a debrief for the counselor whose caller was reached, once for each contact.

    Whoever still has the caller, or writes the record, rests when the record is closed.
    """
    contact, policy = journey.contact, policies.afterwards.recovery
    if not confirmed.is_rescue or journey.session is not None:
        return NOTHING
    if await store_dispatch.is_rescued(unit.connection, contact.id):
        return NOTHING
    talk = await store_contact.last_talk(unit.connection, unit.vault, contact.id)
    if talk is None:
        return NOTHING
    presence = await store_presence.lock(unit, talk.staff_id)
    outcome = recovery.recover(presence, policy, now)
    if await store_task.find_owed(unit, recovery.DEBRIEF, talk.id) is not None:
        return outcome
    return outcome + recovery.debrief(contact, talk.id, presence, policy, task_id=ids.new_id(), now=now)
