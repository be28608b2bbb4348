"""The figures of a replay."""

import pytest

from hotline.domain.level import Level
from hotline.practice import judged


def test_every_level_of_the_house_has_a_label_and_keeps_its_order():
    assert [level.text for level in sorted(Level)] == list(judged.LEVELS)
    assert sorted(judged.LABEL_OF.values()) == list(judged.LABEL_OF.values())


def test_recall_and_precision_ask_about_moderate_and_above():
    pairs = [
        (3, "imminent"), (3, "moderate"), (2, "high"), (2, "low"), (3, "none_found"),
        (0, "moderate"), (1, "low"), (0, "none_found"), (0, "unknown"),
    ]  # fmt: skip
    judgement = judged.judge(pairs)
    assert str(judgement.recall) == "60.0% (3/5)"
    assert str(judgement.precision) == "75.0% (3/4)"
    assert judgement.counts[3, 2] == 1
    assert judgement.counts[0, 0] == 2
    assert judgement.table()[1].split() == ["0", "2", "0", "1", "0"]


def test_nothing_to_divide_by_is_said_so():
    assert str(judged.judge([(0, "none_found")]).recall) == "– (0/0)"


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([], 0.5, None),
        ([4.0], 0.99, 4.0),
        ([3, 1, 2], 0.5, 2),
        (range(1, 101), 0.99, 99),
        (range(1, 101), 1, 100),
    ],
)
def test_a_percentile_is_a_value_that_occurred(values: list[float], share: float, expected: float | None):
    assert judged.percentile(list(values), share) == expected


def test_latencies_are_one_line():
    assert judged.latencies("ack", [0.001, 0.002, 0.010]) == (
        "ack: p50 2.0 ms  p95 10.0 ms  p99 10.0 ms  max 10.0 ms  (n=3)"
    )
    assert judged.latencies("ack", []) == "ack: nothing to measure"


def test_a_long_text_is_cut_where_it_may_be_and_loses_nothing():
    words = "one two three. " * 30
    parts = judged.cut(words, 100)
    assert "".join(parts) == words
    assert all(len(part) <= 100 for part in parts)
    assert all(part.endswith(" ") for part in parts[:-1])


def test_a_text_without_a_gap_is_cut_anyway():
    assert [len(part) for part in judged.cut("x" * 250, 100)] == [100, 100, 50]
    assert judged.cut("short", 100) == ["short"]
