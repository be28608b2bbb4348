"""The telephone network is ill: its API answers 429, 500 and late, is gone for minutes, or cannot reach us.

An outage of its API leaves calls where they are: who talks talks on, who waits waits, and afterwards the
survey brings belief and fact together. When it cannot reach us, callers who arrive hear the fallback that
is laid down there, and those who wait fall into it; they call again and have their old place.
"""

import asyncio
from dataclasses import dataclass

from tests.drills import judged
from tests.drills.floor import Floor, Size as Crowd, floor
from tests.drills.ground import Ground
from tests.drills.nodes import FALLBACK_SAYS
from tests.flow.calls import a_number
from tests.journeys.busy import Caller
from tests.journeys.drills import until

BUSY = {"rest_429_share": 0.3}
BROKEN = {"rest_500_share": 0.2, "rest_lost_share": 0.15}
SLOW = {"rest_delay_seconds": 15.0}
GONE = {"rest_500_share": 1.0}
LATE_CALLERS = 2
"""Who calls just while nobody can reach us."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Who is there, and how long each illness lasts."""

    crowd: Crowd
    ill_seconds: float
    gone_seconds: float


FAST = Size(crowd=Crowd(callers=6, writers=2, counselors=3), ill_seconds=3.0, gone_seconds=5.0)
LONG = Size(
    crowd=Crowd(callers=24, writers=8, counselors=8, in_danger=2), ill_seconds=30.0, gone_seconds=300.0
)


async def drill(ground: Ground, size: Size) -> None:
    """One illness after the other, then well again."""
    async with floor(ground, size.crowd) as busy:
        await busy.open(3 * size.ill_seconds + size.gone_seconds)
        for name, faults in (("429", BUSY), ("500", BROKEN), ("15 s late", SLOW)):
            await _ill(busy, f"its API answers {name}", size.ill_seconds, faults)
        await _ill(busy, "its API is gone", size.gone_seconds, GONE)
        await _unreachable(busy, size.gone_seconds)
        refused = sum(busy.ledger.refused.values())
        ground.shows("requests that its API refused", refused, is_good=refused > 0)
        await judged.the_living(busy)
        await judged.everybody(busy)


async def _ill(busy: Floor, what: str, seconds: float, faults: dict[str, float]) -> None:
    """How many offers are made and people answered while it lasts."""
    before = await _answered(busy)
    await busy.faults(**faults)
    await asyncio.sleep(seconds)
    await busy.faults()
    busy.ground.shows(f"answered in the {seconds:.0f} s in which {what}", await _answered(busy) - before)
    busy.ground.say(what)


async def _answered(busy: Floor) -> int:
    return await busy.stage.value("select count(*) from contact where answered_at is not null")


async def _unreachable(busy: Floor, seconds: float) -> None:
    """The door is shut: callers who arrive are given the numbers, and call until somebody answers."""
    await busy.balancer.shut()
    late = [Caller(busy.stage, busy.exchange, a_number().reveal()) for _ in range(LATE_CALLERS)]
    busy.callers.extend(late)
    for nth, caller in enumerate(late):
        busy.crew.keep(f"late caller {nth}", caller.call)
    began = asyncio.get_running_loop().time()
    await until(lambda: _hear_the_fallback(busy, late), "who calls now hears the fallback")
    took = asyncio.get_running_loop().time() - began
    busy.ground.shows("who called while nobody reached us heard the fallback within", f"{took:.1f} s")
    await asyncio.sleep(max(0.0, seconds - took))
    await busy.balancer.open()
    busy.ground.say("reachable again")


async def _hear_the_fallback(busy: Floor, late: list[Caller]) -> bool:
    heard = [
        " ".join(one["text"] for one in call["transcript"])
        for call in await busy.calls()
        if call["from"] in {caller.number for caller in late}
    ]
    return len(heard) >= len(late) and all(FALLBACK_SAYS in text for text in heard)
