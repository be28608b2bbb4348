"""The small form of the drill *carrier*."""

import pytest

from tests.drills import ground

pytestmark = [pytest.mark.drill, pytest.mark.timeout(600)]


async def test_an_ill_telephone_network_loses_nobody_and_who_cannot_reach_us_is_told_where_to_turn():
    (await ground.run("carrier", "fast")).holds()
