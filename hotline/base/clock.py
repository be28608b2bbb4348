"""The one place that reads the wall clock.

Decisions never ask for the time: the edge reads it once per request or per sweep and hands it down,
so that a step can be replayed and a test can stand at any moment it likes.
"""

from datetime import UTC, datetime


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)
