"""Levels: one order, one way to combine them, and no word for "no risk"."""

import pytest
from hypothesis import given, strategies as st

from hotline.domain.level import Level, band_of

LEVELS = st.lists(st.sampled_from(Level))


def test_the_order_from_least_to_gravest():
    in_order = "none_found unknown low moderate high imminent".split()
    assert [level.text for level in sorted(Level)] == in_order


def test_nobody_asked_ranks_above_asked_and_nothing_found():
    assert Level.UNKNOWN > Level.NONE_FOUND


@pytest.mark.parametrize("level", Level)
def test_a_level_is_read_back_from_its_name(level: Level):
    assert Level.parse(level.text) is level


@pytest.mark.parametrize("text", ["", "none", "no_risk", "severe"])
def test_what_is_no_level_is_refused_with_those_there_are(text: str):
    with pytest.raises(ValueError, match=r"none_found.*imminent"):
        Level.parse(text)


@given(some=LEVELS, others=LEVELS)
def test_levels_combine_by_their_highest_in_any_order(some: list[Level], others: list[Level]):
    together = Level.highest(*some, *others)
    assert together == Level.highest(*others, *some)
    assert together == Level.highest(Level.highest(*some), Level.highest(*others))
    assert all(together >= level for level in some)


def test_of_nothing_the_least_was_found():
    assert Level.highest() is Level.NONE_FOUND


@pytest.mark.parametrize("level", Level)
def test_a_team_is_called_for_high_and_imminent_only(level: Level):
    assert level.needs_escalation == (level in {Level.HIGH, Level.IMMINENT})


def test_the_graver_the_level_the_better_the_band():
    bands = [band_of(level) for level in sorted(Level, reverse=True)]
    assert bands == [0, 1, 2, 3, 3, 3]
