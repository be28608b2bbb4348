"""How long the rounds of a loop take, as somebody beside it sees it.

A loop that is stuck cannot say so itself. So the round that goes on counts as well, for as long as it has
taken up to now.
"""

from collections.abc import Generator
from contextlib import contextmanager
from time import monotonic


class Laps:
    """The longest round since somebody last asked."""

    def __init__(self) -> None:
        """Begin with no round."""
        self._longest_seconds = 0.0
        self._begun: float | None = None

    @contextmanager
    def lap(self) -> Generator[None]:
        """Around one round; rounds follow each other, never side by side."""
        self._begun = monotonic()
        try:
            yield
        finally:
            self._longest_seconds = self._present_longest()
            self._begun = None

    def take_longest_seconds(self) -> float:
        """The longest round since this was last asked; then what is over is forgotten."""
        longest, self._longest_seconds = self._present_longest(), 0.0
        return longest

    def _present_longest(self) -> float:
        going_on = 0.0 if self._begun is None else monotonic() - self._begun
        return max(self._longest_seconds, going_on)
