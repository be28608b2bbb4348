"""The small form of the drill *clock*."""

import pytest

from tests.drills import ground

pytestmark = [pytest.mark.drill, pytest.mark.timeout(600)]


async def test_a_clock_that_jumps_an_hour_hurries_nobody_and_keeps_nobody_waiting():
    (await ground.run("clock", "fast")).holds()
