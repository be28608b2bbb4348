"""When somebody may be called: over clocks that change, year ends, leap days, holidays and midnights."""

from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from hotline.domain import hours
from hotline.domain.hours import NO_CALENDARS, Calendar, Calendars, Hours, Rule
from tests.domain.made import a_line
from tests.stage import policies_of_the_house

DAY_LINE = {"opens_at": time(8, 0), "closes_at": time(22, 0)}
NIGHT_LINE: dict[str, Any] = {"opens_at": time(18, 0), "closes_at": time(2, 0)}
QUIET = Hours(since=time(9, 0), until=time(20, 0))


def china() -> Calendars:
    return policies_of_the_house().afterwards.followup.calendars


def rule(timezone: str, *quiet: Hours, calendars: Calendars = NO_CALENDARS, **line: Any) -> Rule:
    return Rule(line=a_line(timezone=timezone, **(line or DAY_LINE)), hours=quiet, calendars=calendars)


def at(timezone: str, text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(timezone)).astimezone(UTC)


def said(moment: datetime, timezone: str) -> str:
    return moment.astimezone(ZoneInfo(timezone)).strftime("%Y-%m-%d %H:%M")


def step(base: str, days: int, fits: Rule) -> str:
    """The local time of a step so many days after `base`."""
    timezone = fits.line.timezone
    wanted = hours.on_day(at(timezone, base), days, timezone)
    return said(hours.fitted(wanted, fits), timezone)


@pytest.mark.parametrize(
    ("timezone", "base", "days", "due"),
    [
        ("Europe/London", "2026-03-28 14:30", 1, "2026-03-29 14:30"),  # clocks go forward in that night
        ("Europe/London", "2026-10-24 14:30", 1, "2026-10-25 14:30"),  # and back
        ("America/New_York", "2026-03-07 10:00", 1, "2026-03-08 10:00"),
        ("America/New_York", "2026-10-25 10:00", 7, "2026-11-01 10:00"),
        ("Asia/Shanghai", "2026-12-31 16:00", 1, "2027-01-01 16:00"),
        ("Asia/Shanghai", "2026-12-02 16:00", 30, "2027-01-01 16:00"),
        ("Asia/Shanghai", "2028-02-28 11:00", 1, "2028-02-29 11:00"),
        ("Asia/Shanghai", "2028-02-29 11:00", 365, "2029-02-28 11:00"),
        ("Asia/Shanghai", "2027-03-01 11:00", 365, "2028-02-29 11:00"),
    ],
)
def test_a_step_is_due_at_the_same_hour_of_the_local_clock(timezone: str, base: str, days: int, due: str):
    assert step(base, days, rule(timezone)) == due


@pytest.mark.parametrize(
    ("base", "elapsed_hours"), [("2026-03-28 14:30", 23), ("2026-10-24 14:30", 25), ("2026-06-01 14:30", 24)]
)
def test_a_day_in_which_clocks_change_is_an_hour_shorter_or_longer(base: str, elapsed_hours: int):
    start = at("Europe/London", base)
    due = hours.on_day(start, 1, "Europe/London")
    assert (due - start).total_seconds() == elapsed_hours * 3600


def test_an_hour_that_is_skipped_is_told_as_the_one_after_it():
    round_the_clock = rule("Europe/London", opens_at=time(0, 0), closes_at=time(0, 0))
    assert step("2026-03-28 01:30", 1, round_the_clock) == "2026-03-29 02:30"


def test_an_hour_that_comes_twice_is_the_first_one():
    due = hours.on_day(at("Europe/London", "2026-10-24 01:30"), 1, "Europe/London")
    assert due == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("base", "due"),
    [
        ("2026-06-01 03:00", "2026-06-02 09:00"),  # before the window: up to its beginning
        ("2026-06-01 09:00", "2026-06-02 09:00"),
        ("2026-06-01 12:00", "2026-06-02 12:00"),
        ("2026-06-01 19:30", "2026-06-02 19:30"),
        ("2026-06-01 23:10", "2026-06-02 19:30"),  # after it: its last minutes, and still the next day
    ],
)
def test_the_day_that_is_due_stays_the_day_that_is_due(base: str, due: str):
    assert step(base, 1, rule("Asia/Shanghai", QUIET)) == due


@pytest.mark.parametrize(
    ("base", "due"),
    [
        ("2026-06-01 23:00", "2026-06-02 23:00"),
        ("2026-06-01 00:45", "2026-06-02 00:45"),  # the opening of the evening before
        ("2026-06-01 02:30", "2026-06-02 18:00"),
        ("2026-06-01 11:00", "2026-06-02 18:00"),
    ],
)
def test_an_opening_over_midnight_belongs_to_both_days(base: str, due: str):
    assert step(base, 1, rule("Asia/Shanghai", **NIGHT_LINE)) == due


def test_a_line_of_the_night_calls_in_its_own_hours_where_quiet_hours_leave_none():
    nightly = rule("Asia/Shanghai", QUIET, opens_at=time(22, 0), closes_at=time(6, 0))
    assert step("2026-06-01 23:00", 1, nightly) == "2026-06-02 23:00"


def test_a_callers_own_hours_narrow_those_of_the_house():
    wish = Hours(since=time(18, 0), until=time(23, 0))
    assert step("2026-06-01 10:00", 1, rule("Asia/Shanghai", QUIET, wish)) == "2026-06-02 18:00"


@pytest.mark.parametrize(
    ("base", "days", "due"),
    [
        ("2026-09-24 10:00", 7, "2026-10-08 10:00"),  # National Day: 1 to 7 October
        ("2026-02-13 10:00", 7, "2026-02-24 10:00"),  # Spring Festival: 15 to 23 February
        ("2026-02-13 23:00", 7, "2026-02-24 19:30"),
        ("2026-04-27 10:00", 7, "2026-05-06 10:00"),
        ("2026-12-02 10:00", 30, "2027-01-01 10:00"),  # a year that is not announced has no holidays
    ],
)
def test_a_public_holiday_hands_on_to_the_day_after_it(base: str, days: int, due: str):
    assert step(base, days, rule("Asia/Shanghai", QUIET, calendars=china())) == due


def test_holidays_are_those_of_the_lines_own_time_zone():
    assert step("2026-09-24 10:00", 7, rule("Europe/London", QUIET, calendars=china())) == "2026-10-01 10:00"


def test_where_weekends_are_off_a_make_up_day_is_worked():
    saturday, sunday = date(2026, 10, 10), date(2026, 10, 11)
    made_up = Calendar(timezones=frozenset({"Asia/Shanghai"}), worked=frozenset({saturday}))
    calendars = Calendars(known=(made_up,), is_weekend_off=True)
    assert not calendars.is_off(saturday, "Asia/Shanghai")
    assert calendars.is_off(sunday, "Asia/Shanghai")
    assert calendars.is_off(saturday, "Europe/London")


def test_every_make_up_day_of_the_houses_calendar_is_a_weekend_and_no_day_off():
    for calendar in china().known:
        assert all(day.isoweekday() > hours.FRIDAY for day in calendar.worked)
        assert not calendar.off & calendar.worked


def test_the_next_try_is_never_earlier_than_now():
    fits = rule("Asia/Shanghai", QUIET)
    for text, following in (
        ("2026-06-01 08:00", "2026-06-01 09:00"),
        ("2026-06-01 19:59", "2026-06-01 19:59"),
        ("2026-06-01 20:00", "2026-06-02 09:00"),
    ):
        assert said(hours.after(at("Asia/Shanghai", text), fits), "Asia/Shanghai") == following


def test_a_calendar_that_never_opens_does_not_keep_a_caller_waiting_for_ever():
    closed = Calendars(known=(), is_weekend_off=True)
    shut = Calendar(
        timezones=frozenset({"Asia/Shanghai"}),
        off=frozenset(date.fromordinal(date(2026, 1, 1).toordinal() + nth) for nth in range(400)),
    )
    fits = rule("Asia/Shanghai", calendars=Calendars(known=(shut,), is_weekend_off=closed.is_weekend_off))
    wanted = at("Asia/Shanghai", "2026-03-02 10:00")
    assert hours.fitted(wanted, fits) == wanted
    assert hours.after(wanted, fits) == wanted
