"""The small form of the walk: house and model agree after every step of some thousand."""

import pytest

from tests.journeys import drills
from tests.model import machine

pytestmark = pytest.mark.timeout(600)


def test_the_house_and_a_careful_clerk_agree_whatever_happens():
    walked = machine.walk(machine.FAST, None)
    drills.say(walked.told())
    for name, count in walked.steps.most_common():
        drills.say(f"  {count:5} {name}")
    drills.say(f"not walked: {walked.unwalked}")
    assert walked.steps.total() > 0
