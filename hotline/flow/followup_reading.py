"""Looking at follow-ups: what is owed, one with all that whoever calls needs, those of a contact."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hotline.base.sensitive import Sensitive
from hotline.domain import contact as contacts, followup as followups, safety_plan as safety_plans
from hotline.domain.access import Viewer
from hotline.domain.followup import Agreement, Attempt, FollowUp
from hotline.domain.journal import staff_actor
from hotline.domain.live import LOOKED as READ
from hotline.domain.outcome import Outcome
from hotline.domain.safety_plan import SafetyPlan
from hotline.store import (
    contact as store_contact,
    followup as store_followup,
    safety_plan as store_safety_plan,
    staff as store_staff,
)
from hotline.store.unit import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What is owed, and the names of those who have it."""

    follow_ups: tuple[FollowUp, ...]
    names: dict[UUID, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A follow-up with all that whoever calls needs: the way, the last plan, the tries so far."""

    follow_up: FollowUp
    agreement: Agreement | None
    reach: Sensitive | None
    plan: SafetyPlan | None
    attempts: tuple[Attempt, ...]
    names: dict[UUID, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class OfContact:
    """What was agreed, and which calls are owed: of this contact, then of the same caller's others."""

    agreement: Agreement | None
    follow_ups: tuple[FollowUp, ...]
    names: dict[UUID, str]


async def of_contact(store: Store, contact_id: UUID, staff_id: UUID, now: datetime) -> OfContact:
    """What is agreed and owed; the door has asked whose eyes these are, and the look is journalled."""
    async with store.unit() as unit:
        connection, vault = unit.connection, unit.vault
        contact = await store_contact.get(connection, vault, contact_id)
        found = await store_followup.of_contact(connection, vault, contact_id)
        found += await store_followup.running(connection, vault, contact_id)
        agreement = await store_followup.agreement_of(connection, vault, contact_id)
        if agreement is not None:
            looked = contacts.note(contact, READ, staff_actor(staff_id), agreement=str(agreement.id))
            await unit.save(Outcome(entries=(looked,)), now)
        people = [each.staff_id for each in found]
        return OfContact(
            agreement=agreement,
            follow_ups=tuple(found),
            names=await store_staff.names(connection, vault, people),
        )


async def owed(store: Store, viewer: Viewer, until: datetime, most: int) -> Listed:
    """What the viewer's centres owe up to a moment, the longest overdue first: codes and times only."""
    async with store.connection() as connection:
        found = await store_followup.owed(connection, store.vault, viewer.reach, until, most)
        people = [each.staff_id for each in found]
        return Listed(follow_ups=tuple(found), names=await store_staff.names(connection, store.vault, people))


async def open_one(store: Store, viewer: Viewer, follow_up_id: UUID, now: datetime) -> Opened:
    """A follow-up of one's own, or of the centre for its supervisors; the look is journalled.

    Raises:
        Absent: there is no such follow-up for these eyes.
    """
    async with store.unit() as unit:
        connection, vault = unit.connection, unit.vault
        found = followups.require_reading(viewer, await store_followup.get(connection, vault, follow_up_id))
        contact = await store_contact.get(connection, vault, found.contact_id)
        agreement = await store_followup.agreement_of(connection, vault, contact.id)
        attempts = await store_followup.attempts_of(connection, vault, follow_up_id)
        is_welcome = agreement is not None and agreement.is_agreed
        looked = contacts.note(contact, READ, staff_actor(viewer.staff_id), followup=str(found.id))
        await unit.save(Outcome(entries=(looked,)), now)
        subject = safety_plans.subject_of(contact)
        plan = await store_safety_plan.last(connection, vault, subject, contact.centre_id)
        people = [found.staff_id, plan and plan.staff_id, *(each.staff_id for each in attempts)]
        return Opened(
            follow_up=found,
            agreement=agreement,
            reach=((agreement and agreement.reach) or contact.number) if is_welcome else None,
            plan=plan,
            attempts=tuple(attempts),
            names=await store_staff.names(connection, vault, people),
        )
