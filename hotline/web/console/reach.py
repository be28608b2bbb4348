"""The door of the console: before anybody acts on a thing, whether it is for their eyes at all.

Out of reach is absent (404), whatever the person may otherwise do; only then is the permission asked
(403). So an answer never tells that something exists which the person may not see. Whose a session or
a chat is, the steps themselves ask under the contact's lock.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

from fastapi import Depends

from hotline.domain import access
from hotline.domain.access import Permission, Viewer
from hotline.flow import reading
from hotline.web.auth import TheViewer
from hotline.web.edge import TheEdge

Door = Callable[..., Awaitable[Viewer]]


async def contact_reached(contact_id: UUID, edge: TheEdge, viewer: TheViewer) -> Viewer:
    """Whoever is asking, if the contact of the path is for their eyes."""
    await reading.reach_contact(edge.store, viewer, contact_id)
    return viewer


async def session_reached(session_id: UUID, edge: TheEdge, viewer: TheViewer) -> Viewer:
    """Whoever is asking, if the session of the path is for their eyes."""
    await reading.reach_session(edge.store, viewer, session_id)
    return viewer


async def escalation_reached(escalation_id: UUID, edge: TheEdge, viewer: TheViewer) -> Viewer:
    """Whoever is asking, if the escalation of the path is for their eyes."""
    await reading.reach_escalation(edge.store, viewer, escalation_id)
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
