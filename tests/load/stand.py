"""A floor that stands: a house, its people signed in with open pages, and the meters that watch it.

Used by every kind of run; what is asked of the people is the run's business. At the end everybody goes
home in order: talks end, records are closed, chats are left, so that every contact can be accounted for.
"""

import asyncio
import re
import signal
import sys
from collections import Counter
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson

from hotline.base import clock
from hotline.base.tasks import Crew
from hotline.domain.presence import Choice
from hotline.domain.staff import Role
from hotline.flow import duty
from hotline.workers import auditor
from tests.journeys import drills
from tests.load import callers, house as houses, probe
from tests.load.desks import Counselor, Eye, Page, Responder, Supervisor, beat
from tests.load.house import Hired, LoadHouse, Tempo
from tests.load.meter import Meter
from tests.load.scene import Scene
from tests.load.wire import Http
from tests.processes import keys_of, standing
from tests.stage import Stage

AT_ONCE: Final = 8
"""People hired, or pages opened, at the same time."""
RESPONDERS: Final = 3
SETTLE_SECONDS_MAX: Final = 120.0
LEAVING_PER_SECOND: Final = 10.0
"""So many go home in a second: a floor that empties at once would be a load of its own."""
UNFINISHED: Final = """
    select channel || ' ' || state as what, count(*) as found from contact
    where centre_id = $1 and state not in ('closed', 'abandoned', 'diverted') group by 1 order by 1"""
ORDERS: Final = """
    select 'order ' || entrypoint || ' ' || status as what, count(*) as found
    from pgqueuer.pgqueuer group by 1 order by 1"""
DATABASE_DOES: Final = """
    select coalesce(wait_event_type || ' ' || wait_event, 'at work') as what, count(*) as found,
           extract(epoch from max(now() - xact_start)) as oldest
    from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'
    group by 1"""
ERRORS: Final = re.compile(rb'"level":\s*"(error|critical)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What kind of floor: seats, supervisors, tempo, where its logs go, and whether it is profiled."""

    seats: int
    supervisors: int
    tempo: Tempo
    home: Path
    samples: bool = False


@dataclass
class Floor:
    """The floor while it stands."""

    stage: Stage
    house: LoadHouse
    scene: Scene
    became: dict[str, int]
    counselors: list[Counselor] = field(default_factory=list[Counselor])
    others: list[Page] = field(default_factory=list[Page])
    eye: Eye | None = None
    crew: Crew = field(default_factory=Crew)
    lags: list[float] = field(default_factory=list[float])
    database: Counter[str] = field(default_factory=Counter[str])
    counted: tuple[Counter[str], Counter[str], Counter[str]] = field(
        default_factory=lambda: (Counter(), Counter(), Counter())
    )
    oldest: float = 0.0
    looks: int = 0
    left: dict[str, int | str] = field(default_factory=dict[str, int | str])

    @property
    def pages(self) -> list[Page]:
        """Everybody with an open page."""
        return [*self.counselors, *self.others]

    def say(self, line: str) -> None:
        """Tell whoever watches how far it has come."""
        sys.stderr.write(f"  {line}\n")
        sys.stderr.flush()

    async def close(self) -> None:
        """Everybody finishes what they have, and goes home; who does not is named in the verdict."""
        scene, loop = self.scene, asyncio.get_running_loop()
        self.counted = (Counter(scene.tally), Counter(scene.house.refused), Counter(scene.exchange.refused))
        unfinished = sum(int(count) for count in (await self._unfinished()).values())
        scene.leaving_seconds = unfinished / LEAVING_PER_SECOND
        scene.is_closing.set()
        ends_at = loop.time() + SETTLE_SECONDS_MAX + scene.leaving_seconds
        while left := await self._unfinished():
            if loop.time() > ends_at:
                break
            await asyncio.sleep(0.5)
        self.left = left

    async def _unfinished(self) -> dict[str, int | str]:
        """Contacts that are not over, by state and channel, and orders that are not carried out."""
        async with self.stage.store.connection() as connection:
            contacts = await connection.fetch(UNFINISHED, self.stage.centre.id)
            orders = await connection.fetch(ORDERS)
        return {f"left {row['what']}": row["found"] for row in (*contacts, *orders)}

    async def verdict(self) -> dict[str, int | str]:
        """What the auditor says, and errors in the logs by process: empty when all is well."""
        found: dict[str, int | str] = dict(self.left) | dict(await auditor.once(self.stage.store))
        try:
            await drills.is_sound(self.stage)
        except AssertionError as error:
            found["not sound"] = str(error)[:200]
        for fallen in self.house.fallen:
            found[f"fell: {fallen[:40]}"] = 1
        for name in self.house.running:
            found |= {
                f"log of {name}: {code}": count
                for code, count in errors_in(self.house.home / f"{name}.log").items()
            }
        return found

    @property
    def timed(self) -> dict[str, list[float]]:
        """Every step that was timed here, and how late our own loop was."""
        return {name: list(seconds) for name, seconds in self.scene.lags.items()} | {
            "driver's own loop": list(self.lags)
        }

    async def told(self, ends: Mapping[str, int]) -> dict[str, Any]:
        """How it ended: the verdict, and counts of everything that happened."""
        scene = self.scene
        house, exchange = scene.house, scene.exchange
        tally, of_house, of_exchange = self.counted
        return {
            "verdict": await self.verdict(),
            "tally": dict(sorted(tally.items())),
            "refused": _refused(of_house, of_exchange),
            "closing": dict(scene.tally - tally)
            | _refused(house.refused - of_house, exchange.refused - of_exchange),
            "requests": {"house": house.requests, "exchange": exchange.requests},
            "ends": dict(ends),
            "database_does": self.database_does,
            "config": self.became,
        }

    async def look_at_database(self) -> None:
        """What connections of the house do, sampled: at work, idle within a transaction, waiting for what."""
        while True:
            async with self.stage.store.connection() as connection:
                found = await connection.fetch(DATABASE_DOES)
            for row in found:
                self.database[row["what"]] += row["found"]
                self.oldest = max(self.oldest, float(row["oldest"] or 0))
            self.looks += 1
            await asyncio.sleep(0.5)

    @property
    def database_does(self) -> dict[str, float]:
        """How many connections did what on average, and the age of the oldest transaction that was seen."""
        does = {what: round(count / max(1, self.looks), 2) for what, count in self.database.most_common(8)}
        return does | {"oldest transaction s": round(self.oldest, 2)}

    async def lag(self) -> None:
        """How late our own loop is: what is measured here can be no finer."""
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            await asyncio.sleep(0.05)
            self.lags.append(max(0.0, loop.time() - began - 0.05))


def _refused(of_house: Counter[str], of_exchange: Counter[str]) -> dict[str, int]:
    """What was answered with no, by whom; what was asked for is none."""
    found = {name: count for name, count in of_house.items() if count > 0}
    return found | {f"exchange {name}": count for name, count in of_exchange.items() if count > 0}


def errors_in(log: Path) -> Counter[str]:
    """Errors of a log, by what they say."""
    found: Counter[str] = Counter()
    for line in log.read_bytes().splitlines():
        if ERRORS.search(line):
            with suppress(orjson.JSONDecodeError):
                found[_said(orjson.loads(line))] += 1
    return found


def _said(read: dict[str, Any]) -> str:
    last = str(read.get("exception", "")).strip().rpartition("\n")[2]
    where = read.get("loop") or read.get("task") or ""
    return " ".join(part for part in (str(read.get("event")), str(where), last[:80]) if part)


@asynccontextmanager
async def floor(stage: Stage, asked: Asked, database_url: str) -> AsyncGenerator[Floor]:
    """The processes up, everybody at their pages and the counselors ready."""
    config = asked.home / "config"
    became = await asyncio.to_thread(houses.compressed, config, asked.tempo)
    house = LoadHouse(
        url=database_url,
        keys=keys_of(stage.store.vault),
        home=asked.home,
        number=stage.voice_line.address,
        pace=1 / asked.tempo.compress,
        overrides={"HOTLINE_CONFIG": str(config)},
        samples=asked.samples,
    )
    async with AsyncExitStack() as doors:
        await doors.enter_async_context(standing(house))
        scene = Scene(
            house=Http(house.port),
            exchange=Http(house.exchange_port),
            port=house.port,
            tempo=asked.tempo,
            number=stage.voice_line.address,
            slug=stage.chat_line.address,
        )
        crew = await doors.enter_async_context(Crew())
        made = Floor(stage=stage, house=house, scene=scene, became=became, crew=crew)
        doors.callback(scene.house.close)
        doors.callback(scene.exchange.close)
        crew.keep("beats", lambda: beat(lambda: made.pages))
        await _people(made, asked)
        crew.keep("chats' beats", lambda: callers.beat(scene))
        crew.keep("lag", made.lag)
        yield made
        for page in made.pages:
            if page.socket is not None:
                page.socket.close()


async def _people(made: Floor, asked: Asked) -> None:
    """Hire everybody, open their pages, and let the counselors be ready."""
    made.say(f"{asked.seats} counselors and {asked.supervisors} supervisors come on duty …")
    stage, scene, crew = made.stage, made.scene, made.crew
    hired = await _at_once([(f"c{nth}", ()) for nth in range(asked.seats)], stage)
    made.counselors = [Counselor(scene, each, crew=crew) for each in hired]
    watching = await _at_once([(f"s{nth}", (Role.SUPERVISOR,)) for nth in range(asked.supervisors)], stage)
    calling = await _at_once([(f"r{nth}", (Role.RESPONDER,)) for nth in range(RESPONDERS)], stage)
    if watching:
        made.eye = Eye(scene, watching[0])
        made.others = [made.eye, *(Supervisor(scene, each) for each in watching[1:])]
    made.others += [Responder(scene, each, crew=crew) for each in calling]
    began = asyncio.get_running_loop().time()
    gate = asyncio.Semaphore(AT_ONCE)

    async def open_page(page: Page) -> None:
        async with gate:
            await page.open()

    await asyncio.gather(*(open_page(page) for page in made.pages))
    scene.took("all pages open", asyncio.get_running_loop().time() - began)

    async def be_ready(page: Counselor) -> None:
        async with gate:
            await duty.choose(stage.store, page.hired.staff_id, Choice.READY, None, clock.now())

    await asyncio.gather(*(be_ready(page) for page in made.counselors))
    await drills.until(lambda: _all_ready(made), "every counselor is ready", SETTLE_SECONDS_MAX)


async def _all_ready(made: Floor) -> bool:
    ready = await made.stage.value(
        "select count(*) from presence where centre_id = $1 and choice = 'ready' and is_connected",
        made.stage.centre.id,
    )
    return ready == len(made.counselors)


async def _at_once(wanted: Sequence[tuple[str, tuple[Role, ...]]], stage: Stage) -> list[Hired]:
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(name: str, roles: tuple[Role, ...]) -> Hired:
        async with gate:
            return await houses.hire(stage, name, *roles)

    return list(await asyncio.gather(*(one(name, roles) for name, roles in wanted)))


@asynccontextmanager
async def watched(made: Floor, meter: Meter) -> AsyncGenerator[Path]:
    """Around the part that counts: CPU, memory, and how quickly the service says that it is alive."""
    file = made.house.home / "alive.jsonl"
    asking = await asyncio.create_subprocess_exec(
        sys.executable, str(probe.__file__), str(made.house.port), str(file)
    )
    made.house.profile.touch()
    meter.begin()
    try:
        async with Crew() as crew:
            crew.keep("meter", meter.watch)
            crew.keep("database", made.look_at_database)
            yield file
            meter.end()
    finally:
        with suppress(ProcessLookupError):
            asking.send_signal(signal.SIGTERM)
        await asking.wait()


def alive(file: Path) -> tuple[list[float], int]:
    """How long each answer took, in seconds, and how many were none."""
    read = [orjson.loads(line) for line in file.read_bytes().splitlines()]
    return [took for _, status, took in read if status == 200], sum(status != 200 for _, status, _ in read)
