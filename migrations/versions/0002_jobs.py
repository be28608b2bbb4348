"""The job queue of the relay, in a schema of its own, and the journal's guard.

The queue's own trigger notifies inside the business transaction, which takes a cluster-wide lock
until the commit is flushed; it is dropped, and the process that has committed pokes instead.
"""

from typing import Any

from alembic import op
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment
from pgqueuer.domain.settings import DBSettings

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

JOBS = DBSettings(db_schema="pgqueuer")


def upgrade() -> None:
    """Install the queue and make the journal append-only."""
    _run(QueryBuilderEnvironment(settings=JOBS).build_install_query())
    op.execute(f"drop trigger {JOBS.trigger} on {JOBS.qualified.queue_table}")
    op.execute(
        """create function journal_is_append_only() returns trigger language plpgsql as $$
           begin raise exception 'The journal is append-only.'; end $$"""
    )
    op.execute(
        """create trigger journal_guard before update or delete or truncate on journal
           for each statement execute function journal_is_append_only()"""
    )


def downgrade() -> None:
    """Take both away again."""
    op.execute("drop trigger journal_guard on journal")
    op.execute("drop function journal_is_append_only()")
    _run(QueryBuilderEnvironment(settings=JOBS).build_uninstall_query())


def _run(script: str) -> None:
    async def install(connection: Any) -> None:
        await AsyncpgDriver(connection).execute(script)

    op.get_bind().connection.run_async(install)
