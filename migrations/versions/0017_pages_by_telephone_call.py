"""Pages by telephone call: the network's id of the call, and what was answered; where a team is at home.

All of it is empty for the release before, which goes on without it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, and the way from a call of the network to its page."""
    op.add_column("page", sa.Column("call_sid", sa.Text(), nullable=True))
    op.add_column("page", sa.Column("answer", sa.Text(), nullable=True))
    op.create_check_constraint(
        op.f("ck_page_answer"), "page", "answer in ('declined', 'heard', 'late', 'silent', 'taken')"
    )
    op.create_index("ix_page_call", "page", ["call_sid"], postgresql_where=sa.text("call_sid is not null"))
    op.add_column("crisis_team", sa.Column("region", sa.Text(), nullable=True))
    op.add_column("location_clue", sa.Column("region", sa.Text(), nullable=True))


def downgrade() -> None:
    """Take them away again."""
    op.drop_column("location_clue", "region")
    op.drop_column("crisis_team", "region")
    op.drop_index("ix_page_call", "page")
    op.drop_constraint(op.f("ck_page_answer"), "page")
    op.drop_column("page", "answer")
    op.drop_column("page", "call_sid")
