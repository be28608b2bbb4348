"""What has been heard over a contact, and what is known of its caller, in the contact's own row.

It lies in the row that every step locks and reads anyway, so judging a message with what was said before
costs no question more. The former code leaves it empty, and rules on it then find nothing earlier.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, and the way to what somebody should look at again."""
    op.add_column(
        "contact", sa.Column("background", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False)
    )
    op.create_index(
        "ix_contact_review",
        "contact",
        ["centre_id", "arrived_at"],
        postgresql_where=sa.text("(background ->> 'opinion')::integer >= 50 and not level_is_human"),
    )


def downgrade() -> None:
    """Take it away again."""
    op.drop_index("ix_contact_review", "contact")
    op.drop_column("contact", "background")
