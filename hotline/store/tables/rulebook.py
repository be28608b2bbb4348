"""The tables of the rulebook's life: versions, changes, what was put into use, replays, who judges by what.

The number of an activation is the last word on who came first; the check beside it, on who may not approve.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from hotline.domain import rulebook
from hotline.store.columns import Row, Table, partial, sealed, state

OPEN = "state in ('draft', 'proposed')"
UNDONE = "state in ('waiting', 'running')"
TWO_PEOPLE = (
    "(change_id is null and proposed_by is null and approved_by is null) or "
    "(change_id is not null and proposed_by is not null and approved_by is not null "
    "and proposed_by <> approved_by)"
)
"""A null on either side of `<>` would pass a check, so both must be there."""


class RulebookVersion(Row):
    """The files of a rulebook under their hash; never edited, never deleted."""

    __tablename__ = "rulebook_version"
    __table_args__ = (Index("uq_rulebook_version_digest", "digest", unique=True),)
    digest: Mapped[str]
    files: Mapped[dict[str, Any]] = mapped_column(JSONB())
    based_on: Mapped[str | None]
    made_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    made_at: Mapped[datetime]


class RulebookChange(Row):
    """One person's work on a copy; the files that differ, as they shall be."""

    __tablename__ = "rulebook_change"
    __table_args__ = (
        state(rulebook.MACHINE),
        partial("ix_rulebook_change_open", "made_at", where=OPEN),
        CheckConstraint("decided_by <> author_id", name="second_person"),
    )
    centre_id: Mapped[UUID] = mapped_column(ForeignKey("centre.id"))
    author_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    title: Mapped[Any] = sealed(is_optional=False)
    state: Mapped[str]
    based_on: Mapped[str]
    edits: Mapped[dict[str, Any]] = mapped_column(JSONB())
    edition: Mapped[int]
    made_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    digest: Mapped[str | None]
    proposed_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime | None]
    answer: Mapped[Any] = sealed()


class RulebookActivation(Row):
    """A version was put into use, by two people or with a release."""

    __tablename__ = "rulebook_activation"
    __table_args__ = (
        Index("uq_rulebook_activation_number", "number", unique=True),
        CheckConstraint(TWO_PEOPLE, name="two_people"),
    )
    number: Mapped[int]
    version_id: Mapped[UUID] = mapped_column(ForeignKey("rulebook_version.id"))
    digest: Mapped[str]
    change_id: Mapped[UUID | None] = mapped_column(ForeignKey("rulebook_change.id"))
    proposed_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    approved_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime]
    replay_id: Mapped[UUID | None] = mapped_column(ForeignKey("rulebook_replay.id"))


class RulebookReplay(Row):
    """What some days would have been under another version: contact ids, levels, rule ids; never words."""

    __tablename__ = "rulebook_replay"
    __table_args__ = (
        state(rulebook.REPLAYS),
        partial("ix_rulebook_replay_undone", "asked_at", where=UNDONE),
        Index("ix_rulebook_replay_change", "change_id", "asked_at"),
    )
    change_id: Mapped[UUID] = mapped_column(ForeignKey("rulebook_change.id"))
    centre_id: Mapped[UUID] = mapped_column(ForeignKey("centre.id"))
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    asked_at: Mapped[datetime]
    old_digest: Mapped[str]
    new_digest: Mapped[str]
    days: Mapped[int]
    state: Mapped[str]
    beat_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    contacts: Mapped[int]
    is_whole: Mapped[bool]
    moves: Mapped[dict[str, Any]] = mapped_column(JSONB())
    changed: Mapped[list[Any]] = mapped_column(JSONB())


class RulebookNode(Table):
    """A process that judges, and by which version; `fault` is why it does not judge by the one in use."""

    __tablename__ = "rulebook_node"
    name: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    digest: Mapped[str]
    fault: Mapped[str | None]
    at: Mapped[datetime]
