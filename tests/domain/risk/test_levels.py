from itertools import pairwise, product

import pytest

from hotline.domain.risk.levels import Level, Verdict, band_of

HIT, MISS, UNSURE = Verdict.HIT, Verdict.MISS, Verdict.UNSURE


def test_levels_rise_from_nothing_found_to_imminent():
    names = ["none_found", "unknown", "low", "moderate", "high", "imminent"]
    assert [level.text for level in sorted(Level)] == names
    assert all(one < other for one, other in pairwise(Level.parse(name) for name in names))


def test_levels_combine_by_maximum_and_nothing_is_nothing_found():
    assert Level.highest(Level.LOW, Level.HIGH, Level.UNKNOWN) is Level.HIGH
    assert Level.highest() is Level.NONE_FOUND


def test_a_level_nobody_knows_is_refused_with_the_list_of_those_there_are():
    with pytest.raises(ValueError, match=r"'severe' is not a level.*moderate"):
        Level.parse("severe")


def test_the_gravest_waits_first():
    assert [band_of(level) for level in sorted(Level, reverse=True)] == [0, 1, 2, 3, 3, 3]


def test_not_unsure_is_unsure():
    assert UNSURE.negated() is UNSURE
    assert (HIT.negated(), MISS.negated()) == (MISS, HIT)


def test_only_a_miss_settles_and_and_only_a_hit_settles_or():
    assert UNSURE.both(MISS) is MISS
    assert UNSURE.both(HIT) is UNSURE
    assert UNSURE.either(HIT) is HIT
    assert UNSURE.either(MISS) is UNSURE


@pytest.mark.parametrize(("one", "other"), list(product(Verdict, repeat=2)))
def test_verdicts_keep_de_morgan_and_order_does_not_matter(one: Verdict, other: Verdict):
    assert one.both(other).negated() is one.negated().either(other.negated())
    assert one.both(other) is other.both(one)
    assert one.either(other) is other.either(one)
    assert one.both(one) is one.either(one) is one
