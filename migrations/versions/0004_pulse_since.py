"""Since when a pulse has gone on without a pause: our own outage is nobody else's silence."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the moment; the former code leaves it empty, and nobody is judged by an empty one."""
    op.add_column("pulse", sa.Column("since", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Take it away again."""
    op.drop_column("pulse", "since")
