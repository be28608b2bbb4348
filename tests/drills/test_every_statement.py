"""The small form of the drill *every-statement*, and that no step is forgotten."""

import pytest

from tests.drills import ground
from tests.drills.every_statement import SCENES
from tests.drills.scenes import steps_of_the_house

pytestmark = [pytest.mark.drill, pytest.mark.timeout(600)]


def test_every_step_of_the_house_has_a_scene():
    assert SCENES.keys() == steps_of_the_house()


async def test_a_step_that_is_cut_off_anywhere_is_done_wholly_or_not_at_all():
    (await ground.run("every-statement", "fast")).holds()
