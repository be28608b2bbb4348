"""Pages by telephone call: it rings, somebody picks up, presses a key, or does not.

Each fact may come twice and in any order: a page remembers its first answer, and an escalation its one owner.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hotline.base.errors import Refused
from hotline.domain import access, assist as assists, page_call, paging
from hotline.domain.access import Permission
from hotline.domain.custody import Hand
from hotline.domain.escalation import Escalation
from hotline.domain.ladder import EVERYONE
from hotline.domain.leg import Ask, Bye
from hotline.domain.level import Level
from hotline.domain.outcome import NOTHING, Outcome
from hotline.domain.page_call import Rung
from hotline.domain.paging import Page
from hotline.domain.staff import Role, Staff
from hotline.policy.policies import Policies
from hotline.store import (
    assist as store_assist,
    contact as store_contact,
    escalation as store_escalation,
    roster as store_roster,
    staff as store_staff,
)
from hotline.store.unit import Store, Unit

ENDED_WELL = "completed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """A key at a step of the call, empty when none came in time; how long the next one is waited for."""

    step: str
    digits: str
    wait_seconds: int


async def ringing(store: Store, page_id: UUID, sid: str, now: datetime) -> None:
    """The network says that the telephone rings: the page has been sent."""
    async with store.unit() as unit:
        await _rings(unit, page_id, sid, now)


async def picked_up(store: Store, page_id: UUID, sid: str, wait_seconds: int, now: datetime) -> Ask | Bye:
    """Somebody or something has picked up: what is heard first.

    Raises:
        Absent: there is no such page.
    """
    async with store.unit() as unit:
        await _rings(unit, page_id, sid, now)
        return page_call.greeting(await _rung(unit, page_id, wait_seconds))


async def press(
    store: Store, policies: Policies, page_id: UUID, pressed: Pressed, now: datetime
) -> Ask | Bye:
    """A key, or none: acted on once, and what is heard next follows from how things stand then.

    Raises:
        Absent: there is no such page.
    """
    async with store.unit() as unit:
        if not pressed.digits:
            await _silent(unit, page_id, now)
        elif pressed.step == page_call.TAKE_STEP and pressed.digits in page_call.KEYS:
            await _answer(unit, policies, page_id, pressed.digits, now)
        return page_call.question(await _rung(unit, page_id, pressed.wait_seconds))


async def over(store: Store, page_id: UUID, sid: str, cause: str, now: datetime) -> None:
    """The call is over: picked up and no key pressed, or not even picked up, which is a failed page."""
    async with store.unit() as unit:
        if cause == ENDED_WELL:
            await _silent(unit, page_id, now)
            return
        page = await store_escalation.lock_page(unit, page_id)
        if page is None or page.answer is not None or page.state == "failed":
            return
        if page.call_sid in {None, sid}:
            await unit.save(paging.page_done(page, "failed", now, sid), now)


async def _rings(unit: Unit, page_id: UUID, sid: str, now: datetime) -> None:
    page = await store_escalation.lock_page(unit, page_id)
    if page is not None and (page.state == "due" or page.call_sid != sid):
        await unit.save(paging.page_done(page, "sent", now, sid), now)


async def _rung(unit: Unit, page_id: UUID, wait_seconds: int) -> Rung:
    """The call as it stands after what this step has saved."""
    wanted = await store_escalation.rung_up(unit.connection, unit.vault, page_id)
    page = await store_escalation.get_page(unit.connection, unit.vault, page_id)
    staff = await store_staff.get(unit.connection, unit.vault, page.staff_id)
    return Rung(
        page=page,
        level=Level.HIGH if wanted is None else wanted.level,
        language=paging.language_of(staff.languages),
        is_wanted=wanted is not None,
        wait_seconds=wait_seconds,
    )


async def _silent(unit: Unit, page_id: UUID, now: datetime) -> None:
    page = await store_escalation.lock_page(unit, page_id)
    if page is not None and page.answer is None:
        await unit.save(page_call.answered(page, "silent"), now)


async def _answer(unit: Unit, policies: Policies, page_id: UUID, key: str, now: datetime) -> None:
    """1 or 2, under the lock of the contact whose escalation it is about, if it is about one."""
    rung = await store_escalation.get_page(unit.connection, unit.vault, page_id)
    if rung.purpose == paging.HELP and rung.about_id is not None:
        await _come(unit, policies, rung.id, rung.about_id, key, now)
        return
    about = rung.escalation_id
    journey = None if about is None else await store_contact.lock_journey_of(unit, "escalation", about)
    page = await store_escalation.lock_page(unit, page_id)
    if page is None or page.answer is not None:
        return
    held = None if journey is None else journey.escalation
    if about is None:
        outcome = page_call.answered(page, "heard" if key == page_call.TAKE_KEY else "declined")
    elif held is None or held.id != about:
        outcome = page_call.answered(page, "late")
    elif key == page_call.TAKE_KEY:
        outcome = await _taken(unit, policies, held, page, now)
    else:
        others = await store_escalation.pages_of_rung(unit, page)
        ladders = await store_roster.ladders(unit.connection, policies.ladders, held.centre_id)
        outcome = page_call.decline(held, page, others, ladders[held.level], now)
    await unit.save(outcome, now, journey)


async def _taken(unit: Unit, policies: Policies, held: Escalation, page: Page, now: datetime) -> Outcome:
    """They have it, if they may: who was called may have left the house, or its crisis team, meanwhile."""
    staff = await store_staff.get(unit.connection, unit.vault, page.staff_id)
    if not await _may_come(unit, policies, staff, held.centre_id, now):
        return page_call.answered(page, "late")
    hand = Hand(staff_id=page.staff_id, leads=Role.SUPERVISOR in staff.roles)
    ladders = await store_roster.ladders(unit.connection, policies.ladders, held.centre_id)
    return page_call.take(held, page, hand, ladders[held.level], now)


async def _come(
    unit: Unit, policies: Policies, page_id: UUID, assist_id: UUID, key: str, now: datetime
) -> None:
    """1: they come to the counselor, or are too late; 2: not they. Under the lock of the contact."""
    journey = await store_contact.lock_journey_of(unit, "assist", assist_id)
    page = await store_escalation.lock_page(unit, page_id)
    if page is None or page.answer is not None:
        return
    code, outcome = "declined", NOTHING
    if key == page_call.TAKE_KEY:
        staff = await store_staff.get(unit.connection, unit.vault, page.staff_id)
        standing = await store_assist.load(unit, assist_id)
        code = "late"
        if await _may_come(unit, policies, staff, page.centre_id, now):
            with suppress(Refused):
                code, outcome = "taken", assists.take(standing, page.staff_id, now)
    await unit.save(outcome + page_call.answered(page, code), now, journey)


async def _may_come(unit: Unit, policies: Policies, staff: Staff, centre_id: UUID, now: datetime) -> bool:
    """Whether somebody who was called is still of those who are called."""
    able = (await store_roster.everybody(unit.connection, centre_id, now))[EVERYONE]
    may_respond = Permission.RESPOND in access.permissions_of(staff.roles, policies.grants)
    return may_respond and staff.id in {each.staff_id for each in able}
