"""Nonsense at the webhooks and over the sockets: answered, never a mistake of ours, and others are served."""

from collections.abc import AsyncGenerator, Awaitable, Callable

import pytest
import pytest_asyncio

from hotline.store.unit import Store
from tests.abuse import wire_fuzz
from tests.abuse.floor import Ground, ground, service, watched
from tests.abuse.raw import a_good_client_is_served
from tests.abuse.wire_fuzz import Tally

SEED = 12356
EXAMPLES = {"webhooks": 160, "bodies": 200, "chats": 50, "screens": 50}


@pytest_asyncio.fixture(scope="module")
async def here(store: Store) -> AsyncGenerator[Ground]:
    async with service(store) as base:
        yield await ground(store, base)


@pytest.mark.parametrize(
    "send", [wire_fuzz.webhooks, wire_fuzz.bodies, wire_fuzz.chats, wire_fuzz.screens], ids=EXAMPLES
)
async def test_nonsense_is_answered_and_leaves_others_alone(
    here: Ground, send: Callable[..., Awaitable[None]], request: pytest.FixtureRequest
):
    tally, examples = Tally(), EXAMPLES[request.node.callspec.id]
    async with watched():
        await send(here, examples=examples, seed=SEED, tally=tally)
        await a_good_client_is_served(here.base)
        token = await wire_fuzz.opened(here)
    assert token
    assert sum(tally.sent.values()) >= examples / 2, tally
