"""The help-seeker's socket: it opens for anybody, and becomes somebody's chat with the first frame.

The token travels in that frame and never in an address, where logs and histories would keep it. Only a
token that nobody has is told to give up; a slow network or a lost database is told to try again, because
a page that gave up would lose its place.
"""

import asyncio
from typing import Final

from fastapi import APIRouter
from starlette.websockets import WebSocket, WebSocketDisconnect

from hotline.base.errors import Malformed, Refused, Unreachable
from hotline.base.sensitive import Sensitive
from hotline.base.tasks import Crew
from hotline.domain.contact import Contact
from hotline.flow import intake
from hotline.store import contact as store_contact
from hotline.web.chat import frames
from hotline.web.chat.frames import Resume
from hotline.web.chat.talk import CLOSE_UNKNOWN, Talk, receive
from hotline.web.edge import Edge, edge_of
from hotline.web.wire import CLOSE_RESTART, Wire, wire_of

RESUME_SECONDS_MAX: Final = 10.0

router = APIRouter()


async def live(socket: WebSocket) -> None:
    """One page, from its first frame to its closing."""
    await socket.accept()
    edge = edge_of(socket)
    wire = wire_of(socket, edge.settings.web.live_client_bytes_max)
    async with Crew() as crew:
        try:
            async with asyncio.timeout(RESUME_SECONDS_MAX):
                resume = await _first(socket, edge, wire)
            contact = await _contact_of(edge, resume)
        except (TimeoutError, WebSocketDisconnect, Unreachable):
            wire.close(CLOSE_RESTART)
        else:
            if contact is None:
                wire.close(CLOSE_UNKNOWN)
            else:
                await Talk(edge, socket, wire).run(crew, contact, resume)


router.add_websocket_route("/api/chat/live", live)
"""Not by the decorator: that keeps two exit stacks for every socket, 4 kB of 32."""


async def _first(socket: WebSocket, edge: Edge, wire: Wire) -> Resume:
    """The frame that says whose chat it is; anything else is answered and waited past."""
    while True:
        try:
            frame = await receive(socket, edge.settings.web.body_bytes_max)
        except Malformed as error:
            wire.send(frames.error(error))
            continue
        if isinstance(frame, Resume):
            return frame
        wire.send(frames.error(Refused("frame.resume_first", "Say first whose chat this is.")))


async def _contact_of(edge: Edge, resume: Resume) -> Contact | None:
    hashed = intake.token_hash(Sensitive(resume.token))
    async with edge.store.connection() as connection:
        contact = await store_contact.find_by_token(connection, edge.store.vault, hashed)
    if contact is not None and not contact.is_ended:
        await edge.living.seen(contact.id)
    return contact
