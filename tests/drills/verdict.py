"""What a drill comes to: rows of what was seen, each good or not, and the table that is printed."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

LABEL_WIDTH_MAX: Final = 72
MARKS: Final = {True: "good", False: "BAD"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One thing that was looked at."""

    label: str
    value: str
    is_good: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A drill's name, how long it took, with which seed, and what was seen."""

    name: str
    seed: int
    seconds: float
    rows: Sequence[Row]

    @property
    def is_good(self) -> bool:
        """Whether everything that was looked at is as it must be; nothing looked at is no verdict."""
        return bool(self.rows) and all(row.is_good for row in self.rows)

    @property
    def table(self) -> str:
        """For a person to read."""
        head = f"{self.name}  seed {self.seed}  {self.seconds:.0f} s  {MARKS[self.is_good]}"
        width = min(max((_width(row.label) for row in self.rows), default=0), LABEL_WIDTH_MAX)
        lines = [
            f"  {MARKS[row.is_good]:4}  {row.label}{' ' * max(0, width - _width(row.label))}  {row.value}"
            for row in self.rows
        ]
        return "\n".join([head, *lines])

    def shown(self) -> dict[str, Any]:
        """As JSON takes it."""
        rows = [{"label": row.label, "value": row.value, "is_good": row.is_good} for row in self.rows]
        return {
            "name": self.name,
            "seed": self.seed,
            "seconds": round(self.seconds, 1),
            "is_good": self.is_good,
            "rows": rows,
        }

    def holds(self) -> None:
        """For a test.

        Raises:
            AssertionError: something is not as it must be; the table says what.
        """
        assert self.is_good, "\n" + self.table


def _width(text: str) -> int:
    """Columns on a terminal: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)
