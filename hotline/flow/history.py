"""A caller who comes again: what the counselor who has them now is shown of earlier contacts.

It is found by the blind index of the number, through an open contact of the same caller; every look is
journalled, at this contact and at the one whose record is read. A caller without a number has no history.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from hotline.base.errors import Forbidden
from hotline.domain import contact as contacts, record as records, safety_plan as safety_plans
from hotline.domain.access import Permission, Viewer
from hotline.domain.contact import Contact
from hotline.domain.followup import FollowUp
from hotline.domain.journal import Entry, staff_actor
from hotline.domain.live import LOOKED as READ
from hotline.domain.outcome import Outcome
from hotline.domain.safety_plan import SafetyPlan
from hotline.domain.session import Session
from hotline.store import (
    contact as store_contact,
    history as store_history,
    record as store_record,
    safety_plan as store_safety_plan,
    staff as store_staff,
)
from hotline.store.history import Earlier
from hotline.store.unit import Store, Unit

EARLIER_MAX: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of a caller; empty where they have no number, or have never called before.

    `record` is as amended.
    """

    names: dict[UUID, str]
    earlier: tuple[Earlier, ...] = ()
    plan: SafetyPlan | None = None
    record: Session | None = None
    follow_ups: tuple[FollowUp, ...] = ()


async def open_history(store: Store, viewer: Viewer, contact_id: UUID, now: datetime) -> Known:
    """Everything of the caller's earlier contacts that helps in this one.

    Raises:
        Forbidden: the contact is over, and the counselor has no caller to help any more.
    """
    async with store.unit() as unit:
        connection, vault = unit.connection, unit.vault
        contact = await store_contact.get(connection, vault, contact_id)
        _require_open(contact, viewer)
        if contact.caller_key is None:
            return Known(names={})
        earlier = await store_history.earlier(connection, contact, EARLIER_MAX)
        record = await _last_record(unit, contact)
        subject = safety_plans.subject_of(contact)
        plan = await store_safety_plan.last(connection, vault, subject, contact.centre_id)
        follow_ups = await store_history.owed(connection, vault, contact)
        await unit.save(Outcome(entries=_looked(contact, viewer, record, len(earlier))), now)
        people = [*(each.staff_id for each in (*earlier, *follow_ups)), plan and plan.staff_id]
        return Known(
            earlier=tuple(earlier),
            plan=plan,
            record=record,
            follow_ups=tuple(follow_ups),
            names=await store_staff.names(connection, vault, [*people, record and record.staff_id]),
        )


async def _last_record(unit: Unit, contact: Contact) -> Session | None:
    """The last closed record as it should be read: what was put right since is what helps."""
    found = await store_history.last_record(unit.connection, unit.vault, contact)
    if found is None:
        return None
    amendments = await store_record.amendments_of(unit.connection, unit.vault, found.id)
    return replace(found, record=records.amended(found.record, amendments))


def _require_open(contact: Contact, viewer: Viewer) -> None:
    """A counselor looks into a caller's past for the talk in hand, not afterwards out of interest."""
    may_look_back = viewer.may(Permission.READ_CENTRE) or viewer.may(Permission.READ_ESCALATED)
    if contact.is_ended and not may_look_back:
        raise Forbidden(
            "history.closed", "A caller's history is opened in an open contact; ask a supervisor."
        )


def _looked(contact: Contact, viewer: Viewer, record: Session | None, count: int) -> tuple[Entry, ...]:
    actor = staff_actor(viewer.staff_id)
    here = contacts.note(contact, READ, actor, what="history", earlier=count)
    if record is None:
        return (here,)
    there = Entry(
        kind=READ,
        centre_id=record.centre_id,
        contact_id=record.contact_id,
        actor=actor,
        body={"what": "history", "through": str(contact.id)},
    )
    return here, there
