"""A busy floor for drills: callers and help-seekers who do not give up, counselors who work, eyes on all.

The callers' telephones are on the practice exchange, help-seekers and counselors come through the balancer.
`Watch` looks at the rows all along and `Ledger` at what the exchange tells, so that the end of a drill
can be judged by what was seen and not only by what is left.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx2

from hotline.base import clock
from hotline.base.errors import Unreachable
from hotline.base.tasks import Crew
from hotline.domain.staff import Role
from hotline.store import audit
from tests import database, people, stage as stages
from tests.drills.balancer import Balancer
from tests.drills.ground import Ground
from tests.drills.nodes import Nodes, fallback_bin, standing
from tests.flow.calls import a_number
from tests.journeys import drills
from tests.journeys.busy import Caller, Counselor
from tests.journeys.drills import AGAIN_SECONDS, AWAY, Writer, hurried_config
from tests.people import Person, at_console
from tests.processes import keys_of
from tests.stage import Stage
from tests.web.visitor import Visitor

SURVEY_SECONDS = 5
LEDGER_SECONDS = 0.5
WATCH_SECONDS = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How many people there are, and how many nodes; seconds are given as the drills need them."""

    callers: int
    writers: int
    counselors: int
    serves: int = 1
    works: int = 1
    in_danger: int = 1

    @property
    def contacts(self) -> int:
        """Who is there at the same time."""
        return self.callers + self.writers


@dataclass
class Watch:
    """What was seen while the drill ran: breaches, and the join time that each contact had at first."""

    stage: Stage
    breaches: Counter[str] = field(default_factory=Counter[str])
    joined_at: dict[UUID, datetime] = field(default_factory=dict[UUID, datetime])
    moved: set[UUID] = field(default_factory=set[UUID])

    async def look(self) -> None:
        """Look again and again; while the database is away there is nothing to see."""
        while True:
            try:
                await self._look()
            except (Unreachable, *AWAY):
                pass
            await asyncio.sleep(WATCH_SECONDS)

    async def _look(self) -> None:
        async with self.stage.store.connection() as connection:
            self.breaches.update((await audit.breaches(connection)).keys())
        for contact_id, joined_at in (await drills.joined(self.stage)).items():
            if joined_at and self.joined_at.setdefault(contact_id, joined_at) != joined_at:
                self.moved.add(contact_id)


@dataclass
class Ledger:
    """How often the exchange has told of what: callbacks that arrived, failed, were lost, late or doubled."""

    exchange: httpx2.AsyncClient
    told: Counter[str] = field(default_factory=Counter[str])
    refused: Counter[str] = field(default_factory=Counter[str])
    """Requests to its API that it refused, by path."""
    last: int = 0

    async def follow(self) -> None:
        """Read on and on; the exchange forgets what is old."""
        while True:
            await self.read()
            await asyncio.sleep(LEDGER_SECONDS)

    async def read(self) -> None:
        """Read what was told since the last time."""
        answer = await self.exchange.get("/practice/happenings", params={"after": self.last})
        for one in answer.json():
            self.told[one["kind"]] += 1
            if one["kind"] == "rest refused":
                self.refused[str(one["detail"]["code"])] += 1
            self.last = one["number"]


@dataclass
class Floor:
    """Everybody who is there; `crew` keeps them going until the drill sends them home."""

    ground: Ground
    stage: Stage
    house: Nodes
    balancer: Balancer
    crew: Crew
    exchange: httpx2.AsyncClient
    callers: list[Caller]
    writers: list[Writer]
    counselors: list[Counselor]
    board: Person
    """The supervisor's screen."""
    watch: Watch
    ledger: Ledger

    async def faults(self, **faults: float) -> None:
        """Order a kind of day at the exchange; nothing means a calm one."""
        told = {**faults, "seed": self.ground.seed} if faults else {}
        (await self.exchange.put("/practice/faults", json=told)).raise_for_status()

    async def calls(self) -> list[dict[str, Any]]:
        """Every call to the line that the exchange knows of."""
        answer = await self.exchange.get("/practice/calls")
        return [call for call in answer.json() if call["to"] == self.house.number]

    async def open(self, within_seconds: float = 0) -> None:
        """Everybody begins: help-seekers at once, callers within this time, counselors work."""
        chance = self.ground.chance
        for nth, writer in enumerate(self.writers):
            await drills.until(lambda one=writer: opens_chat(one), "a chat is opened")
            self.crew.keep(f"writer {nth}", writer.write)
        for nth, caller in enumerate(self.callers):
            after = chance.uniform(0, within_seconds)
            self.crew.keep(f"caller {nth}", lambda one=caller, late=after: _calls_after(one, late))
        for nth, counselor in enumerate(self.counselors):
            self.crew.keep(f"counselor {nth}", counselor.work)

    async def is_everybody_answered(self) -> bool:
        """Whether every help-seeker and every caller has been answered by a counselor."""
        ids = [writer.visitor.contact_id for writer in self.writers]
        answered = await self.stage.value(
            "select count(*) from contact where id = any($1) and answered_at is not null", ids
        )
        return answered == len(ids) and all([await caller.was_answered() for caller in self.callers])


async def _calls_after(caller: Caller, seconds: float) -> None:
    """Come a little later, once."""
    if not caller.sids:
        await asyncio.sleep(seconds)
    await caller.call()


async def opens_chat(writer: Writer) -> bool:
    """Whether the form was taken."""
    return (await writer.visitor.open_chat()).is_success


async def _hired(stage: Stage, counselors: int) -> tuple[list[UUID], list[str]]:
    """The counselors; and the logins of theirs and, last, of the supervisor who watches."""
    staff = [await stage.hire(f"counselor-{nth}") for nth in range(counselors)]
    await stage.hire("responding", Role.RESPONDER, telephone=a_number())
    watching = await stage.hire("watching", Role.SUPERVISOR, telephone=a_number())
    return staff, [await people.give_password(stage.store, person) for person in (*staff, watching)]


def _hurried(ground: Ground) -> dict[str, str]:
    return {
        "HOTLINE_CONFIG": str(hurried_config(ground.home / "config")),
        "HOTLINE_WORK__SURVEY_SECONDS": str(SURVEY_SECONDS),
    }


def _writer(base: str, stage: Stage, *, is_in_danger: bool) -> Writer:
    visitor = Visitor(base, stage, patience_seconds=AGAIN_SECONDS)
    return Writer(visitor, is_in_danger=is_in_danger, pause_seconds=0.5)


@asynccontextmanager
async def floor(
    ground: Ground,
    size: Size,
    *,
    overrides: Mapping[str, str] | None = None,
    over: Callable[[str], str] = str,
    standing_on: str | None = None,
    **house: Any,
) -> AsyncGenerator[Floor]:
    """A floor on a fresh database; `over` makes of its URL the one by which the nodes reach it.

    `standing_on` is a migrated database that is there already, on a server of the drill's own.
    """
    async with AsyncExitStack() as doors:
        own = standing_on or await doors.enter_async_context(database.fresh())
        store = await doors.enter_async_context(stages.opened(own))
        stage = await stages.found(store, stages.policies_of_the_house())
        stage.now = clock.now()
        staff, logins = await _hired(stage, size.counselors)
        chosen = {**await asyncio.to_thread(_hurried, ground), **(overrides or {})}
        nodes = Nodes(
            url=over(own), keys=keys_of(store.vault), home=ground.home, number=stage.voice_line.address,
            overrides=chosen, serves=size.serves, works=size.works,
            bin_url=await doors.enter_async_context(fallback_bin(stage)), **house,
        )  # fmt: skip
        balancer = await doors.enter_async_context(standing(nodes))
        exchange = await doors.enter_async_context(httpx2.AsyncClient(base_url=nodes.exchange, timeout=40))
        consoles = [await doors.enter_async_context(at_console(nodes.base, login)) for login in logins]
        crew = await doors.enter_async_context(Crew())
        made = Floor(
            ground=ground, stage=stage, house=nodes, balancer=balancer, crew=crew, exchange=exchange,
            callers=[Caller(stage, exchange, a_number().reveal()) for _ in range(size.callers)],
            writers=[
                _writer(nodes.base, stage, is_in_danger=nth < size.in_danger) for nth in range(size.writers)
            ],
            counselors=[
                Counselor(*each, exchange=exchange) for each in zip(consoles[:-1], staff, strict=True)
            ],
            board=consoles[-1], watch=Watch(stage), ledger=Ledger(exchange),
        )  # fmt: skip
        crew.keep("watch", made.watch.look)
        crew.keep("ledger", made.ledger.follow)
        yield made
