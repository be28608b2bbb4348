"""The tables of a crisis team at work: pages, notes, who joined, teams, who is on call, gaps in the cover."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from hotline.domain.paging import ANSWERS
from hotline.domain.team import POSITIONS
from hotline.store.columns import Row, one_of, only_one, partial, sealed

IN_USE = "retired_at is null"
STANDING = "withdrawn_at is null"
GAPING = "ended_at is null"
CALLED = "call_sid is not null"


class Page(Row):
    """One call for one responder by one channel."""

    __tablename__ = "page"
    __table_args__ = (
        one_of("state", ("due", "sent", "failed")),
        one_of("answer", ANSWERS),
        Index("ix_page_escalation", "escalation_id"),
        partial("ix_page_call", "call_sid", where=CALLED),
        partial("ix_page_about", "about_id", where="about_id is not null"),
    )
    escalation_id: Mapped[UUID | None] = mapped_column(ForeignKey("escalation.id"))
    centre_id: Mapped[UUID]
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    channel: Mapped[str]
    rung: Mapped[int]
    state: Mapped[str]
    made_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    purpose: Mapped[str] = mapped_column(server_default="call")
    about_id: Mapped[UUID | None]
    call_sid: Mapped[str | None]
    answer: Mapped[str | None]


class EscalationNote(Row):
    """Words added to an escalation."""

    __tablename__ = "escalation_note"
    __table_args__ = (Index("ix_escalation_note_escalation", "escalation_id", "at"),)
    escalation_id: Mapped[UUID] = mapped_column(ForeignKey("escalation.id"))
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime]
    words: Mapped[Any] = sealed(is_optional=False)


class Joining(Row):
    """A supervisor who was asked to join an escalation, or came unasked."""

    __tablename__ = "escalation_joining"
    __table_args__ = (Index("uq_escalation_joining", "escalation_id", "staff_id", unique=True),)
    escalation_id: Mapped[UUID] = mapped_column(ForeignKey("escalation.id"))
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    asked_at: Mapped[datetime]
    joined_at: Mapped[datetime | None]


class CrisisTeam(Row):
    """A team of a centre, with its people in the order of calling."""

    __tablename__ = "crisis_team"
    __table_args__ = (partial("ix_crisis_team_centre", "centre_id", where=IN_USE),)
    centre_id: Mapped[UUID] = mapped_column(ForeignKey("centre.id"))
    name: Mapped[str]
    members: Mapped[list[UUID]]
    made_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]
    region: Mapped[str | None]


class Watch(Row):
    """Somebody on call for a while."""

    __tablename__ = "on_call"
    __table_args__ = (
        one_of("position", POSITIONS),
        partial("ix_on_call_ends", "centre_id", "ends_at", where=STANDING),
    )
    centre_id: Mapped[UUID] = mapped_column(ForeignKey("centre.id"))
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    position: Mapped[str]
    team_id: Mapped[UUID | None] = mapped_column(ForeignKey("crisis_team.id"))
    begins_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    made_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    made_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class Gap(Row):
    """A time in which nobody of a centre could acknowledge."""

    __tablename__ = "coverage_gap"
    __table_args__ = (only_one("uq_coverage_gap", "centre_id", where=GAPING),)
    centre_id: Mapped[UUID] = mapped_column(ForeignKey("centre.id"))
    since: Mapped[datetime]
    next_at: Mapped[datetime | None]
    alarms: Mapped[int]
    ended_at: Mapped[datetime | None]
