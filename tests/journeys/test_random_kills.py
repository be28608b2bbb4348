"""App and workers are killed with -9 at moments of chance while the floor is busy: nobody is lost by it."""

import asyncio
import os
import random
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from uuid import UUID

import httpx2
import pytest

from hotline.base import clock
from hotline.base.tasks import Crew
from hotline.domain.staff import Role
from hotline.store import audit
from tests import people
from tests.flow.calls import a_number
from tests.journeys import drills
from tests.journeys.busy import Caller, Counselor
from tests.journeys.drills import DrillHouse, Writer, hurried_config, until
from tests.people import at_console
from tests.processes import keys_of, standing
from tests.stage import Stage
from tests.web.visitor import Visitor

pytestmark = [pytest.mark.drill, pytest.mark.timeout(240)]

SEED = int(os.environ.get("DRILL_SEED", "12356"))
KILLS = 5
CALLERS = 7
WRITERS = 9
COUNSELORS = 3
QUIET_SECONDS_MAX = 60.0


@dataclass
class Watch:
    """What was seen while the drill ran: breaches, and the join time that each contact had at first."""

    stage: Stage
    breaches: list[dict[str, int]] = field(default_factory=list[dict[str, int]])
    joined_at: dict[UUID, datetime] = field(default_factory=dict[UUID, datetime])
    moved: set[UUID] = field(default_factory=set[UUID])

    async def look(self) -> None:
        """Look again and again."""
        while True:
            async with self.stage.store.connection() as connection:
                if found := await audit.breaches(connection):
                    self.breaches.append(found)
            for contact_id, joined_at in (await drills.joined(self.stage)).items():
                if joined_at and self.joined_at.setdefault(contact_id, joined_at) != joined_at:
                    self.moved.add(contact_id)
            await asyncio.sleep(drills.LOOK_SECONDS)


@dataclass
class Floor:
    """A busy floor: callers, help-seekers who write, and counselors who work."""

    stage: Stage
    house: DrillHouse
    crew: Crew
    exchange: httpx2.AsyncClient
    callers: list[Caller]
    writers: list[Writer]
    counselors: list[Counselor]


@pytest.fixture
async def floor(stage: Stage, database_url: str, tmp_path: Path) -> AsyncGenerator[Floor]:
    stage.now = clock.now()
    staff = [await stage.hire(f"counselor-{nth}") for nth in range(COUNSELORS)]
    for name, role in (("responding", Role.RESPONDER), ("watching", Role.SUPERVISOR)):
        await stage.hire(name, role, telephone=a_number())
    logins = [await people.give_password(stage.store, person) for person in staff]
    house = DrillHouse(
        url=database_url,
        keys=keys_of(stage.store.vault),
        home=tmp_path,
        number=stage.voice_line.address,
        overrides={
            "HOTLINE_CONFIG": str(await asyncio.to_thread(hurried_config, tmp_path / "config")),
            "HOTLINE_WORK__SURVEY_SECONDS": "5",
        },
    )
    async with AsyncExitStack() as doors:
        await doors.enter_async_context(standing(house))
        exchange = await doors.enter_async_context(httpx2.AsyncClient(base_url=house.exchange, timeout=40))
        consoles = [await doors.enter_async_context(at_console(house.base, login)) for login in logins]
        writers = [
            Writer(Visitor(house.base, stage), is_in_danger=nth < 2, pause_seconds=0.5)
            for nth in range(WRITERS)
        ]
        callers = [Caller(stage, exchange, a_number().reveal()) for _ in range(CALLERS)]
        counselors = [
            Counselor(console, staff_id, exchange) for console, staff_id in zip(consoles, staff, strict=True)
        ]
        async with Crew() as crew:
            yield Floor(stage, house, crew, exchange, callers, writers, counselors)


async def test_nobody_is_lost_when_app_and_workers_are_killed_at_any_moment(floor: Floor) -> None:
    stage, crew, watch = floor.stage, floor.crew, Watch(floor.stage)
    crew.keep("watch", watch.look)
    for nth, writer in enumerate(floor.writers):
        assert (await writer.visitor.open_chat()).is_success
        crew.keep(f"writer {nth}", writer.write)
    for nth, caller in enumerate(floor.callers):
        crew.keep(f"caller {nth}", caller.call)
    for nth, counselor in enumerate(floor.counselors):
        crew.keep(f"counselor {nth}", counselor.work)
    await kill_at_random(floor.house)
    await until(lambda: everybody_was_answered(floor), "everybody is answered in the end", QUIET_SECONDS_MAX)
    await crew.stop()
    await until(lambda: drills.orders_are_done(stage), "every order is carried out")
    assert (watch.breaches, watch.moved) == ([], set())
    for writer in floor.writers:
        await writer.holds(stage)
    for caller in floor.callers:
        assert len(await caller.joined_at()) == 1, (caller.sids, await caller.joined_at())
    await every_danger_was_paged(floor)
    await drills.is_sound(stage)
    assert floor.house.fallen == []
    again = sum(len(caller.sids) - 1 for caller in floor.callers)
    closed = sum(counselor.served for counselor in floor.counselors)
    drills.say(f"{len(watch.joined_at)} contacts, {again} cut off and called again, {closed} records closed")


async def kill_at_random(house: DrillHouse) -> None:
    """Kill the app, the workers or both, and start them again, `KILLS` times."""
    chance = random.Random(SEED)
    for nth in range(KILLS):
        await asyncio.sleep(chance.uniform(0.3, 2.5))
        names = chance.choice((("serve",), ("work",), ("serve", "work")))
        for name in names:
            await house.kill(name)
        for name in names:
            await house.start(name)
        drills.say(f"{nth + 1}: killed {' and '.join(names)}")


async def everybody_was_answered(floor: Floor) -> bool:
    """Whether every help-seeker and every caller has been answered by a counselor."""
    answered = await floor.stage.value(
        "select count(*) from contact where id = any($1) and answered_at is not null",
        [writer.visitor.contact_id for writer in floor.writers],
    )
    return answered == len(floor.writers) and all([await caller.was_answered() for caller in floor.callers])


async def every_danger_was_paged(floor: Floor) -> None:
    """Each of those in danger has an escalation, and its pages have reached the telephones."""
    pages = await floor.stage.value(
        """select array_agg(array[p.channel, p.state]) from page as p
           join escalation as e on e.id = p.escalation_id where e.contact_id = any($1)""",
        [writer.visitor.contact_id for writer in floor.writers if writer.is_in_danger],
    )
    sent = (await floor.exchange.get("/practice/messages")).json()
    assert ["sms", "sent"] in pages
    assert {state for channel, state in pages if channel == "sms"} == {"sent"}
    assert len(sent) >= sum(channel == "sms" for channel, _ in pages)
