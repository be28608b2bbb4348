"""The official month: what may be told of counts, and that nothing withheld follows from what is told."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings, strategies as st

from hotline.base.errors import Refused
from hotline.domain import measures
from hotline.domain.measures import CELLS, PARTS, RATES, SMALL

SMALL_COUNT = st.sampled_from([0, 0, 1, 2, 3, 4, 5, 6, 9, 40])


@st.composite
def counts(draw: st.DrawFn) -> dict[str, int]:
    """Counts in which everything sums up as it should."""
    found = {name: draw(SMALL_COUNT) for name in CELLS}
    for total, parts in reversed(PARTS):
        found[total] = sum(found[name] for name in parts)
    found["in"] = sum(found[name] for name in PARTS[0][1])
    return found


@given(counts())
@settings(max_examples=400)
def test_no_cell_under_five_is_told(found: dict[str, int]):
    for name, count in measures.withheld(found).items():
        assert count is None or count == 0 or count >= SMALL, name


@given(counts())
@settings(max_examples=400)
def test_what_is_withheld_cannot_be_worked_out_from_the_totals(found: dict[str, int]):
    told = measures.withheld(found)
    assert all(count in {None, found[name]} for name, count in told.items())
    for name, count in told.items():
        if count is None and 0 < found[name] < SMALL:
            assert len(_possible(told, name)) > 1, (name, told)


def test_a_total_that_is_known_to_be_two_by_its_parts_does_not_tell_what_stands_beside_it():
    found = {"in": 12, "accepted": 2, "diverted": 1, "unanswered": 9, "local": 1, "region_unknown": 1}
    told = measures.withheld(dict.fromkeys(CELLS, 0) | found)
    assert told["in"] is None or told["unanswered"] is None


def _possible(told: dict[str, int | None], name: str) -> set[int]:
    """The values that a withheld cell may have for a reader of the sums who knows that it is at least 1."""
    sums = [each for each in PARTS if name in {each[0], *each[1]}]
    return {value for value in range(1, 60) if all(_fits(told, *each, name, value) for each in sums)}


def _fits(told: dict[str, int | None], total: str, parts: tuple[str, ...], name: str, value: int) -> bool:
    """Whether a sum can come out when the withheld cell `name` is `value`, and all others are at least 1."""
    others = [each for each in parts if told[each] is None and each != name]
    known = sum(told[each] or 0 for each in parts) + (value if name in parts else 0)
    wanted = value if name == total else told[total]
    if wanted is None:
        return True
    return known + len(others) <= wanted if others else known == wanted


def test_a_rate_is_withheld_with_either_of_its_parts():
    told = measures.report({"in": 10, "accepted": 7, "abandoned": 3, "region_unknown": 7})
    assert told.cells["abandoned"] is None
    for name, (top, bottom) in RATES.items():
        is_withheld = told.cells[top] is None or told.cells[bottom] is None
        assert (told.rates[name] is None) is is_withheld, name


def test_the_connection_rate_is_accepted_of_all_that_came_in():
    told = measures.report({"in": 120, "accepted": 100, "abandoned": 20, "local": 100})
    assert (told.rates["connection_rate"], told.rates["abandonment_rate"]) == (83.3, 16.7)


def test_an_empty_month_is_told_as_empty():
    told = measures.report({})
    assert set(told.cells.values()) == {0}
    assert set(told.rates.values()) == {None}


@pytest.mark.parametrize(
    ("text", "timezone", "begins", "ends"),
    [
        ("2026-11", "Asia/Shanghai", (2026, 10, 31, 16), (2026, 11, 30, 16)),
        ("2026-12", "Asia/Shanghai", (2026, 11, 30, 16), (2026, 12, 31, 16)),
        ("2026-11", "America/New_York", (2026, 11, 1, 4), (2026, 12, 1, 5)),
        ("2026-03", "Europe/Berlin", (2026, 2, 28, 23), (2026, 3, 31, 22)),
    ],
)
def test_a_month_is_one_by_the_centres_own_clock(
    text: str, timezone: str, begins: tuple[int, int, int, int], ends: tuple[int, int, int, int]
):
    month = measures.month_of(text, timezone)
    assert (month.begins_at, month.ends_at) == (datetime(*begins, tzinfo=UTC), datetime(*ends, tzinfo=UTC))


@pytest.mark.parametrize("text", ["2026-13", "2026-00", "0000-01", "last"])
def test_what_is_no_month_is_refused(text: str):
    with pytest.raises(Refused):
        measures.month_of(text, "Asia/Shanghai")
