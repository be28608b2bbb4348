"""The tables of duty: what is owed about a contact, whom help was sent by, whose number was opened."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from hotline.domain import task
from hotline.domain.staff import Role
from hotline.store.columns import Row, one_of, only_one, partial, sealed, state

OWED = "state in ('open', 'dismissal_asked')"


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
