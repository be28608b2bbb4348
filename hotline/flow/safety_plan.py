"""Safety plans: read by whoever talks with the caller, saved as a new version."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hotline.base import ids
from hotline.domain import contact as contacts, safety_plan as safety_plans
from hotline.domain.journal import staff_actor
from hotline.domain.live import LOOKED as READ
from hotline.domain.outcome import Outcome
from hotline.domain.safety_plan import Draft, SafetyPlan
from hotline.policy.policies import Policies
from hotline.store import (
    contact as store_contact,
    noting as store_noting,
    safety_plan as store_safety_plan,
    staff as store_staff,
)
from hotline.store.unit import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The last version of a plan, and the name of whoever wrote it."""

    plan: SafetyPlan
    name: str


async def last(store: Store, contact_id: UUID, staff_id: UUID, now: datetime) -> Shown | None:
    """The caller's last plan; the door has asked whose eyes these are, and the look is journalled."""
    async with store.unit() as unit:
        connection, vault = unit.connection, unit.vault
        contact = await store_contact.get(connection, vault, contact_id)
        subject = safety_plans.subject_of(contact)
        found = await store_safety_plan.last(connection, vault, subject, contact.centre_id)
        if found is None:
            return None
        looked = contacts.note(contact, READ, staff_actor(staff_id), plan=str(found.id))
        await unit.save(Outcome(entries=(looked,)), now)
        names = await store_staff.names(connection, vault, [found.staff_id])
        return Shown(plan=found, name=names.get(found.staff_id, ""))


async def save(
    store: Store, policies: Policies, contact_id: UUID, staff_id: UUID, draft: Draft, now: datetime
) -> int:
    """Keep a new version; its number. The same sent twice is kept once.

    Rules read it in the same transaction, as they read every paper about a caller.

    Raises:
        Refused: nothing is in it, or somebody has saved a newer version.
    """
    async with store.unit() as unit:
        journey = await store_contact.lock_journey(unit, contact_id)
        contact = journey.contact
        standing = await store_safety_plan.last(
            unit.connection, unit.vault, safety_plans.subject_of(contact), contact.centre_id
        )
        outcome = safety_plans.save(contact, standing, draft, staff_id, plan_id=ids.new_id(), now=now)
        saved = outcome.row(SafetyPlan) if outcome.rows else standing
        if outcome.rows:
            texts = [getattr(draft.parts, name) for name in safety_plans.PARTS]
            outcome += await store_noting.answered(unit, policies, journey, texts, now)
        await unit.save(outcome, now, journey)
        return saved.version if saved else 0
