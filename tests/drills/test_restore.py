"""The small form of the drill *restore*."""

import pytest

from tests.drills import ground

pytestmark = [pytest.mark.drill, pytest.mark.timeout(600)]


async def test_a_lost_database_is_restored_to_a_moment_and_the_house_goes_on():
    (await ground.run("restore", "fast")).holds()
