"""`unchanged`: around a step that is refused; not a row, journal entry or job may differ afterwards."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from tests.stage import Stage

TABLES = (
    "contact", "offer", "session", "leg", "message", "appraisal", "escalation", "page", "escalation_note",
    "presence", "staff", "journal", "pgqueuer.pgqueuer",
)  # fmt: skip


@asynccontextmanager
async def unchanged(stage: Stage) -> AsyncGenerator[None]:
    """Everything that a step may write is the same before and after, to the byte."""
    before = await _everything(stage)
    yield
    assert await _everything(stage) == before


async def _everything(stage: Stage) -> dict[str, list[Any]]:
    async with stage.store.connection() as connection:
        return {
            table: [tuple(row.values()) for row in await connection.fetch(f"table {table} order by 1")]
            for table in TABLES
        }
