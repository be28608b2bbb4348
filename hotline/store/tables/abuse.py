"""The tables of abuse: what happened in a talk, and who waits behind others for it."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Date, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from hotline.domain import abuse
from hotline.store.columns import Row, one_of, partial, sealed, state


class Incident(Row):
    """Abuse in one talk."""

    __tablename__ = "incident"
    __table_args__ = (
        one_of("kind", abuse.ABUSES),
        Index("uq_incident_session", "session_id", unique=True),
    )
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contact.id"))
    session_id: Mapped[UUID] = mapped_column(ForeignKey("session.id"))
    centre_id: Mapped[UUID]
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    kind: Mapped[str]
    words: Mapped[Any] = sealed()
    warned_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class Restriction(Row):
    """Somebody who waits behind others while there is no danger; `caller_key` is a blind index."""

    __tablename__ = "restriction"
    __table_args__ = (
        state(abuse.MACHINE),
        one_of("kind", abuse.RESTRICTIONS),
        partial("ix_restriction_caller", "caller_key", where="state = 'standing'"),
        Index("ix_restriction_contact", "contact_id"),
        Index("ix_restriction_centre", "centre_id", "ends_at"),
    )
    centre_id: Mapped[UUID] = mapped_column(ForeignKey("centre.id"))
    caller_key: Mapped[bytes]
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contact.id"))
    kind: Mapped[str]
    state: Mapped[str]
    reason: Mapped[Any] = sealed(is_optional=False)
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    made_at: Mapped[datetime]
    review_on: Mapped[date] = mapped_column(Date())
    ends_at: Mapped[datetime]
    approved_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    lifted_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    lifted_at: Mapped[datetime | None]
    lifted_why: Mapped[Any] = sealed()
