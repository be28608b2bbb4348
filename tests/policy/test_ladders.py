"""Ladders of the house and of centres: what is missing or mistyped is said with its place."""

import tomllib
from typing import Any

import pytest

from hotline.base.errors import Broken
from hotline.base.places import config_dir
from hotline.domain.level import Level
from hotline.policy import ladders

OWN = """
[centres."江城".imminent]
acknowledge_seconds = 30
contact_seconds = 300
outcome_seconds = 3600
close_seconds = 86400
remind_seconds = 300
[[centres."江城".imminent.rungs]]
who = "supervisors"
channels = ["console", "voice"]
seconds = 30
"""


def of_the_house(more: str = "") -> dict[str, Any]:
    return tomllib.loads((config_dir() / "escalation.toml").read_text() + more)


def test_a_centre_climbs_its_own_ladder_and_for_the_other_levels_the_nearest_above():
    book = ladders.read(of_the_house(OWN))
    assert book.nearest(["临江", "江城"])[Level.IMMINENT].acknowledge_seconds == 30
    assert book.nearest(["临江", "江城"])[Level.HIGH] == book.default[Level.HIGH]
    assert book.nearest(["江城以外"]) == book.default
    nearer = {Level.IMMINENT: book.default[Level.IMMINENT]}
    both = ladders.LadderBook(default=book.default, of_centres={**book.of_centres, "临江": nearer})
    assert both.nearest(["临江", "江城"])[Level.IMMINENT] == book.default[Level.IMMINENT]


def test_without_own_ladders_every_centre_climbs_the_house_s():
    book = ladders.read(of_the_house())
    assert book.of_centres == {}
    assert book.nearest(["江城"]) == book.default


@pytest.mark.parametrize(
    ("more", "place"),
    [
        ('[centres."江城".iminent]\nseconds = 3\n', "'江城'"),
        ('[centres]\n"江城" = 3\n', "'江城'"),
        (OWN.replace("contact_seconds = 300\n", ""), "contact_seconds"),
        (OWN.replace("voice", "pigeon"), "centres.'江城'.imminent"),
        (OWN.replace("acknowledge_seconds = 30", "acknowledge_seconds = -60"), "acknowledge_seconds above 0"),
        (OWN.replace("remind_seconds = 300", "remind_seconds = 0"), "remind_seconds above 0"),
        (OWN + "nth = 0\n", "counts nth from 1"),
        (OWN.partition("[[")[0], "rungs"),
    ],
)
def test_a_ladder_that_is_wrong_stops_the_start_and_says_where(more: str, place: str):
    with pytest.raises(Broken, match=r"escalation\.toml") as broken:
        ladders.read(of_the_house(more))
    assert place in broken.value.sentence
