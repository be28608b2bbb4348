"""A reference model in plain Python walks beside the house, by webhook, page and chat, and both must agree.

The walks of `tests/model`, many and by dice of the drill's seed. After every step rows, order of answers,
screens and every open page are compared; at the end every end of a call must be where it belongs, and every
move that the tables of the domain allow must have been taken, but for those that nothing takes yet.
"""

import asyncio

from tests.drills.ground import Ground
from tests.model import machine
from tests.model.machine import Size

FAST = Size(walks=3, steps=40)
LONG = machine.LONG
RAREST = 6
"""So many of the moves that were hardly taken are shown."""


async def drill(ground: Ground, size: Size) -> None:
    """In a thread, because the walk has an event loop of its own."""
    walked = await asyncio.to_thread(machine.walk, size, ground.seed)
    ground.shows("walks", size.walks)
    ground.shows("steps walked, each compared", walked.steps.total())
    for name, count in walked.steps.most_common():
        ground.shows(f"  {name}", count)
    for move, count in walked.rarest(RAREST):
        ground.shows(f"  rare: {move}", count)
    if size == LONG:
        ground.wants("moves of the machines never taken", walked.unwalked, [])
    else:
        ground.shows("moves of the machines never taken", len(walked.unwalked))
