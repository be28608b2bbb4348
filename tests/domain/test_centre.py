"""A line's hours, in the line's own time zone."""

from datetime import UTC, datetime, time

import pytest

from tests.domain.made import a_line


def beijing(hour: int, minute: int = 0) -> datetime:
    """A moment of one day by Beijing time, which is eight hours ahead."""
    return datetime(2026, 3, 2 if hour >= 8 else 3, (hour - 8) % 24, minute, tzinfo=UTC)


@pytest.mark.parametrize("hour", range(24))
def test_a_line_without_hours_is_open_round_the_clock(hour: int):
    assert a_line().is_open(beijing(hour))


@pytest.mark.parametrize(
    ("hour", "minute", "is_open"),
    [(5, 59, False), (6, 0, True), (12, 0, True), (23, 59, True), (0, 0, False)],
)
def test_a_day_line_opens_on_the_minute_and_closes_on_the_minute(hour: int, minute: int, is_open: bool):
    line = a_line(opens_at=time(6), closes_at=time(23, 59, 59))
    assert line.is_open(beijing(hour, minute)) == is_open


@pytest.mark.parametrize(
    ("hour", "is_open"), [(19, False), (20, True), (23, True), (0, True), (7, True), (8, False)]
)
def test_a_night_line_is_open_over_midnight(hour: int, is_open: bool):
    assert a_line(opens_at=time(20), closes_at=time(8)).is_open(beijing(hour)) == is_open


@pytest.mark.parametrize(
    ("opens", "closes", "hours"),
    [(time(0), time(0), 24), (time(8), time(8), 24), (time(6), time(0), 18), (time(20), time(8), 12)],
)
def test_hours_a_day_are_counted_over_midnight(opens: time, closes: time, hours: float):
    assert a_line(opens_at=opens, closes_at=closes).hours_a_day() == hours
