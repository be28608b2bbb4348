"""A supervisor who was asked to join and does not come is followed by another: by when they should be there.

What the release before asks has no such time, and is as it was: one supervisor is asked.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0017"
branch_labels = None
depends_on = None

TOLD = "about_id is not null"


def upgrade() -> None:
    """Add the time, and the index by which it is found; and one by which a gap's pages are."""
    op.add_column("escalation", sa.Column("join_by", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_escalation_joining", "escalation", ["join_by"], postgresql_where=sa.text("join_by is not null")
    )
    op.create_index("ix_page_about", "page", ["about_id"], postgresql_where=sa.text(TOLD))


def downgrade() -> None:
    """Take them away."""
    op.drop_index("ix_page_about", "page")
    op.drop_index("ix_escalation_joining", "escalation")
    op.drop_column("escalation", "join_by")
