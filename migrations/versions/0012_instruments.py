"""Instruments as versioned data, assessments, self-ratings, persons at risk, and reminders of a screening.

Assessments and judgements are the history of a level: they are added, and neither changed nor taken away.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

LEVELS = "('none_found', 'unknown', 'low', 'moderate', 'high', 'imminent')"
RELATIONS = """('partner', 'parent', 'child', 'sibling', 'relative', 'friend', 'classmate', 'colleague',
  'student', 'neighbour', 'client', 'stranger', 'unknown', 'other')"""
UNSCREENED = "state = 'open' and screening is null and overdue_at is null"
GUARDED = ("assessment", "judgement")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the tables; what is added to old ones is optional or has a default, for the former code."""
    _versions_and_subjects()
    _assessments()
    op.add_column("judgement", sa.Column("subject_id", sa.Uuid(), sa.ForeignKey("subject.id")))
    op.execute(
        f"""alter table contact add column subject_level text not null default 'none_found'
            constraint ck_contact_subject_level check (subject_level in {LEVELS})"""
    )
    op.add_column("session", sa.Column("reminded_at", MOMENT))
    op.add_column("session", sa.Column("overdue_at", MOMENT))
    op.create_index("ix_session_unscreened", "session", ["opened_at"], postgresql_where=UNSCREENED)
    op.execute(
        """create function history_is_only_added_to() returns trigger language plpgsql as $$
           begin raise exception 'What has been judged stays as it was; add to it.'; end $$"""
    )
    for table in GUARDED:
        op.execute(
            f"""create trigger {table}_guard before update or delete on {table}
                for each row execute function history_is_only_added_to()"""
        )


def _versions_and_subjects() -> None:
    op.create_table(
        "instrument_version",
        sa.Column("version", sa.Text(), primary_key=True),
        sa.Column("instrument", sa.Text(), nullable=False),
        sa.Column("document", JSONB(), nullable=False),
        sa.Column("first_used_at", MOMENT, nullable=False),
    )
    op.create_table(
        "subject",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("contact_id", sa.Uuid(), sa.ForeignKey("contact.id"), nullable=False),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("made_by", sa.Uuid(), sa.ForeignKey("staff.id"), nullable=False),
        sa.Column("name", sa.LargeBinary()),
        sa.Column("whereabouts", sa.LargeBinary()),
        sa.Column("flags", ARRAY(sa.Text()), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("level_is_human", sa.Boolean(), nullable=False),
        sa.CheckConstraint(f"level in {LEVELS}", name="level"),
        sa.CheckConstraint(f"relation in {RELATIONS}", name="relation"),
    )
    op.create_index("ix_subject_contact", "subject", ["contact_id"])


def _assessments() -> None:
    op.create_table(
        "assessment",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("contact_id", sa.Uuid(), sa.ForeignKey("contact.id"), nullable=False),
        sa.Column("instrument", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), sa.ForeignKey("instrument_version.version"), nullable=False),
        sa.Column("moment", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), sa.ForeignKey("staff.id"), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("subject_id", sa.Uuid(), sa.ForeignKey("subject.id")),
        sa.Column("supersedes", sa.Uuid(), sa.ForeignKey("assessment.id")),
        sa.Column("score", sa.Integer()),
        sa.Column("level", sa.Text()),
        sa.Column("answers", JSONB(), nullable=False),
        sa.Column("words", sa.LargeBinary()),
        sa.CheckConstraint("moment in ('after', 'before', 'during')", name="moment"),
        sa.CheckConstraint(f"level in {LEVELS}", name="level"),
    )
    op.create_index("ix_assessment_contact", "assessment", ["contact_id", "at"])


def downgrade() -> None:
    """Take it all away again."""
    for table in GUARDED:
        op.execute(f"drop trigger {table}_guard on {table}")
    op.execute("drop function history_is_only_added_to()")
    op.drop_index("ix_session_unscreened", "session")
    op.drop_column("session", "overdue_at")
    op.drop_column("session", "reminded_at")
    op.drop_column("contact", "subject_level")
    op.drop_column("judgement", "subject_id")
    for table in ("assessment", "subject", "instrument_version"):
        op.drop_table(table)
