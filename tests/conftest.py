"""Fixtures that every floor's tests may use."""

from collections.abc import AsyncGenerator, Generator

import pytest
import pytest_asyncio

from hotline.base import log
from hotline.policy.policies import Policies
from hotline.store.unit import Store
from tests import connections, database, stage as stages
from tests.stage import Stage

log.configure("error")

LONG_FIRST = "test_console_access.py"
"""A long file of short tests: were it begun among the last, one process would end it alone."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the long file; the rest stays in its order."""
    items.sort(key=lambda item: item.path.name != LONG_FIRST)


@pytest.fixture(scope="session", autouse=True)
def _nothing_is_left_open() -> Generator[None]:
    with connections.closed_to_the_last():
        yield


@pytest.fixture(scope="session")
def house_policies() -> Policies:
    """The policies that the project ships, loaded once."""
    return stages.policies_of_the_house()


@pytest_asyncio.fixture(scope="module")
async def database_url() -> AsyncGenerator[str]:
    """A fresh migrated database of the module's own."""
    async with database.fresh() as url:
        yield url


@pytest_asyncio.fixture(scope="module")
async def store(database_url: str) -> AsyncGenerator[Store]:
    """A store on the module's database."""
    async with stages.opened(database_url) as opened:
        yield opened


@pytest_asyncio.fixture
async def stage(store: Store, house_policies: Policies) -> Stage:
    """A centre of the test's own."""
    return await stages.found(store, house_policies)
