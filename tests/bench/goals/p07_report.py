"""P7: fifteen thousand offers while somebody's report keeps a snapshot open.

A claimed contact leaves a dead entry at the head of the waiting index, and an old snapshot keeps it from
being cleared away. The dispatcher makes offers, a few at a time; whatever was offered is at once over and its
counselor idle anew (in bulk, outside of the time that is counted), so that it goes on until fifteen thousand
have been: ten for each counselor of a big house, who leave dead entries too. Compared is what an offer costs
in the last tenth, with a REPEATABLE READ transaction open since before the first, and without.
"""

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from time import perf_counter
from typing import Final

from hotline.base import clock
from hotline.flow import offer
from tests import database, stage as stages
from tests.bench import databases, house
from tests.bench.goal import HOUSE, Bound, Figures, Goal, Measure, Size
from tests.bench.meter import Watch
from tests.stage import Stage

OFFERS: Final = 15_000
OFFERS_MIN: Final = 100
COUNSELORS: Final = 1_500
LAST: Final = 0.1
REPORT: Final = "select count(*), min(arrived_at) from contact"


async def offers(stage: Stage, count: int) -> float:
    """Milliseconds of one offer among the last of so many."""
    made, counted, seconds = 0, 0, 0.0
    while made < count:
        began = perf_counter()
        done = await offer.dispatch(stage.store, stage.policies, stage.centre.id, clock.now())
        took = perf_counter() - began
        assert done.pairings, "nobody was offered anything"
        made += len(done.pairings)
        if made >= count * (1 - LAST):
            counted += len(done.pairings)
            seconds += took
        await house.be_over(stage)
    return 1000 * seconds / counted


def side(name: str) -> Callable[[Size], AbstractAsyncContextManager[Measure]]:
    """The house, with the report or without."""

    @asynccontextmanager
    async def made(size: Size) -> AsyncGenerator[Measure]:
        async with databases.fresh() as url, house.opened(url) as store:
            stage = await house.founded(store, stages.policies_of_the_house())
            await house.hire(stage, COUNSELORS)
            count = size.count(OFFERS, OFFERS_MIN)

            async def measure(watch: Watch) -> Figures:
                await house.vacuum(stage)
                await house.wait(stage, count + COUNSELORS)
                reporter = await database.connected(url)
                try:
                    if name == HOUSE:
                        await reporter.execute("begin isolation level repeatable read")
                        await reporter.fetch(REPORT)
                    with watch:
                        return {"offer_ms": await offers(stage, count)}
                finally:
                    await reporter.close()

            yield measure

    return made


GOAL = Goal(
    id="P7",
    sentence="The last of 15,000 offers while a report has kept a snapshot open since the first.",
    sides={"without": side("without"), "house": side(HOUSE)},
    bounds=(Bound("an offer", "offer_ms", against="without", passes=2.0, unit="ms"),),
    rounds=2,
)
