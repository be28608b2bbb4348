"""Many writes as one statement, which is written down once for each shape that there is."""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from hotline.store.engine import STATEMENT_CACHE_SIZE


@dataclass(frozen=True, slots=True)
class Part:
    """The shape of one write: its table and columns, without the values."""

    table: str
    columns: tuple[str, ...]
    is_update: bool = False
    is_guarded: bool = False


class Writing:
    """One statement out of many writes: each a part of a WITH, all or none."""

    def __init__(self) -> None:
        """Begin with nothing to write."""
        self.parts: list[Part] = []
        self.arguments: list[Any] = []

    def insert(self, table: str, values: Mapping[str, Any]) -> None:
        """Write a new row: column -> driver value."""
        self.parts.append(Part(table, tuple(values)))
        self.arguments.extend(values.values())

    def update(self, table: str, row_id: UUID, values: Mapping[str, Any], state: str | None) -> None:
        """Change a row, if it is still in `state`."""
        self.parts.append(Part(table, tuple(values), is_update=True, is_guarded=state is not None))
        self.arguments.extend(values.values())
        if state is not None:
            self.arguments.append(state)
        self.arguments.append(row_id)

    def text(self) -> str:
        """The statement, for `arguments`; `written` is how many of the writes were done."""
        return _text(tuple(self.parts))


@lru_cache(STATEMENT_CACHE_SIZE)
def _text(parts: tuple[Part, ...]) -> str:
    """The SQL of a shape; the steps of the house know few, and the driver keeps each prepared."""
    numbers = itertools.count(1)
    texts = [_updating(part, numbers) if part.is_update else _inserting(part, numbers) for part in parts]
    named = ", ".join(f"w{nth} as ({text})" for nth, text in enumerate(texts))
    written = " + ".join(f"(select count(*) from w{nth})" for nth in range(len(texts)))  # noqa: S608  names are ours
    return f"with {named} select {written} as written"


def _inserting(part: Part, numbers: Iterator[int]) -> str:
    marks = ", ".join(f"${next(numbers)}" for _ in part.columns)
    return f"insert into {part.table} ({', '.join(part.columns)}) values ({marks}) returning 1"  # noqa: S608  names are ours


def _updating(part: Part, numbers: Iterator[int]) -> str:
    sets = ", ".join(f"{column} = ${next(numbers)}" for column in part.columns)
    guard = f"state = ${next(numbers)} and " if part.is_guarded else ""
    return f"update {part.table} set {sets} where {guard}id = ${next(numbers)} returning 1"  # noqa: S608  names are ours
