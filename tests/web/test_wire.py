"""The wire: sent at once, bounded for who reads slowly, cut for who reads nothing; others do not notice."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from hotline.base.errors import Broken
from hotline.web import line, wire
from hotline.web.wire import CLOSE_RESTART, RESTART, Wire, wire_of
from tests.patience import PATIENCE_SECONDS
from tests.served import running

BYTES_MAX = 200_000
TEXT = b'{"kind":"cards","of":"' + b"x" * 5000 + b'"}'
HANDSHAKE = (
    "GET / HTTP/1.1\r\nHost: {0}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


@dataclass
class House:
    """An app that does nothing but keep its sockets' wires."""

    bytes_max: int = BYTES_MAX
    wires: list[Wire] = field(default_factory=list[Wire])
    lines: list[line.ServerLine] = field(default_factory=list[line.ServerLine])
    left: list[int] = field(default_factory=list[int])
    someone_left: asyncio.Event = field(default_factory=asyncio.Event)
    base: str = ""

    async def keep(self, page: WebSocket) -> None:
        """One socket, from its opening until it is gone."""
        await page.accept()
        self.wires.append(wire_of(page, self.bytes_max))
        self.lines.append(page.scope["extensions"][line.EXTENSION])
        try:
            while True:
                received = await page.receive()
                if received["type"] == "websocket.disconnect":
                    raise WebSocketDisconnect(received["code"])
        except WebSocketDisconnect as gone:
            self.left.append(gone.code)
            self.someone_left.set()

    async def gone(self, count: int) -> None:
        """Wait until so many have left."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(self.left) < count:
                self.someone_left.clear()
                await self.someone_left.wait()

    @asynccontextmanager
    async def page(self) -> AsyncGenerator[ClientConnection]:
        """A page that reads."""
        async with connect(self.base.replace("http", "ws", 1), proxy=None, ping_interval=None) as page:
            yield page

    @asynccontextmanager
    async def deaf(self) -> AsyncGenerator[socket.socket]:
        """A page that reads nothing after the handshake, with next to no room on its way."""
        loop = asyncio.get_running_loop()
        address = urlsplit(self.base)
        with socket.socket() as way:
            way.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            way.setblocking(False)
            await loop.sock_connect(way, (address.hostname, address.port))
            await loop.sock_sendall(way, HANDSHAKE.format(address.netloc).encode())
            assert b" 101 " in await loop.sock_recv(way, 500)
            mine = self.lines[-1].transport.get_extra_info("socket")
            mine.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
            yield way


@pytest.fixture
async def house() -> AsyncGenerator[House]:
    kept = House()
    app = FastAPI()
    app.add_api_websocket_route("/", kept.keep)
    async with running(app) as base:
        kept.base = base
        yield kept


async def test_what_is_handed_over_arrives_whole_and_in_order(house: House):
    sizes = (0, 40, 41, 20_000, 60_000)
    texts = [b'"%d %s"' % (nth, "好".encode() * size) for nth, size in enumerate(sizes)]
    async with house.page() as page:
        for text in texts:
            house.wires[0].send(text)
            await house.wires[0].has_room()
        assert [(await page.recv()).encode() for _ in texts] == texts  # type: ignore[union-attr]


async def test_a_text_for_many_is_framed_once(house: House):
    async with AsyncExitStack() as doors:
        pages = [await doors.enter_async_context(house.page()) for _ in range(10)]
        framed = wire.framed.cache_info().misses
        for each in house.wires:
            each.send(b'"for everybody"')
        assert [await page.recv() for page in pages] == ['"for everybody"'] * len(pages)
        assert wire.framed.cache_info().misses == framed + 1


async def test_who_falls_behind_is_told_to_start_again_and_the_others_get_everything(house: House):
    async with house.page() as page, house.deaf():
        texts = 3 * BYTES_MAX // len(TEXT)
        taken: list[str | bytes] = []
        for _ in range(texts):
            for each in house.wires:
                each.send(TEXT)
            taken.append(await page.recv())
        assert taken == [TEXT.decode()] * texts
        good, deaf = house.wires
        assert (good.is_over, deaf.is_over) == (False, True)
        assert BYTES_MAX / 2 < house.lines[1].unsent_bytes < BYTES_MAX + 2 * len(TEXT)
        await house.gone(1)
        assert house.left == [CLOSE_RESTART]


async def test_who_was_behind_and_reads_again_finds_the_word_to_start_again_at_the_end(house: House):
    async with house.deaf() as way:
        while not house.wires[0].is_over:
            house.wires[0].send(TEXT)
            await asyncio.sleep(0)
        came = bytearray()
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not came.endswith(b"\x88\x02" + CLOSE_RESTART.to_bytes(2, "big")):
                came += await asyncio.get_running_loop().sock_recv(way, 2**16)
        assert wire.framed(RESTART) in came[-50:]


async def test_who_takes_nothing_is_cut_though_within_the_bound(
    house: House, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(line, "STALLED_SECONDS_MAX", 0.1)
    async with house.page() as page, house.deaf():
        for _ in range(30):
            house.wires[1].send(TEXT)
        await house.gone(1)
        house.wires[0].send(b'"still here"')
        assert await page.recv() == '"still here"'


async def test_who_reads_slowly_but_reads_is_not_cut(house: House, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(line, "STALLED_SECONDS_MAX", 0.3)
    loop = asyncio.get_running_loop()
    async with house.deaf() as way:
        for _ in range(30):
            house.wires[0].send(TEXT)
        waiting = loop.create_task(house.wires[0].has_room())
        while not waiting.done():
            await loop.sock_recv(way, 8192)
            await asyncio.sleep(0.05)
        assert house.left == []


async def test_a_socket_that_does_not_part_is_cut(house: House, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(line, "PARTING_SECONDS_MAX", 0.1)
    async with house.deaf() as way:
        for _ in range(30):
            house.wires[0].send(TEXT)
        house.wires[0].close(4401)
        await house.gone(1)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not house.lines[0].disconnected:  # noqa: ASYNC110  the line has no bell
                await asyncio.sleep(0.01)
        assert house.left == [4401]
        del way


async def test_the_page_hears_the_code_and_nothing_after_it(house: House):
    async with house.page() as page:
        house.wires[0].send(b'"last"')
        house.wires[0].close(4401)
        house.wires[0].send(b'"too late"')
        assert await page.recv() == '"last"'
        with pytest.raises(ConnectionClosed) as closed:
            await page.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4401


async def test_sending_to_somebody_who_has_gone_does_nothing(house: House):
    async with house.page():
        pass
    await house.gone(1)
    house.wires[0].send(TEXT)
    house.wires[0].close(CLOSE_RESTART)


async def test_an_app_behind_another_server_says_in_a_sentence_what_is_missing():
    async def never() -> dict[str, str]:
        raise AssertionError

    page = WebSocket({"type": "websocket"}, never, lambda _: never())  # type: ignore[arg-type]
    with pytest.raises(Broken, match="hotline serve"):
        wire_of(page, BYTES_MAX)
