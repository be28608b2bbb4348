"""An exchange on a real port, a product that answers from a script, and a person with a telephone."""

from collections.abc import AsyncIterator

import pytest

from hotline.practice.app import running, server
from hotline.practice.config import Application, Number, PracticeConfig
from tests.practice.people import ACCOUNT, APP, KEY, LINE, SECRET, TOKEN, Phone, Product

PACE = 0.02


@pytest.fixture(scope="session")
async def product() -> AsyncIterator[Product]:
    """The scripted webhooks; one server for all tests, a script for each."""
    one = Product()
    async with running(one.server()) as one.base:
        yield one


@pytest.fixture(scope="session")
async def exchange(product: Product) -> AsyncIterator[str]:
    """The exchange's URL: one number, one application, fifty times as fast as life."""
    config = PracticeConfig(
        port=0,
        account=ACCOUNT,
        auth_token=TOKEN,
        api_keys={KEY: SECRET},
        pace=PACE,
        calls_per_second=1000,
        numbers=(
            Number(
                phone_number=LINE,
                voice_url=product.url("/arrive#rt=300&tt=600"),
                voice_fallback_url=product.url("/fallback"),
                status_callback=product.url("/ended"),
            ),
        ),
        applications=(
            Application(sid=APP, voice_url=product.url("/client"), status_callback=product.url("/ended")),
        ),
    )
    async with running(server(config)) as url:
        yield url


@pytest.fixture
async def phone(exchange: str, product: Product) -> AsyncIterator[Phone]:
    """Hands and ears at an exchange that has just been cleared."""
    async with Phone(exchange) as one:
        await one.clear()
        product.begin()
        yield one
        await one.clear()
