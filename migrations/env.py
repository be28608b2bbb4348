"""Alembic's way in: run by `hotline migrate`, on a connection that the store hands over."""

from alembic import context
from sqlalchemy import Connection

from hotline.store import housekeeping, layouts
from hotline.store.columns import Table

LOCK_TIMEOUT = "5s"
STATEMENT_TIMEOUT = "60s"
MAPPED = (layouts, housekeeping)
"""Imported, so that the metadata holds every table."""


def run(connection: Connection) -> None:
    """Migrate on `connection`; a revision that cannot get its locks soon gives up and harms nobody."""
    connection.exec_driver_sql(f"set lock_timeout = '{LOCK_TIMEOUT}'")
    connection.exec_driver_sql(f"set statement_timeout = '{STATEMENT_TIMEOUT}'")
    context.configure(connection=connection, target_metadata=Table.metadata, compare_server_default=False)
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
