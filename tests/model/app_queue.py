"""The order in which Asterisk's app_queue serves its callers, as its documents tell it, in a few lines.

A caller enters before the first who has a lower priority, so behind everybody of the same one. Ringing takes
nobody out of the line: whoever rings unanswered is where they were. As many callers at the head as there
are free members are rung at once (`autofill`).
"""

from typing import Generic, TypeVar

Who = TypeVar("Who")


class AppQueue(Generic[Who]):
    """Callers in line; a higher priority is served first."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self._line: list[tuple[Who, int]] = []

    def enter(self, who: Who, priority: int) -> None:
        """Take the place before the first of lower priority."""
        lower = (at for at, (_, other) in enumerate(self._line) if other < priority)
        self._line.insert(next(lower, len(self._line)), (who, priority))

    def leave(self, who: Who) -> None:
        """Answered, or hung up."""
        self._line = [each for each in self._line if each[0] != who]

    def heads(self, members: int) -> list[Who]:
        """Who is rung when so many members are free."""
        return [who for who, _ in self._line[:members]]

    @property
    def line(self) -> list[Who]:
        """Everybody, first first."""
        return [who for who, _ in self._line]
