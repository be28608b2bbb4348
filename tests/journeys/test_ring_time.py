"""How long it takes until a counselor's page rings, and until a supervisor sees danger; in a house that runs.

Figures for people to read (`-s` prints them), measured from outside, over real sockets and processes. The
bound is no goal: it only says that nothing waited for a clock that looks once in a while.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from hotline.base import clock
from hotline.base.tasks import Crew
from hotline.domain.staff import Role
from hotline.workers import dispatcher
from tests import people
from tests.flow.calls import a_number
from tests.journeys import drills
from tests.journeys.drills import DANGER, DrillHouse, until
from tests.patience import PATIENCE_SECONDS
from tests.people import Person, at_console
from tests.processes import keys_of, standing
from tests.stage import Stage
from tests.web.visitor import Visitor

pytestmark = [pytest.mark.drill, pytest.mark.timeout(360)]

CALLS = 20
CHATS = 50
WARMING = 2
SECONDS_MAX = 5.0


@dataclass
class Running:
    """A house that runs, a counselor who is ready, and a supervisor who watches."""

    stage: Stage
    house: DrillHouse
    exchange: httpx2.AsyncClient
    counselor: Person
    supervisor: Person


@pytest.fixture
async def running(stage: Stage, database_url: str, tmp_path: Path) -> AsyncGenerator[Running]:
    stage.now = clock.now()
    lin = await stage.hire("lin")
    watching = await stage.hire("watching", Role.SUPERVISOR, telephone=a_number())
    await stage.hire("responding", Role.RESPONDER, telephone=a_number())
    logins = [await people.give_password(stage.store, person) for person in (lin, watching)]
    house = DrillHouse(
        url=database_url, keys=keys_of(stage.store.vault), home=tmp_path, number=stage.voice_line.address
    )
    async with AsyncExitStack() as doors:
        await doors.enter_async_context(standing(house))
        exchange = await doors.enter_async_context(httpx2.AsyncClient(base_url=house.exchange, timeout=60))
        counselor, supervisor = [
            await doors.enter_async_context(at_console(house.base, login)) for login in logins
        ]
        yield Running(stage, house, exchange, counselor, supervisor)


async def test_a_key_press_rings_and_words_of_danger_are_seen(running: Running) -> None:
    await running.counselor.ready()
    rings = [await seconds_to_ring(running) for _ in range(WARMING + CALLS)][WARMING:]
    drills.say(f"key press to the offer on the desk, {CALLS} calls: {figures(rings)}")
    flags = [await seconds_to_flag(running) for _ in range(WARMING + CHATS)][WARMING:]
    drills.say(f"words sent to the escalation on the board, {CHATS} chats: {figures(flags)}")
    assert max(rings) < SECONDS_MAX
    assert max(flags) < SECONDS_MAX
    await drills.is_sound(running.stage)


async def test_a_contact_held_for_a_moment_is_offered_right_after(stage: Stage) -> None:
    """Whoever held it has nothing to tell, and the dispatcher's own clock looks once a minute here."""
    stage.now = clock.now()
    contact = await stage.chat()
    await stage.hire("lin", ready=True)
    async with Crew() as crew:
        async with stage.store.connection() as connection, connection.transaction():
            await connection.execute("select 1 from contact where id = $1 for update", contact.id)
            assert await dispatcher.once(stage.store, stage.policies) == dispatcher.AGAIN_SECONDS
            crew.keep("dispatcher", lambda: dispatcher.run(stage.store, stage.policies, 60))
            await asyncio.sleep(2 * dispatcher.AGAIN_SECONDS)
            assert (await stage.contact(contact.id)).state == "waiting"

        async def is_offered() -> bool:
            return (await stage.contact(contact.id)).state == "offered"

        await until(is_offered, "the contact is offered")


async def seconds_to_ring(running: Running) -> float:
    """One call: from the key that is pressed to the offer at the desk; then the caller hangs up."""
    exchange, desk = running.exchange, running.counselor
    dialled = {"from": a_number().reveal(), "to": running.house.number}
    sid = (await exchange.post("/practice/calls", json=dialled)).json()["sid"]
    awaited = {"listens": "true", "seconds": PATIENCE_SECONDS}
    listens = await exchange.get(f"/practice/calls/{sid}", params=awaited)
    assert listens.is_success, listens.text
    began = asyncio.get_running_loop().time()
    async with asyncio.TaskGroup() as both:
        both.create_task(_press(exchange, sid))
        await desk.sees(lambda card: card["type"] == "offer")
        took = asyncio.get_running_loop().time() - began
    await exchange.post(f"/practice/calls/{sid}/hangup")
    await desk.sees_no(lambda card: card["type"] == "offer")
    return took


async def _press(exchange: httpx2.AsyncClient, sid: str) -> None:
    pressed = {"digits": "1", "seconds": PATIENCE_SECONDS}
    answer = await exchange.post(f"/practice/calls/{sid}/digits", json=pressed)
    assert answer.is_success, answer.text


async def seconds_to_flag(running: Running) -> float:
    """One chat: from the sending of the words to the escalation on the supervisor's screen."""
    visitor = Visitor(running.house.base, running.stage)
    assert (await visitor.open_chat()).is_success
    async with visitor.page() as page:
        began = asyncio.get_running_loop().time()
        await page.say(DANGER)
        await running.supervisor.sees(
            lambda card: card["type"] == "escalation" and card["contact_id"] == str(visitor.contact_id)
        )
        took = asyncio.get_running_loop().time() - began
        await page.send({"kind": "leave"})
        await page.state("ended")
    return took


def figures(seconds: list[float]) -> str:
    """Median, 95th percentile and worst, in milliseconds."""
    ranked = sorted(seconds)
    p50, p95 = ranked[len(ranked) // 2], ranked[min(len(ranked) - 1, round(0.95 * len(ranked)))]
    return f"p50 {p50 * 1000:.0f} ms, p95 {p95 * 1000:.0f} ms, max {ranked[-1] * 1000:.0f} ms"
