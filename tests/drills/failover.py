"""The primary dies under load and its standby is promoted; the house goes on without a restart.

Every commit waits for the standby (`synchronous_standby_names`), so that whatever was acknowledged is there
afterwards. The nodes know both servers from the start, by a URL with several hosts. The primary either dies
at once, or freezes with its sockets open, as a machine does whose disk hangs or whose network is cut.
"""

import asyncio
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal

from tests import database
from tests.drills import judged, newcomer
from tests.drills.floor import Floor, Size as Crowd, floor
from tests.drills.ground import Ground
from tests.drills.servers import SYNCHRONOUS, Server, a_server, standby_of
from tests.journeys.drills import until
from tests.ports import free_port

BACK_SECONDS_MAX = 60.0
FOLLOWING = "select count(*) from pg_stat_replication where sync_state in ('sync', 'quorum')"
How = Literal["killed", "frozen"]
SIGNALS = {"killed": signal.SIGKILL, "frozen": signal.SIGSTOP}


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Who is there, how the primary goes, and how long it takes until somebody promotes the standby."""

    crowd: Crowd
    ways: tuple[How, ...]
    busy_seconds: float
    away_seconds: float


FAST = Size(
    crowd=Crowd(callers=3, writers=4, counselors=4), ways=("killed",), busy_seconds=1.5, away_seconds=1.0
)
LONG = Size(
    crowd=Crowd(callers=12, writers=12, counselors=8, in_danger=3, works=2),
    ways=("killed", "frozen"),
    busy_seconds=8.0,
    away_seconds=6.0,
)


@dataclass(frozen=True, slots=True)
class Pair:
    """A primary and the standby that has everything."""

    primary: Server
    standby: Server

    @property
    def url(self) -> str:
        """Whichever of the two is the primary."""
        hosts = f"{self.primary.folder},127.0.0.1:{self.standby.port}"
        return f"postgresql://postgres@/postgres?host={hosts}&target_session_attrs=read-write"


@asynccontextmanager
async def pair() -> AsyncGenerator[Pair]:
    """Both running; no commit is acknowledged before the standby has it on its disk."""
    async with a_server() as primary, standby_of(primary, free_port()) as standby:
        line = await database.connected(primary.url)
        await line.execute(f"alter system set synchronous_standby_names = '{SYNCHRONOUS}'")
        await line.execute("select pg_reload_conf()")
        await until(lambda: line.fetchval(FOLLOWING), "the standby follows")
        await line.close()
        yield Pair(primary, standby)


async def drill(ground: Ground, size: Size) -> None:
    """Once for every way to go."""
    for how in size.ways:
        (ground.home / how).mkdir()
        within = Ground(seed=ground.seed, home=ground.home / how, rows=ground.rows)
        async with pair() as servers, floor(within, size.crowd, standing_on=servers.url) as busy:
            await busy.open(size.busy_seconds)
            await asyncio.sleep(size.busy_seconds)
            await _fails_over(busy, servers, how, size)
            await judged.the_living(busy)
            await judged.everybody(busy)


async def _fails_over(busy: Floor, servers: Pair, how: How, size: Size) -> None:
    loop, ground = asyncio.get_running_loop(), busy.ground
    began = loop.time()
    servers.primary.all_get(SIGNALS[how])
    ground.say(f"the primary is {how}")
    await asyncio.sleep(size.away_seconds)
    await servers.standby.promote()
    promoted = loop.time()
    ground.say("the standby is promoted")
    await until(lambda: newcomer.is_served(busy), "words are stored again", BACK_SECONDS_MAX)
    ground.shows(
        f"the primary was {how}: seconds to the promotion, then until a newcomer's words were stored",
        f"{promoted - began:.1f}, {loop.time() - promoted:.1f}",
    )
    ground.wants("processes that ended by themselves", busy.house.fallen, [])
