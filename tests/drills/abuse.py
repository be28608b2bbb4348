"""Ask, send and flood as nobody should, at a service in its own process: it answers, lives on, serves others.

The API is asked as everybody whatever its description allows; webhooks, bodies and sockets get nonsense;
very many connections send half a request, or nothing; one address opens chats without end. A good client is
served meanwhile, memory stays where it was, and the log of the process holds no mistake of ours.
"""

import asyncio
import statistics
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Final

import httpx2
import psutil

from tests import database, stage as stages
from tests.abuse import api, floor, wire_fuzz
from tests.abuse.raw import a_good_client_is_served, line
from tests.drills.ground import Ground
from tests.processes import TOKEN, House, keys_of
from tests.web.visitor import NOTICE

MEBIBYTE: Final = 2**20
GROWTH_MIB_MAX: Final = 150
NUMBER: Final = "+8613900000001"
SERVED_SECONDS_MAX: Final = 5.0
MISTAKES: Final = ('"level": "error"', "Traceback", "Exception in ASGI", '"event": "bug"')
ASKS: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How many examples of each kind are drawn, and how many connections are held."""

    api: int
    webhooks: int
    bodies: int
    frames: int
    half_open: int
    opens: int


FAST = Size(api=2, webhooks=16, bodies=16, frames=8, half_open=300, opens=40)
LONG = Size(api=80, webhooks=4000, bodies=3000, frames=600, half_open=3000, opens=600)


async def drill(ground: Ground, size: Size) -> None:
    """Each abuse in turn; afterwards the process is looked at."""
    async with _serving(ground) as (house, here):
        process = psutil.Process(house.running["serve"].pid)
        await a_good_client_is_served(house.base)
        before = process.memory_info().rss / MEBIBYTE
        await _ask(ground, here, size)
        await _send(ground, here, size)
        await _hold(ground, here, size)
        await _open(ground, here, size)
        grown = process.memory_info().rss / MEBIBYTE - before
        ground.shows("memory grew by, MiB", round(grown), is_good=grown <= GROWTH_MIB_MAX)
        ground.wants("the process that began still runs", house.running["serve"].returncode, None)
        log = (house.home / "serve.log").read_text("utf-8", "replace")
        loud = [told for told in log.splitlines() if any(mark in told for mark in MISTAKES)]
        mistakes = [told for told in loud if floor.UNTENDED not in told]
        ground.wants("mistakes of ours in its log", mistakes, [])


@asynccontextmanager
async def _serving(ground: Ground) -> AsyncGenerator[tuple[House, floor.Ground]]:
    """A database of its own, one process that serves, and a centre at work."""
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(database.fresh())
        store = await stack.enter_async_context(stages.opened(url))
        house = House(url=url, keys=keys_of(store.vault), home=ground.home, number=NUMBER)
        stack.push_async_callback(house.stop)
        await house.start("serve")
        here = await floor.ground(store, house.base)
        yield house, replace(here, public_base=house.base, secret=TOKEN, cookie_name="hotline")


async def _ask(ground: Ground, here: floor.Ground, size: Size) -> None:
    tally = api.Tally()
    for label, operation in api.operations().items():
        fresh = await floor.ground(here.stage.store, here.base)
        fresh = replace(fresh, cookie_name=here.cookie_name)
        ground.say(label)
        await asyncio.to_thread(
            api.walk, fresh, operation, examples=size.api, seed=ground.seed, tally=tally
        )  # fmt: skip
    ground.shows("operations of the API, and cases", f"{len(tally.cases)}, {tally.total}")
    ground.shows("their answers", _counted(tally.answers))


async def _send(ground: Ground, here: floor.Ground, size: Size) -> None:
    for name, send, examples in (
        ("webhooks", wire_fuzz.webhooks, size.webhooks),
        ("bodies", wire_fuzz.bodies, size.bodies),
        ("frames of chats", wire_fuzz.chats, size.frames),
        ("frames of screens", wire_fuzz.screens, size.frames),
    ):
        tally = wire_fuzz.Tally()
        ground.say(name)
        await send(here, examples=examples, seed=ground.seed, tally=tally)
        await a_good_client_is_served(here.base)
        ground.shows(f"nonsense: {name}", f"{sum(tally.sent.values())}: {_counted(tally.came)}")


async def _hold(ground: Ground, here: floor.Ground, size: Size) -> None:
    """Half requests, a third of them silent; a good client asks meanwhile."""
    ground.say("half-open connections")
    async with AsyncExitStack() as stack:
        for number in range(size.half_open):
            half = await stack.enter_async_context(line(here.base))
            await half.send((b"", b"GET / HTTP/1.1\r\nhost: a\r\n", b"POST /api/session HT")[number % 3])
        took = [await _served_in(here) for _ in range(ASKS)]
    ground.shows("connections held half open", size.half_open)
    slowest = max(took)
    ground.shows(
        "a good client meanwhile, median and slowest, ms",
        f"{1000 * statistics.median(took):.0f}, {1000 * slowest:.0f}",
        is_good=slowest <= SERVED_SECONDS_MAX,
    )


async def _served_in(here: floor.Ground) -> float:
    began = asyncio.get_running_loop().time()
    async with httpx2.AsyncClient(base_url=here.base, trust_env=False, timeout=30) as client:
        assert (await client.get("/health/ready")).is_success
    return asyncio.get_running_loop().time() - began


async def _open(ground: Ground, here: floor.Ground, size: Size) -> None:
    """Chats without end from this machine, which as an address of the house is not slowed: all are let in."""
    ground.say("chats")
    path = f"/api/chat/{here.stage.chat_line.address}/contacts"
    body = {"language": "zh", "safe_now": "yes", "notice_version": NOTICE["version"]}
    limits = httpx2.Limits(max_connections=50)
    async with httpx2.AsyncClient(base_url=here.base, trust_env=False, timeout=60, limits=limits) as client:
        answers = await asyncio.gather(*(client.post(path, json=body) for _ in range(size.opens)))
    opened = sum(answer.status_code == 201 for answer in answers)
    ground.wants("chats opened at once, and let in", opened, size.opens)


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items(), key=lambda each: -each[1]))
