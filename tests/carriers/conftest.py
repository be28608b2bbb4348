"""A wire that answers as told, and an exchange on a real port with a person at its telephones."""

from collections.abc import AsyncIterator

import pytest

from hotline.carriers.twilio.client import TwilioTelephony
from hotline.practice import config as practice
from hotline.practice.app import server
from tests.carriers.house import House
from tests.carriers.made import URLS, Wire, account, call_json, serving
from tests.ports import free_port
from tests.practice.people import ACCOUNT, APP, KEY, LINE, SECRET, TOKEN, Phone


@pytest.fixture(scope="session")
async def _wire() -> AsyncIterator[Wire]:
    one = Wire()
    async with serving(one.server()):
        yield one


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
async def _house() -> AsyncIterator[House]:
    one = House()
    async with serving(one.server()):
        yield one


@pytest.fixture(scope="session")
async def _exchange(_house: House) -> AsyncIterator[str]:
    base = _house.urls.base
    told = practice.PracticeConfig(
        port=free_port(),
        account=ACCOUNT,
        auth_token=TOKEN,
        api_keys={KEY: SECRET},
        pace=0.02,
        calls_per_second=1000,
        numbers=(
            practice.Number(
                phone_number=LINE, voice_url=f"{base}/t/arrive", status_callback=f"{base}/t/ended"
            ),
        ),
        applications=(practice.Application(sid=APP, voice_url=f"{base}/t/client"),),
    )
    async with serving(server(told)):
        yield f"http://127.0.0.1:{told.port}"


@pytest.fixture
def house(_house: House) -> House:
    """Our webhooks, with nothing in mind."""
    _house.begin()
    return _house


@pytest.fixture
async def phone(_exchange: str, house: House) -> AsyncIterator[Phone]:
    """Hands and ears at an exchange that has just been cleared."""
    async with Phone(_exchange) as one:
        await one.clear()
        house.begin()
        yield one
        await one.clear()


@pytest.fixture
async def practised(_exchange: str, house: House) -> AsyncIterator[TwilioTelephony]:
    """Our adapter at the exchange."""
    one = TwilioTelephony(account(_exchange), house.urls)
    yield one
    await one.close()
