"""The tables of records after their closing: actions, amendments and the chain over both.

Rows of these tables are only ever added. The chain is kept by triggers (`link_record`), so that a record
cannot be closed, or put right, without a link, whichever release or step does it.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from hotline.domain import chain, record
from hotline.store.columns import Row, Table, one_of, sealed


class RecordAction(Row):
    """One state of one action that was spoken of, agreed, planned or done."""

    __tablename__ = "record_action"
    __table_args__ = (
        one_of("kind", record.KINDS),
        one_of("state", record.STATES),
        Index("uq_record_action_nth", "action_id", "nth", unique=True),
        Index("ix_record_action_session", "session_id", "at"),
    )
    action_id: Mapped[UUID]
    nth: Mapped[int] = mapped_column(SmallInteger)
    session_id: Mapped[UUID] = mapped_column(ForeignKey("session.id"))
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contact.id"))
    centre_id: Mapped[UUID]
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime]
    kind: Mapped[str]
    state: Mapped[str]
    words: Mapped[Any] = sealed()


class Amendment(Row):
    """What should stand in a field of a closed record: codes, or a text under seal."""

    __tablename__ = "amendment"
    __table_args__ = (
        one_of("field", record.FIELDS),
        Index("ix_amendment_session", "session_id", "at"),
    )
    session_id: Mapped[UUID] = mapped_column(ForeignKey("session.id"))
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contact.id"))
    centre_id: Mapped[UUID]
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime]
    field: Mapped[str]
    before_digest: Mapped[bytes]
    codes: Mapped[list[str] | None]
    after: Mapped[Any] = sealed()
    reason: Mapped[Any] = sealed(is_optional=False)


class RecordHead(Table):
    """The newest link of each centre's chain; its row is the turn of whoever links next."""

    __tablename__ = "record_head"
    centre_id: Mapped[UUID] = mapped_column(ForeignKey("centre.id"), primary_key=True)
    seq: Mapped[int]
    prev_hash: Mapped[bytes] = mapped_column(LargeBinary())
    digest: Mapped[bytes] = mapped_column(LargeBinary())
    hash: Mapped[bytes] = mapped_column(LargeBinary())


class RecordLink(Table):
    """One link: the digest of a row as it was when it was final, chained to the link before it."""

    __tablename__ = "record_link"
    __table_args__ = (
        one_of("kind", chain.KINDS),
        Index("ix_record_link_thing", "thing_id"),
    )
    centre_id: Mapped[UUID] = mapped_column(ForeignKey("centre.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    session_id: Mapped[UUID]
    thing_id: Mapped[UUID]
    at: Mapped[datetime]
    prev_hash: Mapped[bytes] = mapped_column(LargeBinary())
    digest: Mapped[bytes] = mapped_column(LargeBinary())
    hash: Mapped[bytes] = mapped_column(LargeBinary())
