"""The API answers nothing that it does not describe, whoever asks and whatever is asked."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio

from hotline.store.unit import Store
from tests.abuse import api
from tests.abuse.floor import ground, service, watched

EXAMPLES = 16
SEED = 12356


@pytest_asyncio.fixture(scope="module")
async def base(store: Store) -> AsyncGenerator[str]:
    async with service(store) as url:
        yield url


@pytest.mark.parametrize("label", api.operations())
async def test_every_answer_is_one_that_is_described(store: Store, base: str, label: str):
    here, tally = await ground(store, base), api.Tally()
    async with watched():
        await asyncio.to_thread(
            api.walk, here, api.operations()[label], examples=EXAMPLES, seed=SEED, tally=tally
        )
    assert tally.total >= 2, "nothing was asked"
