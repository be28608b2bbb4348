"""The house as processes of its own, as in production: one that serves, one that works.

Both are pinned to the servers' core, as the floors are; the clients have the other. PostgreSQL goes where it
likes, on both sides.
"""

import asyncio
import json
import shutil
import tempfile
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx2

from hotline.base.places import config_dir
from hotline.store.unit import Store
from hotline.store.vault import Vault
from tests.bench import children, databases, house
from tests.bench.children import Child
from tests.ports import free_port
from tests.processes import keys_of

BASE: Final = "http://bench"
TOKEN: Final = "bench-token-0123456789abcdef0123"
TWILIO: Final = {
    "HOTLINE_TELEPHONY__KIND": "twilio",
    "HOTLINE_TELEPHONY__ACCOUNT_SID": "AC" + "0" * 32,
    "HOTLINE_TELEPHONY__AUTH_TOKENS": json.dumps([TOKEN]),
    "HOTLINE_TELEPHONY__APPLICATION_SID": "AP" + "0" * 32,
    "HOTLINE_TELEPHONY__BASE_URL": "http://127.0.0.1:9",
}
"""Settings for a house whose webhooks are believed; nobody answers at the network's own address."""
READY_SECONDS_MAX: Final = 60.0
LOOK_SECONDS: Final = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Running processes by name, and where they serve."""

    children: Mapping[str, Child]
    port: int

    def pid(self, name: str) -> int:
        """For `Watch.process_ms`."""
        return self.children[name].pid


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Running processes, their database, and a store on it."""

    url: str
    store: Store
    standing: Standing


_lent: list[Place] = []


@contextmanager
def lending(place: Place) -> Generator[None]:
    """Whoever asks for a house gets this one: for small tries, in which starting takes longest."""
    _lent.append(place)
    try:
        yield
    finally:
        _lent.remove(place)


@asynccontextmanager
async def inhabited(*names: str, settings: Mapping[str, str] | None = None) -> AsyncGenerator[Place]:
    """A house on a database of its own, with everything that it needs to run."""
    for place in _lent:
        if {*names} <= place.standing.children.keys():
            yield place
            return
    async with (
        databases.fresh() as url,
        house.opened(url) as store,
        standing(url, store.vault, *names, settings=settings) as running,
    ):
        yield Place(url=url, store=store, standing=running)


@asynccontextmanager
async def standing(
    url: str, keys: Vault, *names: str, settings: Mapping[str, str] | None = None
) -> AsyncGenerator[Standing]:
    """`serve` and `work` (or one of them) on a database, ready; ended with the block."""
    home, port = Path(tempfile.mkdtemp(prefix="hotline-bench-")), free_port()
    environment = {**_environment(url, keys, home), **(settings or {})}
    try:
        async with AsyncExitStack() as doors:
            running = {
                name: await doors.enter_async_context(
                    children.child(
                        "process",
                        {"name": name, "port": port},
                        core=children.SERVER_CORE,
                        environment=environment,
                    )
                )
                for name in names
            }
            if "serve" in running:
                await _ready(port)
            yield Standing(children=running, port=port)
    finally:
        await asyncio.to_thread(shutil.rmtree, home)


def _environment(url: str, keys: Vault, home: Path) -> dict[str, str]:
    """The house's own configuration, but whoever has closed a record is free at once."""
    config = home / "config"
    shutil.copytree(config_dir(), config)
    queues = config / "queues.toml"
    queues.write_text(
        "\n".join(
            "wrap_up_seconds_min = 0" if line.startswith("wrap_up_seconds_min") else line
            for line in queues.read_text().splitlines()
        )
    )
    return {
        "DATABASE_URL": url,
        "HOTLINE_KEY_RING": keys_of(keys),
        "HOTLINE_HOME": str(home),
        "HOTLINE_CONFIG": str(config),
        "HOTLINE_WEB__PUBLIC_BASE": BASE,
    }


async def _ready(port: int) -> None:
    async with httpx2.AsyncClient(timeout=2, trust_env=False) as client, asyncio.timeout(READY_SECONDS_MAX):
        while True:
            try:
                if (await client.get(f"http://127.0.0.1:{port}/health/ready")).is_success:
                    return
            except httpx2.TransportError:
                pass
            await asyncio.sleep(LOOK_SECONDS)
