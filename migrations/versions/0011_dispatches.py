"""Dispatches, opened numbers, mandatory and managers' reports."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

OWED = "state in ('open', 'dismissal_asked')"


def upgrade() -> None:
    """Add the tables; the former code does not know of them."""
    _add_task()


def downgrade() -> None:
    """Take them away again."""
    op.drop_table("task")


def _add_task() -> None:
    op.create_table(
        "task",
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("about_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        _time("made_at"),
        _time("due_at"),
        _time("escalates_at", nullable=True),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("assigned_to", sa.Uuid(), nullable=True),
        sa.Column("barred_id", sa.Uuid(), nullable=True),
        sa.Column("climbs", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        _time("asked_at", nullable=True),
        sa.Column("asked_reason", sa.LargeBinary(), nullable=True),
        _time("closed_at", nullable=True),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("agency", sa.Text(), nullable=True),
        _time("reported_at", nullable=True),
        sa.Column("reference", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "state in ('dismissal_asked', 'dismissed', 'done', 'open')", name=op.f("ck_task_state")
        ),
        sa.CheckConstraint(
            "kind in ('debrief', 'followup_missed', 'managers_report', 'mandatory_report', 'notify_caller', "
            "'outreach')",
            name=op.f("ck_task_kind"),
        ),
        sa.CheckConstraint(
            "role in ('admin', 'counselor', 'responder', 'supervisor')", name=op.f("ck_task_role")
        ),
        *_of("task", "contact", "contact_id"),
        *_of("task", "staff", "made_by", "assigned_to", "barred_id", "asked_by", "closed_by"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
    )
    _index("uq_task_owed", "task", "kind", "about_id", where=OWED, unique=True)
    _index("ix_task_owed", "task", "centre_id", "due_at", where=OWED)
    _index("ix_task_assigned", "task", "assigned_to", where=OWED)
    _index("ix_task_late", "task", "escalates_at", where="escalates_at is not null")
    op.create_index("ix_task_contact", "task", ["contact_id"])


def _time(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _of(table: str, other: str, *columns: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))
        for column in columns
    ]


def _index(name: str, table: str, *columns: str, where: str, unique: bool = False) -> None:
    op.create_index(name, table, list(columns), unique=unique, postgresql_where=sa.text(where))
