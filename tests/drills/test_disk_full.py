"""The small form of the drill *disk-full*."""

import pytest

from tests.drills import ground

pytestmark = [pytest.mark.drill, pytest.mark.timeout(600)]


async def test_a_full_disk_stores_nothing_by_half_and_room_is_all_it_takes():
    (await ground.run("disk-full", "fast")).holds()
