"""Tasks: what is owed, to whom it is shown, and what is late."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

from hotline.base.errors import Absent
from hotline.domain.task import Task
from hotline.store.driver import Connection
from hotline.store.layouts import TASK
from hotline.store.unit import Unit
from hotline.store.vault import Vault

_OWED: Final = "state in ('open', 'dismissal_asked')"


async def get(connection: Connection, vault: Vault, task_id: UUID) -> Task:
    """A task as it stands.

    Raises:
        Absent: there is no such task.
    """
    row = await connection.fetchrow("select * from task where id = $1", task_id)
    if row is None:
        raise Absent("task.absent", "There is no such task.")
    return TASK.entity(row, vault)


async def load(unit: Unit, task_id: UUID) -> Task:
    """A task of a locked contact, remembered for saving; the contact's lock covers it.

    Raises:
        Absent: there is no such task.
    """
    row = await unit.connection.fetchrow("select * from task where id = $1", task_id)
    if row is None:
        raise Absent("task.absent", "There is no such task.")
    return unit.loaded(Task, row)


async def find_owed(unit: Unit, kind: str, about_id: UUID) -> Task | None:
    """The task of this kind that is owed about a thing, remembered for saving; there is at most one."""
    row = await unit.connection.fetchrow(
        f"select * from task where kind = $1 and about_id = $2 and {_OWED}",  # noqa: S608  the text is ours
        kind,
        about_id,
    )
    return None if row is None else unit.loaded(Task, row)


async def owed(
    connection: Connection, vault: Vault, staff_id: UUID, centre_ids: Iterable[UUID], most: int
) -> list[Task]:
    """What is owed in these centres or by this person, the earliest due first."""
    rows = await connection.fetch(
        f"""select * from task where (centre_id = any($1) or assigned_to = $2) and {_OWED}
            order by due_at, id limit $3""",  # noqa: S608  the text is ours
        list(centre_ids),
        staff_id,
        most,
    )
    return [TASK.entity(row, vault) for row in rows]


async def of_contact(connection: Connection, vault: Vault, contact_id: UUID) -> list[Task]:
    """Everything that was ever owed about a contact, in the order of making."""
    rows = await connection.fetch("select * from task where contact_id = $1 order by made_at, id", contact_id)
    return [TASK.entity(row, vault) for row in rows]


async def late(connection: Connection, before: datetime, most: int) -> list[tuple[UUID, UUID]]:
    """Contact and task of what should have been done by then."""
    rows = await connection.fetch(
        "select contact_id, id from task where escalates_at <= $1 order by escalates_at limit $2",
        before,
        most,
    )
    return [(row["contact_id"], row["id"]) for row in rows]
