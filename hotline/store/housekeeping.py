"""The tables of the house itself, beside those of the trade: sign-ins, signs of life, key checks."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from hotline.store.columns import Table


class SignIn(Table):
    """A browser's session: the hash of its token, revocable at any time."""

    __tablename__ = "sign_in"
    __table_args__ = (Index("ix_sign_in_staff", "staff_id"),)
    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("staff.id"))
    made_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class SignInFailure(Table):
    """A wrong password; counted per login and per address to slow guessing down."""

    __tablename__ = "sign_in_failure"
    __table_args__ = (Index("ix_sign_in_failure_key", "key", "at"),)
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    key: Mapped[bytes]
    at: Mapped[datetime]


class Pulse(Table):
    """A sign of life of each kind of process that must always run."""

    __tablename__ = "pulse"
    name: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    since: Mapped[datetime | None]


class KeyCheck(Table):
    """A seal made with every key that was ever used: a wrong key file is noticed at start."""

    __tablename__ = "key_check"
    key_id: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    seal: Mapped[bytes]
    index_digest: Mapped[bytes]
