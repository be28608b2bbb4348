"""Signs of life at the edge: whoever's page is there is connected, however many come back at once."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio

from hotline.base.errors import Unreachable
from hotline.base.tasks import Crew
from hotline.store import presence as store_presence
from hotline.web import living
from hotline.web.living import Living
from tests.stage import Stage

CONNECTED = "select count(*) from presence where is_connected and centre_id = $1"


@pytest_asyncio.fixture
async def pages(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Living]:
    monkeypatch.setattr(living, "GATHER_SECONDS", 0.02)
    made = Living(stage.store)
    async with Crew() as crew:
        crew.keep("signs of life", made.run)
        yield made


async def test_whoever_was_heard_is_connected(stage: Stage, pages: Living):
    people = [await stage.hire(f"c{nth}") for nth in range(6)]
    assert await stage.value(CONNECTED, stage.centre.id) == 0
    await asyncio.gather(*(pages.beat(each) for each in people))
    assert await stage.value(CONNECTED, stage.centre.id) == 6


async def test_whoever_is_held_is_heard_as_soon_as_they_are_free(stage: Stage, pages: Living):
    held, other = await stage.hire("lin"), await stage.hire("mei")
    async with asyncio.TaskGroup() as group, stage.store.unit() as unit:
        await store_presence.lock(unit, held)
        waits = group.create_task(pages.beat(held))
        await pages.beat(other)
        await pages.beat(other)
        assert not waits.done()
    assert await stage.value(CONNECTED, stage.centre.id) == 2


async def test_whoever_is_held_for_too_long_is_told_to_try_again(
    stage: Stage, pages: Living, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(living, "GATHERINGS_MAX", 2)
    held = await stage.hire("lin")
    async with stage.store.unit() as unit:
        await store_presence.lock(unit, held)
        with pytest.raises(Unreachable):
            await pages.beat(held)
