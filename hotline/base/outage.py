"""A neighbour that does not answer: told of when it begins, seldom while it lasts, and when it is over.

A database that is away is met by every loop, every second. A traceback for each meeting says nothing that the
first line has not said, fills a disk, and hides what is really a mistake. Mistakes keep their tracebacks.
"""

from typing import Final, cast

from structlog.typing import FilteringBoundLogger

from hotline.base.errors import Unreachable

AGAIN_SECONDS: Final = 60.0
"""While it lasts it is told of no oftener."""
CAUSE_CHARACTERS_MAX: Final = 200
_EXPECTED: Final = (Unreachable, ConnectionError, TimeoutError)


def is_expected(error: Exception) -> bool:
    """Whether an error says that a neighbour is away, and not that something of ours is wrong."""
    if isinstance(error, ExceptionGroup):  # several loops that are kept together
        return all(is_expected(each) for each in cast("ExceptionGroup[Exception]", error).exceptions)
    return isinstance(error, _EXPECTED)


def cause_of(error: BaseException) -> str:
    """What is behind an error, in one line: the kind of it, and how it begins."""
    if isinstance(error, ExceptionGroup):
        return cause_of(cast("ExceptionGroup[Exception]", error).exceptions[0])
    cause = error.__cause__ or error
    said = (str(cause).splitlines() or [""])[0]
    return f"{type(cause).__name__}: {said}"[:CAUSE_CHARACTERS_MAX]


class Outage:
    """What one loop knows of its neighbour's absence; `now` is always seconds that only go forward."""

    def __init__(self, log: FilteringBoundLogger) -> None:
        """All is well; `log` carries what the lines are about."""
        self._log = log
        self._times = 0
        self._began_at = self._met_at = self._told_at = 0.0

    def met(self, error: Exception, now: float) -> None:
        """The neighbour was asked and did not answer."""
        self._times += 1
        self._met_at = now
        if self._times == 1:
            self._began_at = self._told_at = now
            self._log.error("out of reach", cause=cause_of(error))
        elif now - self._told_at >= AGAIN_SECONDS:
            self._told_at = now
            self._log.error("still out of reach", cause=cause_of(error), **self._so_far())

    def over(self) -> None:
        """The neighbour answers; nothing is said if it always has."""
        if self._times:
            self._log.info("in reach again", **self._so_far())
        self._times = 0

    def _so_far(self) -> dict[str, float]:
        return {"times": self._times, "seconds": round(self._met_at - self._began_at, 1)}
