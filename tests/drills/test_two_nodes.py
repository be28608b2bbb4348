"""The small form of the drill *two-nodes*."""

import pytest

from tests.drills import ground

pytestmark = [pytest.mark.drill, pytest.mark.timeout(600)]


async def test_with_two_of_each_one_may_die_and_one_may_freeze_and_nothing_happens_twice():
    (await ground.run("two-nodes", "fast")).holds()
