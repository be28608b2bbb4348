"""The table of counselors who asked for a supervisor."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from hotline.domain import assist
from hotline.store.columns import Row, one_of, only_one, partial, sealed, state

OPEN = "ended_at is null"


class Assist(Row):
    """A counselor's call for a supervisor."""

    __tablename__ = "assist"
    __table_args__ = (
        state(assist.MACHINE),
        one_of("reason", assist.REASONS),
        one_of("result", assist.RESULTS),
        only_one("uq_assist_open", "session_id", where=OPEN),
        partial("ix_assist_open", "centre_id", where=OPEN),
        partial("ix_assist_due", "next_at", where="next_at is not null"),
        Index("ix_assist_contact", "contact_id"),
    )
    session_id: Mapped[UUID] = mapped_column(ForeignKey("session.id"))
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contact.id"))
    centre_id: Mapped[UUID]
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    state: Mapped[str]
    reason: Mapped[str]
    words: Mapped[Any] = sealed()
    asked_at: Mapped[datetime]
    next_at: Mapped[datetime | None]
    rung: Mapped[int]
    taken_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    taken_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    result: Mapped[str | None]
