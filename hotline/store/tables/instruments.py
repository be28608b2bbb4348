"""Tables of instruments and of those at risk: versions, assessments, subjects.

A version is written when it is first answered and stays, so that an old answer sheet is shown with the
questions it was answered to. Assessments and judgements are only added; a trigger refuses anything else.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from hotline.domain.assessment import MOMENTS
from hotline.domain.subject import RELATIONS
from hotline.store.columns import LEVELS, Row, Table, level, one_of, sealed


class InstrumentVersion(Table):
    """An instrument as it was when it was answered; `version` is the hash of its document."""

    __tablename__ = "instrument_version"
    version: Mapped[str] = mapped_column(primary_key=True)
    instrument: Mapped[str]
    document: Mapped[dict[str, Any]]
    first_used_at: Mapped[datetime]


class Subject(Row):
    """The person at risk, where that is not the caller."""

    __tablename__ = "subject"
    __table_args__ = (level(), one_of("relation", RELATIONS), Index("ix_subject_contact", "contact_id"))
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contact.id"))
    relation: Mapped[str]
    made_at: Mapped[datetime]
    made_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    name: Mapped[Any] = sealed()
    whereabouts: Mapped[Any] = sealed()
    flags: Mapped[list[str]]
    level: Mapped[str]
    level_is_human: Mapped[bool]


class Assessment(Row):
    """An answer sheet of one instrument, with what it came to."""

    __tablename__ = "assessment"
    __table_args__ = (
        one_of("moment", MOMENTS),
        one_of("level", LEVELS),
        Index("ix_assessment_contact", "contact_id", "at"),
    )
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contact.id"))
    instrument: Mapped[str]
    version: Mapped[str] = mapped_column(ForeignKey("instrument_version.version"))
    moment: Mapped[str]
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime]
    subject_id: Mapped[UUID | None] = mapped_column(ForeignKey("subject.id"))
    supersedes: Mapped[UUID | None] = mapped_column(ForeignKey("assessment.id"))
    score: Mapped[int | None]
    level: Mapped[str | None]
    answers: Mapped[dict[str, Any]]
    words: Mapped[Any] = sealed()
