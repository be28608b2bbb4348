"""Small wishes of one moment are carried out together; everybody hears how their own went."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

import pytest

from hotline.base.tasks import Crew
from hotline.base.together import Together


@dataclass
class Doer:
    """Carries out all but one wish, unless it is in `trouble`."""

    done: list[frozenset[int]] = field(default_factory=list[frozenset[int]])
    trouble: Exception | None = None

    async def __call__(self, wishes: frozenset[int]) -> dict[int, str]:
        self.done.append(wishes)
        await asyncio.sleep(0)
        if self.trouble:
            raise self.trouble
        return {wish: f"done {wish}" for wish in wishes - {13}}


@pytest.fixture
def doer() -> Doer:
    return Doer()


@pytest.fixture
async def together(doer: Doer) -> AsyncGenerator[Together[int, str]]:
    made: Together[int, str] = Together(doer, 0.01)
    async with Crew() as crew:
        crew.keep("together", made.run)
        yield made


async def test_what_is_asked_in_one_moment_is_done_at_once(together: Together[int, str], doer: Doer) -> None:
    assert await asyncio.gather(*(together.ask(each) for each in (1, 2, 2, 13))) == [
        "done 1",
        "done 2",
        "done 2",
        None,
    ]
    assert doer.done == [frozenset({1, 2, 13})]


async def test_what_is_asked_later_belongs_to_the_next_gathering(
    together: Together[int, str], doer: Doer
) -> None:
    assert await together.ask(1)
    assert await together.ask(2)
    assert doer.done == [frozenset({1}), frozenset({2})]


async def test_trouble_reaches_everybody_who_asked_and_the_next_gathering_goes_on(
    together: Together[int, str], doer: Doer
) -> None:
    doer.trouble = OSError("away")
    answers = await asyncio.gather(*(together.ask(each) for each in (1, 2)), return_exceptions=True)
    assert [type(each) for each in answers] == [OSError, OSError]
    doer.trouble = None
    assert await together.ask(3)


async def test_whoever_leaves_takes_nobody_with_them(together: Together[int, str]) -> None:
    async with asyncio.TaskGroup() as group:
        leaving = group.create_task(together.ask(1))
        staying = group.create_task(together.ask(2))
        await asyncio.sleep(0)
        leaving.cancel()
        assert await staying
