"""The tables of duty: what is owed about a contact, whom help was sent by, whose number was opened."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from hotline.domain import dispatch, number, task
from hotline.domain.staff import Role
from hotline.store.columns import Row, one_of, only_one, partial, sealed, state

OWED = "state in ('open', 'dismissal_asked')"
BY_ANOTHER = "decided_by is null or decided_by <> asked_by"


class Task(Row):
    """Something that the house owes about a contact."""

    __tablename__ = "task"
    __table_args__ = (
        state(task.MACHINE),
        one_of("kind", task.KINDS),
        one_of("role", (role.value for role in Role)),
        only_one("uq_task_owed", "kind", "about_id", where=OWED),
        partial("ix_task_owed", "centre_id", "due_at", where=OWED),
        partial("ix_task_assigned", "assigned_to", where=OWED),
        partial("ix_task_late", "escalates_at", where="escalates_at is not null"),
        Index("ix_task_contact", "contact_id"),
    )
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contact.id"))
    centre_id: Mapped[UUID]
    kind: Mapped[str]
    about_id: Mapped[UUID]
    role: Mapped[str]
    state: Mapped[str]
    made_at: Mapped[datetime]
    due_at: Mapped[datetime]
    escalates_at: Mapped[datetime | None]
    made_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    reason: Mapped[str | None]
    assigned_to: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    barred_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    climbs: Mapped[int]
    asked_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    asked_at: Mapped[datetime | None]
    asked_reason: Mapped[Any] = sealed()
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    words: Mapped[Any] = sealed()
    agency: Mapped[str | None]
    reported_at: Mapped[datetime | None]
    reference: Mapped[Any] = sealed()


class Dispatch(Row):
    """Somebody sent out to the person."""

    __tablename__ = "dispatch"
    __table_args__ = (
        state(dispatch.MACHINE),
        one_of("agency", dispatch.AGENCIES),
        one_of("consent", dispatch.CONSENTS),
        one_of("location_source", dispatch.SOURCES),
        one_of("location_confidence", dispatch.CONFIDENCES),
        one_of("result", {*dispatch.RESULTS, dispatch.UNKNOWN}),
        Index("ix_dispatch_contact", "contact_id", "called_at"),
        partial("ix_dispatch_open", "centre_id", where="state = 'open'"),
        partial("ix_dispatch_due", "next_reminder_at", where="next_reminder_at is not null"),
    )
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contact.id"))
    centre_id: Mapped[UUID]
    agency: Mapped[str]
    consent: Mapped[str]
    state: Mapped[str]
    made_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    made_at: Mapped[datetime]
    called_at: Mapped[datetime]
    next_reminder_at: Mapped[datetime | None]
    reminders: Mapped[int]
    options_tried: Mapped[Any] = sealed()
    caller_answer: Mapped[Any] = sealed()
    ground: Mapped[Any] = sealed()
    contact_person: Mapped[Any] = sealed()
    reference: Mapped[Any] = sealed()
    location: Mapped[Any] = sealed()
    location_source: Mapped[str | None]
    location_confidence: Mapped[str | None]
    result: Mapped[str | None]
    arrival_confirmed_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    words: Mapped[Any] = sealed()


class LocationClue(Row):
    """Something that may say where the caller is."""

    __tablename__ = "location_clue"
    __table_args__ = (
        one_of("source", dispatch.SOURCES),
        one_of("confidence", dispatch.CONFIDENCES),
        Index("ix_location_clue_contact", "contact_id", "at"),
    )
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contact.id"))
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime]
    words: Mapped[Any] = sealed(is_optional=False)
    source: Mapped[str]
    confidence: Mapped[str]
    region: Mapped[str | None]


class Opening(Row):
    """A caller's number opened by two people, or asked for."""

    __tablename__ = "opening"
    __table_args__ = (
        state(number.MACHINE),
        CheckConstraint(BY_ANOTHER, name="by_another"),
        only_one("uq_opening_asked", "contact_id", where="state = 'asked'"),
        partial("ix_opening_asked", "centre_id", "asked_at", where="state = 'asked'"),
        Index("ix_opening_contact", "contact_id", "asked_at"),
    )
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contact.id"))
    centre_id: Mapped[UUID]
    state: Mapped[str]
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    asked_at: Mapped[datetime]
    reason: Mapped[Any] = sealed(is_optional=False)
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
