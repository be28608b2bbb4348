"""App and workers die by kill -9 at moments of chance while two of five callbacks go astray.

Callers and help-seekers come at once and do not give up; counselors take whatever is offered. The exchange
loses, doubles and delays its callbacks as `ASTRAY` says. While the app is away the provider's fallback
speaks to callers who arrive, and they call again.
"""

import asyncio
from dataclasses import dataclass

from tests.drills import judged
from tests.drills.floor import Floor, Size as Crowd, floor
from tests.drills.ground import Ground

ASTRAY = {"drop_share": 0.16, "duplicate_share": 0.16, "delay_share": 0.16, "delay_seconds_max": 4.0}
"""Two of five together: what is lost can be neither doubled nor late."""
KINDS = ("callback lost", "callback doubled", "callback late")
APP = ("serve-1",)
WORKERS = ("work-1",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Who is there, how often something dies, and the pauses between two deaths."""

    crowd: Crowd
    kills: int
    pause_seconds_min: float = 0.3
    pause_seconds_max: float = 2.5
    arrive_seconds: float = 6.0
    """Within which time the callers come."""


FAST = Size(crowd=Crowd(callers=8, writers=8, counselors=5), kills=3)
LONG = Size(
    crowd=Crowd(callers=30, writers=30, counselors=10, in_danger=5),
    kills=10,
    pause_seconds_max=5.0,
    arrive_seconds=40.0,
)


async def drill(ground: Ground, size: Size) -> None:
    """Sixty contacts and ten deaths in the long form."""
    async with floor(ground, size.crowd) as busy:
        await busy.faults(**ASTRAY)
        await busy.open(size.arrive_seconds)
        ground.shows("contacts at the same time", size.crowd.contacts)
        await _kill(busy, size)
        await judged.the_living(busy)
        await judged.everybody(busy)
        _figures(busy)


async def _kill(busy: Floor, size: Size) -> None:
    """The app each time or nearly, the workers sometimes, both sometimes."""
    chance = busy.ground.chance
    deaths = dict[str, int]()
    for nth in range(size.kills):
        await asyncio.sleep(chance.uniform(size.pause_seconds_min, size.pause_seconds_max))
        names = chance.choice((APP, APP, WORKERS, APP + WORKERS))
        for name in names:
            await busy.house.kill(name)
            deaths[name] = deaths.get(name, 0) + 1
        await asyncio.gather(*(busy.house.start(name) for name in names))
        busy.ground.say(f"{nth + 1}: killed {' and '.join(names)}")
    busy.ground.shows("killed with -9", ", ".join(f"{name} {count} times" for name, count in deaths.items()))


def _figures(busy: Floor) -> None:
    told = busy.ledger.told
    sent = sum(told[kind] for kind in ("callback", "callback failed", "callback lost"))
    sent -= told["callback doubled"] + told["document ignored"]
    astray = sum(told[kind] for kind in KINDS)
    each = ", ".join(f"{told[kind]} {kind.removeprefix('callback ')}" for kind in KINDS)
    busy.ground.shows("callbacks, and those that went astray", f"{sent}, {astray} ({each})")
