"""The small form of the drill *failover*."""

import pytest

from tests.drills import ground

pytestmark = [pytest.mark.drill, pytest.mark.timeout(600)]


async def test_nothing_acknowledged_is_lost_when_the_standby_takes_over():
    (await ground.run("failover", "fast")).holds()
