"""Versions of the rulebook, their proposals, approvals and activations.

Versions and activations are guarded as the journal is: an appraisal names the version that judged it, so none
may ever be edited or taken away.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

GUARDED = ("rulebook_version", "rulebook_activation")


def upgrade() -> None:
    """Make the tables."""
    _versions()
    _changes()
    _replays()
    _activations()
    op.create_table(
        "rulebook_node",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("fault", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_rulebook_node")),
    )
    op.execute(
        """create function rulebook_guard() returns trigger language plpgsql as $$
           begin raise exception 'what judged callers is kept as it was'; end $$"""
    )
    for table in GUARDED:
        op.execute(
            f"""create trigger {table}_guard before update or delete on {table}
                for each row execute function rulebook_guard()"""
        )


def downgrade() -> None:
    """Take them away."""
    for table in ("node", "activation", "replay", "change", "version"):
        op.drop_table(f"rulebook_{table}")
    op.execute("drop function rulebook_guard()")


def _versions() -> None:
    op.create_table(
        "rulebook_version",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("files", postgresql.JSONB(), nullable=False),
        sa.Column("based_on", sa.Text(), nullable=True),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["staff.id"], name=op.f("fk_rulebook_version_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rulebook_version")),
    )
    op.create_index("uq_rulebook_version_digest", "rulebook_version", ["digest"], unique=True)


def _changes() -> None:
    op.create_table(
        "rulebook_change",
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("based_on", sa.Text(), nullable=False),
        sa.Column("edits", postgresql.JSONB(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "state in ('approved', 'discarded', 'draft', 'proposed')", name=op.f("ck_rulebook_change_state")
        ),
        sa.CheckConstraint("decided_by <> author_id", name=op.f("ck_rulebook_change_second_person")),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_rulebook_change_centre_id")),
        sa.ForeignKeyConstraint(["author_id"], ["staff.id"], name=op.f("fk_rulebook_change_author_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["staff.id"], name=op.f("fk_rulebook_change_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rulebook_change")),
    )
    op.create_index(
        "ix_rulebook_change_open",
        "rulebook_change",
        ["made_at"],
        postgresql_where=sa.text("state in ('draft', 'proposed')"),
    )


def _replays() -> None:
    op.create_table(
        "rulebook_replay",
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("old_digest", sa.Text(), nullable=False),
        sa.Column("new_digest", sa.Text(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("contacts", sa.Integer(), nullable=False),
        sa.Column("is_whole", sa.Boolean(), nullable=False),
        sa.Column("moves", postgresql.JSONB(), nullable=False),
        sa.Column("changed", postgresql.JSONB(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "state in ('done', 'failed', 'running', 'waiting')", name=op.f("ck_rulebook_replay_state")
        ),
        sa.ForeignKeyConstraint(
            ["change_id"], ["rulebook_change.id"], name=op.f("fk_rulebook_replay_change_id")
        ),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_rulebook_replay_centre_id")),
        sa.ForeignKeyConstraint(["asked_by"], ["staff.id"], name=op.f("fk_rulebook_replay_asked_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rulebook_replay")),
    )
    op.create_index("ix_rulebook_replay_change", "rulebook_replay", ["change_id", "asked_at"])
    op.create_index(
        "ix_rulebook_replay_undone",
        "rulebook_replay",
        ["asked_at"],
        postgresql_where=sa.text("state in ('waiting', 'running')"),
    )


def _activations() -> None:
    op.create_table(
        "rulebook_activation",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=True),
        sa.Column("proposed_by", sa.Uuid(), nullable=True),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replay_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(change_id is null and proposed_by is null and approved_by is null) or "
            "(change_id is not null and proposed_by is not null and approved_by is not null "
            "and proposed_by <> approved_by)",
            name=op.f("ck_rulebook_activation_two_people"),
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["rulebook_version.id"], name=op.f("fk_rulebook_activation_version_id")
        ),
        sa.ForeignKeyConstraint(
            ["change_id"], ["rulebook_change.id"], name=op.f("fk_rulebook_activation_change_id")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["staff.id"], name=op.f("fk_rulebook_activation_proposed_by")
        ),
        sa.ForeignKeyConstraint(
            ["approved_by"], ["staff.id"], name=op.f("fk_rulebook_activation_approved_by")
        ),
        sa.ForeignKeyConstraint(
            ["replay_id"], ["rulebook_replay.id"], name=op.f("fk_rulebook_activation_replay_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rulebook_activation")),
    )
    op.create_index("uq_rulebook_activation_number", "rulebook_activation", ["number"], unique=True)
