"""Safety plans, by whose they are."""

from uuid import UUID

from hotline.domain.safety_plan import SafetyPlan
from hotline.store.driver import Connection
from hotline.store.layouts import SAFETY_PLAN
from hotline.store.vault import Vault


async def last(connection: Connection, vault: Vault, subject: bytes, centre_id: UUID) -> SafetyPlan | None:
    """The newest version of a caller's plan at a centre."""
    row = await connection.fetchrow(
        "select * from safety_plan where subject = $1 and centre_id = $2 order by version desc limit 1",
        subject,
        centre_id,
    )
    return None if row is None else SAFETY_PLAN.entity(row, vault)
