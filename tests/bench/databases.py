"""Databases of the bench, all on one server: migrated ones for the house, bare ones for the floors."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from hotline.base import ids
from tests import database

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
