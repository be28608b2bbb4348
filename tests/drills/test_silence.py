"""The small form of the drill *silence*."""

import pytest

from tests.drills import ground

pytestmark = [pytest.mark.drill, pytest.mark.timeout(600)]


async def test_silence_climbs_to_the_last_rung_and_round_across_death_and_outage():
    (await ground.run("silence", "fast")).holds()
