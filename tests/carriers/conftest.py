"""A wire that answers as told, and an exchange on a real port with a person at its telephones."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from hotline.base.tasks import Crew
from hotline.carriers.twilio.client import TwilioTelephony
from hotline.carriers.twilio.urls import Urls
from hotline.practice import config as practice
from hotline.practice.app import server
from tests.carriers.made import URLS, Wire, account, call_json, free_port
from tests.practice.people import ACCOUNT, APP, KEY, LINE, SECRET, TOKEN, Phone, Product


@pytest.fixture(scope="session")
async def _wire() -> AsyncIterator[Wire]:
    async with Crew() as crew:
        one = Wire()
        await one.start(crew)
        yield one
        one.stop()


@pytest.fixture
def wire(_wire: Wire) -> Wire:
    """The other end, saying yes until told otherwise."""
    _wire.answers_with(call_json())
    return _wire


@pytest.fixture
async def twilio(wire: Wire) -> AsyncIterator[TwilioTelephony]:
    """Our adapter at the end of the wire."""
    one = TwilioTelephony(account(wire.url), URLS)
    yield one
    await one.close()


@pytest.fixture(scope="session")
async def house() -> AsyncIterator[Product]:
    """Webhooks of ours that answer from a script; signatures are checked."""
    async with Crew() as crew:
        one = Product(free_port())
        await one.start(crew)
        yield one
        one.stop()


@pytest.fixture(scope="session")
async def _exchange(house: Product) -> AsyncIterator[str]:
    told = practice.PracticeConfig(
        port=free_port(),
        account=ACCOUNT,
        auth_token=TOKEN,
        api_keys={KEY: SECRET},
        pace=0.02,
        calls_per_second=1000,
        numbers=(practice.Number(phone_number=LINE, voice_url=house.url("/t/arrive")),),
        applications=(practice.Application(sid=APP, voice_url=house.url("/t/client")),),
    )
    async with Crew() as crew:
        exchange = server(told)
        crew.once("exchange", exchange.serve())
        async with asyncio.timeout(10):
            while not exchange.started:
                await asyncio.sleep(0.01)
        yield f"http://127.0.0.1:{told.port}"
        exchange.should_exit = True


@pytest.fixture
async def phone(_exchange: str, house: Product) -> AsyncIterator[Phone]:
    """Hands and ears at an exchange that has just been cleared."""
    async with Phone(_exchange) as one:
        await one.clear()
        house.begin()
        yield one
        await one.clear()


@pytest.fixture
async def practised(_exchange: str, house: Product) -> AsyncIterator[TwilioTelephony]:
    """Our adapter at the exchange."""
    one = TwilioTelephony(account(_exchange), Urls(base=house.url("")))
    yield one
    await one.close()
