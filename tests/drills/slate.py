"""A clean slate before each scene, and what exactly a step has changed in the whole database.

`Slate.digest` is the whole database in one value, to see that nothing at all has changed. `Slate.rows` is
every row as text in which only what must differ between two runs of the same scene is made alike: ids, seals,
numbers that the database deals out, moments of its own clock. So two runs of a step can be compared.
"""

import re
from collections import Counter
from dataclasses import dataclass

import orjson

from tests.database import Line

Rows = Counter[str]
Changes = tuple[Rows, Rows]

TABLES = """select n.nspname || '.' || c.relname as name from pg_class as c
  join pg_namespace as n on n.oid = c.relnamespace
  where c.relkind = 'r' and n.nspname in ('public', 'pgqueuer') and c.relname <> 'alembic_version'
  order by 1"""
DEALT = {
    "public.journal": {"seq", "xid"},
    "public.sign_in_failure": {"id"},
    "pgqueuer.pgqueuer": {"id", "created", "updated", "heartbeat", "execute_after"},
    "pgqueuer.pgqueuer_log": {"id", "job_id", "created"},
}
"""Columns that the database fills by itself."""
ALIKE = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32}|\\\\x[0-9a-f]*|\$argon2[^\"]*"
)
"""Ids with and without dashes, bytes, hashed passwords."""


@dataclass
class Slate:
    """Eyes on a database, through a connection of their own."""

    line: Line
    tables: tuple[str, ...]

    async def clean(self) -> None:
        """Nothing is in any table; guards against deleting are out of force for this connection only."""
        deletes = ";".join(f"delete from {table}" for table in self.tables)  # noqa: S608  our own tables
        await self.line.execute(
            f"set session_replication_role = replica; {deletes}; set session_replication_role = origin"
        )

    async def digest(self) -> str:
        """The whole database, to the byte."""
        parts = " union all ".join(
            f"select '{table}' as name, md5(string_agg(t::text, '' order by t::text)) as rows from {table} as t"  # noqa: S608, E501
            for table in self.tables
        )
        query = f"select md5(string_agg(name || coalesce(rows, ''), '' order by name)) from ({parts}) as p"  # noqa: S608
        return str(await self.line.fetchval(query))

    async def rows(self) -> Rows:
        """Every row, comparable with that of another run."""
        found = Rows()
        for table in self.tables:
            left_out = "{" + ",".join(DEALT.get(table, ())) + "}"
            for row in await self.line.fetch(
                f"select (to_jsonb(t) - $1::text::text[])::text as row from {table} as t",  # noqa: S608
                left_out,
            ):
                text = orjson.dumps(orjson.loads(row["row"]), option=orjson.OPT_SORT_KEYS).decode()
                found[f"{table} {ALIKE.sub('·', text)}"] += 1
        return found


async def of(line: Line) -> Slate:
    """Eyes on the database of a connection: all its tables, also those of tomorrow."""
    return Slate(line, tuple(row["name"] for row in await line.fetch(TABLES)))


def changes(before: Rows, after: Rows) -> Changes:
    """What is gone, and what has come."""
    return before - after, after - before


def difference(these: Changes, those: Changes) -> str:
    """Rows that only one of two changes has; empty when they are the same."""
    return "; ".join(
        f"{sign} {row}"
        for mine, yours in zip(these, those, strict=True)
        for sign, rows in (("only here", mine - yours), ("only there", yours - mine))
        for row in rows
    )
