"""A crew's loops and errands end with it, whatever they were doing."""

import asyncio

from hotline.base.tasks import Crew


async def test_a_crew_that_ends_at_once_never_begins_an_errand_and_leaves_nothing_unawaited():
    begun = list[str]()

    async def errand() -> None:
        begun.append("errand")

    async with Crew() as crew:
        crew.once("errand", errand())
    assert begun == []


async def test_an_errand_that_is_under_way_is_broken_off_where_it_stands():
    begun, left = asyncio.Event(), asyncio.Event()

    async def errand() -> None:
        try:
            begun.set()
            await asyncio.Event().wait()
        finally:
            left.set()

    async with Crew() as crew:
        crew.once("errand", errand())
        await begun.wait()
    assert left.is_set()
