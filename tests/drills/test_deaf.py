"""The small form of the drill *deaf*."""

import pytest

from tests.drills import ground

pytestmark = [pytest.mark.drill, pytest.mark.timeout(600)]


async def test_without_notifications_all_goes_on_a_second_later_and_health_says_so():
    (await ground.run("deaf", "fast")).holds()
