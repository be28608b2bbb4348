"""P4: from the commit of a contact to the offer's frame at an idle counselor's page, fifty a second.

The house is two processes, as in production: one serves (it has the pages and follows the journal), one works
(it dispatches). The contact is committed by a third, so both ways lead over the database. Floors are
loops that only hand a job to a worker, without pages, rules or people, timed from before the enqueue.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from time import perf_counter
from typing import Any, Final
from uuid import UUID

from hotline.base import clock, ids
from hotline.domain.contact import Form
from hotline.flow import intake
from tests import stage as stages
from tests.bench import children, house, houses, pages
from tests.bench.children import Child
from tests.bench.figures import in_ms
from tests.bench.floors import dispatching, queue
from tests.bench.goal import Bound, Figures, Goal, Measure, Size
from tests.bench.meter import Watch
from tests.stage import NOTICE, Stage

PACE: Final = queue.PACE
SPARE: Final = 1.2
"""So many more counselors than contacts of a round: nobody has to take two."""
PATIENCE_SECONDS: Final = 10.0
FORM: Final = Form(notice_version=NOTICE, safe_now="yes", age_band="30-44")


async def _arrive(stage: Stage, count: int) -> dict[UUID, tuple[float, float]]:
    """Chats at a pace: for each, when it was asked for and when it was committed."""
    begins_at = perf_counter()
    moments: dict[UUID, tuple[float, float]] = {}

    async def one() -> None:
        asked_at = perf_counter()
        contact = await intake.open_chat(
            stage.store,
            stage.policies,
            intake.Entrance(
                slug=stage.chat_line.address,
                language=house.PLAIN,
                form=FORM,
                token_hash=ids.new_id().bytes,
            ),
            clock.now(),
        )
        moments[contact.id] = asked_at, perf_counter()

    async with asyncio.TaskGroup() as arriving:
        for nth in range(count):
            await asyncio.sleep(begins_at + nth / PACE - perf_counter())
            arriving.create_task(one())
    return moments


@asynccontextmanager
async def side(size: Size) -> AsyncGenerator[Measure]:
    """The house, with an idle page for every contact of a round."""
    count = max(2, int(size.seconds * 2 * PACE))
    async with houses.inhabited("serve", "work") as place:
        stage = await house.founded(place.store, stages.policies_of_the_house())
        staff = await house.hire(stage, int(count * SPARE) + 1)
        what: dict[str, Any] = {"port": place.standing.port, "cookies": await pages.cookies(stage, staff)}
        async with children.child("desks", what, core=children.CLIENT_CORE) as desks:
            await _once(stage, desks, min(count, int(size.warm_seconds * PACE) + 1), Watch())

            async def measure(watch: Watch) -> Figures:
                found = await _once(stage, desks, count, watch)
                return {
                    **in_ms([at - done for _, done, at in found]),
                    **in_ms([at - asked for asked, _, at in found], "asked_"),
                    "offered": len(found) / count,
                }

            yield measure


async def _once(stage: Stage, desks: Child, count: int, watch: Watch) -> list[tuple[float, float, float]]:
    """So many come, metered, and leave again: when each was asked for, committed and seen at a page."""
    await pages.awake(stage)
    await house.vacuum(stage)
    with watch:
        moments = await _arrive(stage, count)
        came = await desks.ask({"count": count, "seconds": PATIENCE_SECONDS})
    for contact_id in moments:
        await intake.leave_chat(stage.store, contact_id, clock.now())
    return [
        (*moments[UUID(contact_id)], at) for contact_id, at in came.items() if UUID(contact_id) in moments
    ]


GOAL = Goal(
    id="P4",
    sentence="From a contact's commit to the offer at an idle counselor's page, 50/s, over three processes.",
    sides={
        "D0": queue.d0,
        "procrastinate": dispatching.procrastinate,
        "pgqueuer": dispatching.pgqueuer,
        "house": side,
    },
    bounds=(
        Bound("p50", "p50_ms", against="D0", passes=1.5, unit="ms"),
        Bound("p99", "p99_ms", against="D0", passes=2.0, unit="ms"),
        Bound("p50", "p50_ms", against="procrastinate", passes=1.0, unit="ms"),
        Bound("p50", "p50_ms", against="pgqueuer", unit="ms"),
        Bound("p50 from asking", "asked_p50_ms", against="D0", floor_figure="p50_ms", unit="ms"),
        Bound("offered", "offered", passes=1, is_more_better=True),
    ),
    is_quick=True,
)
