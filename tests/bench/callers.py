"""A child that lives lives over HTTP: one request after the other, at full speed or at a pace.

The bare app: `POST /contacts`, `POST /offers`, `POST …/acceptance`, `POST …/end`. The house: a chat is opened
(the form), its offer is made by the house's own dispatcher, the counselor accepts, hangs up, writes the
record and closes it, each with the counselor's own cookie. Which offer was made is read from the table every
few milliseconds: how soon a page shows it is P4's matter.
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Final

import orjson
import uvloop

from tests import database
from tests.bench import children
from tests.bench.wire import Answer, Wire, request

AT_ONCE: Final = 16
LOOK_SECONDS: Final = 0.003
JSON: Final = "application/json"
OFFERS: Final = "select id, contact_id, staff_id from offer where state = 'pending'"

OPEN: Final = orjson.dumps(
    {"language": "zh", "safe_now": "yes", "age_band": "30-44", "notice_version": "NOTICE"}
)
RECORD: Final = orjson.dumps({"disposition": "wrong_number"})

Life = Callable[[Wire], Coroutine[Any, Any, None]]


@dataclass
class Taken:
    """Seconds of every request and of every life."""

    requests: list[float] = field(default_factory=list[float])
    lives: list[float] = field(default_factory=list[float])

    async def ask(self, wire: Wire, what: bytes) -> Answer:
        """One request; its answer, which must be a good one."""
        since = perf_counter()
        answer = await wire.ask(what)
        self.requests.append(perf_counter() - since)
        assert answer.is_good, f"{answer.status} {answer.body[:300]!r} to {what[:80]!r}"
        return answer


@dataclass
class Bare:
    """Lives on the bare app."""

    taken: Taken

    async def live(self, wire: Wire) -> None:
        """Four requests."""
        ask = self.taken.ask
        await ask(wire, request("POST", "/contacts"))
        made = orjson.loads((await ask(wire, request("POST", "/offers"))).body)
        contact, counselor = made["contact"], made["counselor"]
        accepted = f"/contacts/{contact}/acceptance?counselor={counselor}&offer={made['offer']}"
        await ask(wire, request("POST", accepted))
        await ask(wire, request("POST", f"/contacts/{contact}/end?counselor={counselor}"))

    async def watch(self) -> None:
        """Nothing to watch."""


@dataclass
class House:
    """Lives in the house; `cookies` by staff id, `slug` of the chat's entrance."""

    taken: Taken
    url: str
    slug: str
    notice: str
    cookies: dict[str, str]
    _offers: dict[str, asyncio.Future[Any]] = field(default_factory=dict[str, "asyncio.Future[Any]"])

    async def live(self, wire: Wire) -> None:
        """Five requests, and an offer by the house's own dispatcher."""
        ask = self.taken.ask
        body = OPEN.replace(b"NOTICE", self.notice.encode())
        opened = await ask(wire, request("POST", f"/api/chat/{self.slug}/contacts", body=body, kind=JSON))
        contact = orjson.loads(opened.body)["contact_id"]
        offered = self._offers[contact] = asyncio.get_running_loop().create_future()
        offer = await offered
        cookie = f"hotline={self.cookies[str(offer['staff_id'])]}"
        took = await ask(wire, request("POST", f"/api/offers/{offer['id']}/acceptance", cookie=cookie))
        session = f"/api/sessions/{orjson.loads(took.body)['session_id']}"
        await ask(wire, request("POST", f"/api/contacts/{contact}/hang-up", cookie=cookie))
        await ask(wire, request("PUT", f"{session}/record", body=RECORD, kind=JSON, cookie=cookie))
        await ask(wire, request("POST", f"{session}/closure", cookie=cookie))

    async def watch(self) -> None:
        """Tell every life which offer was made for it; until cancelled."""
        connection = await database.connected(self.url)
        try:
            while True:
                rows = await connection.fetch(OFFERS) if self._offers else []
                for row in rows:
                    waiting = self._offers.pop(str(row["contact_id"]), None)
                    if waiting is not None:
                        waiting.set_result(row)
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            await connection.close()


async def _full(port: int, taken: Taken, life: Life, seconds: float) -> None:
    ends_at = perf_counter() + seconds

    async def live_on() -> None:
        wire = await Wire.open(port)
        while (since := perf_counter()) < ends_at:
            await life(wire)
            taken.lives.append(perf_counter() - since)
        wire.close()

    await asyncio.gather(*(live_on() for _ in range(AT_ONCE)))


async def _paced(port: int, taken: Taken, life: Life, seconds: float, rate: float) -> None:
    begins_at = perf_counter()
    free: asyncio.Queue[Wire] = asyncio.Queue()

    async def live(due: float) -> None:
        wire = free.get_nowait() if not free.empty() else await Wire.open(port)
        await life(wire)
        taken.lives.append(perf_counter() - due)
        free.put_nowait(wire)

    async with asyncio.TaskGroup() as living:
        for nth in range(int(seconds * rate)):
            due = begins_at + nth / rate
            await asyncio.sleep(due - perf_counter())
            living.create_task(live(due))


async def _run(what: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
    taken = Taken()
    one: Bare | House = House(taken, **what["house"]) if what.get("house") else Bare(taken)
    watching = asyncio.get_running_loop().create_task(one.watch())
    began = perf_counter()
    try:
        if told.get("rate"):
            await _paced(what["port"], taken, one.live, told["seconds"], told["rate"])
        else:
            await _full(what["port"], taken, one.live, told["seconds"])
    finally:
        watching.cancel()
    took = perf_counter() - began
    return {"seconds": took, "requests": taken.requests, "lives": taken.lives}


def main() -> None:
    """Live, as often as told."""
    what = children.told()
    children.say({"ready": True})
    while told := children.told():
        children.say(uvloop.run(_run(what, told)))


if __name__ == "__main__":
    main()
