"""The real house as a walk meets it: the application on loopback, its database, its telephone network.

One event loop, which runs only while a rule waits for an answer, so between two rules nothing moves. The
house's time is the walk's: every place that asks for the present asks `clock.now`, and gets `Time.now`.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from typing import Any, Final, TypeVar
from urllib.parse import urlencode
from uuid import UUID

import httpx2
import orjson
import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from pydantic import SecretStr
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from hotline.base import clock, ids
from hotline.base.places import config_dir
from hotline.base.sensitive import Sensitive
from hotline.domain.machine import Machine
from hotline.domain.outcome import Outcome
from hotline.domain.staff import Device, Role
from hotline.policy import phrases, settings
from hotline.policy.policies import Policies
from hotline.policy.settings import Settings, Telephony
from hotline.practice.signing import sign
from hotline.store.health import EARS
from hotline.store.unit import Store
from hotline.web import living
from hotline.workers.relay import Relay, Try
from hotline.workers.sweeper import Sweeper
from tests import database, stage as stages
from tests.flow.calls import a_number
from tests.model.things import Person
from tests.served import served
from tests.stage import Stage
from tests.workers.network import Network

BASE: Final = "http://hotline.example"
TOKEN: Final = "model-token-0123456789abcdef0123"
PASSWORD: Final = "three calm words"
HASH: Final = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),)).hash(PASSWORD)
"""As weak as it may be: a walk signs in hundreds of times."""
UNSLOWED: Final = {"public_base": BASE, "chat_messages_burst_max": 10_000, "chat_opens_burst_max": 10_000}
"""One address is every caller here, and time stands still between two steps."""
PATIENCE_SECONDS: Final = 20.0
CLOSED: Final = (time(3, 0), time(3, 1))
"""Hours in which no walk takes place: it begins at noon and lasts eleven hours at most."""
GATHER_SECONDS: Final = 0.001
"""Beats need not wait for each other here."""
KEPT: Final = ("alembic_version", "journal", "pulse")
"""Tables that are never emptied; a journal only grows."""

T = TypeVar("T")
Card = dict[str, Any]


@dataclass
class Page:
    """An open page: what it shows, and word of its beats."""

    socket: ClientConnection
    cards: dict[str, Card] = field(default_factory=dict[str, Card])
    beaten: asyncio.Event = field(default_factory=asyncio.Event)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    reading: asyncio.Task[None] | None = None

    async def read(self) -> None:
        """Do what a page does with every frame."""
        with suppress(ConnectionClosed):
            async for frame in self.socket:
                told = orjson.loads(frame)
                if told["kind"] == "beat":
                    self.beaten.set()
                if told["kind"] == "snapshot":
                    self.cards = {}
                self.cards.update({card["id"]: card for card in told.get("cards", ())})
                for card_id in told.get("gone", ()):
                    self.cards.pop(card_id, None)
                self.changed.set()

    async def beat(self) -> None:
        """A sign of life; the answer says that it is noted."""
        self.beaten.clear()
        await self.socket.send('{"kind":"beat"}')
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self.beaten.wait()

    async def comes_to_show(self, cards: dict[str, Card]) -> None:
        """Wait until the page shows exactly these, but for the counts of the day."""
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_SECONDS):
                while self.shown != cards:
                    self.changed.clear()
                    await self.changed.wait()
        assert self.shown == cards, "a page that was followed shows something else than a fresh one"

    @property
    def shown(self) -> dict[str, Card]:
        """The cards without the counts of the day, which come once a second."""
        return {card_id: card for card_id, card in self.cards.items() if card["type"] != "health"}

    async def close(self) -> None:
        """Gone without a word."""
        await self.socket.close()
        if self.reading:
            await self.reading


@dataclass
class QuickNetwork(Network):
    """A network whose telephones may be picked up before our order to ring them is answered."""

    is_quick: bool = False
    pick_up: Callable[[str, UUID], Awaitable[object]] | None = None

    async def dial(self, leg_id: UUID, to: Sensitive, ring_seconds: int) -> str:
        """Ring, and perhaps be answered at once."""
        sid = await super().dial(leg_id, to, ring_seconds)
        if self.is_quick and self.pick_up:
            await self.pick_up(sid, leg_id)
        return sid


@dataclass
class House:
    """The running house; `walked` are the steps that its state machines have taken."""

    loop: asyncio.AbstractEventLoop
    store: Store
    policies: Policies
    settings: Settings
    base: str
    web: httpx2.AsyncClient
    now: datetime = stages.NOON
    network: QuickNetwork = field(default_factory=QuickNetwork)
    walked: Counter[tuple[str, str, str]] = field(default_factory=Counter[tuple[str, str, str]])
    cookies: dict[UUID, str] = field(default_factory=dict[UUID, str])
    pages: dict[UUID, Page] = field(default_factory=dict[UUID, Page])

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Let the house move until this is done."""
        return self.loop.run_until_complete(work)

    # --- a centre for one example

    async def founded(self) -> tuple[Stage, dict[str, str], list[Person]]:
        """Everything forgotten; a new centre, its lines by name, and its people."""
        async with self.store.connection() as connection:
            names = await connection.fetchval(
                """select string_agg(format('%I.%I', schemaname, tablename), ', ') from pg_tables
                   where schemaname in ('public', 'pgqueuer') and not tablename = any($1)""",
                list(KEPT),
            )
            await connection.execute(f"truncate {names}")
        self.now, self.network.is_quick = stages.NOON, False
        stage = await stages.found(self.store, self.policies)
        shut = [
            replace(
                line, id=ids.new_id(), address=line.address + "9", opens_at=CLOSED[0], closes_at=CLOSED[1]
            )
            for line in (stage.voice_line, stage.chat_line)
        ]
        async with self.store.unit() as unit:
            await unit.save(Outcome(rows=tuple(shut)), self.now)
        lines = {
            "voice": stage.voice_line.address,
            "chat": stage.chat_line.address,
            "shut voice": shut[0].address,
            "shut chat": shut[1].address,
        }
        return stage, lines, await self._hired(stage)

    async def _hired(self, stage: Stage) -> list[Person]:
        both, zh = frozenset({"zh", "en"}), frozenset({"zh"})
        people = [
            await self._hire(stage, "lin", Role.COUNSELOR, languages=both, chat_capacity=2),
            await self._hire(stage, "mei", Role.COUNSELOR, languages=zh, chat_capacity=1),
            await self._hire(
                stage, "yang", Role.COUNSELOR, languages=both, device=Device.PHONE, telephone=a_number()
            ),
            await self._hire(stage, "zhao", Role.SUPERVISOR),
            await self._hire(stage, "wu", Role.RESPONDER, telephone=a_number()),
        ]
        async with self.store.connection() as connection:
            await connection.execute("update staff set password_hash = $1", HASH)
            rows = await connection.fetch("select id, login from staff")
        logins = {row["id"]: row["login"] for row in rows}
        for person in people:
            person.login = logins[person.id]
        return people

    async def _hire(self, stage: Stage, login: str, role: Role, **traits: Any) -> Person:
        staff_id = await stage.hire(login, role, **traits)
        return Person(
            id=staff_id,
            login=login,
            role=role.value,
            since=self.now,
            idle_since=self.now,
            languages=traits.get("languages", frozenset()),
            capacity=traits.get("chat_capacity", 1),
            has_phone=traits.get("device") is Device.PHONE,
        )

    async def beat(self) -> None:
        """Every open page gives a sign of life."""
        await asyncio.gather(*(page.beat() for page in self.pages.values()))

    async def cleared(self) -> None:
        """Everybody's page closed, every cookie forgotten."""
        for staff_id in list(self.pages):
            await self.crash(staff_id)
        self.cookies.clear()

    async def hears_always(self) -> None:
        """Its ears have been open since long before every walk, and stay open until long after."""
        async with self.store.connection() as connection:
            await connection.execute(
                """insert into pulse (name, at, since) values ($1, '2100-01-01Z', '2000-01-01Z')
                   on conflict (name) do update set at = excluded.at, since = excluded.since""",
                f"{EARS}:walk",
            )

    # --- people at consoles

    async def ask(self, staff_id: UUID, method: str, path: str, **body: Any) -> httpx2.Response:
        """A button is pressed."""
        cookie = self.cookies.get(staff_id)
        headers = {"cookie": f"hotline={cookie}"} if cookie else {}
        return await self.web.request(method, f"/api{path}", json=body or None, headers=headers)

    async def sign_in(self, person: Person) -> httpx2.Response:
        """By login and password."""
        told = {"login": person.login, "password": PASSWORD}
        answer = await self.web.post("/api/session", json=told)
        self.cookies[person.id] = self.web.cookies["hotline"]
        self.web.cookies.clear()
        return answer

    async def open(self, staff_id: UUID) -> None:
        """A page with its live screen, and its first sign of life."""
        address = self.base.replace("http", "ws", 1) + "/api/live"
        headers = {"cookie": f"hotline={self.cookies[staff_id]}"}
        page = Page(await connect(address, additional_headers=headers, proxy=None, compression=None))
        page.reading = self.loop.create_task(page.read())
        self.pages[staff_id] = page
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not page.cards:
                page.changed.clear()
                await page.changed.wait()

    async def crash(self, staff_id: UUID) -> None:
        """The page is gone."""
        await self.pages.pop(staff_id).close()

    # --- callers

    async def post(self, path: str, **form: str) -> httpx2.Response:
        """The telephone network asks or tells something, signed."""
        signature = sign(TOKEN, BASE + path, list(form.items()))
        return await self.web.post(
            path,
            content=urlencode(form).encode(),
            headers={"content-type": "application/x-www-form-urlencoded", "x-twilio-signature": signature},
        )

    async def say(self, token: str, client_id: UUID, words: str) -> Card:
        """A help-seeker's page opens, says something, and is closed: the answer to the words."""
        address = self.base.replace("http", "ws", 1) + "/api/chat/live"
        async with connect(address, proxy=None, compression=None, close_timeout=1) as socket:
            await socket.send(orjson.dumps({"kind": "resume", "token": token, "after": 0}).decode())
            said = {"kind": "say", "client_id": str(client_id), "words": words}
            await socket.send(orjson.dumps(said).decode())
            async with asyncio.timeout(PATIENCE_SECONDS):
                while True:
                    told: Card = orjson.loads(await socket.recv())
                    if told.get("client_id") == str(client_id):
                        return told

    # --- our own workers, one round at a time

    @property
    def relay(self) -> Relay:
        """Carries out orders."""
        words = phrases.load(config_dir() / "phrases", self.settings.web.emergency_numbers, "zh")
        return Relay(
            settings=self.settings,
            phrases=words,
            store=self.store,
            policies=self.policies,
            telephony=self.network,
        )

    async def orders(self) -> list[tuple[str, UUID]]:
        """The orders that wait, in order: what, and about which leg or page; they are taken."""
        async with self.store.connection() as connection:
            rows = await connection.fetch(
                """with gone as (delete from pgqueuer.pgqueuer returning id, entrypoint, payload)
                   select entrypoint, payload from gone order by id"""
            )
        return [(row["entrypoint"], UUID(bytes=bytes(row["payload"]))) for row in rows]

    async def carry_out(self, relay: Relay, order: str, subject: UUID) -> list[tuple[str, str]]:
        """One order; what the network was told."""
        self.network.told.clear()
        await relay.orders()[order](Try(subject=subject))
        return list(self.network.told)

    async def settle(self) -> None:
        """One sweep over the calls."""
        sweeper = Sweeper(
            settings=self.settings, store=self.store, policies=self.policies, telephony=self.network
        )
        await sweeper.settle(self.now)

    async def value(self, query: str, *arguments: object) -> Any:
        """One value from the database."""
        async with self.store.connection() as connection:
            return await connection.fetchval(query, *arguments)

    def later(self, seconds: float) -> None:
        """Time passes."""
        self.now += timedelta(seconds=seconds)


def _settings() -> Settings:
    chosen = settings.load(config_dir())
    telephony = Telephony(kind="twilio", auth_tokens=(SecretStr(TOKEN),))
    web = chosen.web.model_copy(update=UNSLOWED)
    return chosen.model_copy(update={"telephony": telephony, "web": web})


@asynccontextmanager
async def standing() -> AsyncGenerator[House]:
    """A house on a database of its own, whose clock and machines the walk has in hand."""
    chosen = _settings()
    policies = stages.policies_of_the_house()
    async with AsyncExitStack() as kept:
        patch = kept.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(living, "GATHER_SECONDS", GATHER_SECONDS)
        store = await kept.enter_async_context(
            stages.opened(await kept.enter_async_context(database.fresh()))
        )
        base = await kept.enter_async_context(served(store, policies, chosen=chosen, hears=False))
        web = await kept.enter_async_context(httpx2.AsyncClient(base_url=base, trust_env=False, timeout=20))
        house = House(
            loop=asyncio.get_running_loop(),
            store=store,
            policies=policies,
            settings=chosen,
            base=base,
            web=web,
        )
        patch.setattr(clock, "now", lambda: house.now)
        await house.hears_always()
        house.network.pick_up = lambda sid, leg_id: house.post(f"/t/plan?leg={leg_id}", CallSid=sid)
        real = Machine.after

        def noted(machine: Machine, state: str, step: str) -> str:
            following = real(machine, state, step)
            house.walked[machine.name, state, step] += 1
            return following

        patch.setattr(Machine, "after", noted)
        yield house
