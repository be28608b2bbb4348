"""P2: the same life through HTTP, sixteen at once, and at half of the floor's pace.

The floor is a bare FastAPI app with four routes over the thirteen statements. The house is `hotline serve`
and `hotline work` as in production, with a thousand counselors signed in; its life is five requests through
the real routes (see `callers`), the offer being made by the working process, and the record is written and
closed: whoever has no counselors left has nothing to measure. What is compared are requests a second.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from hotline.base import clock, ids
from hotline.base.sensitive import Sensitive
from hotline.flow import sign_in
from hotline.web.chat.page import NOTICE
from tests import stage as stages
from tests.bench import children, house, houses
from tests.bench.children import Child
from tests.bench.figures import in_ms
from tests.bench.floors import web
from tests.bench.goal import Bound, Figures, Goal, Measure, Size
from tests.bench.meter import Watch
from tests.stage import Stage

COUNSELORS: Final = 1000
OF_THE_FLOOR: Final = 0.5
SETTINGS: Final = {
    "HOTLINE_WEB__CHAT_OPENS_BURST_MAX": "1000000",
    "HOTLINE_WEB__CHAT_OPENS_PER_SECOND": "100000",
}
"""All callers come from one address here; in production that would be a flood."""


async def warmed(callers: Child, size: Size) -> None:
    """Before the first round."""
    await callers.ask({"seconds": size.warm_seconds})


async def measured(callers: Child, pids: Sequence[int], watch: Watch, size: Size) -> Figures:
    """As fast as it goes; then half as fast as the floor. CPU is that of the servers and of PostgreSQL."""
    with watch, Watch() as part:
        full = await callers.ask({"seconds": size.seconds})
    lives, requests = len(full["lives"]), len(full["requests"])
    pace = OF_THE_FLOOR * watch.seen.get("bare", {"lives": lives / full["seconds"]})["lives"]
    with watch:
        paced = await callers.ask({"seconds": size.seconds, "rate": pace})
    return {
        "rate": requests / full["seconds"],
        "lives": lives / full["seconds"],
        "cpu_ms": part.served_ms(pids) / requests,
        "life_cpu_ms": part.served_ms(pids) / lives,
        **in_ms(full["requests"]),
        **in_ms(paced["requests"], "paced_"),
        **in_ms(paced["lives"], "paced_life_"),
    }


@asynccontextmanager
async def floor(size: Size) -> AsyncGenerator[Measure]:
    """The bare app."""
    async with web.floors(houses.TOKEN) as app:
        what = {"port": app.ready["port"]}
        async with children.child("callers", what, core=children.CLIENT_CORE) as callers:
            await warmed(callers, size)

            async def measure(watch: Watch) -> Figures:
                return await measured(callers, [app.pid], watch, size)

            yield measure


@asynccontextmanager
async def side(size: Size) -> AsyncGenerator[Measure]:
    """The house, serving and working."""
    async with houses.inhabited("serve", "work", settings=SETTINGS) as place:
        stage = await house.founded(place.store, stages.policies_of_the_house())
        people = await house.hire(stage, size.count(COUNSELORS, 50))
        what: dict[str, Any] = {
            "port": place.standing.port,
            "house": {
                "url": place.url,
                "slug": stage.chat_line.address,
                "notice": NOTICE["version"],
                "cookies": await cookies(stage, people),
            },
        }
        pids = [each.pid for each in place.standing.children.values()]
        async with children.child("callers", what, core=children.CLIENT_CORE) as callers:
            await warmed(callers, size)

            async def measure(watch: Watch) -> Figures:
                return await measured(callers, pids, watch, size)

            yield measure


async def cookies(stage: Stage, people: list[UUID]) -> dict[str, str]:
    """Everybody signed in (passwords are another matter)."""
    now, tokens = clock.now(), {one: ids.new_secret() for one in people}
    async with stage.store.connection() as connection:
        await connection.executemany(
            """insert into sign_in (token_hash, staff_id, made_at, seen_at, expires_at)
               values ($1, $2, $3, $3, $4)""",
            [
                (sign_in.token_hash(Sensitive(token)), one, now, now + timedelta(days=1))
                for one, token in tokens.items()
            ],
        )
    return {str(one): token for one, token in tokens.items()}


GOAL = Goal(
    id="P2",
    sentence="The same life through HTTP, to its closed record, with the offer made by the working process.",
    sides={"bare": floor, "house": side},
    bounds=(
        Bound("requests/s", "rate", against="bare", passes=0.5, stretch=0.7, is_more_better=True),
        Bound("p99 at half the floor's pace", "paced_p99_ms", against="bare", passes=2.0, unit="ms"),
        Bound("lives/s", "lives", against="bare", is_more_better=True),
        Bound("CPU per request", "cpu_ms", against="bare", unit="ms"),
        Bound("CPU per life", "life_cpu_ms", against="bare", unit="ms"),
    ),
)
