"""What follows a contact: safety plans, follow-ups with their agreements and tries, calls to those who hung
up while they waited, the counselor's rest after a grave contact, and hand-over sheets.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables, and to the presence the moment at which a recovery ends."""
    op.create_table(
        "handover",
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("given_by", sa.Uuid(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sheet", postgresql.JSONB(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("taken_by", sa.Uuid(), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_handover_centre_id")),
        sa.ForeignKeyConstraint(["given_by"], ["staff.id"], name=op.f("fk_handover_given_by")),
        sa.ForeignKeyConstraint(["taken_by"], ["staff.id"], name=op.f("fk_handover_taken_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover")),
    )
    op.create_index("ix_handover_centre", "handover", ["centre_id", "given_at"], unique=False)
    op.create_table(
        "follow_up",
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("climbs_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("climbed_to", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("misses", sa.Integer(), nullable=False),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("closing", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "climbed_to in ('counselor', 'manager', 'supervisor')", name=op.f("ck_follow_up_climbed_to")
        ),
        sa.CheckConstraint(
            "level in ('high', 'imminent', 'low', 'moderate', 'none_found', 'unknown')",
            name=op.f("ck_follow_up_level"),
        ),
        sa.CheckConstraint(
            "state in ('attempted', 'closed', 'due', 'reached', 'unreached')", name=op.f("ck_follow_up_state")
        ),
        sa.ForeignKeyConstraint(["closed_by"], ["staff.id"], name=op.f("fk_follow_up_closed_by")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_follow_up_contact_id")),
        sa.ForeignKeyConstraint(["line_id"], ["line.id"], name=op.f("fk_follow_up_line_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_follow_up_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up")),
    )
    op.create_index(
        "ix_follow_up_climbs",
        "follow_up",
        ["climbs_at"],
        unique=False,
        postgresql_where=sa.text("climbs_at is not null"),
    )
    op.create_index("ix_follow_up_contact", "follow_up", ["contact_id", "due_at"], unique=False)
    op.create_index(
        "ix_follow_up_owed",
        "follow_up",
        ["centre_id", "next_at"],
        unique=False,
        postgresql_where=sa.text("state in ('due', 'attempted', 'unreached')"),
    )
    op.create_index(
        "uq_follow_up_step",
        "follow_up",
        ["contact_id", "step"],
        unique=True,
        postgresql_where=sa.text("state in ('due', 'attempted', 'unreached') and step <> 'by_hand'"),
    )
    op.create_table(
        "follow_up_agreement",
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_agreed", sa.Boolean(), nullable=False),
        sa.Column("way", sa.Text(), nullable=True),
        sa.Column("reach", sa.LargeBinary(), nullable=True),
        sa.Column("since", sa.Time(), nullable=True),
        sa.Column("until", sa.Time(), nullable=True),
        sa.Column("may_leave_voicemail", sa.Boolean(), nullable=False),
        sa.Column("code_word", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_follow_up_agreement_contact_id")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_follow_up_agreement_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up_agreement")),
    )
    op.create_index(
        "ix_follow_up_agreement_contact", "follow_up_agreement", ["contact_id", "at"], unique=False
    )
    op.create_table(
        "outreach_call",
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("caller_key", sa.LargeBinary(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "state in ('begun', 'no_answer', 'number_invalid', 'reached', 'refused', 'unreported', 'voicemail', 'wrong_number')",  # noqa: E501
            name=op.f("ck_outreach_call_state"),
        ),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_outreach_call_contact_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_outreach_call_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outreach_call")),
    )
    op.create_index("ix_outreach_call_caller", "outreach_call", ["caller_key", "begun_at"], unique=False)
    op.create_index("ix_outreach_call_contact", "outreach_call", ["contact_id"], unique=False)
    op.create_index(
        "uq_outreach_call_begun",
        "outreach_call",
        ["caller_key", "centre_id"],
        unique=True,
        postgresql_where=sa.text("state = 'begun'"),
    )
    op.create_table(
        "safety_plan",
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_made_with_caller", sa.Boolean(), nullable=False),
        sa.Column("warning_signs", sa.LargeBinary(), nullable=True),
        sa.Column("own_coping", sa.LargeBinary(), nullable=True),
        sa.Column("distraction", sa.LargeBinary(), nullable=True),
        sa.Column("people", sa.LargeBinary(), nullable=True),
        sa.Column("professionals", sa.LargeBinary(), nullable=True),
        sa.Column("safer_place", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_safety_plan_centre_id")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_safety_plan_contact_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_safety_plan_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_safety_plan")),
    )
    op.create_index("ix_safety_plan_contact", "safety_plan", ["contact_id"], unique=False)
    op.create_index("uq_safety_plan_version", "safety_plan", ["subject", "centre_id", "version"], unique=True)
    op.create_table(
        "follow_up_attempt",
        sa.Column("follow_up_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("intent", sa.SmallInteger(), nullable=True),
        sa.Column("hopefulness", sa.SmallInteger(), nullable=True),
        sa.Column("distress", sa.SmallInteger(), nullable=True),
        sa.Column("level", sa.Text(), nullable=True),
        sa.Column("acts_since", sa.Text(), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "level in ('high', 'imminent', 'low', 'moderate', 'none_found', 'unknown')",
            name=op.f("ck_follow_up_attempt_level"),
        ),
        sa.CheckConstraint(
            "result in ('deceased', 'in_care', 'no_answer', 'number_invalid', 'reached', 'refused', 'wrong_number')",  # noqa: E501
            name=op.f("ck_follow_up_attempt_result"),
        ),
        sa.ForeignKeyConstraint(
            ["follow_up_id"], ["follow_up.id"], name=op.f("fk_follow_up_attempt_follow_up_id")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_follow_up_attempt_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up_attempt")),
    )
    op.create_index("ix_follow_up_attempt_of", "follow_up_attempt", ["follow_up_id", "at"], unique=False)
    op.add_column("presence", sa.Column("recovers_until", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Take them away again."""
    op.drop_column("presence", "recovers_until")
    op.drop_index("ix_follow_up_attempt_of", table_name="follow_up_attempt")
    op.drop_table("follow_up_attempt")
    op.drop_index("uq_safety_plan_version", table_name="safety_plan")
    op.drop_index("ix_safety_plan_contact", table_name="safety_plan")
    op.drop_table("safety_plan")
    op.drop_index(
        "uq_outreach_call_begun", table_name="outreach_call", postgresql_where=sa.text("state = 'begun'")
    )
    op.drop_index("ix_outreach_call_contact", table_name="outreach_call")
    op.drop_index("ix_outreach_call_caller", table_name="outreach_call")
    op.drop_table("outreach_call")
    op.drop_index("ix_follow_up_agreement_contact", table_name="follow_up_agreement")
    op.drop_table("follow_up_agreement")
    op.drop_index(
        "uq_follow_up_step",
        table_name="follow_up",
        postgresql_where=sa.text("state in ('due', 'attempted', 'unreached') and step <> 'by_hand'"),
    )
    op.drop_index(
        "ix_follow_up_owed",
        table_name="follow_up",
        postgresql_where=sa.text("state in ('due', 'attempted', 'unreached')"),
    )
    op.drop_index("ix_follow_up_contact", table_name="follow_up")
    op.drop_index(
        "ix_follow_up_climbs", table_name="follow_up", postgresql_where=sa.text("climbs_at is not null")
    )
    op.drop_table("follow_up")
    op.drop_index("ix_handover_centre", table_name="handover")
    op.drop_table("handover")
