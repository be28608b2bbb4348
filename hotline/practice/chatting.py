"""A help-seeker's chat page: says words, hears answers, resumes after a lost network.

What was said and is not yet called stored is said again under its old id after every fall, as the real
page does; so a restart of the house in the middle of a sentence neither loses nor doubles it.
"""

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import httpx2
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from hotline.base import ids
from hotline.base.tasks import Crew
from hotline.practice.doors import (
    LOST,
    PLAIN,
    REQUEST_SECONDS_MAX,
    Change,
    Json,
    ask,
    beat,
    pause_seconds,
    socket_url,
)

BEAT_SECONDS: Final = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Stored words: their number in the chat, and when they were sent and called stored (loop time)."""

    seq: int
    sent_at: float
    stored_at: float


class Chat:
    """A help-seeker's page: says words, hears answers, resumes after a lost network."""

    def __init__(self, base_url: str, contact_id: str, token: str) -> None:
        """An opened chat; `run` must be kept going."""
        self.base_url = base_url
        self.contact_id = contact_id
        self.state = "waiting"
        self.answers = 0
        self.change = Change()
        self.faults: list[str] = []
        self._token = token
        self._seq = 0
        self._socket: ClientConnection | None = None
        self._unstored: dict[str, str] = {}
        self._stored: dict[str, tuple[int, float]] = {}

    @classmethod
    async def open(cls, http: httpx2.AsyncClient, slug: str, form: Json) -> "Chat":
        """Accept the notice of the day and open a chat.

        Raises: Away, Turned.
        """
        entrance = await ask(http, "GET", f"/api/chat/{slug}")
        body = {"notice_version": entrance["notice"]["version"], **form}
        opened = await ask(http, "POST", f"/api/chat/{slug}/contacts", body)
        return cls(str(http.base_url).rstrip("/"), opened["contact_id"], opened["token"])

    @property
    def is_over(self) -> bool:
        """Whether nothing more can be said."""
        return self.state in {"ended", "diverted"}

    async def run(self) -> None:
        """Stay connected until the chat is over."""
        falls = 0
        while not self.is_over:
            try:
                await self._connected()
                falls = 0
            except ConnectionClosed:
                pass
            except LOST:
                falls += 1
            self._socket = None
            if not self.is_over:
                await asyncio.sleep(pause_seconds(falls))

    async def say(self, words: str, seconds_max: float = 30.0) -> Said | None:
        """Say words, and wait until they are called stored; None when they are not."""
        client_id = str(ids.new_id())
        self._unstored[client_id] = words
        sent_at = asyncio.get_running_loop().time()
        await self._send({"kind": "say", "client_id": client_id, "words": words})
        await self.change.until(lambda: client_id in self._stored or self.is_over, seconds_max)
        stored = self._stored.get(client_id)
        return None if stored is None else Said(seq=stored[0], sent_at=sent_at, stored_at=stored[1])

    async def leave(self) -> None:
        """Leave the chat; the house says that it has ended."""
        await self._send({"kind": "leave"})
        await self.change.until(lambda: self.is_over, 5.0)
        if self._socket is not None:
            await self._socket.close()

    async def _send(self, frame: Json) -> None:
        if self._socket is None:
            await self.change.until(lambda: self._socket is not None or self.is_over, REQUEST_SECONDS_MAX)
        if self._socket is not None:
            with suppress(ConnectionClosed):
                await self._socket.send(json.dumps(frame))

    async def _connected(self) -> None:
        url = socket_url(self.base_url, "/api/chat/live")
        async with connect(url, **PLAIN) as socket, Crew() as crew:
            await socket.send(json.dumps({"kind": "resume", "token": self._token, "after": self._seq}))
            for client_id, words in self._unstored.items():
                await socket.send(json.dumps({"kind": "say", "client_id": client_id, "words": words}))
            self._socket = socket
            self.change.tell()
            crew.once("beat", beat(socket, BEAT_SECONDS))
            async for raw in socket:
                self._take(json.loads(raw))

    def _take(self, frame: Json) -> None:
        match frame.get("kind"):
            case "state":
                self.state = frame["state"]
            case "messages":
                for each in frame["messages"]:
                    self._seq = max(self._seq, each["seq"])
                    self.answers += each["sender"] == "counselor"
            case "stored":
                self._unstored.pop(frame["client_id"], None)
                self._stored[frame["client_id"]] = (frame["seq"], asyncio.get_running_loop().time())
            case "error":
                self.faults.append(str(frame.get("code")))
                self._unstored.pop(str(frame.get("client_id")), None)
            case _:
                pass
        self.change.tell()
