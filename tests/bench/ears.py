"""A child that listens with thousands of sockets: counts every frame, and takes the time of stamped ones."""

import asyncio
import socket
import time
from array import array
from dataclasses import dataclass, field
from typing import Any, Final

import picows
import uvloop

from tests.bench import children, sockets
from tests.bench.figures import percentile

HOST: Final = "127.0.0.1"
AT_ONCE: Final = 50
DEAF_BYTES: Final = 4096
STAMP: Final = b'"sent":'
HANDSHAKE: Final = (
    "GET / HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


@dataclass
class Heard:
    """What has come since the last `begin`."""

    is_stamped: bool = False
    count: int = 0
    awaited: int = 0
    at: float = 0.0
    lags: "array[float]" = field(default_factory=lambda: array("d"))
    all_came: asyncio.Event = field(default_factory=asyncio.Event)

    def begin(self, *, is_stamped: bool, awaited: int) -> None:
        """Forget what came before."""
        self.is_stamped, self.awaited, self.count = is_stamped, awaited, 0
        self.lags = array("d")
        self.all_came.clear()


class Ear(picows.WSListener):
    """One socket that reads."""

    def __init__(self, heard: Heard) -> None:
        """Add to what is heard."""
        self.heard = heard
        self.count = 0

    def on_ws_frame(self, transport: picows.WSTransport, frame: picows.WSFrame) -> None:
        """A frame has come."""
        if frame.msg_type != picows.WSMsgType.TEXT:
            if frame.msg_type == picows.WSMsgType.PING:
                transport.send_pong(frame.get_payload_as_bytes())
            return
        heard = self.heard
        self.count += 1
        heard.count += 1
        if heard.is_stamped:
            text = frame.get_payload_as_bytes()
            at = text.index(STAMP) + len(STAMP)
            heard.lags.append(time.perf_counter() - float(text[at : text.index(b",", at)]))
        if heard.count == heard.awaited:
            heard.at = time.perf_counter()
            heard.all_came.set()


async def _deaf(port: int) -> socket.socket:
    loop = asyncio.get_running_loop()
    way = socket.socket()
    way.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, DEAF_BYTES)
    way.setblocking(False)
    await loop.sock_connect(way, (HOST, port))
    await loop.sock_sendall(way, HANDSHAKE.encode())
    assert b" 101 " in await loop.sock_recv(way, 500)
    return way


async def _run(what: dict[str, Any]) -> None:
    heard, port, ears, deaf = Heard(), what["port"], list[Ear](), list[socket.socket]()
    for first in range(0, what["count"], AT_ONCE):
        count = min(AT_ONCE, what["count"] - first)
        made = await asyncio.gather(
            *(picows.ws_connect(lambda: Ear(heard), f"ws://{HOST}:{port}/") for _ in range(count))
        )
        ears += [one for _, one in made if isinstance(one, Ear)]
    children.say({"open": len(ears)})
    while told := await asyncio.to_thread(children.told):
        if told["do"] == "deafen":
            for each in deaf:
                each.close()
            deaf = [await _deaf(port) for _ in range(told["count"])]
            children.say({})
        elif told["do"] == "begin":
            heard.begin(is_stamped=told["stamped"], awaited=told["awaited"])
            for ear in ears:
                ear.count = 0
            children.say({})
        else:
            children.say(await _all(heard, ears, told["seconds"]))


async def _all(heard: Heard, ears: list[Ear], seconds_max: float) -> dict[str, Any]:
    """Wait until everything has come; what has, and how late."""
    try:
        async with asyncio.timeout(seconds_max):
            await heard.all_came.wait()
    except TimeoutError:
        heard.at = time.perf_counter()
    return {
        "at": heard.at,
        "least": min(ear.count for ear in ears),
        "p50_ms": 1000 * percentile(heard.lags, 0.5),
        "p99_ms": 1000 * percentile(heard.lags, 0.99),
    }


def main() -> None:
    """Listen until the bench is done."""
    what = children.told()
    sockets.allow(what["count"])
    uvloop.run(_run(what))


if __name__ == "__main__":
    main()
