"""The house as real processes: exchange, app and workers, started, killed with -9, started again."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from hotline.base.places import checkout
from hotline.store import vault
from hotline.store.vault import Vault
from tests.ports import free_port

ACCOUNT = "AC" + "0" * 31 + "1"
TOKEN = "practice-token-of-the-tests"
APPLICATION = "AP" + "0" * 31 + "1"
START_SECONDS = 120


def keys_of(ring: Vault) -> str:
    """The key file of a vault, so that other processes open what the test has sealed."""
    return vault.text_of(
        {
            "primary": ring.primary,
            "keys": {str(key): vault.encoded(value) for key, value in ring.keys.items()},
            "index_key": vault.encoded(ring.index_key),
        }
    )


@dataclass
class House:
    """Processes by name; `base` is the app, `exchange` the telephone network."""

    url: str
    keys: str
    home: Path
    number: str
    port: int = field(default_factory=free_port)
    exchange_port: int = field(default_factory=free_port)
    pace: float = 1.0
    running: dict[str, asyncio.subprocess.Process] = field(
        default_factory=dict[str, asyncio.subprocess.Process]
    )

    @property
    def members(self) -> tuple[str, ...]:
        """Every process of this house."""
        return ("exchange", "serve", "work")

    @property
    def base(self) -> str:
        """Where the app answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def exchange(self) -> str:
        """Where the exchange answers."""
        return f"http://127.0.0.1:{self.exchange_port}"

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("HOTLINE_")}
        return kept | {
            "DATABASE_URL": self.url,
            "HOTLINE_KEY_RING": self.keys,
            "HOTLINE_HOME": str(self.home),
            "HOTLINE_WEB__PORT": str(self.port),
            "HOTLINE_WEB__PUBLIC_BASE": self.base,
            "HOTLINE_TELEPHONY__KIND": "twilio",
            "HOTLINE_TELEPHONY__ACCOUNT_SID": ACCOUNT,
            "HOTLINE_TELEPHONY__AUTH_TOKENS": json.dumps([TOKEN]),
            "HOTLINE_TELEPHONY__APPLICATION_SID": APPLICATION,
            "HOTLINE_TELEPHONY__BASE_URL": self.exchange,
            "HOTLINE_TELEPHONY__FROM_NUMBER": self.number,
            "PYTHONUNBUFFERED": "1",
            "PYTHONDONTWRITEBYTECODE": "",  # a start without compiled modules costs seconds
        }

    def command(self, name: str) -> list[str]:
        """What Python is told in order to be `exchange`, `serve` or `work`."""
        return {
            "exchange": ["-m", "hotline.practice", "--port", str(self.exchange_port), "--account", ACCOUNT,
                         "--auth-token", TOKEN, "--pace", str(self.pace), "--speech-seconds", "0.1",
                         "--number", f"{self.number}={self.base}/t/arrive||{self.base}/t/ended",
                         "--app", f"{APPLICATION}={self.base}/t/client||{self.base}/t/ended"],
            "serve": ["-m", "hotline", "serve"],
            "work": ["-m", "hotline", "work"],
        }[name]  # fmt: skip

    def environment_of(self, name: str) -> dict[str, str]:
        """The environment of a process; the same for all of them, in a house of one of each."""
        _ = name
        return self._environment()

    def door(self, name: str) -> str | None:
        """Where it shows that a process is ready; workers have no door."""
        doors = {"exchange": f"{self.exchange}/practice/state", "serve": f"{self.base}/health/ready"}
        return doors.get(name)

    async def start_all(self) -> None:
        """Start every process; if one of them does not come up, no other is left half started."""
        async with asyncio.TaskGroup() as starting:
            for name in self.members:
                starting.create_task(self.start(name))

    async def start(self, name: str) -> None:
        """Start `exchange`, `serve` or `work`, and wait until it answers."""
        with (self.home / f"{name}.log").open("ab") as log:
            self.running[name] = await asyncio.create_subprocess_exec(
                sys.executable, *self.command(name), env=self.environment_of(name), cwd=checkout(),
                stdout=log, stderr=log,
            )  # fmt: skip
        if address := self.door(name):
            await self._answers(address, name)

    async def kill(self, name: str) -> None:
        """End a process as a power cut would."""
        process = self.running.pop(name)
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
        await process.wait()

    async def stop(self) -> None:
        """End everything."""
        for name in list(self.running):
            await self.kill(name)

    async def _answers(self, address: str, name: str) -> None:
        async with httpx2.AsyncClient(timeout=2) as client, asyncio.timeout(START_SECONDS):
            while True:
                assert self.running[name].returncode is None, (self.home / f"{name}.log").read_text()[-2000:]
                try:
                    if (await client.get(address)).is_success:
                        return
                except httpx2.TransportError:
                    pass
                await asyncio.sleep(0.05)


@asynccontextmanager
async def standing(house: House) -> AsyncGenerator[House]:
    """Exchange, app and workers running; all ended afterwards."""
    try:
        await house.start_all()
        yield house
    finally:
        await house.stop()
