import pytest

from hotline.domain.level import Level
from hotline.domain.routes import FLAGS, routes_for as ways_of
from tests.stage import policies_of_the_house

ROUTES = policies_of_the_house().routes


def test_every_flag_has_a_way_of_its_own_also_where_nothing_else_was_found():
    ways = ways_of(FLAGS, Level.NONE_FOUND, ROUTES)
    assert {way.route.flag for way in ways} == set(FLAGS)
    assert all(way.route.agencies for way in ways)
    assert not any(way.is_now for way in ways)


def test_an_illness_calls_the_ambulance_and_violence_the_police():
    (medical,) = ways_of(["medical"], Level.MODERATE, ROUTES)
    (violence,) = ways_of(["violence"], Level.HIGH, ROUTES)
    assert (medical.route.agencies[0].number, medical.is_now) == ("120", True)
    assert (violence.route.agencies[0].number, violence.is_now) == ("110", True)


def test_a_child_in_danger_may_have_to_be_reported():
    (child,) = ways_of(["child_in_danger"], Level.HIGH, ROUTES)
    assert (child.route.report, child.route.team) == (True, "child_protection")


def test_what_must_be_done_now_comes_first_and_then_the_most_urgent():
    ways = ways_of({"self_harm", "suicide", "medical", "abuse"}, Level.HIGH, ROUTES)
    assert [way.route.flag for way in ways] == ["medical", "abuse", "suicide", "self_harm"]
    assert [way.is_now for way in ways] == [True, True, False, False]


@pytest.mark.parametrize("level", Level)
def test_a_graver_level_never_takes_a_way_from_the_list(level: Level):
    assert {way.route.flag for way in ways_of(FLAGS, level, ROUTES)} == set(FLAGS)


def test_a_flag_that_is_no_danger_has_no_way():
    assert ways_of(["crowded"], Level.IMMINENT, ROUTES) == ()
