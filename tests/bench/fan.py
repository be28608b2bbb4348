"""A child that sends one event to all its sockets: the house's screens and wires, or `websockets.broadcast`.

An event is a change of one card on one board, made and encoded for each broadcast; the floor sends the same
text. Everything between the change and the socket is the house's own: index, encoding, bound, line.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
import uvicorn
import uvloop
from fastapi import FastAPI, WebSocket
from starlette.websockets import WebSocketDisconnect
from websockets.asyncio.server import ServerConnection, broadcast, serve

from hotline.base import ids
from hotline.domain.live import Dealt
from hotline.store.journal import Cursor
from hotline.store.live import Afresh
from hotline.web import headers, origin
from hotline.web.line import EXTENSION, ServerLine
from hotline.web.screens import Screen, Screens, stamp
from hotline.web.wire import wire_of
from tests.bench import children, sampler, sockets

BYTES_MAX: Final = 1_000_000
BOARD: Final = "board:bench"
CONTACT: Final = f"contact:{ids.new_id()}"
CURSOR: Final = Cursor(xid=1_234_567, seq=7_654_321)
FRAME_BYTES: Final = 500
HOST: Final = "127.0.0.1"


class TimedLine(ServerLine):
    """The house's line, and since when it has been behind."""

    behind_since = 0.0

    def pause_writing(self) -> None:
        """The client is behind."""
        self.behind_since = time.perf_counter()
        super().pause_writing()


@dataclass
class Fan:
    """A server with sockets; `send` reaches all of them."""

    send: Callable[[], None]
    encoded: Callable[[], int]
    port: int = 0
    open: set[Any] = field(default_factory=set[Any])
    left: list[float] = field(default_factory=list[float])
    """How long each that has left had been behind."""
    unsent_bytes_max: int = 0


def card() -> dict[str, Any]:
    """A card of such a size that its frame has `FRAME_BYTES`."""
    return {"id": CONTACT, "type": "contact", "sent": time.perf_counter(), "note": "x" * (FRAME_BYTES - 264)}


@asynccontextmanager
async def house() -> AsyncGenerator[Fan]:
    """The house's line, wire and screens behind its own middleware."""
    screens, app = Screens(), FastAPI()
    app.add_middleware(origin.SameOrigin)
    app.add_middleware(headers.PageHeaders, connects=())

    def send() -> None:
        dealt = Dealt(id=CONTACT, card=card(), audiences=frozenset({BOARD, "crisis:bench"}))
        screens.deal(Afresh(cards={CONTACT: dealt}, gone=frozenset()), CURSOR)

    fan = Fan(send=send, encoded=lambda: screens.encoded)

    async def live(page: WebSocket) -> None:
        await page.accept()
        screen = Screen(wire=wire_of(page, BYTES_MAX), audiences=frozenset({BOARD, f"desk:{ids.new_id()}"}))
        screens.attach(screen, ())
        line = page.scope["extensions"][EXTENSION]
        fan.open.add(line)
        try:
            while (await page.receive())["type"] != "websocket.disconnect":
                pass
        except WebSocketDisconnect:
            pass
        finally:
            screens.detach(screen)
            fan.open.discard(line)
            fan.left.append(time.perf_counter() - line.behind_since)

    app.router.add_websocket_route("/", live)  # as the house does
    config = uvicorn.Config(app, host=HOST, port=0, log_level="warning", ws=TimedLine, lifespan="off",
                            ws_per_message_deflate=False, loop="none")  # fmt: skip
    server = uvicorn.Server(config)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(server.serve())
        while not server.started:  # noqa: ASYNC110  uvicorn has no bell
            await asyncio.sleep(0.01)
        fan.port = server.servers[0].sockets[0].getsockname()[1]
        yield fan
        task.cancel()


@asynccontextmanager
async def floor() -> AsyncGenerator[Fan]:
    """`websockets` as its makers advise for many: broadcast, and no compression."""
    connections: set[ServerConnection] = set()

    def send() -> None:
        frame = {
            "kind": "cards",
            "cursor": str(CURSOR),
            "at": stamp().decode(),
            "cards": [card()],
            "gone": [],
        }
        broadcast(connections, orjson.dumps(frame).decode())

    fan = Fan(send=send, encoded=lambda: 0)
    fan.open = connections

    async def live(page: ServerConnection) -> None:
        connections.add(page)
        try:
            await page.wait_closed()
        finally:
            connections.discard(page)

    async with serve(live, HOST, 0, compression=None, ping_interval=None) as server:
        fan.port = next(iter(server.sockets)).getsockname()[1]
        yield fan


async def _send(fan: Fan, rounds: int, every_seconds: float, *, looks: bool) -> dict[str, Any]:
    began, encoded = time.perf_counter(), fan.encoded()
    for nth in range(rounds):
        if every_seconds:
            await asyncio.sleep(began + nth * every_seconds - time.perf_counter())
        fan.send()
        await asyncio.sleep(0)
        if looks:
            unsent = [one.unsent_bytes for one in fan.open if isinstance(one, ServerLine)]
            fan.unsent_bytes_max = max(fan.unsent_bytes_max, *unsent, 0)
    return {"began": began, "encoded": fan.encoded() - encoded}


def _state(fan: Fan) -> dict[str, Any]:
    unsent, fan.unsent_bytes_max = fan.unsent_bytes_max, 0
    left, fan.left = fan.left, []
    return {"open": len(fan.open), "rss": sockets.resident_bytes(), "unsent": unsent, "left": left}


async def _run(what: dict[str, Any]) -> None:
    async with (house if what["kind"] == "house" else floor)() as fan:
        children.say({"port": fan.port})
        while told := await asyncio.to_thread(children.told):
            if told["do"] == "send":
                children.say(await _send(fan, told["rounds"], told["every"], looks=told["looks"]))
            else:
                children.say(_state(fan))


def main() -> None:
    """Be a server until the bench is done."""
    what = children.told()
    sockets.allow(what["sockets"])
    with sampler.sampled("fan"):
        uvloop.run(_run(what))


if __name__ == "__main__":
    main()
