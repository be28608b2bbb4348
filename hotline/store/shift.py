"""What is open in some centres at this moment, and hand-over sheets."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from hotline.base.errors import Absent
from hotline.domain.journal import Json
from hotline.domain.shift import Handover, Sheet
from hotline.store.driver import Connection, Record
from hotline.store.layouts import HANDOVER
from hotline.store.unit import Unit
from hotline.store.vault import Vault

ITEMS_MAX: Final = 200
FOLLOW_UPS: Final = "follow_ups"
_OPEN: Final = {
    "contacts": """
      select id as contact_id, state, since, counselor_id as staff_id,
        case when 'imminent' in (level, subject_level) then 'imminent' else 'high' end as level
      from contact where centre_id = any($1) and state not in ('closed', 'abandoned', 'diverted')
        and (level in ('high', 'imminent') or subject_level in ('high', 'imminent'))
      order by since limit $2""",
    "escalations": """
      select id, contact_id, state, level, declared_at as since, owner_id as staff_id from escalation
      where centre_id = any($1) and closed_at is null order by declared_at limit $2""",
    FOLLOW_UPS: """
      select id, contact_id, state, level, step, next_at as due_at, staff_id from follow_up
      where centre_id = any($1) and state in ('due', 'attempted', 'unreached') and next_at <= $3
      order by next_at limit $2""",
    "dispatches": """
      select id, contact_id, state, agency as kind, called_at as since, made_by as staff_id from dispatch
      where centre_id = any($1) and state = 'open' order by called_at limit $2""",
    "tasks": """
      select id, contact_id, state, kind, due_at, assigned_to as staff_id from task
      where centre_id = any($1) and state in ('open', 'dismissal_asked') order by due_at limit $2""",
}


async def draw_up(connection: Connection, centre_ids: Iterable[UUID], until: datetime) -> Sheet:
    """Everything that is open, and the calls that are due until then; so many of each kind at most."""
    centres = list(centre_ids)
    rows = {
        kind: await connection.fetch(query, centres, ITEMS_MAX, *((until,) if kind == FOLLOW_UPS else ()))
        for kind, query in _OPEN.items()
    }
    return {kind: [_plain(row) for row in found] for kind, found in rows.items()}


async def latest(
    connection: Connection, vault: Vault, centre_ids: Iterable[UUID], most: int
) -> list[Handover]:
    """The sheets given last."""
    rows = await connection.fetch(
        "select * from handover where centre_id = any($1) order by given_at desc, id desc limit $2",
        list(centre_ids),
        most,
    )
    return [HANDOVER.entity(row, vault) for row in rows]


async def lock(unit: Unit, handover_id: UUID) -> Handover:
    """Lock a sheet.

    Raises:
        Absent: there is no such sheet.
    """
    row = await unit.connection.fetchrow("select * from handover where id = $1 for update", handover_id)
    if row is None:
        raise Absent("handover.absent", "There is no such hand-over sheet.")
    return unit.loaded(Handover, row)


def _plain(row: Record) -> dict[str, Json]:
    return {name: _said(value) for name, value in dict(row).items()}


def _said(value: Any) -> Json:
    match value:
        case UUID():
            return str(value)
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case _:
            return value
