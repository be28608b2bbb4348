"""Counselors who ask for a supervisor: found by centre while open, and by time while nobody comes."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "assist",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rung", sa.Integer(), nullable=False),
        sa.Column("taken_by", sa.Uuid(), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        _one_of("state", "asked ended taken withdrawn"),
        _one_of("reason", "caller_in_danger cannot_go_on other technical"),
        _one_of("result", "helped session_closed withdrawn"),
        _of("session", "session_id"),
        _of("contact", "contact_id"),
        *(_of("staff", column) for column in ("staff_id", "taken_by", "ended_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assist")),
    )
    _index("uq_assist_open", "session_id", where="ended_at is null", unique=True)
    _index("ix_assist_open", "centre_id", where="ended_at is null")
    _index("ix_assist_due", "next_at", where="next_at is not null")
    op.create_index("ix_assist_contact", "assist", ["contact_id"])


def downgrade() -> None:
    """Forget them; nothing else refers to the table."""
    op.drop_table("assist")


def _one_of(column: str, words: str) -> sa.CheckConstraint:
    allowed = ", ".join(f"'{word}'" for word in words.split())
    return sa.CheckConstraint(f"{column} in ({allowed})", name=op.f(f"ck_assist_{column}"))


def _of(other: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_assist_{column}"))


def _index(name: str, column: str, *, where: str, unique: bool = False) -> None:
    op.create_index(name, "assist", [column], unique=unique, postgresql_where=sa.text(where))
