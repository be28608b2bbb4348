"""Dispatches, opened numbers, mandatory and managers' reports."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

SOURCES = "caller carrier earlier_record inference number third_party"
CONFIDENCES = "high low medium"
OWED = "state in ('open', 'dismissal_asked')"


def upgrade() -> None:
    """Add the tables; the former code does not know of them."""
    _add_task()
    _add_dispatch()
    _add_clue()
    _add_opening()


def downgrade() -> None:
    """Take them away again."""
    for table in ("opening", "location_clue", "dispatch", "task"):
        op.drop_table(table)


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


def _add_dispatch() -> None:
    op.create_table(
        "dispatch",
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("consent", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        _time("made_at"),
        _time("called_at"),
        _time("next_reminder_at", nullable=True),
        sa.Column("reminders", sa.Integer(), nullable=False),
        *_sealed("options_tried", "caller_answer", "ground", "contact_person", "reference", "location"),
        sa.Column("location_source", sa.Text(), nullable=True),
        sa.Column("location_confidence", sa.Text(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        _time("arrival_confirmed_at", nullable=True),
        _time("closed_at", nullable=True),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        *_sealed("words"),
        sa.Column("id", sa.Uuid(), nullable=False),
        _one_of("dispatch", "state", "confirmed open unconfirmed"),
        _one_of("dispatch", "agency", "110 119 120 family hospital mobile_team other school workplace"),
        _one_of("dispatch", "consent", "involuntary not_needed_attempt_in_progress voluntary"),
        _one_of("dispatch", "location_source", SOURCES),
        _one_of("dispatch", "location_confidence", CONFIDENCES),
        _one_of(
            "dispatch",
            "result",
            "deceased not_found reached_injured reached_safe refused taken_to_hospital unknown",
        ),
        *_of("dispatch", "contact", "contact_id"),
        *_of("dispatch", "staff", "made_by", "closed_by"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispatch")),
    )
    op.create_index("ix_dispatch_contact", "dispatch", ["contact_id", "called_at"])
    _index("ix_dispatch_open", "dispatch", "centre_id", where="state = 'open'")
    _index("ix_dispatch_due", "dispatch", "next_reminder_at", where="next_reminder_at is not null")


def _add_clue() -> None:
    op.create_table(
        "location_clue",
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        _time("at"),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        _one_of("location_clue", "source", SOURCES),
        _one_of("location_clue", "confidence", CONFIDENCES),
        *_of("location_clue", "contact", "contact_id"),
        *_of("location_clue", "staff", "staff_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_location_clue")),
    )
    op.create_index("ix_location_clue_contact", "location_clue", ["contact_id", "at"])


def _add_opening() -> None:
    op.create_table(
        "opening",
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        _time("asked_at"),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        _time("decided_at", nullable=True),
        _time("expires_at", nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        _one_of("opening", "state", "approved asked refused"),
        sa.CheckConstraint(
            "decided_by is null or decided_by <> asked_by", name=op.f("ck_opening_by_another")
        ),
        *_of("opening", "contact", "contact_id"),
        *_of("opening", "staff", "asked_by", "decided_by"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opening")),
    )
    _index("uq_opening_asked", "opening", "contact_id", where="state = 'asked'", unique=True)
    _index("ix_opening_asked", "opening", "centre_id", "asked_at", where="state = 'asked'")
    op.create_index("ix_opening_contact", "opening", ["contact_id", "asked_at"])


def _sealed(*names: str) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.LargeBinary(), nullable=True) for name in names]


def _one_of(table: str, column: str, words: str) -> sa.CheckConstraint:
    allowed = ", ".join(f"'{word}'" for word in words.split())
    return sa.CheckConstraint(f"{column} in ({allowed})", name=op.f(f"ck_{table}_{column}"))


def _time(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _of(table: str, other: str, *columns: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))
        for column in columns
    ]


def _index(name: str, table: str, *columns: str, where: str, unique: bool = False) -> None:
    op.create_index(name, table, list(columns), unique=unique, postgresql_where=sa.text(where))
