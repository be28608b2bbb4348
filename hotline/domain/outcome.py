"""What a decision comes to: rows, journal entries and effects, to be saved together or not at all."""

from dataclasses import dataclass
from typing import Protocol, Self, TypeVar
from uuid import UUID

from hotline.domain.effects import Effect
from hotline.domain.journal import Entry


class Row(Protocol):
    """Anything that has an id and a table of its own."""

    @property
    def id(self) -> UUID:
        """The row's id, made before the row."""
        ...


R = TypeVar("R", bound=Row)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The rows as they shall be, what to note, what to set going; order is kept."""

    rows: tuple[Row, ...] = ()
    entries: tuple[Entry, ...] = ()
    effects: tuple[Effect, ...] = ()

    def __add__(self, other: Self) -> "Outcome":
        """Both outcomes; where both hold the same row, the later one stands."""
        rows = {(type(row), row.id): row for row in (*self.rows, *other.rows)}
        return Outcome(
            rows=tuple(rows.values()),
            entries=self.entries + other.entries,
            effects=self.effects + tuple(effect for effect in other.effects if effect not in self.effects),
        )

    def row(self, kind: type[R]) -> R:
        """The one row of `kind`; decisions hold at most one of each where this is asked."""
        return next(row for row in self.rows if isinstance(row, kind))


NOTHING = Outcome()
