"""No notification arrives any more: first in silence, then because nobody may listen; all goes on.

A wire in front of the database leaves notifications out (as a pooler does that hands out transactions), then
cuts whoever says LISTEN. People are answered as before, a ring and a page come at most a sweep later, and
every node's health says that it is deaf.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from statistics import median

import httpx2

from tests import database
from tests.drills import judged
from tests.drills.deafness import spoiled
from tests.drills.floor import Floor, Size as Crowd, floor
from tests.drills.ground import Ground
from tests.journeys.drills import until
from tests.web.visitor import Visitor

RING_SECONDS_MAX = 4.0
"""A sweep of the dispatcher and a look of the hub, one second each, and a loaded machine."""
TOLD_SECONDS_MAX = 45.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Who is there, and how many chats are timed in each state of the wire."""

    crowd: Crowd
    rings: int


FAST = Size(crowd=Crowd(callers=3, writers=3, counselors=3, serves=2), rings=4)
LONG = Size(crowd=Crowd(callers=12, writers=12, counselors=6, serves=2, works=2, in_danger=3), rings=10)


async def drill(ground: Ground, size: Size) -> None:
    """Hearing, deaf, cut off, hearing again; the people stay the same."""
    server = await asyncio.to_thread(database.server)
    async with (
        spoiled(server, ground.home / "wire") as wire,
        floor(ground, size.crowd, over=wire.over) as busy,
    ):
        await busy.open()
        await _state(busy, size, "hearing", heard=True)
        wire.is_deaf = True
        await _state(busy, size, "deaf", heard=False)
        ground.shows("notifications that were left out", wire.dropped, is_good=wire.dropped > 0)
        wire.cut_listeners()
        await _state(busy, size, "cut off", heard=False)
        wire.hear_again()
        await _state(busy, size, "hearing again", heard=True)
        await judged.the_living(busy)
        await judged.everybody(busy)


async def _state(busy: Floor, size: Size, name: str, *, heard: bool) -> None:
    """What health says, and how long the house takes to ring with a chat that is opened now."""
    told = await _seconds(lambda: _is_told(busy, heard=heard), f"every node's health says {name}")
    busy.ground.shows(f"{name}: every node's health says so after", f"{told:.1f} s")
    spans = [await _until_shown(busy) for _ in range(size.rings)]
    worst = max(spans)
    busy.ground.shows(
        f"{name}: a new chat is on the board after",
        f"{median(spans):.2f} s, at most {worst:.2f} s",
        is_good=worst <= RING_SECONDS_MAX,
    )
    busy.ground.say(f"{name}: told after {told:.1f} s, on the board at most after {worst:.2f} s")


async def _seconds(look: Callable[[], Awaitable[bool]], what: str) -> float:
    """How long it takes until it is so."""
    began = asyncio.get_running_loop().time()
    await until(look, what, TOLD_SECONDS_MAX)
    return asyncio.get_running_loop().time() - began


async def _is_told(busy: Floor, *, heard: bool) -> bool:
    async with httpx2.AsyncClient(timeout=30) as client:
        answers = [
            await client.get(f"http://127.0.0.1:{port}/health/ready") for port in busy.house.ports.values()
        ]
    return all(answer.json()["pokes"] is heard for answer in answers)


async def _until_shown(busy: Floor) -> float:
    """How long it takes until a chat opened now is on the supervisor's board, often on another node."""
    visitor = Visitor(busy.house.base, busy.stage)
    (await visitor.open_chat()).raise_for_status()
    card = f"contact:{visitor.contact_id}"

    async def is_shown() -> bool:
        return card in busy.board.cards

    return await _seconds(is_shown, "the board shows it")
