"""The tables of what follows a contact: safety plans, agreements, follow-ups and their tries."""

from datetime import datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from hotline.domain import followup, outreach
from hotline.store.columns import LEVELS, Row, level, one_of, only_one, partial, sealed, state

OWED = "state in ('due', 'attempted', 'unreached')"
OWED_ONCE = "state in ('due', 'attempted', 'unreached') and step <> 'by_hand'"


class SafetyPlan(Row):
    """One version of a caller's safety plan; `subject` is the blind index, or the contact's own id."""

    __tablename__ = "safety_plan"
    __table_args__ = (
        Index("uq_safety_plan_version", "subject", "centre_id", "version", unique=True),
        Index("ix_safety_plan_contact", "contact_id"),
    )
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contact.id"))
    centre_id: Mapped[UUID] = mapped_column(ForeignKey("centre.id"))
    subject: Mapped[bytes]
    version: Mapped[int]
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    made_at: Mapped[datetime]
    is_made_with_caller: Mapped[bool]
    warning_signs: Mapped[Any] = sealed()
    own_coping: Mapped[Any] = sealed()
    distraction: Mapped[Any] = sealed()
    people: Mapped[Any] = sealed()
    professionals: Mapped[Any] = sealed()
    safer_place: Mapped[Any] = sealed()


class FollowUpAgreement(Row):
    """What a caller said to being called again; the last one of a contact counts."""

    __tablename__ = "follow_up_agreement"
    __table_args__ = (Index("ix_follow_up_agreement_contact", "contact_id", "at"),)
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contact.id"))
    centre_id: Mapped[UUID]
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime]
    is_agreed: Mapped[bool]
    way: Mapped[str | None]
    reach: Mapped[Any] = sealed()
    since: Mapped[time | None]
    until: Mapped[time | None]
    may_leave_voicemail: Mapped[bool]
    code_word: Mapped[Any] = sealed()


class FollowUp(Row):
    """One call that is owed to a caller."""

    __tablename__ = "follow_up"
    __table_args__ = (
        state(followup.MACHINE),
        level(),
        one_of("climbed_to", followup.CLIMBED),
        only_one("uq_follow_up_step", "contact_id", "step", where=OWED_ONCE),
        Index("ix_follow_up_contact", "contact_id", "due_at"),
        partial("ix_follow_up_owed", "centre_id", "next_at", where=OWED),
        partial("ix_follow_up_climbs", "climbs_at", where="climbs_at is not null"),
    )
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contact.id"))
    centre_id: Mapped[UUID]
    line_id: Mapped[UUID] = mapped_column(ForeignKey("line.id"))
    step: Mapped[str]
    level: Mapped[str]
    state: Mapped[str]
    made_at: Mapped[datetime]
    due_at: Mapped[datetime]
    next_at: Mapped[datetime]
    climbs_at: Mapped[datetime | None]
    climbed_to: Mapped[str]
    staff_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    misses: Mapped[int]
    result: Mapped[str | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    closing: Mapped[Any] = sealed()


class FollowUpAttempt(Row):
    """One try to reach a caller again, and what became of it."""

    __tablename__ = "follow_up_attempt"
    __table_args__ = (
        one_of("result", followup.ATTEMPTS),
        one_of("level", LEVELS),
        Index("ix_follow_up_attempt_of", "follow_up_id", "at"),
    )
    follow_up_id: Mapped[UUID] = mapped_column(ForeignKey("follow_up.id"))
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime]
    result: Mapped[str]
    intent: Mapped[int | None] = mapped_column(SmallInteger)
    hopefulness: Mapped[int | None] = mapped_column(SmallInteger)
    distress: Mapped[int | None] = mapped_column(SmallInteger)
    level: Mapped[str | None]
    acts_since: Mapped[str | None]
    words: Mapped[Any] = sealed()


class OutreachCall(Row):
    """One call to somebody who hung up while waiting."""

    __tablename__ = "outreach_call"
    __table_args__ = (
        one_of("state", outreach.STATES),
        only_one("uq_outreach_call_begun", "caller_key", "centre_id", where="state = 'begun'"),
        Index("ix_outreach_call_caller", "caller_key", "begun_at"),
        Index("ix_outreach_call_contact", "contact_id"),
    )
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contact.id"))
    centre_id: Mapped[UUID]
    caller_key: Mapped[bytes]
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    state: Mapped[str]
    begun_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    words: Mapped[Any] = sealed()


class Handover(Row):
    """A hand-over sheet as it was given, and who has taken it."""

    __tablename__ = "handover"
    __table_args__ = (Index("ix_handover_centre", "centre_id", "given_at"),)
    centre_id: Mapped[UUID] = mapped_column(ForeignKey("centre.id"))
    given_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    given_at: Mapped[datetime]
    sheet: Mapped[dict[str, Any]]
    words: Mapped[Any] = sealed()
    taken_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    taken_at: Mapped[datetime | None]
