"""Two people's changes of one text, laid together."""

import pytest

from hotline.base.errors import Refused
from hotline.domain.merging import carried, merge

BASE = "a\nb\nc\nd\ne\n"


def test_what_only_one_touched_is_taken_from_that_one():
    merged = merge(BASE, "a\nB\nc\nd\ne\n", "a\nb\nc\nd\nE\nf\n")
    assert (merged.text, merged.is_disputed) == ("a\nB\nc\nd\nE\nf\n", False)


def test_the_same_change_by_both_is_no_dispute():
    merged = merge(BASE, "a\nX\nc\nd\ne\n", "a\nX\nc\nd\ne\n")
    assert (merged.text, merged.is_disputed) == ("a\nX\nc\nd\ne\n", False)


@pytest.mark.parametrize(("prefer", "text"), [("mine", "a\nM\nc\nd\ne\n"), ("theirs", "a\nT\nc\nd\ne\n")])
def test_different_changes_of_the_same_line_are_a_dispute_and_somebody_decides(prefer: str, text: str):
    merged = merge(BASE, "a\nM\nc\nd\ne\n", "a\nT\nc\nd\ne\n", "mine" if prefer == "mine" else "theirs")
    assert (merged.text, merged.is_disputed) == (text, True)


def test_two_additions_at_one_place_are_a_dispute():
    assert merge(BASE, "a\nb\nm\nc\nd\ne\n", "a\nb\nt\nc\nd\ne\n").is_disputed


def test_merging_with_an_untouched_side_gives_the_other():
    other = "x\na\nc\nd\n"
    assert merge(BASE, other, BASE).text == other
    assert merge(BASE, BASE, other).text == other


def test_edits_are_carried_file_by_file_and_disputes_are_named():
    base = {"a": "1\n", "b": "1\n2\n", "c": "1\n"}
    onto = {"a": "1\n", "b": "1\n3\n", "c": "5\n"}
    assert carried(base, {"a": "9\n"}, onto, None) == {"a": "9\n"}
    assert carried(base, {"c": "5\n"}, onto, None) == {}
    with pytest.raises(Refused) as disputed:
        carried(base, {"b": "1\n4\n", "c": None}, onto, None)
    assert disputed.value.fields == ("b", "c")
    assert carried(base, {"b": "1\n4\n", "c": None}, onto, "theirs") == {}
    assert carried(base, {"b": "1\n4\n", "c": None}, onto, "mine") == {"b": "1\n4\n", "c": None}
