"""The console's live socket: a snapshot with a cursor, then the cards that follow.

The page sends a beat every few seconds, which is the counselor's heartbeat; the answer lets the page
notice that it has gone stale, and says when no worker is at work. The sign-in is looked at again with every
beat that is due for it, so a session that was ended elsewhere ends here too. While the database is lost the
socket stays and beats go unanswered; a page that takes no frame any more is let go of by its line.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast
from uuid import UUID

import orjson
from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from hotline.base import clock
from hotline.base.errors import Unauthenticated, Unreachable
from hotline.domain.access import Permission, Viewer
from hotline.domain.live import BOARD, CRISIS, DESK, ROLE, Dealt
from hotline.store import live as store_live
from hotline.web.auth import person_of
from hotline.web.edge import Edge, edge_of
from hotline.web.screens import Screen
from hotline.web.wire import CLOSE_RESTART, Wire, wire_of

CLOSE_SIGNED_OUT: Final = 4401
FRAME_CHARACTERS_MAX: Final = 2000
RECHECK_SECONDS: Final = 30.0
BEAT_SECONDS_MIN: Final = 1.0
TYPING_SECONDS_MIN: Final = 1.0
LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)

router = APIRouter()


async def live(socket: WebSocket) -> None:
    """One screen, from its snapshot to its leaving."""
    await socket.accept()
    edge = edge_of(socket)
    wire = wire_of(socket, edge.settings.web.live_client_bytes_max)
    code = CLOSE_RESTART
    try:
        await _serve(edge, socket, wire)
    except Unauthenticated:
        code = CLOSE_SIGNED_OUT
    except (WebSocketDisconnect, Unreachable):
        pass
    finally:
        wire.close(code)


router.add_websocket_route("/api/live", live)
"""Not by the decorator: that keeps two exit stacks for every socket, 4 kB of 32."""


async def _serve(edge: Edge, socket: WebSocket, wire: Wire) -> None:
    """Show the person's screen for as long as it may be seen.

    Raises:
        Unauthenticated: nobody is signed in, or not any more.
    """
    viewer = (await person_of(socket)).viewer
    screen = Screen(wire=wire, audiences=audiences(viewer))
    try:
        await _begin(edge, viewer, screen)
        await _listen(edge, socket, viewer, wire)
    finally:
        edge.hub.detach(screen)


def audiences(viewer: Viewer) -> frozenset[str]:
    """Whose cards a person's screen holds: own desk and roles, by permission boards and crises in reach."""
    names = {f"{DESK}:{viewer.staff_id}"}
    if viewer.may(Permission.SEE_TASKS):
        names |= {f"{ROLE}:{role.value}:{centre_id}" for role in viewer.roles for centre_id in viewer.reach}
    if viewer.may(Permission.WATCH):
        names |= {f"{BOARD}:{centre_id}" for centre_id in viewer.reach}
    if viewer.may(Permission.RESPOND):
        names |= {f"{CRISIS}:{centre_id}" for centre_id in viewer.reach}
    return frozenset(names)


async def _begin(edge: Edge, viewer: Viewer, screen: Screen) -> None:
    """Be heard, expect changes, then read: what changes in between is sent twice, never lost."""
    await edge.living.beat(viewer.staff_id)
    edge.hub.expect(screen)
    vault, most = edge.store.vault, edge.settings.web.live_snapshot_contacts_max
    today: dict[str, Dealt] = {}
    async with edge.store.connection() as connection:
        if viewer.may(Permission.WATCH):
            shot = await store_live.snapshot(connection, vault, viewer.reach, most)
            today = await store_live.days(connection, viewer.reach)
        else:
            crises = viewer.reach if viewer.may(Permission.RESPOND) else frozenset[UUID]()
            shot = await store_live.desk(connection, vault, viewer, crises)
    edge.hub.begin(screen, shot.cursor, [*shot.cards.values(), *today.values()])


@dataclass(slots=True)
class _Page:
    """What one page says; signs of life and of writing count once in their while, however many are sent."""

    edge: Edge
    staff_id: UUID
    wire: Wire
    beat_at: datetime = LONG_AGO
    typed_at: datetime = LONG_AGO

    async def beats(self, now: datetime) -> None:
        """Note the sign of life, and only then answer it.

        Raises:
            Unreachable: the database does not answer; nor do we.
        """
        if not _is_within(now - self.beat_at, BEAT_SECONDS_MIN):
            await self.edge.living.beat(self.staff_id)
            self.beat_at = now
        silent = self.edge.ears.workers_silent_seconds
        at = now.isoformat().replace("+00:00", "Z")
        self.wire.send(orjson.dumps({"kind": "beat", "at": at, "workers_silent_seconds": silent}))

    def types(self, contact_id: str, now: datetime) -> None:
        """Tell the caller's page, if the contact lies at this person's desk."""
        if _is_within(now - self.typed_at, TYPING_SECONDS_MIN):
            return
        if self.edge.hub.is_at(f"{DESK}:{self.staff_id}", contact_id):
            self.typed_at = now
            self.edge.store.signal.hint({"what": "typing", "contact_id": contact_id, "from": "counselor"})


def _is_within(span: timedelta, seconds: float) -> bool:
    """Whether a span is so short; a clock that was put back makes nobody wait."""
    return 0 <= span.total_seconds() < seconds


async def _listen(edge: Edge, socket: WebSocket, viewer: Viewer, wire: Wire) -> None:
    """Take the page's frames until it is gone or signed out; a lost database is waited through.

    Raises:
        Unauthenticated: signed out; WebSocketDisconnect: gone.
    """
    checked_at = clock.now()
    page = _Page(edge=edge, staff_id=viewer.staff_id, wire=wire)
    while True:
        frame = await _frame(socket)
        now = clock.now()
        with suppress(Unreachable):
            if frame.get("kind") == "beat":
                await page.beats(now)
            elif frame.get("kind") == "typing":
                page.types(str(frame.get("contact_id")), now)
            if (now - checked_at).total_seconds() > RECHECK_SECONDS:
                await person_of(socket)
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
