"""Calling those who hung up while waiting: the list, a call begun, and what came of it.

The contact that the caller left is the lock; two who press at once are told apart by it, and by the index.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from hotline.base import ids
from hotline.base.errors import Absent
from hotline.base.sensitive import Sensitive
from hotline.domain import outreach as outreaches, task as tasks
from hotline.domain.access import Viewer
from hotline.domain.centre import Line
from hotline.domain.outcome import NOTHING, Outcome
from hotline.domain.outreach import Call, Waiting
from hotline.domain.staff import Role
from hotline.domain.task import Owed
from hotline.policy.policies import Policies
from hotline.store import (
    contact as store_contact,
    outreach as store_outreach,
    staff as store_staff,
    task as store_task,
)
from hotline.store.unit import Store, Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """Somebody to be called: from when, and on behalf of which line."""

    waiting: Waiting
    line: Line
    callable_from: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A call that goes on: the number, and what a machine may hear."""

    call_id: UUID
    number: Sensitive
    voicemail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """What came of a call."""

    result: str
    words: Sensitive | None = None


async def listed(store: Store, policies: Policies, viewer: Viewer, now: datetime) -> list[Listed]:
    """Whoever is to be called by the viewer's centres, the gravest first; codes and times only."""
    policy = policies.afterwards.outreach
    since = now - timedelta(hours=policy.within_hours)
    async with store.connection() as connection:
        waiting = await store_outreach.waiting(
            connection, store.vault, viewer.reach, since, policy.listed_max
        )
        lines = {line.id: line for line in await store_staff.lines(connection, store.vault)}
    return [
        Listed(
            waiting=each,
            line=(line := lines[each.contact.line_id]),
            callable_from=outreaches.callable_from(each, line, policy, now),
        )
        for each in outreaches.in_order(waiting)
        if each.tried.tries < policy.tries_max
    ]


async def begin(store: Store, policies: Policies, viewer: Viewer, contact_id: UUID, now: datetime) -> Begun:
    """Somebody calls now, and is shown the number; whoever presses again goes on with the same call.

    Raises:
        Absent: there is no such contact in reach.
        Refused: they are not to be called (any more), or not yet, or somebody else calls now.
    """
    policy = policies.afterwards.outreach
    async with store.unit() as unit:
        journey = await store_contact.lock_journey(unit, contact_id)
        contact = journey.contact
        if not viewer.reaches(contact.centre_id):
            raise Absent("contact.absent", "There is no such contact.")
        said = policy.voicemail.get(contact.language, policy.voicemail["en"])
        number = contact.number or Sensitive("")
        standing = await _standing(unit, contact.caller_key, contact.centre_id)
        if standing is not None and standing.staff_id == viewer.staff_id:
            return Begun(call_id=standing.id, number=number, voicemail=said)
        if standing is not None:
            await unit.save(outreaches.give_up_if_old(contact, standing, policy, now), now, journey)
        waiting = Waiting(contact=contact, tried=await store_outreach.tried(unit.connection, contact))
        line = await store_staff.get_line(unit.connection, unit.vault, contact.line_id)
        call_id = ids.new_id()
        begun = outreaches.begin(waiting, line, policy, viewer.staff_id, call_id=call_id, now=now)
        await unit.save(begun, now, journey)
        return Begun(call_id=call_id, number=number, voicemail=said)


async def report(
    store: Store, policies: Policies, viewer: Viewer, call_id: UUID, said: Reported, now: datetime
) -> None:
    """What came of one's own call; a grave one that was tried in vain is a supervisor's to decide.

    Raises:
        Absent: there is no such call of this person.
        Refused: the result is unknown, or another one was reported.
    """
    async with store.unit() as unit:
        contact_id = await store_outreach.contact_of(unit.connection, call_id)
        journey = await store_contact.lock_journey(unit, contact_id)
        call = await store_outreach.load(unit, call_id)
        if call.staff_id != viewer.staff_id:
            raise Absent("outreach.absent", "There is no such call.")
        contact = journey.contact
        outcome = outreaches.report(contact, call, said.result, said.words, now)
        tried = await store_outreach.tried(unit.connection, contact)
        waiting = Waiting(contact=contact, tried=tried)
        if outcome.rows and outreaches.needs_decision(waiting, said.result, policies.afterwards.outreach):
            outcome += await _for_supervisor(unit, waiting, said.result, now)
        await unit.save(outcome, now, journey)


async def _standing(unit: Unit, caller_key: bytes | None, centre_id: UUID) -> Call | None:
    return None if caller_key is None else await store_outreach.load_begun(unit, caller_key, centre_id)


async def _for_supervisor(unit: Unit, waiting: Waiting, result: str, now: datetime) -> Outcome:
    contact = waiting.contact
    if await store_task.find_owed(unit, "outreach", contact.id) is not None:
        return NOTHING
    owed = Owed(kind="outreach", about_id=contact.id, role=Role.SUPERVISOR, due_at=now, reason=result)
    return tasks.make(contact, owed, ids.new_id(), now)
