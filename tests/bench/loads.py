"""Load from the other core: requests made beforehand, put on a server at full speed or at a pace."""

import tempfile
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench import children, load
from tests.bench.children import Child


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What came of a load; seconds of every answer in `took`."""

    seconds: float
    count: int
    took: Sequence[float]

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.count / self.seconds


@dataclass(frozen=True, slots=True)
class Load:
    """A process that loads `port`; `make(n)` gives n requests.

    Each is used once; with `again`, so many are made, and used again and again.
    """

    child: Child
    folder: Path
    port: int
    make: Callable[[int], list[bytes]]
    again: int

    async def full(self, connections: int, seconds: float, most: int) -> Loaded:
        """As fast as the server answers; `most` requests are made."""
        return await self._run(most, {"connections": connections, "seconds": seconds})

    async def paced(self, rate: float, seconds: float) -> Loaded:
        """So many a second, counted from when each was due."""
        return await self._run(int(rate * seconds) + 1, {"rate": rate, "seconds": seconds})

    async def _run(self, most: int, how: dict[str, Any]) -> Loaded:
        requests = load.keep(self.make(self.again or most), self.folder / "requests")
        told = {"port": self.port, "requests": str(requests), "again": bool(self.again), **how}
        done = await self.child.ask(told)
        assert not done["wrong"], f"{done['wrong']} of {done['count']} answers were wrong: {done['shown']}"
        return Loaded(seconds=done["seconds"], count=done["count"], took=done["took"])


@asynccontextmanager
async def loading(port: int, make: Callable[[int], list[bytes]], *, again: int = 0) -> AsyncGenerator[Load]:
    """A process on the clients' core."""
    with tempfile.TemporaryDirectory(prefix="hotline-load-") as folder:
        async with children.child("load", {}, core=children.CLIENT_CORE) as child:
            yield Load(child, Path(folder), port, make, again)
