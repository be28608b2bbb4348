"""The cards of what is owed, of who is under way, and of numbers that are asked for."""

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from hotline.domain import duties
from hotline.domain.access import Permission, Viewer
from hotline.domain.live import Dealt, Touched
from hotline.store.driver import Connection, Record
from hotline.store.layouts import DISPATCH, OPENING, TASK
from hotline.store.vault import Vault

TASKS_MAX: Final = 1000
"""So many tasks at most on one screen, the earliest due first; who owes more sees the rest in the list."""

_OWED: Final = "state in ('open', 'dismissal_asked')"
_TASKS_OF_CENTRES: Final = (
    f"select * from task where centre_id = any($1) and {_OWED} order by due_at, id limit $2"  # noqa: S608
)
_TASKS_OF_DESK: Final = f"""
    select * from task
    where {_OWED} and (assigned_to = $1 or centre_id = any($2) and (
      assigned_to is null and role = any($3)
      or 'admin' = any($3) and (role = 'admin' or kind = 'managers_report')))
    order by due_at, id limit $4"""  # noqa: S608  the text is ours
_TASKS_TOUCHED: Final = f"""
    select * from task where id = any($1)
    union
    select * from task where kind = 'managers_report' and about_id = any($2) and {_OWED}"""  # noqa: S608


async def of_centres(connection: Connection, vault: Vault, centre_ids: Iterable[UUID]) -> list[Dealt]:
    """Everything of this kind that the boards of these centres show."""
    centres = list(centre_ids)
    return _cards(
        vault,
        await connection.fetch(_TASKS_OF_CENTRES, centres, TASKS_MAX),
        await connection.fetch(
            "select * from dispatch where centre_id = any($1) and state = 'open'", centres
        ),
        await connection.fetch(
            "select * from opening where centre_id = any($1) and state = 'asked'", centres
        ),
    )


async def of_desk(
    connection: Connection, vault: Vault, viewer: Viewer, crisis_ids: frozenset[UUID]
) -> list[Dealt]:
    """What somebody holds of it who watches no board: by role and name, and crises of these centres."""
    tasks: list[Record] = []
    if viewer.may(Permission.SEE_TASKS):
        roles = [role.value for role in viewer.roles]
        tasks = await connection.fetch(_TASKS_OF_DESK, viewer.staff_id, list(viewer.reach), roles, TASKS_MAX)
    return _cards(
        vault,
        tasks,
        await connection.fetch(
            "select * from dispatch where state = 'open' and (made_by = $1 or centre_id = any($2))",
            viewer.staff_id,
            list(crisis_ids),
        ),
        await connection.fetch(
            "select * from opening where state = 'asked' and asked_by = $1", viewer.staff_id
        ),
    )


async def touched(connection: Connection, vault: Vault, these: Touched) -> list[Dealt]:
    """The cards of what entries name, as the rows stand now; a report is owed by its escalation's entry."""
    tasks: list[Record] = []
    dispatches: list[Record] = []
    openings: list[Record] = []
    if these.tasks or these.escalations:
        tasks = await connection.fetch(_TASKS_TOUCHED, list(these.tasks), list(these.escalations))
    if these.dispatches:
        dispatches = await connection.fetch(
            "select * from dispatch where id = any($1)", list(these.dispatches)
        )
    if these.openings:
        openings = await connection.fetch("select * from opening where id = any($1)", list(these.openings))
    return _cards(vault, tasks, dispatches, openings)


def _cards(
    vault: Vault, tasks: Iterable[Any], dispatches: Iterable[Any], openings: Iterable[Any]
) -> list[Dealt]:
    dealt = [
        *(duties.task_card(TASK.entity(row, vault)) for row in tasks),
        *(duties.dispatch_card(DISPATCH.entity(row, vault)) for row in dispatches),
        *(duties.opening_card(OPENING.entity(row, vault)) for row in openings),
    ]
    return [card for card in dealt if card is not None]
