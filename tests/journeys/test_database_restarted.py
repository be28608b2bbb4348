"""The database is restarted under load: what was called stored is stored once, and the work goes on."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest

from hotline.base import clock
from hotline.base.tasks import Crew
from hotline.domain.contact import Contact
from hotline.domain.live import BOARD
from hotline.domain.staff import Role
from hotline.policy.policies import Policies
from hotline.store import engine
from hotline.store.signal import Signal
from hotline.store.unit import Store
from hotline.web.hub import Hub, Screen
from tests import people, stage as stages
from tests.flow.calls import a_number
from tests.journeys import drills
from tests.journeys.drills import AGAIN_SECONDS, AWAY, Board, DrillHouse, Writer, until
from tests.journeys.server import Server, own_server
from tests.people import Person, at_console
from tests.processes import keys_of, standing
from tests.stage import Stage
from tests.web.visitor import Visitor

pytestmark = [pytest.mark.drill, pytest.mark.timeout(360)]

WRITERS = 8
ARRIVAL_SECONDS = 0.2
BACK_SECONDS_MAX = 60.0
ORDERS_SECONDS_MAX = 60.0
"""An order that met a database which was away is begun again after a pause, which grows to half a minute."""


@dataclass
class Load:
    """People at consoles, chats that write on and on, and others that keep coming and say nothing."""

    stage: Stage
    server: Server
    house: DrillHouse
    crew: Crew
    writers: list[Writer]
    arrived: set[UUID]
    staff: list[Person]
    supervisor: Person


async def come(house: DrillHouse, stage: Stage, arrived: set[UUID]) -> None:
    """One help-seeker after the other opens a chat; who is told that it is open is noted."""
    while True:
        visitor = Visitor(house.base, stage, patience_seconds=AGAIN_SECONDS)
        try:
            if (await visitor.open_chat()).is_success:
                arrived.add(visitor.contact_id)
        except AWAY:
            pass
        await asyncio.sleep(ARRIVAL_SECONDS)


@pytest.fixture
async def load(house_policies: Policies, tmp_path: Path) -> AsyncGenerator[Load]:
    """The whole house on a database server of its own, at work; two counselors have time."""
    async with own_server() as server, stages.opened(server.url) as store, AsyncExitStack() as doors:
        stage = await stages.found(store, house_policies)
        stage.now = clock.now()
        staff = [await stage.hire(f"counselor-{nth}") for nth in range(4)]
        watching = await stage.hire("watching", Role.SUPERVISOR, telephone=a_number())
        await stage.hire("responding", Role.RESPONDER, telephone=a_number())
        logins = [await people.give_password(store, person) for person in (*staff, watching)]
        house = DrillHouse(
            url=server.url, keys=keys_of(store.vault), home=tmp_path, number=stage.voice_line.address
        )
        await doors.enter_async_context(standing(house))
        consoles = [await doors.enter_async_context(at_console(house.base, login)) for login in logins]
        visitors = [Visitor(house.base, stage, patience_seconds=AGAIN_SECONDS) for _ in range(WRITERS)]
        writers = [Writer(visitor, is_in_danger=nth == 0) for nth, visitor in enumerate(visitors)]
        for writer in writers:
            assert (await writer.visitor.open_chat()).is_success
        for person in consoles[:2]:
            await person.ready()
            await person.takes_offer()
        arrived = set[UUID]()
        async with Crew() as crew:
            for nth, writer in enumerate(writers):
                crew.keep(f"writer {nth}", writer.write)
            crew.keep("arrivals", lambda: come(house, stage, arrived))
            yield Load(stage, server, house, crew, writers, arrived, consoles[:-1], consoles[-1])


async def test_the_database_is_restarted_and_crashes_under_load(load: Load) -> None:
    stage = load.stage
    await words_are_stored_again(load)
    for mode, newcomer in (("fast", load.staff[2]), ("immediate", load.staff[3])):
        before = await drills.joined(stage)
        away = await seconds_of(load.server.restart(mode))
        words = await seconds_of(words_are_stored_again(load))
        offer = await seconds_of(takes_one(newcomer))
        drills.say(
            f"{mode}: away {away:.1f} s, words stored after {words:.1f} s, an offer taken {offer:.1f} s later"
        )
        assert before.items() <= (await drills.joined(stage)).items()
        assert load.house.fallen == []
    await load.crew.stop()
    for writer in load.writers:
        await writer.holds(stage)
    assert load.arrived <= (await drills.joined(stage)).keys()
    await drills.sees_what_others_see(load.supervisor)
    await until(lambda: drills.orders_are_done(stage), "every order is carried out", ORDERS_SECONDS_MAX)
    await everybody_is_paged(load)
    await drills.is_sound(stage)
    assert load.house.fallen == []


async def words_are_stored_again(load: Load) -> None:
    """Wait until each writer has been told of a message stored since now."""
    now = asyncio.get_running_loop().time()
    for writer in load.writers:
        await until(lambda one=writer: one.has_written_since(now), "words are stored again", BACK_SECONDS_MAX)


async def takes_one(person: Person) -> None:
    """Somebody becomes ready, is offered a contact at once and takes it."""
    await person.ready()
    await person.takes_offer(BACK_SECONDS_MAX)


async def seconds_of(work: Awaitable[None]) -> float:
    """How long it takes."""
    began = asyncio.get_running_loop().time()
    await work
    return asyncio.get_running_loop().time() - began


async def everybody_is_paged(load: Load) -> None:
    """The danger has one open escalation, and its pages have gone out."""
    states = await load.stage.value(
        """select array_agg(distinct p.state) from page as p join escalation as e on e.id = p.escalation_id
           where e.contact_id = $1 and p.channel = 'sms'""",
        load.writers[0].visitor.contact_id,
    )
    assert states == ["sent"]


async def test_a_screen_misses_nothing_that_was_written_while_its_hub_was_cut_off(
    stage: Stage, database_url: str
) -> None:
    """The hub begins again a moment later; what was committed in that moment is on the screen too."""
    one = engine.make(database_url, pool_size=1, statement_timeout_ms=10_000)
    own = Store(one, stage.store.vault, Signal(None))
    board = Board()
    hub = Hub(own, tail_seconds=0.02)
    async with Crew() as crew:
        async with own.connection() as connection:
            used = await connection.fetchval("select pg_backend_pid()")
        crew.keep("hub", hub.run)
        hub.attach(Screen(wire=board, audiences=frozenset({f"{BOARD}:{stage.centre.id}"})), ())
        first = await stage.chat()
        await until(lambda: shows(board, first), "the screen follows")
        assert await stage.value("select pg_terminate_backend($1)", used)
        second = await stage.chat()
        await until(lambda: shows(board, second), "the screen shows what came meanwhile")
    await one.dispose()


async def shows(board: Board, contact: Contact) -> bool:
    """Whether a contact is on the screen."""
    return f"contact:{contact.id}" in board.cards
