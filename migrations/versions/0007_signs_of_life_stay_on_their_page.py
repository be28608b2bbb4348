"""A sign of life stays on its page: no index holds the moment of it, and there is room on the page for it.

As long as an index held that moment, each sign of life made a new entry in every index of its table, and what
it replaced had to be swept up later; with thousands of pages open that was most of what the database did. Who
is silent is now read from all who could be: they are few, and seldom asked for.
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

CONNECTED = "is_connected"
UNANSWERED = "channel = 'chat' and state in ('arriving', 'waiting', 'offered')"


def upgrade() -> None:
    """Index them by id alone. The former code finds the silent by this index too, or reads everybody.

    What is on full pages already moves to roomy ones with its next sign of life.
    """
    op.create_index("ix_presence_connected", "presence", ["id"], postgresql_where=CONNECTED)
    op.create_index("ix_contact_unanswered", "contact", ["id"], postgresql_where=UNANSWERED)
    op.drop_index("ix_presence_beating", "presence")
    op.drop_index("ix_contact_silent", "contact")
    op.execute("alter table presence set (fillfactor = 50)")


def downgrade() -> None:
    """Index the moments again."""
    op.execute("alter table presence reset (fillfactor)")
    op.create_index("ix_contact_silent", "contact", ["seen_at"], postgresql_where=UNANSWERED)
    op.create_index("ix_presence_beating", "presence", ["heartbeat_at"], postgresql_where=CONNECTED)
    op.drop_index("ix_contact_unanswered", "contact")
    op.drop_index("ix_presence_connected", "presence")
