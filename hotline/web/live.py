"""The console's live socket: a snapshot with a cursor, then the cards that follow.

The page sends a beat every few seconds, which is the counselor's heartbeat; the answer lets the page
notice that it has gone stale. The sign-in is looked at again with every beat that is due for it, so
a session that was ended elsewhere ends here too.
"""

import asyncio
from contextlib import suppress
from typing import Any, Final, cast
from uuid import UUID

import orjson
from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from hotline.base import clock, log
from hotline.base.tasks import Crew
from hotline.domain.access import Permission, Viewer
from hotline.domain.live import BOARD, CRISIS, DESK
from hotline.flow import duty
from hotline.store import live as store_live
from hotline.web.auth import find_staff, viewer_of
from hotline.web.edge import Edge, edge_of
from hotline.web.hub import Screen, snapshot_frame

CLOSE_SIGNED_OUT: Final = 4401
CLOSE_RESTART: Final = 1012
FRAME_CHARACTERS_MAX: Final = 2000
RECHECK_SECONDS: Final = 30.0

router = APIRouter()
_log = log.get("live")


class Pipe:
    """A client's outgoing frames: put in without waiting, written by one task, bounded by the hub."""

    def __init__(self, socket: WebSocket) -> None:
        """Begin empty."""
        self._socket = socket
        self._frames: list[bytes] = []
        self._ready = asyncio.Event()
        self._is_over = False
        self.unsent_bytes = 0

    def send(self, frame: bytes) -> None:
        """Hand over a frame; never waits."""
        self._frames.append(frame)
        self.unsent_bytes += len(frame)
        self._ready.set()

    def restart(self) -> None:
        """Drop what is unsent and let the writer say that the client must begin again."""
        self._frames = [b'{"kind":"restart"}']
        self._is_over = True
        self._ready.set()

    async def write(self) -> None:
        """Write frames as they come, until the client is told to begin again."""
        while True:
            await self._ready.wait()
            self._ready.clear()
            frames, self._frames = self._frames, []
            for frame in frames:
                await self._socket.send_text(frame.decode())
                self.unsent_bytes = max(0, self.unsent_bytes - len(frame))
            if self._is_over:
                await self._socket.close(CLOSE_RESTART)
                return


@router.websocket("/live")
async def live(socket: WebSocket) -> None:
    """One screen, from its snapshot to its leaving."""
    await socket.accept()
    edge = edge_of(socket)
    staff = await find_staff(socket)
    if staff is None:
        await socket.close(CLOSE_SIGNED_OUT)
        return
    viewer = await viewer_of(edge, staff)
    pipe = Pipe(socket)
    screen = Screen(wire=pipe, audiences=audiences(viewer))
    unhear = edge.store.signal.hear(lambda hint: _pass_on(pipe, screen, hint))
    await duty.beat(edge.store, viewer.staff_id, clock.now())
    try:
        async with Crew() as crew:
            await _begin(edge, viewer, screen)
            crew.once(f"live {viewer.staff_id}", _quietly(pipe))
            await _listen(edge, socket, viewer, pipe)
    except WebSocketDisconnect:
        pass
    finally:
        unhear()
        edge.hub.detach(screen)


def audiences(viewer: Viewer) -> frozenset[str]:
    """Whose cards the person's screen holds: the own desk, and by permission boards and crises in reach."""
    names = {f"{DESK}:{viewer.staff_id}"}
    if viewer.may(Permission.WATCH):
        names |= {f"{BOARD}:{centre_id}" for centre_id in viewer.reach}
    if viewer.may(Permission.RESPOND):
        names |= {f"{CRISIS}:{centre_id}" for centre_id in viewer.reach}
    return frozenset(names)


async def _begin(edge: Edge, viewer: Viewer, screen: Screen) -> None:
    """Attach first, then read: what changes in between is sent twice, never lost."""
    edge.hub.attach(screen, ())
    async with edge.store.connection() as connection:
        shot = await store_live.snapshot(
            connection, edge.store.vault, viewer.reach, edge.settings.web.live_snapshot_contacts_max
        )
        today = await store_live.days(connection, viewer.reach)
    mine = edge.hub.attach(screen, [*shot.cards.values(), *today.values()])
    screen.wire.send(snapshot_frame(shot.cursor, mine))


async def _listen(edge: Edge, socket: WebSocket, viewer: Viewer, pipe: Pipe) -> None:
    checked_at = clock.now()
    while True:
        frame = _read(await socket.receive_text())
        now = clock.now()
        if frame.get("kind") == "beat":
            await duty.beat(edge.store, viewer.staff_id, now)
            pipe.send(orjson.dumps({"kind": "beat", "at": now.isoformat().replace("+00:00", "Z")}))
        elif frame.get("kind") == "typing":
            _hint_typing(edge, viewer, frame)
        if (now - checked_at).total_seconds() > RECHECK_SECONDS:
            checked_at = now
            if await find_staff(socket) is None:
                await socket.close(CLOSE_SIGNED_OUT)
                return


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


async def _quietly(pipe: Pipe) -> None:
    with suppress(WebSocketDisconnect, RuntimeError):
        await pipe.write()
