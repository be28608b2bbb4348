"""A house of several nodes: any number of `serve` and `work`, an exchange, and a fallback at the provider.

Processes are named `serve-1`, `serve-2`, `work-1` ... Requests reach them through a balancer. A drill may
give a single node an environment of its own, or another program to be started with.
"""

import asyncio
import signal
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from hotline.base.places import config_dir
from hotline.carriers.twilio.render import fallback
from hotline.policy import phrases, settings
from tests.drills.balancer import Balancer, balanced
from tests.journeys.drills import DrillHouse, until
from tests.ports import free_port
from tests.processes import ACCOUNT, APPLICATION, TOKEN
from tests.stage import Stage

POOL_SIZE_MAX = 8
"""Connections of one node; the test server has a hundred for everybody."""
FALLBACK_SAYS = "线路暂时有故障"
XML = "text/xml"


@dataclass
class Nodes(DrillHouse):
    """Any number of nodes behind a balancer, which listens on `port`."""

    serves: int = 1
    works: int = 1
    bin_url: str = ""
    """Where the provider keeps the document for the hour in which nobody here answers."""
    calls_per_second: int = 100
    own: dict[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    """A node's own environment."""
    entry: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    """What a node is started with instead of `-m hotline`."""
    ports: dict[str, int] = field(default_factory=dict[str, int])

    def __post_init__(self) -> None:
        """Give each `serve` a port of its own."""
        self.ports = {name: free_port() for name in self.serving}

    @property
    def serving(self) -> list[str]:
        """The nodes that answer requests."""
        return [f"serve-{nth + 1}" for nth in range(self.serves)]

    @property
    def working(self) -> list[str]:
        """The nodes that run workers."""
        return [f"work-{nth + 1}" for nth in range(self.works)]

    @property
    def members(self) -> tuple[str, ...]:
        """Every process of this house."""
        return ("exchange", *self.serving, *self.working)

    def command(self, name: str) -> list[str]:
        """What Python is told."""
        if name == "exchange":
            return [
                *("-m", "hotline.practice", "--port", str(self.exchange_port), "--account", ACCOUNT),
                *("--auth-token", TOKEN, "--pace", str(self.pace), "--speech-seconds", "0.1"),
                *("--number", f"{self.number}={self.base}/t/arrive|{self.bin_url}|{self.base}/t/ended"),
                *("--app", f"{APPLICATION}={self.base}/t/client||{self.base}/t/ended"),
            ]
        kind = name.partition("-")[0]
        return [*self.entry.get(name, ["-m", "hotline"]), kind]

    def environment_of(self, name: str) -> dict[str, str]:
        """The house's, and what is this node's alone."""
        common = super().environment_of(name) | {
            "HOTLINE_DATABASE__POOL_SIZE_MAX": str(POOL_SIZE_MAX),
            "HOTLINE_PRACTICE_CALLS_PER_SECOND": str(self.calls_per_second),
        }
        if name in self.ports:
            common["HOTLINE_WEB__PORT"] = str(self.ports[name])
        return {**common, **self.own.get(name, {})}

    def door(self, name: str) -> str | None:
        """Where it shows that a process is ready."""
        if name in self.ports:
            return f"http://127.0.0.1:{self.ports[name]}/health/ready"
        return super().door(name)

    def pause(self, name: str) -> None:
        """Freeze a process in the middle of whatever it does."""
        self.running[name].send_signal(signal.SIGSTOP)

    def wake(self, name: str) -> None:
        """Let it go on as if nothing had been."""
        self.running[name].send_signal(signal.SIGCONT)


@asynccontextmanager
async def fallback_bin(stage: Stage) -> AsyncGenerator[str]:
    """The address of what `hotline fallback` prints for the stage's line, kept where nothing of ours runs."""
    web = settings.load(config_dir()).web
    words = phrases.load(config_dir() / "phrases", web.emergency_numbers, "zh")
    document = fallback(stage.voice_line, words.say).encode()
    head = f"HTTP/1.1 200 OK\r\ncontent-type: {XML}\r\ncontent-length: {len(document)}\r\n"

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"{head}connection: close\r\n\r\n".encode() + document)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/bin"
    finally:
        server.close()


@asynccontextmanager
async def standing(house: Nodes) -> AsyncGenerator[Balancer]:
    """Everything running behind its balancer; all ended afterwards."""
    async with balanced(house.port, list(house.ports.values())) as balancer:
        try:
            await house.start_all()
            await until(balancer.is_complete, "every node is well")
            yield balancer
        finally:
            await house.stop()
