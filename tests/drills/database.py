"""The database is restarted again and again under load, in good order and by a crash.

`fast` cuts every connection and shuts down in order; `immediate` is a crash, after which the server recovers
from its log. The small form of this is a journey: `tests/journeys/test_database_restarted.py`.
"""

import asyncio
from dataclasses import dataclass

from tests.drills import judged, newcomer
from tests.drills.floor import Size as Crowd, floor
from tests.drills.ground import Ground
from tests.journeys.drills import until
from tests.journeys.server import own_server

BACK_SECONDS_MAX = 60.0
MODES = ("fast", "immediate")


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Who is there, how often the server is restarted, and for how long it is left alone in between."""

    crowd: Crowd
    restarts: int
    pause_seconds: float


FAST = Size(crowd=Crowd(callers=3, writers=3, counselors=3), restarts=2, pause_seconds=1.0)
LONG = Size(
    crowd=Crowd(callers=20, writers=20, counselors=10, in_danger=3, works=2), restarts=10, pause_seconds=8.0
)


async def drill(ground: Ground, size: Size) -> None:
    """In turn by one and the other."""
    async with own_server() as server, floor(ground, size.crowd, standing_on=server.url) as busy:
        await busy.open(size.restarts * size.pause_seconds)
        back: list[float] = []
        for nth in range(size.restarts):
            await asyncio.sleep(size.pause_seconds)
            mode = MODES[nth % len(MODES)]
            await server.restart(mode)
            began = asyncio.get_running_loop().time()
            await until(lambda: newcomer.is_served(busy), "words are stored again", BACK_SECONDS_MAX)
            back.append(asyncio.get_running_loop().time() - began)
            ground.say(f"{nth + 1}: restarted ({mode}), back after {back[-1]:.1f} s")
        ground.shows("restarts", size.restarts)
        ground.shows("seconds until a newcomer's words were stored, at most", f"{max(back):.1f}")
        await judged.the_living(busy)
        await judged.everybody(busy)
