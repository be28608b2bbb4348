"""Whoever is cut off in mid-step leaves no transaction open behind, in which others' work would be lost."""

import asyncio
from typing import Any, cast

import asyncpg
import pytest

from hotline.store.engine import connect_arguments
from hotline.store.unit import Store

OPEN = """select count(*) from pg_stat_activity where datname = current_database()
          and pid <> pg_backend_pid() and state like 'idle in transaction%'"""


async def _step(store: Store) -> None:
    async with store.unit() as unit:
        await unit.connection.fetchval("select 1")


@pytest.mark.parametrize("turns", range(14))
async def test_a_step_that_is_cancelled_anywhere_leaves_no_transaction_open(
    store: Store, database_url: str, turns: int
):
    await _step(store)
    eyes = cast("Any", await asyncpg.connect(**connect_arguments(database_url)))
    try:
        task = asyncio.get_running_loop().create_task(_step(store))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await asyncio.sleep(0.05)
        assert await eyes.fetchval(OPEN) == 0
    finally:
        await eyes.close()
