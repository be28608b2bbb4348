"""One that fails costs the others nothing, and is told of."""

import pytest
from structlog.testing import capture_logs

from hotline.base import log, turns
from hotline.base.errors import Broken, Unreachable


async def test_one_that_fails_costs_the_others_nothing():
    done: list[int] = []

    async def step(thing: int) -> None:
        if thing == 2:
            raise Broken("vault.key", "A seal needs a key that is not there.")
        done.append(thing)

    with capture_logs() as told:
        failed = await turns.each([1, 2, 3], step, log.get("test"))
    assert (done, failed) == ([1, 3], {2})
    assert [(each["event"], each["thing"]) for each in told] == [("passed over", "2")]


async def test_a_neighbour_that_is_away_ends_the_sweep():
    async def step(thing: int) -> None:
        raise Unreachable("store.unreachable", "The database does not answer; try again.")

    with pytest.raises(Unreachable):
        await turns.each([1, 2], step, log.get("test"))


async def test_those_that_always_fail_do_not_take_the_place_of_the_others():
    waiting, done = list(range(10)), list[int]()

    async def find(most: int) -> list[int]:
        return [each for each in waiting if each not in done][:most]

    async def step(thing: int) -> None:
        if thing < 7:
            raise Broken("vault.key", "A seal needs a key that is not there.")
        done.append(thing)

    with capture_logs():
        assert await turns.through(find, step, 3, log.get("test")) == 3
    assert done == [7, 8, 9]
