"""Talks in which nobody has been screened so far."""

from datetime import datetime
from uuid import UUID

from hotline.store.driver import Connection


async def unscreened(
    connection: Connection, remind_before: datetime, due_before: datetime, most: int
) -> list[UUID]:
    """Contacts whose counselor is to be reminded, or whose supervisors are to be told, longest first."""
    rows = await connection.fetch(
        """select contact_id from session
           where state = 'open' and screening is null and overdue_at is null
             and (opened_at <= $2 or (opened_at <= $1 and reminded_at is null))
           order by opened_at limit $3""",
        remind_before,
        due_before,
        most,
    )
    return [row["contact_id"] for row in rows]
