"""P3 and P3b: a voice webhook that begins a contact, and those that commit nothing new.

P3: the house answers `/t/arrive` of a call it has not heard of: form, signature, line, contact and leg with
the number sealed, journal, and the document in the line's language. Its floor W1 reads a form, checks one
HMAC, commits one contact and one event, and answers a constant.

P3b: `/t/ended` with the progress of a call (form and signature, nothing to write), and `/t/arrive` of a call
that is known (answered from its state). Their floor W0 is an empty POST.
"""

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Final

from hotline.base import clock
from hotline.flow import call
from tests import stage as stages
from tests.bench import house, houses, loads, webhooks
from tests.bench.figures import in_ms
from tests.bench.floors import web
from tests.bench.goal import Bound, Figures, Goal, Measure, Size
from tests.bench.loads import Load
from tests.bench.meter import Watch
from tests.bench.wire import request
from tests.flow.calls import ring
from tests.stage import Stage

CONNECTIONS: Final = 32
PACE: Final = 100.0
RATE_MAX: Final = 3000
ONE_RATE_MAX: Final = 1500
"""So many new calls a second are made beforehand, for many connections and for one; a server that answers
more is measured until there are none left."""

KNOWN: Final = tuple(f"CA{nth:032x}" for nth in range(200))
"""Calls that are asked about again; many, because requests about one call wait for each other."""

Make = Callable[[int], list[bytes]]


async def warmed(load: Load, size: Size) -> None:
    """Before the first round."""
    await load.full(CONNECTIONS, size.warm_seconds, int(size.warm_seconds * RATE_MAX))


async def measured(load: Load, pid: int, watch: Watch, size: Size) -> Figures:
    """One connection, many connections, and a pace; CPU is that of the server and of PostgreSQL."""
    with watch:
        one = await load.full(1, size.seconds / 2, int(size.seconds * ONE_RATE_MAX / 2))
    with watch, Watch() as part:
        many = await load.full(CONNECTIONS, size.seconds, int(size.seconds * RATE_MAX))
    with watch:
        paced = await load.paced(PACE, size.seconds * 2)
    return {
        "rate": many.rate,
        "cpu_ms": part.served_ms([pid]) / many.count,
        "one_rate": one.rate,
        **in_ms(many.took, "many_"),
        **in_ms(paced.took, "paced_"),
    }


def floor(make: Make) -> Callable[[Size], AbstractAsyncContextManager[Measure]]:
    """A route of the bare app."""

    @asynccontextmanager
    async def made(size: Size) -> AsyncGenerator[Measure]:
        async with (
            web.floors(houses.TOKEN) as app,
            loads.loading(app.ready["port"], make, again=1) as load,
        ):
            await warmed(load, size)

            async def measure(watch: Watch) -> Figures:
                return await measured(load, app.pid, watch, size)

            yield measure

    return made


def side(
    make: Callable[[Stage], Make], *, again: int = 0, knows: bool = False
) -> Callable[[Size], AbstractAsyncContextManager[Measure]]:
    """The house's own process, `hotline serve`."""

    @asynccontextmanager
    async def made(size: Size) -> AsyncGenerator[Measure]:
        async with houses.inhabited("serve", settings=houses.TWILIO) as place:
            stage = await house.founded(place.store, stages.policies_of_the_house())
            if knows:
                for sid in KNOWN:
                    await call.arrive(place.store, ring(stage, sid), clock.now())
            async with loads.loading(place.standing.port, make(stage), again=again) as load:
                await warmed(load, size)

                async def measure(watch: Watch) -> Figures:
                    return await measured(load, place.standing.pid("serve"), watch, size)

                yield measure

    return made


def _w0(_count: int) -> list[bytes]:
    return [request("POST", "/w0")]


def _w1(_count: int) -> list[bytes]:
    return [webhooks.arrival("/w1", "+861012356")]


def _new(stage: Stage) -> Make:
    return lambda count: [webhooks.arrival("/t/arrive", stage.voice_line.address) for _ in range(count)]


def _known(stage: Stage) -> Make:
    return lambda _count: [webhooks.arrival("/t/arrive", stage.voice_line.address, sid) for sid in KNOWN]


def _ping(stage: Stage) -> Make:
    fields = {"CallSid": "CA" + "2" * 32, "From": "+8613800138000", "To": stage.voice_line.address}
    return lambda _count: [webhooks.posted("/t/ended", **fields, SequenceNumber="1")]


GOALS = (
    Goal(
        id="P3",
        sentence="A voice webhook of a new call: form, signature, durable contact, document.",
        sides={"W1": floor(_w1), "house": side(_new)},
        bounds=(
            Bound(
                "calls/s, 32 connections", "rate", against="W1", passes=0.5, stretch=0.7, is_more_better=True
            ),
            Bound("p99 at 100/s", "paced_p99_ms", against="W1", passes=1.5, unit="ms"),
            Bound("calls/s, 1 connection", "one_rate", against="W1", is_more_better=True),
            Bound("CPU per call", "cpu_ms", against="W1", unit="ms"),
        ),
        is_quick=True,
    ),
    Goal(
        id="P3b",
        sentence="Webhooks that commit nothing: the progress of a call, and a call that is known.",
        sides={
            "W0": floor(_w0),
            "house": side(_ping, again=1),
            "again": side(_known, again=len(KNOWN), knows=True),
        },
        bounds=(
            Bound("CPU per progress", "cpu_ms", against="W0", passes=2.0, unit="ms"),
            Bound("p99 of progress, 32 connections", "many_p99_ms", against="W0", passes=2.0, unit="ms"),
            Bound("CPU per known call", "cpu_ms", side="again", against="W0", passes=2.0, unit="ms"),
            Bound("p99 of a known call", "many_p99_ms", side="again", against="W0", passes=2.0, unit="ms"),
            Bound("p99 at 100/s", "paced_p99_ms", against="W0", unit="ms"),
        ),
    ),
)
