"""Consoles that sleep, wake, or take nothing: callers do not wait for them, and others do not notice."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import httpx2
import psutil
import pytest
from websockets.asyncio.client import ClientConnection

from hotline.base import clock
from hotline.base.tasks import Crew
from hotline.domain.live import BOARD
from hotline.domain.session import ScreeningTimes
from hotline.domain.staff import Role
from hotline.flow import intake
from hotline.store.signal import CHANNEL
from hotline.web.hub import Hub
from hotline.web.screens import Screen
from hotline.workers import office
from hotline.workers.office import Office
from tests import people
from tests.journeys import drills
from tests.journeys.drills import Board, DrillHouse, until
from tests.journeys.exchange import QUICK
from tests.people import PASSWORD, Card, Person, at_console
from tests.processes import keys_of
from tests.served import served
from tests.stage import Stage

pytestmark = [pytest.mark.drill, pytest.mark.timeout(360)]

HEARTBEAT_SECONDS = 2
OFFER_SECONDS = 4

STALLED = 8
BOARD_CONTACTS = 300
ROUNDS = 80
MEMORY_BYTES_MAX = 100_000_000
"""Eight screens that take nothing were sent three times as much."""


class Console(Person):
    """A page that can fall asleep: its socket stays open, but it neither beats nor looks."""

    def __init__(self, base: str, client: httpx2.AsyncClient) -> None:
        super().__init__(base, client)
        self._awake = asyncio.Event()
        self._awake.set()
        self.snapshots = 0

    def falls_asleep(self) -> None:
        """The lid is closed."""
        self._awake.clear()

    def wakes(self) -> None:
        """The lid is opened."""
        self._awake.set()

    async def _beat(self, socket: ClientConnection) -> None:
        while True:
            await self._awake.wait()
            await socket.send('{"kind":"beat"}')
            await asyncio.sleep(HEARTBEAT_SECONDS / 4)

    def _take(self, frame: Card) -> None:
        self.snapshots += frame["kind"] == "snapshot"
        super()._take(frame)

    def standing(self, staff_id: UUID) -> tuple[str, str | None]:
        """What this screen shows of a counselor: the state, and why."""
        card = self.cards[f"counselor:{staff_id}"]
        return card["state"], card["reason"]


@dataclass
class Desks:
    """The service with its workers in this loop, hurried; everybody's page can sleep."""

    stage: Stage
    base: str
    doors: AsyncExitStack
    crew: Crew

    async def hires(self, login: str, *roles: Role) -> tuple[UUID, Console]:
        """Somebody signed in, at a page of their own."""
        staff_id = await self.stage.hire(login, *roles)
        name = await people.give_password(self.stage.store, staff_id)
        client = await self.doors.enter_async_context(httpx2.AsyncClient(base_url=self.base, timeout=30))
        answer = await client.post("/api/session", json={"login": name, "password": PASSWORD})
        assert answer.is_success, answer.text
        console = Console(self.base, client)
        self.crew.keep(f"page of {login}", console.live)
        await console.sees(lambda card: card["id"] == f"counselor:{staff_id}")
        return staff_id, console


@pytest.fixture
async def desks(stage: Stage) -> AsyncGenerator[Desks]:
    """Heartbeats are lost after two seconds, offers ring for four; the house's own say ten and fifteen."""
    queue = stage.policies.queue
    assert (queue.heartbeat_seconds, queue.offer_seconds) == (10, 15)
    hurried = replace(queue, heartbeat_seconds=HEARTBEAT_SECONDS, offer_seconds=OFFER_SECONDS)
    stage.policies = replace(stage.policies, queue=hurried)
    stage.now = clock.now()
    async with served(stage.store, stage.policies) as base, AsyncExitStack() as doors, Crew() as crew:
        times = ScreeningTimes(remind_seconds=480, due_seconds=600)
        made = Office(work=QUICK, policies=stage.policies, screening=times, store=stage.store, outside={})
        office.open_up(made, crew)
        yield Desks(stage, base, doors, crew)


async def test_a_console_asleep_is_offline_and_the_caller_is_offered_to_somebody_awake(desks: Desks):
    stage = desks.stage
    _, watching = await desks.hires("watching", Role.SUPERVISOR)
    lin, sleeping = await desks.hires("lin")
    await sleeping.ready()
    caller = await stage.chat()
    await sleeping.sees(lambda card: card["type"] == "offer")
    sleeping.falls_asleep()
    await shows(watching, lin, "reserved", "heartbeat_lost")
    await shows(watching, lin, "offline", "heartbeat_lost")
    assert (await stage.contact(caller.id)).joined_at == caller.joined_at

    _, awake = await desks.hires("mei")
    await awake.ready()
    assert (await awake.takes_offer())["contact_id"] == str(caller.id)
    other = await stage.chat()
    await watching.sees(lambda card: card["id"] == f"contact:{other.id}" and card["state"] == "waiting")

    sleeping.wakes()
    await shows(watching, lin, "not_ready", "missed")
    await drills.sees_what_others_see(sleeping)
    assert await stage.value("select array_agg(state) from offer where staff_id = $1", lin) == ["missed"]
    await sleeping.ready()
    assert (await sleeping.takes_offer())["contact_id"] == str(other.id)
    assert (await stage.contact(other.id)).joined_at == other.joined_at
    await drills.is_sound(stage)


async def test_a_console_that_was_ready_is_offered_nothing_asleep_and_goes_on_when_it_wakes(desks: Desks):
    stage = desks.stage
    _, watching = await desks.hires("watching", Role.SUPERVISOR)
    lin, sleeping = await desks.hires("lin")
    await sleeping.ready()
    await shows(watching, lin, "ready", None)
    sleeping.falls_asleep()
    await shows(watching, lin, "offline", "heartbeat_lost")
    caller = await stage.chat()
    await watching.sees(lambda card: card["id"] == f"contact:{caller.id}")
    assert await stage.dispatch() == {}
    assert await stage.value("select count(*) from offer where staff_id = $1", lin) == 0
    sleeping.wakes()
    assert (await sleeping.takes_offer())["contact_id"] == str(caller.id)
    await drills.sees_what_others_see(sleeping)
    await drills.sees_what_others_see(watching)
    assert sleeping.snapshots == 1


async def shows(watching: Console, staff_id: UUID, state: str, reason: str | None) -> None:
    """Wait until the supervisor's screen shows a counselor like this, and a fresh one agrees."""
    await watching.sees(
        lambda card: (
            card["id"] == f"counselor:{staff_id}" and (card["state"], card["reason"]) == (state, reason)
        ),
    )


# --- a snapshot that is read while things change


async def test_what_changes_while_a_snapshot_is_read_is_not_undone_by_it(stage: Stage):
    board = frozenset({f"{BOARD}:{stage.centre.id}"})
    others, mine = Board(), Board()
    early, late = Screen(wire=others, audiences=board), Screen(wire=mine, audiences=board)
    hub = Hub(stage.store, tail_seconds=0.02)
    async with Crew() as crew:
        crew.keep("hub", hub.run)
        hub.attach(early, ())
        staying, leaving = await stage.chat(), await stage.chat()
        hub.expect(late)
        before = await stage.screen()
        await intake.leave_chat(stage.store, leaving.id, stage.later(1))
        await stage.hire("lin", ready=True)
        await stage.dispatch()

        async def is_offered() -> bool:
            card = others.cards.get(f"contact:{staying.id}", {})
            return card.get("state") == "offered" and f"contact:{leaving.id}" not in others.cards

        await until(is_offered, "the others see it")
        hub.begin(late, before.cursor, before.cards.values())
        assert mine.cards == {
            key: one.card for key, one in (await stage.screen()).cards.items() if one.audiences & board
        }


# --- pages that take nothing


@asynccontextmanager
async def stalled(base: str, person: Person) -> AsyncGenerator[socket.socket]:
    """A page of this person whose network takes its first bytes and then nothing more."""
    loop = asyncio.get_running_loop()
    address = urlsplit(base)
    cookie = "; ".join(f"{name}={value}" for name, value in person.client.cookies.items())
    asked = (
        f"GET /api/live HTTP/1.1\r\nHost: {address.netloc}\r\nCookie: {cookie}\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    with socket.socket() as wire:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        wire.setblocking(False)
        await loop.sock_connect(wire, (address.hostname, address.port))
        await loop.sock_sendall(wire, asked.encode())
        assert b" 101 " in await loop.sock_recv(wire, 500)
        yield wire


async def rest_of(wire: socket.socket) -> bytes:
    """Everything that still comes, to the end; the page is awake again."""
    loop = asyncio.get_running_loop()
    came = bytearray()
    async with asyncio.timeout(60):
        while chunk := await loop.sock_recv(wire, 2**20):
            came += chunk
            if CLOSED in came[-200:]:
                break
    return bytes(came)


RESTART = b'{"kind":"restart"}'
CLOSED = b"\x88\x02\x03\xf4"
"""A closing frame with code 1012."""


@pytest.fixture
async def service(stage: Stage, database_url: str, tmp_path: Path) -> AsyncGenerator[DrillHouse]:
    """The app as a process of its own, so that its memory can be looked at."""
    house = DrillHouse(
        url=database_url, keys=keys_of(stage.store.vault), home=tmp_path, number=stage.voice_line.address,
        overrides={"HOTLINE_TELEPHONY__KIND": "none"},
    )  # fmt: skip
    try:
        await house.start("serve")
        yield house
    finally:
        await house.stop()


async def test_pages_that_take_nothing_cost_little_memory_and_nobody_elses_time(
    service: DrillHouse, stage: Stage
):
    stage.now = clock.now()
    login = await people.give_password(stage.store, await stage.hire("watching", Role.SUPERVISOR))
    process = psutil.Process(service.running["serve"].pid)
    contact_ids = [(await stage.chat()).id for _ in range(BOARD_CONTACTS)]
    async with AsyncExitStack() as doors:
        watching = await doors.enter_async_context(at_console(service.base, login))
        wires = [await doors.enter_async_context(stalled(service.base, watching)) for _ in range(STALLED)]
        at_first = process.memory_info().rss
        grown, lags = 0, list[float]()
        for nth in range(ROUNDS):
            began = asyncio.get_running_loop().time()
            await everything_changes(stage, nth)
            await watching.sees(lambda card, nth=nth: card.get("messages") == nth + 1, 30)
            lags.append(asyncio.get_running_loop().time() - began)
            grown = max(grown, process.memory_info().rss - at_first)
        cards = ROUNDS * len(contact_ids)
        drills.say(
            f"{cards} cards: {grown / 1e6:.0f} MB more, a full board followed within {max(lags):.2f} s"
        )
        assert grown < MEMORY_BYTES_MAX
        for wire in wires:
            last = await rest_of(wire)
            assert RESTART in last[-200:] or CLOSED not in last[-200:], last[-200:]
        await drills.sees_what_others_see(watching)
    assert service.fallen == []


async def everything_changes(stage: Stage, nth: int) -> None:
    """Every contact of the board gets another message, as far as its card tells."""
    async with stage.store.unit() as unit:
        await unit.connection.execute(
            "update contact set messages = $2 where centre_id = $1", stage.centre.id, nth + 1
        )
        await unit.connection.execute(
            """insert into journal (at, centre_id, contact_id, staff_ids, kind, actor, body)
               select now(), centre_id, id, '{}', 'message.said', 'system:drill', '{}' from contact
               where centre_id = $1""",
            stage.centre.id,
        )
    await stage.value("select pg_notify($1, '')", CHANNEL)
