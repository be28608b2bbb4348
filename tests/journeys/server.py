"""A database server of one's own, to be restarted under load: the embedded one, in a short folder."""

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from hotline.base.places import checkout
from hotline.store import embedded

RESTART_SECONDS_MAX = 60
MIGRATE_SECONDS_MAX = 60
SYSTEM_USER = "embedded_postgres"
"""As whom the server runs where we are root."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server; its data lie in `folder`."""

    folder: Path

    @property
    def url(self) -> str:
        """Its one database, over its unix socket."""
        return f"postgresql://postgres:@/postgres?host={self.folder}"

    @property
    def programs(self) -> Path:
        """Where the server's own programs lie: the first word of how it was started."""
        return Path((self.folder / "postmaster.opts").read_text().split()[0]).parent

    async def restart(self, mode: str) -> None:
        """Stop it (`fast` cuts every connection, `immediate` is a crash) and start it again."""
        folder, log = str(self.folder), self.folder / "log"
        restarted = await asyncio.create_subprocess_exec(
            str(self.programs / "pg_ctl"), "restart", "-D", folder, "-m", mode, "-w", "-l", str(log),
            cwd=folder, stdout=asyncio.subprocess.DEVNULL, user=SYSTEM_USER if os.geteuid() == 0 else None,
        )  # fmt: skip
        async with asyncio.timeout(RESTART_SECONDS_MAX):
            code = await restarted.wait()
        assert code == 0, await asyncio.to_thread(log.read_text)


@asynccontextmanager
async def own_server() -> AsyncGenerator[Server]:
    """A fresh server with a migrated database; stopped, and its folder removed, at the end.

    `hotline migrate` starts it, so that this process keeps nothing that outlives the folder.
    """
    home = Path(tempfile.mkdtemp(prefix="hotline-"))
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HOTLINE_")}
    kept.pop("DATABASE_URL", None)
    try:
        migrating = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "hotline", "migrate",
            env=kept | {"HOTLINE_HOME": str(home)}, cwd=checkout(), stdout=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            assert await migrating.wait() == 0
        finally:  # also when broken off: a server that is being started must be there to be stopped
            async with asyncio.timeout(MIGRATE_SECONDS_MAX):
                await migrating.wait()
        yield Server(home / "pg")
    finally:
        await asyncio.to_thread(embedded.stop, home / "pg")
        await asyncio.to_thread(shutil.rmtree, home)
