"""A child that is many pages with open sockets: counselors' that note when offers come, and help-seekers'."""

import asyncio
import time
from contextlib import suppress
from typing import Any, Final

import orjson
import picows
import uvloop

from tests.bench import children, sockets

AT_ONCE: Final = 20
LOOK_SECONDS: Final = 0.02
MARK: Final = b'"type":"offer"'


class Page(picows.WSListener):
    """One page."""

    def __init__(self, came: dict[str, float]) -> None:
        """Note offers in `came`, by contact."""
        self.came = came
        self.stands = asyncio.Event()

    def on_ws_frame(self, transport: picows.WSTransport, frame: picows.WSFrame) -> None:
        """A frame has come."""
        now = time.perf_counter()
        if frame.msg_type == picows.WSMsgType.PING:
            transport.send_pong(frame.get_payload_as_bytes())
        if frame.msg_type != picows.WSMsgType.TEXT:
            return
        self.stands.set()
        text = frame.get_payload_as_bytes()
        if MARK in text:
            for card in orjson.loads(text)["cards"]:
                if card["type"] == "offer":
                    self.came.setdefault(card["contact_id"], now)


async def _console(port: int, cookie: str, came: dict[str, float]) -> Page:
    _, made = await picows.ws_connect(
        lambda: Page(came), f"ws://127.0.0.1:{port}/api/live", extra_headers={"Cookie": cookie}
    )
    assert isinstance(made, Page)
    await made.stands.wait()
    return made


async def _chat(port: int, token: str) -> Page:
    way, made = await picows.ws_connect(lambda: Page({}), f"ws://127.0.0.1:{port}/api/chat/live")
    assert isinstance(made, Page)
    way.send(picows.WSMsgType.TEXT, orjson.dumps({"kind": "resume", "token": token, "after": 0}))
    await made.stands.wait()
    return made


async def _run(what: dict[str, Any]) -> None:
    came, cookies, pages = dict[str, float](), what["cookies"], list[Page]()
    for first in range(0, len(cookies), AT_ONCE):
        some = cookies[first : first + AT_ONCE]
        pages += await asyncio.gather(*(_console(what["port"], cookie, came) for cookie in some))
    tokens = what.get("tokens", [])
    for first in range(0, len(tokens), AT_ONCE):
        some = tokens[first : first + AT_ONCE]
        pages += await asyncio.gather(*(_chat(what["port"], token) for token in some))
    children.say({"open": len(pages)})
    while (told := await asyncio.to_thread(children.told)) is not None:
        with suppress(TimeoutError):
            async with asyncio.timeout(told["seconds"]):
                while len(came) < told["count"]:  # noqa: ASYNC110  a bell would ring for every frame
                    await asyncio.sleep(LOOK_SECONDS)
        children.say(came)
        came.clear()


def main() -> None:
    """Be pages until the bench is done."""
    what = children.told()
    sockets.allow(len(what["cookies"]) + len(what.get("tokens", [])))
    uvloop.run(_run(what))


if __name__ == "__main__":
    main()
