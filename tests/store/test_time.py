"""A process goes by the database's clock, and is not moved by an answer that took long."""

from datetime import UTC, datetime, timedelta

import pytest

from hotline.base import clock
from hotline.store import time as store_time
from hotline.store.unit import Store

LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process whose clock is a quarter of a century behind."""
    monkeypatch.setattr(clock, "_setting", clock._Setting())
    clock.set_to(LONG_AGO, within_seconds=0)


async def test_the_clock_comes_to_agree_with_the_database_s(store: Store):
    await store_time.read(store)
    async with store.connection() as connection:
        at = await connection.fetchval("select clock_timestamp()")
    assert abs(clock.now() - at) < timedelta(seconds=1)


async def test_an_answer_that_took_too_long_says_nothing(store: Store):
    await store_time.read(store, slow_seconds=0)
    assert clock.now() - LONG_AGO < timedelta(minutes=1)
