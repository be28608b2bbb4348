"""P1: a contact's life in one process, sixteen at once; see `lives` for what one life is.

The floor runs thirteen statements in four transactions with their events and knows no house. The house runs
its real steps, which write more: sealed columns, the appraisal of the form, the session, the journal with
everybody concerned, a poke through PostgreSQL. Both have a thousand counselors free and five hundred waiting
whom nobody can take (there they wait behind; here in a language that nobody speaks).
"""

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Final

from hotline.base.tasks import Crew
from tests import stage as stages
from tests.bench import databases, house
from tests.bench.figures import in_ms
from tests.bench.floors import raw
from tests.bench.goal import Bound, Figures, Goal, Measure, Size
from tests.bench.lives import TIDY_EVERY, Floor
from tests.bench.meter import Watch

COUNSELORS: Final = 1000
BACKLOG: Final = 500
AT_ONCE: Final = 16
COUNSELORS_MIN: Final = 2 * TIDY_EVERY
"""Between two tidyings nobody is free again: with fewer than end by then, the rest would wait for ever."""


def side(*, is_whole: bool) -> Callable[[Size], AbstractAsyncContextManager[Measure]]:
    """The house, with the record or without."""

    @asynccontextmanager
    async def made(size: Size) -> AsyncGenerator[Measure]:
        policies = house.hurried(stages.policies_of_the_house())
        async with databases.fresh() as url, house.opened(url) as store, Crew() as crew:
            stage = await house.founded(store, policies)
            await house.hire(stage, size.count(COUNSELORS, COUNSELORS_MIN))
            await house.wait(stage, size.count(BACKLOG), ["nobody"])
            floor = Floor(stage, is_whole=is_whole)
            crew.keep("dispatcher", floor.run)
            await raw.lived([floor.live] * AT_ONCE, size.warm_seconds)

            async def measure(watch: Watch) -> Figures:
                await house.vacuum(stage)
                with watch:
                    took = await raw.lived([floor.live] * AT_ONCE, size.seconds)
                return {"rate": len(took) / watch.seconds, "cpu_ms": watch.cpu_ms / len(took),
                        "postgres_ms": watch.postgres_ms / len(took), **in_ms(took)}  # fmt: skip

            yield measure

    return made


GOAL = Goal(
    id="P1",
    sentence="A contact's life in one process, 16 at once: opened, offered, accepted, hung up; each durable.",
    sides={
        "raw13": raw.side(raw.raw13),
        "raw4": raw.side(raw.raw4),
        "house": side(is_whole=False),
        "whole": side(is_whole=True),
    },
    bounds=(
        Bound("lives/s", "rate", against="raw13", passes=0.6, stretch=1.0, is_more_better=True),
        Bound("CPU per life", "cpu_ms", against="raw13", passes=1.5, stretch=1.2, unit="ms"),
        Bound("lives/s", "rate", against="raw4", is_more_better=True),
        Bound("lives/s with the record", "rate", side="whole", against="raw13", is_more_better=True),
        Bound("PostgreSQL's CPU per life", "postgres_ms", against="raw13", unit="ms"),
        Bound("p99 of a life", "p99_ms", against="raw13", unit="ms"),
    ),
    is_quick=True,
)
