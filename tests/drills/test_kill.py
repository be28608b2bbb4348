"""The small form of the drill *kill*."""

import pytest

from tests.drills import ground

pytestmark = [pytest.mark.drill, pytest.mark.timeout(600)]


async def test_nobody_is_lost_when_app_and_workers_are_killed_at_any_moment():
    (await ground.run("kill", "fast")).holds()
