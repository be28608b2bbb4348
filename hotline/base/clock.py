"""The one place that reads the wall clock.

Decisions never ask for the time: the edge reads it once per request or per sweep and hands it down,
so that a step can be replayed and a test can stand at any moment it likes.

A process that has a database sets this clock by the database's (`set_to`, again and again): deadlines and
heartbeats are written by one node and read by another, and an hour by which two machines differ would make
every talk look abandoned. Between two settings the clock counts seconds, so that a machine whose time of
day jumps takes nobody along.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic


@dataclass(slots=True)
class _Setting:
    """What time it was, at what reading of the counter; nothing as long as the machine is believed."""

    at: datetime | None = None
    counted: float = 0.0


_setting = _Setting()


def now() -> datetime:
    """The present moment, aware, in UTC."""
    if _setting.at is None:
        return datetime.now(UTC)
    return _setting.at + timedelta(seconds=monotonic() - _setting.counted)


def set_to(at: datetime, within_seconds: float) -> None:
    """Set the clock to `at`, which may be wrong by `within_seconds`; it moves only if it is further off."""
    if _setting.at is None or abs((at - now()).total_seconds()) > within_seconds:
        _setting.at, _setting.counted = at, monotonic()


def machine_ahead_seconds() -> float:
    """How far the machine's own wall clock is ahead of this one."""
    return (datetime.now(UTC) - now()).total_seconds()
