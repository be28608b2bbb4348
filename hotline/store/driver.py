"""The part of asyncpg's connection that this house uses, with types that can be checked."""

from collections.abc import Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

Record = Mapping[str, Any]


class Connection(Protocol):
    """A driver connection; inside a unit it is in the unit's transaction."""

    async def fetch(self, query: str, *args: object) -> list[Record]:
        """Every row."""
        ...

    async def fetchrow(self, query: str, *args: object) -> Record | None:
        """The first row, if any."""
        ...

    async def fetchval(self, query: str, *args: object) -> Any:
        """The first column of the first row, or None."""
        ...

    async def execute(self, query: str, *args: object) -> str:
        """Run the statement; its command tag."""
        ...

    async def fetchmany(self, query: str, args: Iterable[Iterable[object]]) -> list[Record]:
        """Run the statement once for each set of arguments, all on one way; the rows in that order."""
        ...

    async def executemany(self, command: str, args: Iterable[Iterable[object]]) -> None:
        """Run the statement once for each set of arguments."""
        ...

    def transaction(self) -> AbstractAsyncContextManager[object]:
        """A transaction around a block."""
        ...


async def one(connection: Connection, query: str, *args: object) -> Record:
    """The one row of a statement that always gives one (an aggregate, a lateral picture)."""
    row = await connection.fetchrow(query, *args)
    if row is None:
        raise LookupError(query)
    return row
