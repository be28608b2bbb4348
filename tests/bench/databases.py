"""Databases of the bench, all on one server: migrated ones for the house, bare ones for the floors."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

from hotline.base import ids
from tests import database

LEFTOVERS: Final = "select datname from pg_database where datname ~ '^(floor|test)_[0-9a-f]{32}$'"

fresh = database.fresh
"""A migrated database for the house."""


@asynccontextmanager
async def bare() -> AsyncGenerator[str]:
    """The URL of an empty database for a floor, dropped at the end."""
    url = database.server()
    name = f"floor_{ids.new_id().hex}"
    connection = await database.connected(url)
    try:
        await connection.execute(f"create database {name}")
        try:
            yield database.of(url, name)
        finally:
            await connection.execute(f"drop database {name} with (force)")
    finally:
        await connection.close()


async def settle() -> None:
    """Write everything out, so that what was seeded is not written while something is measured."""
    connection = await database.connected(database.server())
    try:
        await connection.execute("checkpoint")
    finally:
        await connection.close()


async def drop_leftovers() -> None:
    """Drop what a killed bench has left on a server that is nobody else's."""
    connection = await database.connected(database.server())
    try:
        for row in await connection.fetch(LEFTOVERS):
            await connection.execute(f"drop database {row['datname']} with (force)")
    finally:
        await connection.close()
