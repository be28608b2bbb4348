"""When somebody may be called back: a line's opening hours, quiet hours and holidays, in its local time.

A day that is due stays the day that is due wherever it has a window at all: a time before the window moves
up to its beginning, a time after it back to its last minutes, never before the window of that day. A day
without a window (a public holiday, where the call may wait for it) hands on to the next. Everything is
reckoned on the wall clock of the line and told as a moment: clocks that are put forward or back change
the moment and not the hour that people know. An hour that is skipped is told as the one after it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from hotline.domain.centre import Line

DAYS_AHEAD_MAX: Final = 60
"""No calendar closes a line for longer; past it the call is not put off any more."""
LAST_MINUTES: Final = timedelta(minutes=30)
"""A call that is due after the window begins so long before its end: there is time for it."""
ONE_DAY: Final = timedelta(days=1)

Window = tuple[datetime, datetime]
"""From when to when, in UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """The local times between which somebody may be called; equal ones mean round the clock.

    `until` before `since` lies on the next day.
    """

    since: time = time(0, 0)
    until: time = time(0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Days off and make-up working days of the time zones that it is for.

    A make-up day is worked although its weekend is off; where weekends are worked anyway it says nothing.
    """

    timezones: frozenset[str]
    off: frozenset[date] = frozenset()
    worked: frozenset[date] = frozenset()

    def unknown_years(self, first: date, last: date) -> tuple[int, ...]:
        """Years between two days of which the calendar knows no day off: nobody has entered them yet."""
        known = {day.year for day in self.off}
        return tuple(year for year in range(first.year, last.year + 1) if year not in known)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendars:
    """Every calendar of the house; a zone without one has no holidays."""

    known: tuple[Calendar, ...] = ()
    is_weekend_off: bool = False

    def is_off(self, day: date, timezone: str) -> bool:
        """Whether nobody is called for an ordinary reason on this day."""
        own = [each for each in self.known if timezone in each.timezones]
        if any(day in each.off for each in own):
            return True
        is_made_up = any(day in each.worked for each in own)
        return self.is_weekend_off and day.isoweekday() > FRIDAY and not is_made_up


FRIDAY: Final = 5
NO_CALENDARS: Final = Calendars()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What a moment is fitted into: the line's own hours, quiet hours on top, holidays or not."""

    line: Line
    hours: tuple[Hours, ...] = field(default_factory=tuple[Hours, ...])
    calendars: Calendars = NO_CALENDARS


def fitted(wanted: datetime, rule: Rule) -> datetime:
    """The moment at which somebody may be called who is to be called at `wanted`."""
    zone = ZoneInfo(rule.line.timezone)
    local = wanted.astimezone(zone)
    for nth in range(DAYS_AHEAD_MAX):
        day = local.date() + nth * ONE_DAY
        if rule.calendars.is_off(day, rule.line.timezone):
            continue
        windows = windows_of(day, rule)
        if windows:
            at = wanted if nth == 0 else _moment(day, local.time(), zone)
            return _within(at, windows)
    return wanted


def after(now: datetime, rule: Rule) -> datetime:
    """The first moment from `now` on at which somebody may be called: never an earlier one."""
    local = now.astimezone(ZoneInfo(rule.line.timezone))
    for nth in range(DAYS_AHEAD_MAX):
        day = local.date() + nth * ONE_DAY
        if rule.calendars.is_off(day, rule.line.timezone):
            continue
        for start, end in windows_of(day, rule):
            if now < end:
                return max(now, start)
    return now


def on_day(base: datetime, days: int, timezone: str) -> datetime:
    """So many days after `base`, at the same hour of the local clock."""
    zone = ZoneInfo(timezone)
    local = base.astimezone(zone)
    return _moment(local.date() + timedelta(days=days), local.time(), zone)


def windows_of(day: date, rule: Rule) -> tuple[Window, ...]:
    """When calls may be made on this local day; where quiet hours leave nothing, the line's own hours.

    An opening that goes over midnight belongs to both days, to each with its part.
    """
    zone = ZoneInfo(rule.line.timezone)
    whole = (_moment(day, time(0, 0), zone), _moment(day + ONE_DAY, time(0, 0), zone))
    opening = Hours(since=rule.line.opens_at, until=rule.line.closes_at)
    opened = tuple(_cut((whole,), day, opening, zone))
    allowed = opened
    for hours in rule.hours:
        allowed = tuple(_cut(allowed, day, hours, zone))
    return allowed or opened


def _cut(windows: tuple[Window, ...], day: date, hours: Hours, zone: ZoneInfo) -> Iterator[Window]:
    for start, end in windows:
        for since, until in _spans(day, hours, zone):
            if max(start, since) < min(end, until):
                yield max(start, since), min(end, until)


def _spans(day: date, hours: Hours, zone: ZoneInfo) -> Iterator[Window]:
    """The spans of these hours that touch the day, in order: the one of the evening before comes first."""
    if hours.since == hours.until:
        yield _moment(day, time(0, 0), zone), _moment(day + ONE_DAY, time(0, 0), zone)
        return
    is_overnight = hours.until < hours.since
    first = day - ONE_DAY if is_overnight else day
    for start in (first, day) if is_overnight else (day,):
        end = start + ONE_DAY if is_overnight else start
        yield _moment(start, hours.since, zone), _moment(end, hours.until, zone)


def _within(at: datetime, windows: tuple[Window, ...]) -> datetime:
    for start, end in windows:
        if at <= end - LAST_MINUTES:
            return max(at, start)
    start, end = windows[-1]
    return max(start, end - LAST_MINUTES)


def _moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at.replace(tzinfo=None), zone).astimezone(UTC)
