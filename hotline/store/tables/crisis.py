"""The tables of a crisis team at work: who was asked to join an escalation, and who has."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from hotline.store.columns import Row


class Joining(Row):
    """A supervisor who was asked to join an escalation, or came unasked."""

    __tablename__ = "escalation_joining"
    __table_args__ = (Index("uq_escalation_joining", "escalation_id", "staff_id", unique=True),)
    escalation_id: Mapped[UUID] = mapped_column(ForeignKey("escalation.id"))
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    asked_at: Mapped[datetime]
    joined_at: Mapped[datetime | None]
