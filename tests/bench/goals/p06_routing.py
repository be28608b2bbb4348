"""P6: what one offer costs the dispatcher, with a hundred and with a hundred thousand waiting.

Five thousand counselors are on duty, contacts wait with sixty different needs. Four cases, each a whole
dispatch transaction (`flow.offer.dispatch`), one at a time, taken back before the next:

`common`   all counselors talk, one who can do everything becomes free.
`rare`     the same, but the one who is free has only the skill that one in a hundred waits for.
`nobody`   the same, but the one speaks a language that nobody waits for: there is nothing to offer.
`idle`     all counselors are idle, those who wait speak a language that nobody does, and one caller comes
           whom all can take.

All have waited for an hour, so that the dispatcher also asks which skills nobody on duty has; everybody who
talks has all of them, so none is waived.

And the decision alone, `routing.match` on what the store gives it, in microseconds for one free counselor.
"""

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Final
from uuid import UUID

from hotline.base import clock
from hotline.domain import routing
from hotline.flow import offer
from hotline.store import contact as store_contact, staff as store_staff
from tests import stage as stages
from tests.bench import databases, house
from tests.bench.figures import percentile
from tests.bench.goal import Bound, Figures, Goal, Measure, Size
from tests.bench.meter import Watch
from tests.stage import Stage

FEW: Final = 100
MANY: Final = 100_000
COUNSELORS: Final = 5_000
TIMES: Final = 200
TIMES_MIN: Final = 15
SHARE: Final = 0.5
"""Of a span of load for each case: it is done over `TIMES` times, or as often as it goes."""
COMMON: Final = 59
SKILLS: Final = ("rare", *(f"skill{nth}" for nth in range(COMMON)))
NEEDS: Final = (*(f"zh|skill{nth % COMMON}" for nth in range(99)), "zh|rare")
"""Sixty needs; one contact in a hundred has the rare one."""

ENGAGE: Final = """
insert into contact (id, centre_id, line_id, channel, state, since, arrived_at, language, skills, need,
                     joined_at, answered_at, level, level_is_human, band, rank, generation, declined_by,
                     messages, number_quality, form, flags, counselor_id, chat_slot)
select gen_random_uuid(), $1, $2, 'chat', 'talking', $3, $3, 'zh', '{}', 'zh', $3, $3, 'none_found', false,
       3, 1, 0, '{}', 0, 'unknown', '{}', '{}', id, 1
from unnest($4::uuid[]) as id"""
SKILLED: Final = "update staff set languages = $2, skills = $3 where id = $1"


@dataclass
class Hall:
    """A centre with its people: `free` is the one who becomes free in three of the four cases."""

    stage: Stage
    free: UUID
    size: Size

    async def can(self, language: str, *skills: str) -> None:
        """What the one who is free can do."""
        async with self.stage.store.connection() as connection:
            await connection.execute(SKILLED, self.free, [language], list(skills))

    async def costs(self, expected: int) -> float:
        """Milliseconds of a dispatch at the median; it must make so many offers."""
        took: list[float] = []
        stage, ends_at = self.stage, perf_counter() + self.size.seconds * SHARE
        least, most = self.size.count(TIMES_MIN, 2), self.size.count(TIMES, 3)
        while len(took) < least or (len(took) < most and perf_counter() < ends_at):
            began = perf_counter()
            made = await offer.dispatch(stage.store, stage.policies, stage.centre.id, clock.now())
            took.append(perf_counter() - began)
            assert len(made.pairings) == expected, f"{len(made.pairings)} offers, not {expected}"
            if expected:
                await house.put_back(stage)
        return 1000 * percentile(took, 0.5)

    async def decides(self) -> float:
        """Microseconds of the decision alone at the median."""
        stage, now = self.stage, clock.now()
        async with stage.store.connection() as connection:
            everybody = await store_staff.counselors(connection, stage.store.vault, stage.centre.id)
            free = [each for each in everybody if each.id == self.free]
            reach = routing.reach(free)
            waiting = await store_contact.waiting_heads(connection, stage.centre.id, reach, len(free), now)
        took: list[float] = []
        for _ in range(self.size.count(TIMES, 3)):
            began = perf_counter()
            match = routing.match(waiting, free, stage.policies.queue, now)
            took.append(perf_counter() - began)
            assert len(match.pairings) == 1
        return 1_000_000 * percentile(took, 0.5)


async def _talking(stage: Stage, people: list[UUID]) -> None:
    async with stage.store.connection() as connection:
        now = clock.now()
        await connection.execute(ENGAGE, stage.centre.id, stage.chat_line.id, now, people)


def side(waiting: int) -> Callable[[Size], AbstractAsyncContextManager[Measure]]:
    """The house with so many waiting; two centres, because in one of them everybody is idle."""

    @asynccontextmanager
    async def made(size: Size) -> AsyncGenerator[Measure]:
        policies = stages.policies_of_the_house()
        async with databases.fresh() as url, house.opened(url) as store:
            busy = await house.founded(store, policies)
            people = await house.hire(busy, size.count(COUNSELORS, 20), skills=SKILLS)
            await _talking(busy, people[1:])
            await house.wait(busy, size.count(waiting, FEW), NEEDS, since=house.LONG)
            hall = Hall(busy, people[0], size)
            idle = await house.founded(store, policies)
            await house.hire(idle, size.count(COUNSELORS, 20))
            foreign = [each.replace("zh", "xx") for each in NEEDS]
            await house.wait(idle, size.count(waiting, FEW), foreign, since=house.LONG)
            await house.wait(idle, 1)
            lobby = Hall(idle, people[0], size)

            async def measure(watch: Watch) -> Figures:
                await house.vacuum(busy)
                with watch:
                    return await _cases(hall, lobby)

            yield measure

    return made


async def _cases(hall: Hall, lobby: Hall) -> Figures:
    figures: dict[str, Any] = {}
    await hall.can("zh", *SKILLS)
    figures["common_ms"] = await hall.costs(1)
    figures["decision_us"] = await hall.decides()
    await hall.can("zh", "rare")
    figures["rare_ms"] = await hall.costs(1)
    await hall.can("sw", *SKILLS)
    figures["nobody_ms"] = await hall.costs(0)
    figures["idle_ms"] = await lobby.costs(1)
    return figures


GOAL = Goal(
    id="P6",
    sentence="One offer by the dispatcher, from 100 to 100,000 waiting, with 5,000 counselors.",
    sides={"100": side(FEW), "house": side(MANY)},
    bounds=(
        Bound("dispatch, common need", "common_ms", against="100", passes=1.3, unit="ms"),
        Bound("dispatch, rare skill", "rare_ms", against="100", passes=1.3, unit="ms"),
        Bound("dispatch, nobody to offer", "nobody_ms", against="100", passes=1.3, unit="ms"),
        Bound("dispatch, all idle, one can be helped", "idle_ms", against="100", passes=1.3, unit="ms"),
        Bound("decision in memory", "decision_us", against="100", passes=3.0, unit="us"),
        Bound("decision in memory", "decision_us", passes=10.0, unit="us"),
    ),
    is_quick=True,
)
