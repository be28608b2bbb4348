"""The database's disk is full under load, then its log cannot be written either; then there is room again.

A small library between the server and the system refuses whatever would make a file of the database longer
(`full_disk.c`, compiled on the spot). First callers and help-seekers are told to try again while nothing is
stored by half. Then the write-ahead log needs a new file: the server falls and cannot come up. With room
again an operator starts it, and everything goes on by itself.
"""

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from hotline.base.errors import Unreachable
from tests import database
from tests.drills import judged, newcomer
from tests.drills.floor import Floor, Size as Crowd, floor
from tests.drills.ground import Ground
from tests.drills.servers import Server, a_server
from tests.journeys.drills import AWAY, until

SOURCE = Path(__file__).parent / "full_disk.c"
COMPILER = "cc"
TOLD_SECONDS_MAX = 60.0
BACK_SECONDS_MAX = 60.0
LOG_FILES_MAX = 64
"""More than are kept for reuse: then a new one is needed."""
GONE = (*AWAY, Unreachable, asyncpg.PostgresError, asyncpg.InterfaceError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Who is there, how long the disk stays full, and how long the server is down after that."""

    crowd: Crowd
    full_seconds: float
    down_seconds: float


FAST = Size(crowd=Crowd(callers=3, writers=4, counselors=4), full_seconds=3.0, down_seconds=1.0)
LONG = Size(
    crowd=Crowd(callers=12, writers=12, counselors=8, in_danger=3), full_seconds=30.0, down_seconds=10.0
)


async def drill(ground: Ground, size: Size) -> None:
    """Full, fallen, room again."""
    if sys.platform != "linux":
        raise OSError("The library that plays a full disk is for Linux.")
    async with a_server() as server:
        disk = await Disk.between(server)
        async with floor(ground, size.crowd, standing_on=server.url) as busy:
            await busy.open(size.full_seconds)
            await until(lambda: newcomer.is_served(busy), "words are stored")
            await _full(busy, disk, size)
            await _fallen(busy, disk, size)
            disk.has_room()
            await server.start()
            await _goes_on(busy)
            await judged.the_living(busy)
            await judged.everybody(busy)


@dataclass(frozen=True, slots=True)
class Disk:
    """The disk of a server, full while `flag` is there."""

    server: Server
    flag: Path

    @classmethod
    async def between(cls, server: Server) -> "Disk":
        """Start a server anew with the library before the system's."""
        home = server.folder.parent
        library, flag = home / "full_disk.so", home / "disk-is-full"
        compiling = await asyncio.create_subprocess_exec(
            COMPILER, "-shared", "-fPIC", "-O1", "-o", str(library), str(SOURCE), "-ldl"
        )
        assert await compiling.wait() == 0, "no C compiler"
        library.chmod(0o755)
        await server.stop()
        await server.start(
            {"LD_PRELOAD": str(library), "FULL_FLAG": str(flag), "FULL_FOLDER": str(server.folder)}
        )
        return cls(server, flag)

    def is_full(self) -> None:
        """From now on nothing grows."""
        self.flag.touch(mode=0o644)

    def has_room(self) -> None:
        """Somebody has deleted what was not needed."""
        self.flag.unlink()


async def _full(busy: Floor, disk: Disk, size: Size) -> None:
    """Everybody is told to try again, and nobody that something was stored which was not."""
    ground, before = busy.ground, sum(len(writer.troubles) for writer in busy.writers)
    disk.is_full()
    ground.say("the disk is full")
    await until(lambda: newcomer.is_told_to_try_again(busy), "a newcomer is told", TOLD_SECONDS_MAX)
    await asyncio.sleep(size.full_seconds)
    troubles = [code for writer in busy.writers for code in writer.troubles]
    ground.shows("times that help-seekers were told to try again", len(troubles) - before)
    ground.wants("processes that ended by themselves", busy.house.fallen, [])


async def _fallen(busy: Floor, disk: Disk, size: Size) -> None:
    """The server needs another file for its log."""
    for _ in range(LOG_FILES_MAX):
        try:
            line = await database.connected(disk.server.url)
            await line.execute("select pg_logical_emit_message(false, 'drill', 'x'), pg_switch_wal()")
            await line.close()
        except GONE:
            if not disk.server.is_running:
                break
            await asyncio.sleep(0.1)
    busy.ground.shows(
        "the server stays up on a full disk", disk.server.is_running, is_good=not disk.server.is_running
    )
    await disk.server.die()
    await asyncio.sleep(size.down_seconds)


async def _goes_on(busy: Floor) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    await until(lambda: newcomer.is_served(busy), "words are stored again", BACK_SECONDS_MAX)
    busy.ground.shows(
        "seconds from the start of the server until a newcomer's words were stored",
        f"{loop.time() - began:.1f}",
    )
