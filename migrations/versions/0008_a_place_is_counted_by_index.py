"""A place in the queue is counted by an index in the queue's own order.

Each waiting call's document and each look at a page tells how many stand before its caller. That was counted
by going through everybody who waits; in a full house this was a tenth of a core of the database.
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

QUEUED = "state in ('waiting', 'offered')"


def upgrade() -> None:
    """Index whoever has a place, in the order of places."""
    op.create_index("ix_contact_queue", "contact", ["centre_id", "rank", "id"], postgresql_where=QUEUED)


def downgrade() -> None:
    """Count through everybody again."""
    op.drop_index("ix_contact_queue", "contact")
