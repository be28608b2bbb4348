"""Crisis teams, on-call rosters, and what an escalation needs to be held open to its end.

An escalation is open until `closed_at`. What the release before has resolved has one already and stays as it
is: to that release a row that is `closed` would be open again, on every board. It goes on working beside the
new code: whatever it does not know has a default or may be empty.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

FORMER_STATES = "state in ('acknowledged', 'paged', 'raised', 'resolved', 'stood_down')"
STATES = "state in ('acknowledged', 'closed', 'contact_made', 'paged', 'raised', 'resolved', 'stood_down')"
FORMER_OPEN = "state not in ('resolved', 'stood_down')"
OPEN = "closed_at is null"
UNCONFIRMED = "closed_at is null and state <> 'resolved'"
STAFF = ("joiner_id", "offered_to", "contact_made_by", "resolved_by")
TIMES = ("offered_until", "contact_made_at", "resolved_at")
COUNTS = ("turn", "chased")
CODES = ("contact_how", "ground")


def upgrade() -> None:
    """Add what is new; nobody who runs the former code notices."""
    for name in COUNTS:
        op.add_column("escalation", sa.Column(name, sa.Integer(), server_default="0", nullable=False))
    for name in STAFF:
        op.add_column("escalation", sa.Column(name, sa.Uuid(), nullable=True))
        op.create_foreign_key(op.f(f"fk_escalation_{name}"), "escalation", "staff", [name], ["id"])
    for name in TIMES:
        op.add_column("escalation", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    for name in CODES:
        op.add_column("escalation", sa.Column(name, sa.Text(), nullable=True))
    op.add_column("escalation", sa.Column("contact_words", sa.LargeBinary(), nullable=True))
    op.add_column("page", sa.Column("purpose", sa.Text(), server_default="call", nullable=False))
    op.add_column("page", sa.Column("about_id", sa.Uuid(), nullable=True))
    op.alter_column("page", "escalation_id", nullable=True)
    op.add_column("staff", sa.Column("mail", sa.LargeBinary(), nullable=True))
    _states(STATES)
    _indexes(OPEN, UNCONFIRMED)
    op.create_index(
        "ix_escalation_offered",
        "escalation",
        ["offered_until"],
        postgresql_where=sa.text("offered_until is not null"),
    )
    op.create_table(
        "escalation_joining",
        sa.Column("escalation_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["escalation_id"], ["escalation.id"], name=op.f("fk_escalation_joining_escalation_id")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_escalation_joining_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation_joining")),
    )
    op.create_index("uq_escalation_joining", "escalation_joining", ["escalation_id", "staff_id"], unique=True)
    _add_team()
    _add_watch()
    _add_gap()


def downgrade() -> None:
    """Put what is new into the words of the former code, and take the rest away."""
    for name in ("coverage_gap", "on_call", "crisis_team", "escalation_joining"):
        op.drop_table(name)
    op.execute("delete from page where escalation_id is null")
    op.alter_column("page", "escalation_id", nullable=False)
    op.drop_column("page", "about_id")
    op.drop_column("staff", "mail")
    op.drop_index("ix_escalation_offered", "escalation")
    op.drop_constraint(op.f("ck_escalation_state"), "escalation")
    op.execute("update escalation set state = 'resolved' where state = 'closed'")
    op.execute(
        "update escalation set state = 'acknowledged', next_rung_at = null where state = 'contact_made'"
    )
    _states(FORMER_STATES, is_there=False)
    _indexes(FORMER_OPEN, FORMER_OPEN)
    op.drop_column("page", "purpose")
    for name in ("contact_words", *CODES, *TIMES, *STAFF, *COUNTS):
        op.drop_column("escalation", name)


def _add_team() -> None:
    op.create_table(
        "crisis_team",
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("members", sa.ARRAY(sa.Uuid()), nullable=False),
        _time("made_at"),
        _time("retired_at", nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_crisis_team_centre_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crisis_team")),
    )
    op.create_index(
        "ix_crisis_team_centre", "crisis_team", ["centre_id"], postgresql_where=sa.text("retired_at is null")
    )


def _add_watch() -> None:
    op.create_table(
        "on_call",
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Text(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=True),
        _time("begins_at"),
        _time("ends_at"),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        _time("made_at"),
        _time("withdrawn_at", nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("position in ('manager', 'supervisor', 'team')", name=op.f("ck_on_call_position")),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_on_call_centre_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_on_call_staff_id")),
        sa.ForeignKeyConstraint(["team_id"], ["crisis_team.id"], name=op.f("fk_on_call_team_id")),
        sa.ForeignKeyConstraint(["made_by"], ["staff.id"], name=op.f("fk_on_call_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_on_call")),
    )
    op.create_index(
        "ix_on_call_ends",
        "on_call",
        ["centre_id", "ends_at"],
        postgresql_where=sa.text("withdrawn_at is null"),
    )


def _add_gap() -> None:
    op.create_table(
        "coverage_gap",
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        _time("since"),
        _time("next_at", nullable=True),
        sa.Column("alarms", sa.Integer(), nullable=False),
        _time("ended_at", nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_coverage_gap_centre_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coverage_gap")),
    )
    op.create_index(
        "uq_coverage_gap",
        "coverage_gap",
        ["centre_id"],
        unique=True,
        postgresql_where=sa.text("ended_at is null"),
    )


def _time(name: str, *, nullable: bool = False) -> "sa.Column[object]":
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _states(allowed: str, *, is_there: bool = True) -> None:
    if is_there:
        op.drop_constraint(op.f("ck_escalation_state"), "escalation")
    op.create_check_constraint(op.f("ck_escalation_state"), "escalation", allowed)


def _indexes(is_open: str, is_only_one: str) -> None:
    op.drop_index("ix_escalation_open", "escalation")
    op.drop_index("uq_escalation_contact", "escalation")
    op.create_index("ix_escalation_open", "escalation", ["centre_id"], postgresql_where=sa.text(is_open))
    op.create_index(
        "uq_escalation_contact",
        "escalation",
        ["contact_id"],
        unique=True,
        postgresql_where=sa.text(is_only_one),
    )
