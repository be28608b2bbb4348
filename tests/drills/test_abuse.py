"""The small form of the drill *abuse*; each kind of abuse has tests of its own in `tests/abuse`."""

import pytest

from tests.drills import ground

pytestmark = [pytest.mark.drill, pytest.mark.timeout(600)]


async def test_a_process_of_its_own_lives_through_all_of_it():
    (await ground.run("abuse", "fast")).holds()
