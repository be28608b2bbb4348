"""Breaches of `joint.py` as they would stand in the tables, by the same names."""

from hotline.store.driver import Connection
from hotline.store.statements import statement


async def breaches(connection: Connection) -> dict[str, int]:
    """Names of breaches and how many contacts show each; empty when all is well."""
    rows = await connection.fetch(statement("audit"))
    return {row["name"]: row["found"] for row in rows if row["found"]}
