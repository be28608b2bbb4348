"""A help-seeker with a browser's manners: fills in the form, opens the socket, writes, waits, leaves."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx2
import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from hotline.base import clock, ids
from hotline.base.places import config_dir
from hotline.flow import offer
from hotline.policy import settings
from hotline.policy.settings import Settings
from hotline.store.unit import Store
from hotline.web.chat.page import NOTICE
from tests.patience import PATIENCE_SECONDS
from tests.served import served
from tests.stage import Stage

FRAME_BYTES_MAX = 16 * 2**20
"""What uvicorn takes of one frame before it closes the socket."""

Frame = Mapping[str, Any]


def house_settings(**web: object) -> Settings:
    """The settings that the project ships, with some of the web's changed."""
    kept = settings.load(config_dir())
    return kept.model_copy(update={"web": kept.web.model_copy(update=web)})


def front(stage: Stage, store: Store | None = None, **web: object) -> AbstractAsyncContextManager[str]:
    """The running service with some of the web's settings changed; its base URL."""
    return served(store or stage.store, stage.policies, chosen=house_settings(**web))


@dataclass
class Page:
    """An open socket and everything that came over it."""

    socket: ClientConnection
    patience_seconds: float = PATIENCE_SECONDS
    frames: list[Frame] = field(default_factory=list[Frame])

    async def send(self, frame: object) -> None:
        """Send a frame as JSON."""
        await self.socket.send(orjson.dumps(frame).decode())

    async def say(self, words: str, client_id: UUID | None = None) -> UUID:
        """Send words; the id they were sent under."""
        own = client_id or ids.new_id()
        await self.send({"kind": "say", "client_id": str(own), "words": words})
        return own

    async def until(self, kind: str, holds: Callable[[Frame], bool] = lambda _: True) -> Frame:
        """The first frame of a kind, from the beginning, that holds; waits for it."""
        for frame in self.frames:
            if frame["kind"] == kind and holds(frame):
                return frame
        async with asyncio.timeout(self.patience_seconds):
            while True:
                frame = orjson.loads(await self.socket.recv())
                self.frames.append(frame)
                if frame["kind"] == kind and holds(frame):
                    return frame

    async def stored(self, client_id: UUID) -> Frame:
        """The word that a message is safe."""
        return await self.until("stored", lambda frame: frame["client_id"] == str(client_id))

    async def state(self, name: str) -> Frame:
        """The frame that says the contact is in this state."""
        return await self.until("state", lambda frame: frame["state"] == name)

    async def error(self) -> tuple[str, str | None]:
        """Code and message id of the next error; it is taken off the list."""
        frame = await self.until("error")
        self.frames.remove(frame)
        return frame["code"], frame.get("client_id")

    async def closed(self) -> int | None:
        """The code that the service closes with."""
        async with asyncio.timeout(self.patience_seconds):
            try:
                while True:
                    self.frames.append(orjson.loads(await self.socket.recv()))
            except ConnectionClosed as closed:
                return closed.rcvd.code if closed.rcvd else None

    @property
    def messages(self) -> list[Frame]:
        """Every message that came, in the order of coming."""
        return [each for frame in self.frames if frame["kind"] == "messages" for each in frame["messages"]]


@dataclass
class Visitor:
    """Somebody at the chat's door."""

    base: str
    stage: Stage
    token: str = ""
    contact_id: UUID = field(default_factory=ids.new_id)
    patience_seconds: float = PATIENCE_SECONDS
    """How long an answer may take; a page that comes back by itself waits less."""

    async def ask(self, method: str, path: str, **more: Any) -> httpx2.Response:
        """One request."""
        async with httpx2.AsyncClient(
            base_url=self.base, trust_env=False, timeout=self.patience_seconds
        ) as client:
            return await client.request(method, path, **more)

    async def open_chat(self, **answers: object) -> httpx2.Response:
        """Fill in the form; the answer as it came."""
        slug = self.stage.chat_line.address
        body = {"language": "zh", "safe_now": "yes", "notice_version": NOTICE["version"], **answers}
        answer = await self.ask("POST", f"/api/chat/{slug}/contacts", json=body)
        if answer.is_success:
            self.token, self.contact_id = answer.json()["token"], UUID(answer.json()["contact_id"])
        return answer

    @asynccontextmanager
    async def socket(self) -> AsyncGenerator[Page]:
        """A socket that has not said anything yet."""
        url = f"{self.base.replace('http', 'ws', 1)}/api/chat/live"
        async with connect(url, proxy=None, compression=None, close_timeout=1) as socket:
            yield Page(socket, self.patience_seconds)

    @asynccontextmanager
    async def page(self, after: int = 0, place: int | None = None) -> AsyncGenerator[Page]:
        """A page that has resumed and knows that it misses nothing."""
        async with self.socket() as page:
            await page.send({"kind": "resume", "token": self.token, "after": after, "place": place})
            await page.until("messages")
            yield page

    async def answered(self, counselor: str = "lin") -> UUID:
        """Let a counselor take the chat; the counselor."""
        stage = self.stage
        stage.now = clock.now()
        staff_id = stage.people.get(counselor) or await stage.hire(counselor, ready=True)
        await stage.dispatch()
        await offer.accept(stage.store, await stage.pending_offer(self.contact_id), staff_id, clock.now())
        return staff_id

    async def until_state(self, name: str) -> None:
        """Wait until the contact's row says so."""
        async with asyncio.timeout(self.patience_seconds):
            while (await self.stage.contact(self.contact_id)).state != name:  # noqa: ASYNC110  a row tells nobody
                await asyncio.sleep(0.02)
