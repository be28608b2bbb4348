"""The console's live socket: a snapshot with a cursor, then the cards that follow.

The page sends a beat every few seconds, which is the counselor's heartbeat; the answer lets the page
notice that it has gone stale. The sign-in is looked at again with every beat that is due for it, so
a session that was ended elsewhere ends here too. While the database is lost the socket stays and beats
go unanswered; a page that takes no frame any more is let go of, so that nothing is kept for it for ever.
"""

import asyncio
from collections import deque
from contextlib import suppress
from typing import Any, Final, cast
from uuid import UUID

import orjson
from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from hotline.base import clock
from hotline.base.errors import Unreachable
from hotline.base.tasks import Crew
from hotline.domain.access import Permission, Viewer
from hotline.domain.live import BOARD, CRISIS, DESK
from hotline.flow import duty
from hotline.store import live as store_live
from hotline.web.auth import find_staff, viewer_of
from hotline.web.edge import Edge, edge_of
from hotline.web.hub import Screen

CLOSE_SIGNED_OUT: Final = 4401
CLOSE_RESTART: Final = 1012
FRAME_CHARACTERS_MAX: Final = 2000
RECHECK_SECONDS: Final = 30.0
WRITE_SECONDS_MAX: Final = 20.0
CLOSE_SECONDS_MAX: Final = 1.0

router = APIRouter()


class Pipe:
    """A client's outgoing frames: put in without waiting, written by one task, bounded by the hub."""

    def __init__(self, socket: WebSocket) -> None:
        """Begin empty; `write` must be kept going."""
        self._socket = socket
        self._frames: deque[bytes] = deque()
        self._more = asyncio.Event()
        self._close_code: int | None = None
        self.unsent_bytes = 0
        self.over = asyncio.Event()

    def send(self, frame: bytes) -> None:
        """Hand over a frame; never waits."""
        if self._close_code is None:
            self._frames.append(frame)
            self.unsent_bytes += len(frame)
            self._more.set()

    def restart(self) -> None:
        """Drop what is unsent and tell the client to begin again."""
        self._frames.clear()
        self.unsent_bytes = 0
        self.send(b'{"kind":"restart"}')
        self.close(CLOSE_RESTART)

    def close(self, code: int) -> None:
        """Close the socket once what was handed over has been written."""
        self._close_code = self._close_code or code
        self._more.set()

    async def write(self) -> None:
        """Write until the socket is closed from either side, or takes no frame for too long."""
        try:
            with suppress(WebSocketDisconnect, RuntimeError, TimeoutError):
                await self._write()
            with suppress(WebSocketDisconnect, RuntimeError, TimeoutError):
                async with asyncio.timeout(CLOSE_SECONDS_MAX):
                    await self._socket.close(self._close_code or CLOSE_RESTART)
        finally:
            self.over.set()

    async def _write(self) -> None:
        while self._frames or self._close_code is None:
            while self._frames:
                frame = self._frames.popleft()
                async with asyncio.timeout(WRITE_SECONDS_MAX):
                    await self._socket.send_text(frame.decode())
                self.unsent_bytes = max(0, self.unsent_bytes - len(frame))
            if self._close_code is None:
                await self._more.wait()
                self._more.clear()


@router.websocket("/live")
async def live(socket: WebSocket) -> None:
    """One screen, from its snapshot to its leaving."""
    await socket.accept()
    pipe = Pipe(socket)
    async with Crew() as crew:
        crew.once("live out", pipe.write())
        crew.once("live in", _serve(edge_of(socket), socket, pipe))
        await pipe.over.wait()


async def _serve(edge: Edge, socket: WebSocket, pipe: Pipe) -> None:
    code = CLOSE_RESTART
    try:
        staff = await find_staff(socket)
        if staff is None:
            code = CLOSE_SIGNED_OUT
            return
        viewer = await viewer_of(edge, staff)
        screen = Screen(wire=pipe, audiences=audiences(viewer))
        unhear = edge.store.signal.hear(lambda hint: _pass_on(pipe, screen, hint))
        try:
            await _begin(edge, viewer, screen)
            await _listen(edge, socket, viewer, pipe)
            code = CLOSE_SIGNED_OUT
        finally:
            unhear()
            edge.hub.detach(screen)
    except (WebSocketDisconnect, Unreachable):
        pass
    finally:
        pipe.close(code)


def audiences(viewer: Viewer) -> frozenset[str]:
    """Whose cards the person's screen holds: the own desk, and by permission boards and crises in reach."""
    names = {f"{DESK}:{viewer.staff_id}"}
    if viewer.may(Permission.WATCH):
        names |= {f"{BOARD}:{centre_id}" for centre_id in viewer.reach}
    if viewer.may(Permission.RESPOND):
        names |= {f"{CRISIS}:{centre_id}" for centre_id in viewer.reach}
    return frozenset(names)


async def _begin(edge: Edge, viewer: Viewer, screen: Screen) -> None:
    """Expect changes first, then read: what changes in between is sent twice, never lost."""
    await duty.beat(edge.store, viewer.staff_id, clock.now())
    edge.hub.expect(screen)
    async with edge.store.connection() as connection:
        shot = await store_live.snapshot(
            connection, edge.store.vault, viewer.reach, edge.settings.web.live_snapshot_contacts_max
        )
        today = await store_live.days(connection, viewer.reach)
    edge.hub.begin(screen, shot.cursor, [*shot.cards.values(), *today.values()])


async def _listen(edge: Edge, socket: WebSocket, viewer: Viewer, pipe: Pipe) -> None:
    """Take the page's frames until it is gone or signed out; a lost database is waited through."""
    checked_at = clock.now()
    while True:
        frame = await _frame(socket)
        now = clock.now()
        with suppress(Unreachable):
            if frame.get("kind") == "beat":
                await duty.beat(edge.store, viewer.staff_id, now)
                pipe.send(orjson.dumps({"kind": "beat", "at": now.isoformat().replace("+00:00", "Z")}))
            elif frame.get("kind") == "typing":
                _hint_typing(edge, viewer, frame)
            if (now - checked_at).total_seconds() > RECHECK_SECONDS:
                if await find_staff(socket) is None:
                    return
                checked_at = now


async def _frame(socket: WebSocket) -> dict[str, Any]:
    """The next frame of the client.

    Raises:
        WebSocketDisconnect: the client is gone.
    """
    received = await socket.receive()
    if received["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(received.get("code", 1005))
    return _read(received.get("text") or "")


def _read(raw: str) -> dict[str, Any]:
    """A frame of the client; what cannot be read is passed over, the socket lives on."""
    if len(raw) > FRAME_CHARACTERS_MAX:
        return {}
    try:
        frame = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return {}
    return cast("dict[str, Any]", frame) if isinstance(frame, dict) else {}


def _hint_typing(edge: Edge, viewer: Viewer, frame: dict[str, Any]) -> None:
    with suppress(ValueError, TypeError):
        contact_id = UUID(str(frame.get("contact_id")))
        edge.store.signal.hint(
            {"what": "typing", "contact_id": str(contact_id), "from": "counselor", "by": str(viewer.staff_id)}
        )


def _pass_on(pipe: Pipe, screen: Screen, hint: str) -> None:
    """Pass a hint on to the screen that holds the contact, except the counselor's own."""
    payload = orjson.loads(hint)
    if payload.get("from") == "caller" and f"contact:{payload.get('contact_id')}" in screen.held:
        pipe.send(
            orjson.dumps({"kind": "hint", "what": payload["what"], "contact_id": payload["contact_id"]})
        )
