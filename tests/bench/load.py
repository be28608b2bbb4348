"""A child that loads a server with requests made beforehand: as fast as it answers, or at a pace.

At a pace a request is counted from the moment at which it was due, whether or not a connection was free:
a server that falls behind shows it. Time is the machine's own: a uvloop's clock counts whole milliseconds.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import uvloop

from tests.bench import children
from tests.bench.wire import Wire

LENGTH_BYTES: Final = 4
PACED_CONNECTIONS: Final = 32
WRONG_MAX: Final = 3


@dataclass
class Taken:
    """Seconds of every answer, and the first wrong answers."""

    seconds: list[float] = field(default_factory=list[float])
    wrong: int = 0
    shown: list[str] = field(default_factory=list[str])


def keep(requests: list[bytes], path: Path) -> Path:
    """Requests in a file, each behind its length."""
    path.write_bytes(b"".join(len(each).to_bytes(LENGTH_BYTES, "big") + each for each in requests))
    return path


def _kept(path: Path) -> list[bytes]:
    data, at, found = path.read_bytes(), 0, list[bytes]()
    while at < len(data):
        length = int.from_bytes(data[at : at + LENGTH_BYTES], "big")
        found.append(data[at + LENGTH_BYTES : at + LENGTH_BYTES + length])
        at += LENGTH_BYTES + length
    return found


async def _ask(wire: Wire, request: bytes, since: float, taken: Taken) -> None:
    answer = await wire.ask(request)
    taken.seconds.append(perf_counter() - since)
    if not answer.is_good:
        taken.wrong += 1
        if len(taken.shown) < WRONG_MAX:
            taken.shown.append(f"{answer.status} {answer.body[:200]!r}")


async def _closed(wires: list[Wire], requests: Iterator[bytes], seconds: float) -> Taken:
    """Each connection asks again as soon as it has been answered."""
    taken = Taken()
    ends_at = perf_counter() + seconds

    async def ask_on(wire: Wire) -> None:
        while (since := perf_counter()) < ends_at:
            request = next(requests, None)
            if request is None:
                return
            await _ask(wire, request, since, taken)

    await asyncio.gather(*(ask_on(wire) for wire in wires))
    return taken


async def _paced(wires: list[Wire], requests: Iterator[bytes], seconds: float, rate: float) -> Taken:
    """So many a second, whatever the server does."""
    taken = Taken()
    free: asyncio.Queue[Wire] = asyncio.Queue()
    for wire in wires:
        free.put_nowait(wire)
    begins_at = perf_counter()

    async def ask(request: bytes, due: float) -> None:
        wire = await free.get()
        await _ask(wire, request, due, taken)
        free.put_nowait(wire)

    async with asyncio.TaskGroup() as asking:
        for nth in range(int(seconds * rate)):
            due = begins_at + nth / rate
            request = next(requests, None)
            if request is None:
                break
            await asyncio.sleep(due - perf_counter())
            asking.create_task(ask(request, due))
    return taken


async def _run(what: dict[str, Any]) -> dict[str, Any]:
    requests = _kept(Path(what["requests"]))
    supply = _again(requests) if what.get("again") else iter(requests)
    rate = what.get("rate")
    count = PACED_CONNECTIONS if rate else int(what["connections"])
    wires = [await Wire.open(what["port"]) for _ in range(count)]
    began = perf_counter()
    if rate:
        taken = await _paced(wires, supply, what["seconds"], rate)
    else:
        taken = await _closed(wires, supply, what["seconds"])
    took = perf_counter() - began
    for wire in wires:
        wire.close()
    return {"seconds": took, "count": len(taken.seconds), "wrong": taken.wrong, "shown": taken.shown,
            "took": taken.seconds}  # fmt: skip


def _again(requests: list[bytes]) -> Iterator[bytes]:
    while True:
        yield from requests


def main() -> None:
    """Load, as often as told."""
    children.told()
    children.say({"ready": True})
    while what := children.told():
        children.say(uvloop.run(_run(what)))


if __name__ == "__main__":
    main()
