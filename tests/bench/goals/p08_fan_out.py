"""P8 and P9: one event to a thousand screens, beside `websockets.broadcast`; and with some that read nothing.

The floor buffers without bound for who does not read; the house holds a bound for each and cuts them. P9 is
measured against itself with nobody stalled: the others must not notice.
"""

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from tests.bench import children
from tests.bench.children import Child
from tests.bench.goal import Bound, Figures, Goal, Measure, Size
from tests.bench.meter import Watch

MESSAGES: Final = 200_000
"""Of one burst, over all sockets."""
PACE: Final = 10_000.0
"""Messages a second, over all sockets."""
DEAF_SHARE: Final = 100
DEAF_MIN: Final = 2
STALL_ROUNDS: Final = 400
"""More than a deaf client's way holds before its line is full."""
STALL_SECONDS: Final = 10.0
"""Of the pace, while some read nothing: until they have been let go of."""
PATIENCE_SECONDS: Final = 40.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Hall:
    """A server, and a process with sockets that listen to it."""

    fan: Child
    ears: Child
    count: int
    socket_kb: float

    async def hear(
        self, watch: Watch, rounds: int, *, every: float = 0.0, looks: bool = False
    ) -> dict[str, Any]:
        """Send so many events, metered, and wait until all have come; look at what is unsent, if told to."""
        await self.ears.ask({"do": "begin", "stamped": every > 0, "awaited": self.count * rounds})
        with watch:
            sent = await self.fan.ask({"do": "send", "rounds": rounds, "every": every, "looks": looks})
            heard = await self.ears.ask({"do": "all", "seconds": PATIENCE_SECONDS})
        return {**sent, **heard}

    async def deafen(self, count: int) -> None:
        """So many more clients that read nothing, in the place of those that there were."""
        await self.ears.ask({"do": "deafen", "count": count})


@asynccontextmanager
async def hall(kind: str, count: int) -> AsyncGenerator[Hall]:
    """Server and listeners, each on its own core."""
    serving = {"kind": kind, "sockets": count + 500}
    async with children.child("fan", serving, core=children.SERVER_CORE) as fan:
        before = await fan.ask({"do": "state"})
        listening = {"port": fan.ready["port"], "count": count}
        async with children.child("ears", listening, core=children.CLIENT_CORE) as ears:
            after = await fan.ask({"do": "state"})
            assert after["open"] == count
            yield Hall(
                fan=fan, ears=ears, count=count, socket_kb=(after["rss"] - before["rss"]) / count / 1024
            )


def side(kind: str, count: int) -> Callable[[Size], AbstractAsyncContextManager[Measure]]:
    """A burst as fast as it goes, then a pace."""

    @asynccontextmanager
    async def made(size: Size) -> AsyncGenerator[Measure]:
        async with hall(kind, size.count(count, 20)) as one:
            rounds = max(1, size.count(MESSAGES, 200) // one.count)
            every = one.count / PACE

            async def measure(watch: Watch) -> Figures:
                with Watch() as part:
                    burst = await one.hear(watch, rounds)
                assert burst["least"] == rounds, burst
                paced = await one.hear(watch, max(2, int(size.seconds / every)), every=every)
                return {
                    "rate": rounds * one.count / (burst["at"] - burst["began"]),
                    "server_us": 1000 * part.process_ms(one.fan.pid) / rounds / one.count,
                    "p50_ms": paced["p50_ms"],
                    "p99_ms": paced["p99_ms"],
                    "socket_kb": one.socket_kb,
                    "encodes": burst["encoded"] / rounds,
                }

            yield measure

    return made


def stalled(*, deaf: bool) -> Callable[[Size], AbstractAsyncContextManager[Measure]]:
    """A pace after a burst, with or without clients that read nothing; only the pace is timed.

    The burst fills the lines of the deaf, who then stand in the way until they are let go of.
    """

    @asynccontextmanager
    async def made(size: Size) -> AsyncGenerator[Measure]:
        async with hall("house", size.count(1000, 20)) as one:
            deaf_count = max(DEAF_MIN, one.count // DEAF_SHARE) if deaf else 0
            every = one.count / PACE
            seconds = max(size.seconds, STALL_SECONDS * min(1.0, size.share)) if deaf else size.seconds
            rounds = max(2, int(seconds / every))

            async def measure(watch: Watch) -> Figures:
                await one.deafen(deaf_count)
                burst = await one.hear(watch, STALL_ROUNDS)
                heard = await one.hear(watch, rounds, every=every, looks=True)
                state = await one.fan.ask({"do": "state"})
                return {
                    "p50_ms": heard["p50_ms"],
                    "p99_ms": heard["p99_ms"],
                    "delivered": (burst["least"] + heard["least"]) / (STALL_ROUNDS + rounds),
                    "cut": len(state["left"]) / deaf_count if deaf else 1.0,
                    "cut_s": max(state["left"], default=0.0),
                    "kept_mb": state["unsent"] / 1e6,
                }

            yield measure

    return made


def _bounds(house: str, floor: str) -> tuple[Bound, ...]:
    return (
        Bound("messages/s", "rate", side=house, against=floor, passes=0.6, stretch=0.9, is_more_better=True),
        Bound("p99 at 10,000/s", "p99_ms", side=house, against=floor, passes=1.6, unit="ms"),
        Bound("memory per socket", "socket_kb", side=house, passes=32, unit="kB"),
        Bound("server's CPU per message", "server_us", side=house, against=floor, unit="us"),
        Bound("encodes per event", "encodes", side=house, passes=1),
    )


GOALS = (
    Goal(
        id="P8",
        sentence="An event of 500 bytes to 1,000 sockets, each with its bound.",
        sides={"broadcast": side("floor", 1000), "house": side("house", 1000)},
        bounds=_bounds("house", "broadcast"),
        is_quick=True,
    ),
    Goal(
        id="P8b",
        sentence="An event of 500 bytes to 5,000 sockets, each with its bound.",
        sides={"broadcast": side("floor", 5000), "house": side("house", 5000)},
        bounds=_bounds("house", "broadcast"),
    ),
    Goal(
        id="P9",
        sentence="One in a hundred clients reads nothing: the other 1,000 do not notice.",
        sides={"calm": stalled(deaf=False), "house": stalled(deaf=True)},
        bounds=(
            Bound("delivered to the others", "delivered", passes=1, is_more_better=True),
            Bound("p99 of the others", "p99_ms", against="calm", passes=1.2, unit="ms"),
            Bound("kept for a stalled client", "kept_mb", passes=1, unit="MB"),
            Bound("stalled clients let go", "cut", passes=1, is_more_better=True),
            Bound("let go, after falling behind", "cut_s", passes=10, unit="s"),
        ),
        is_quick=True,
        rounds=2,
    ),
)
