"""The app is killed with -9 while one caller waits and two people talk: nobody is lost."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from uuid import UUID

import httpx2
import pytest

from tests import people
from tests.patience import PATIENCE_SECONDS
from tests.people import Card, at_console
from tests.processes import House, keys_of, standing
from tests.stage import Stage

pytestmark = [pytest.mark.drill, pytest.mark.timeout(360)]


async def dial(exchange: httpx2.AsyncClient, house: House, number: str) -> str:
    call = (await exchange.post("/practice/calls", json={"from": number, "to": house.number})).json()
    pressed = {"digits": "1", "seconds": PATIENCE_SECONDS}
    await exchange.post(f"/practice/calls/{call['sid']}/digits", json=pressed)
    return str(call["sid"])


async def hears(exchange: httpx2.AsyncClient, sid: str, words: str, seconds: float = PATIENCE_SECONDS) -> str:
    answer = await exchange.get(f"/practice/calls/{sid}", params={"heard": words, "seconds": seconds})
    assert answer.is_success, answer.text
    return str(answer.json()["hears"]["text"])


@asynccontextmanager
async def floor(stage: Stage, house: House) -> AsyncGenerator[httpx2.AsyncClient]:
    """The house with its exchange, to place calls on."""
    async with standing(house), httpx2.AsyncClient(base_url=house.exchange, timeout=60) as exchange:
        yield exchange


async def connect(exchange: httpx2.AsyncClient, counselor: UUID, offer: Card) -> None:
    """The counselor's softphone calls in for the offer."""
    answer = await exchange.post(
        f"/practice/clients/u_{counselor.hex}/connect", json={"params": {"offer": offer["offer_id"]}}
    )
    assert answer.is_success, answer.text


async def test_the_waiting_caller_keeps_the_place_and_the_talk_goes_on(
    stage: Stage, database_url: str, tmp_path: Path
) -> None:
    lin, mei = await stage.hire("lin"), await stage.hire("mei")
    logins = [await people.give_password(stage.store, person) for person in (lin, mei)]
    house = House(
        url=database_url, keys=keys_of(stage.store.vault), home=tmp_path, number=stage.voice_line.address
    )
    async with floor(stage, house) as exchange, at_console(house.base, logins[0]) as first:
        await first.ready()
        talking = await dial(exchange, house, "+8613800000001")
        await connect(exchange, lin, await first.takes_offer())
        await first.sees(lambda card: card["type"] == "contact" and card["state"] == "talking")
        waiting = await dial(exchange, house, "+8613800000002")
        joined_at = await _joined(stage, 2)
        await hears(exchange, waiting, "第 1 位")

        await house.kill("serve")
        await house.kill("work")
        await hears(exchange, talking, "counselor")
        await asyncio.gather(house.start("serve"), house.start("work"))

        async with at_console(house.base, logins[1]) as second:
            await second.ready()
            offer = await second.takes_offer()
            assert await _joined_of(stage, offer) == joined_at
            await connect(exchange, mei, offer)
            await hears(exchange, waiting, "counselor")
            await second.sees(lambda card: card["type"] == "contact" and card["state"] == "talking")
        still = (await exchange.get(f"/practice/calls/{talking}")).json()
        assert (still["status"], "counselor" in still["hears"]["text"]) == ("in-progress", True)
        assert await _states(stage) == ["talking", "talking"]


async def _states(stage: Stage) -> list[str]:
    return await stage.value(
        "select array_agg(state order by arrived_at) from contact where centre_id = $1", stage.centre.id
    )


async def _joined_of(stage: Stage, offer: Card) -> datetime:
    return await stage.value("select joined_at from contact where id = $1::text::uuid", offer["contact_id"])


async def _joined(stage: Stage, count: int) -> datetime:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            moments = await stage.value(
                """select array_agg(joined_at order by arrived_at) from contact
                   where centre_id = $1 and joined_at is not null""",
                stage.centre.id,
            )
            if moments and len(moments) == count:
                return datetime.fromisoformat(moments[-1].isoformat())
            await asyncio.sleep(0.05)
