"""Database servers of one's own: standbys, base backups, an archive, and what a machine does to them.

Everything is done with the programs that come with the embedded server, as an operator would do it with those
of the system. The folder of a server is where its data and its unix socket are.
"""

import asyncio
import os
import pwd
import shutil
import signal
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from hotline.store import embedded
from tests.journeys.server import SYSTEM_USER, own_server

PROGRAM_SECONDS_MAX = 120
GONE_SECONDS_MAX = 30
SYNCHRONOUS = "ANY 1 (*)"
LOG = "log"


@dataclass(frozen=True, slots=True)
class Server:
    """A server, running or not; `port` if it listens on loopback too."""

    folder: Path
    programs: Path
    port: int | None = None

    @property
    def url(self) -> str:
        """Its one database, over its unix socket."""
        return f"postgresql://postgres@/postgres?host={self.folder}"

    async def run(self, program: str, *arguments: str, environment: Mapping[str, str] | None = None) -> None:
        """Run one of the server's programs as the server's user, to its end."""
        said = self.folder.parent / f"{program}.said"
        with said.open("wb") as output:
            process = await asyncio.create_subprocess_exec(
                str(self.programs / program), *arguments, stdout=output, stderr=output,
                cwd=self.folder.parent, env={**os.environ, **(environment or {})},
                user=SYSTEM_USER if os.geteuid() == 0 else None,
            )  # fmt: skip
            async with asyncio.timeout(PROGRAM_SECONDS_MAX):
                code = await process.wait()
        assert code == 0, f"{program}: {said.read_text()[-2000:]}{self._log()[-2000:]}"

    async def start(self, environment: Mapping[str, str] | None = None) -> None:
        """Start it, and wait until it answers."""
        listens = f"-h 127.0.0.1 -p {self.port}" if self.port else "-h ''"
        await self.run(
            "pg_ctl", "start", "-D", str(self.folder), "-w", "-l", str(self.folder / LOG),
            "-o", f"{listens} -k {self.folder}", environment=environment,
        )  # fmt: skip

    async def stop(self) -> None:
        """Stop it as an operator does."""
        await asyncio.to_thread(embedded.stop, self.folder)

    async def promote(self) -> None:
        """Make a primary of a standby."""
        await self.run("pg_ctl", "promote", "-D", str(self.folder), "-w")

    def all_get(self, number: signal.Signals) -> None:
        """Every process of the server gets this signal, the postmaster first."""
        for process in self._processes():
            with suppress(psutil.NoSuchProcess):  # it has ended by itself meanwhile
                process.send_signal(number)

    async def die(self) -> None:
        """All of it at once, as when the power is cut; its processes are gone afterwards."""
        processes = self._processes()
        for process in processes:
            with suppress(psutil.NoSuchProcess):  # it has ended by itself meanwhile
                process.kill()
        await asyncio.to_thread(psutil.wait_procs, processes, GONE_SECONDS_MAX)

    @property
    def is_running(self) -> bool:
        """Whether its postmaster is there."""
        return bool(self._processes())

    def _processes(self) -> list[psutil.Process]:
        file = self.folder / "postmaster.pid"
        try:
            postmaster = psutil.Process(int(file.read_text().split()[0]))
            return [postmaster, *postmaster.children(recursive=True)]
        except (FileNotFoundError, psutil.NoSuchProcess):
            return []

    def _log(self) -> str:
        file = self.folder / LOG
        return file.read_text(errors="replace") if file.exists() else ""


@asynccontextmanager
async def a_server(*settings: str) -> AsyncGenerator[Server]:
    """A fresh server with a migrated database, started anew with these settings."""
    async with own_server() as own:
        server = Server(own.folder, own.programs)
        try:
            if settings:
                await server.stop()
                with (server.folder / "postgresql.auto.conf").open("a") as file:
                    file.writelines(f"{setting}\n" for setting in settings)
                await server.start()
            yield server
        finally:
            server.all_get(signal.SIGCONT)
            await server.stop()


def own_folder(beside: Server, name: str) -> Path:
    """An empty folder of the server's user, beside the server's own."""
    folder = beside.folder.parent / name
    folder.mkdir(mode=0o700)
    if os.geteuid() == 0:
        user = pwd.getpwnam(SYSTEM_USER)
        os.chown(folder, user.pw_uid, user.pw_gid)
    return folder


async def base_backup(of: Server, folder: Path, *options: str) -> None:
    """A copy of a running server."""
    await of.run(
        "pg_basebackup", "-h", str(of.folder), "-U", "postgres", "-D", str(folder), "-c", "fast",
        "-X", "stream", *options,
    )  # fmt: skip
    await asyncio.to_thread(_without_socket, folder)


def _without_socket(folder: Path) -> None:
    """The socket of a server lies among its data here, and the socket's lock is copied with them."""
    for left in folder.glob(".s.PGSQL.*"):
        left.unlink()


@asynccontextmanager
async def standby_of(primary: Server, port: int) -> AsyncGenerator[Server]:
    """A standby that follows over the primary's socket, and listens on loopback."""
    folder = own_folder(primary, "standby")
    await base_backup(primary, folder, "-R")
    standby = Server(folder, primary.programs, port)
    await standby.start()
    try:
        yield standby
    finally:
        await standby.stop()
        await asyncio.to_thread(shutil.rmtree, folder)
