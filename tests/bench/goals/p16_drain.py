"""P16: how fast a line is worked off, with three thousand waiting and with fifty.

A hundred counselors take whoever is offered, hang up and are free again (see `lives`; the paper work in
bulk). Whoever is served is replaced, so that the line keeps its length while it is measured.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Final
from uuid import UUID

from hotline.base import clock
from hotline.flow import offer, session
from tests import stage as stages
from tests.bench import databases, house
from tests.bench.goal import Bound, Figures, Goal, Measure, Size
from tests.bench.lives import FIND
from tests.bench.meter import Watch
from tests.stage import Stage

FEW: Final = 50
MANY: Final = 3_000
COUNSELORS: Final = 100
REFILL: Final = 25
AT_ONCE: Final = 16


@dataclass
class Drain:
    """A line that is worked off and kept long."""

    stage: Stage
    served: int = 0
    short: int = 0

    async def run(self, seconds: float) -> None:
        """Offer, accept, hang up, make free and fill up, until the time is over."""
        ends_at = perf_counter() + seconds
        stage = self.stage
        while perf_counter() < ends_at:
            made = await offer.dispatch(stage.store, stage.policies, stage.centre.id, clock.now())
            async with stage.store.connection() as connection:
                rows = await connection.fetch(FIND, [each.contact_id for each in made.pairings])
            for first in range(0, len(rows), AT_ONCE):
                part = rows[first : first + AT_ONCE]
                await asyncio.gather(
                    *(self._serve(row["id"], row["contact_id"], row["staff_id"]) for row in part)
                )
            await self._after(len(rows))

    async def _serve(self, offer_id: UUID, contact_id: UUID, staff_id: UUID) -> None:
        await offer.accept(self.stage.store, offer_id, staff_id, clock.now())
        await session.hang_up(self.stage.store, contact_id, staff_id, clock.now())
        self.served += 1

    async def _after(self, served: int) -> None:
        await house.tidy(self.stage)
        self.short += served
        if self.short >= REFILL:
            await house.wait(self.stage, self.short, analyse=False)
            self.short = 0


def side(waiting: int) -> Callable[[Size], AbstractAsyncContextManager[Measure]]:
    """The house with so many waiting."""

    @asynccontextmanager
    async def made(size: Size) -> AsyncGenerator[Measure]:
        async with databases.fresh() as url, house.opened(url) as store:
            stage = await house.founded(store, stages.policies_of_the_house())
            await house.hire(stage, COUNSELORS)
            await house.wait(stage, waiting)

            async def measure(watch: Watch) -> Figures:
                await house.vacuum(stage)
                drain = Drain(stage)
                with watch:
                    await drain.run(size.seconds)
                return {"rate": drain.served / watch.seconds, "cpu_ms": watch.cpu_ms / max(1, drain.served)}

            yield measure

    return made


GOAL = Goal(
    id="P16",
    sentence="A line worked off by 100 counselors, with 3,000 waiting and with 50.",
    sides={"50": side(FEW), "house": side(MANY)},
    bounds=(
        Bound("contacts/s", "rate", against="50", passes=0.9, is_more_better=True),
        Bound("CPU per contact", "cpu_ms", against="50", unit="ms"),
    ),
)
