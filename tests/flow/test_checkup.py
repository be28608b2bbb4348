"""What `hotline check` says before a line is switched on, where no database is asked."""

from datetime import UTC, date, datetime

import pytest

from hotline.domain.hours import Calendar, Calendars
from hotline.flow import checkup
from hotline.flow.checkup import Grade

KNOWN = Calendar(timezones=frozenset({"Asia/Shanghai"}), off=frozenset({date(2026, 1, 1)}))


@pytest.mark.parametrize(
    ("today", "year"),
    [((2026, 6, 1), None), ((2026, 11, 16), None), ((2026, 11, 17), 2027), ((2027, 2, 1), 2027)],
)
def test_the_check_says_of_which_year_nobody_has_entered_the_holidays(
    today: tuple[int, int, int], year: int | None
):
    found = checkup.holidays(Calendars(known=(KNOWN,)), datetime(*today, 4, tzinfo=UTC))
    assert [each.grade for each in found] == ([] if year is None else [Grade.WARNING])
    assert all(f"days off of {year} for Asia/Shanghai" in each.sentence for each in found)
