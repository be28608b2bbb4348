"""The door of the console: before anybody acts on a thing, whether it is for their eyes at all.

Out of reach is absent (404), whatever the person may otherwise do; only then is the permission asked
(403). So an answer never tells that something exists which the person may not see. Whose a session or
a chat is, the steps themselves ask under the contact's lock.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

from hotline.domain import access
from hotline.domain.access import Permission, Viewer
from hotline.flow import reading
from hotline.store.eyes import Thing
from hotline.web.auth import TheViewer, get_person, token_of
from hotline.web.edge import edge_of

Door = Callable[..., Awaitable[Viewer]]


async def contact_reached(contact_id: UUID, request: Request) -> Viewer:
    """Whoever is asking, if the contact of the path is for their eyes."""
    return await _reached(request, "contact", contact_id)


async def session_reached(session_id: UUID, request: Request) -> Viewer:
    """Whoever is asking, if the session of the path is for their eyes."""
    return await _reached(request, "session", session_id)


async def escalation_reached(escalation_id: UUID, request: Request) -> Viewer:
    """Whoever is asking, if the escalation of the path is for their eyes."""
    return await _reached(request, "escalation", escalation_id)


async def _reached(request: Request, thing: Thing, thing_id: UUID) -> Viewer:
    """Who asks and whose the thing is, in one visit to the pool."""
    edge = edge_of(request)
    token = token_of(edge, request)
    async with edge.store.connection() as database:
        viewer = (await get_person(edge, database, token)).viewer
        await reading.reach(database, viewer, thing, thing_id)
    return viewer


async def anybody(viewer: TheViewer) -> Viewer:
    """Whoever is signed in."""
    return viewer


def may(permission: Permission, behind: Door) -> Door:
    """Those behind the door who carry the permission."""

    async def allowed(viewer: Annotated[Viewer, Depends(behind)]) -> Viewer:
        access.require(viewer, permission)
        return viewer

    return allowed


ContactReader = Annotated[Viewer, Depends(contact_reached)]
EscalationReader = Annotated[Viewer, Depends(escalation_reached)]
Answerer = Annotated[Viewer, Depends(may(Permission.ANSWER, anybody))]
ContactAnswerer = Annotated[Viewer, Depends(may(Permission.ANSWER, contact_reached))]
SessionAnswerer = Annotated[Viewer, Depends(may(Permission.ANSWER, session_reached))]
ContactWatcher = Annotated[Viewer, Depends(may(Permission.WATCH, contact_reached))]
Raiser = Annotated[Viewer, Depends(may(Permission.RAISE, contact_reached))]
Responder = Annotated[Viewer, Depends(may(Permission.RESPOND, escalation_reached))]
