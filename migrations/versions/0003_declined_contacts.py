"""Contacts that somebody has declined are found apart from the heads of the queue."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Index the few of them; nobody who runs the former code notices."""
    op.create_index(
        "ix_contact_declined",
        "contact",
        ["centre_id", "rank", "id"],
        postgresql_where="state = 'waiting' and declined_by <> '{}'",
    )


def downgrade() -> None:
    """Take the index away again."""
    op.drop_index("ix_contact_declined", "contact")
