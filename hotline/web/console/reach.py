"""The door of the console: before anybody acts on a thing, whether it is for their eyes at all.

Out of reach is absent (404), whatever the person may otherwise do; only then is the permission asked
(403). So an answer never tells that something exists which the person may not see. Whose a session or
a chat is, the steps themselves ask under the contact's lock.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

from hotline.base import clock
from hotline.base.errors import Absent
from hotline.domain import access
from hotline.domain.access import Permission, Viewer
from hotline.flow import assist as assists, reading, sign_in, task as tasks
from hotline.store import eyes
from hotline.store.eyes import Thing
from hotline.web.auth import TheViewer, require_person, token_of
from hotline.web.edge import TheEdge, edge_of

Door = Callable[..., Awaitable[Viewer]]


def anybody(permission: Permission) -> Door:
    """Whoever is signed in and carries the permission."""

    async def allowed(viewer: TheViewer) -> Viewer:
        access.require(viewer, permission)
        return viewer

    return allowed


def contact(permission: Permission | None = None) -> Door:
    """Those who carry the permission, if one is asked for, and whose eyes the path's contact is for."""

    async def allowed(contact_id: UUID, request: Request) -> Viewer:
        return await _allowed(request, "contact", contact_id, permission)

    return allowed


def session(permission: Permission) -> Door:
    """Those who carry the permission, if the session of the path is for their eyes."""

    async def allowed(session_id: UUID, request: Request) -> Viewer:
        return await _allowed(request, "session", session_id, permission)

    return allowed


def escalation(permission: Permission | None = None) -> Door:
    """Those who carry the permission, if one is asked for, and whose eyes the path's escalation is for."""

    async def allowed(escalation_id: UUID, request: Request) -> Viewer:
        return await _allowed(request, "escalation", escalation_id, permission)

    return allowed


def restriction(permission: Permission) -> Door:
    """Those who carry the permission, if the contact behind the path's restriction is for their eyes."""

    async def allowed(restriction_id: UUID, request: Request) -> Viewer:
        return await _allowed(request, "restriction", restriction_id, permission)

    return allowed


def dispatch(permission: Permission) -> Door:
    """Those who carry the permission, if the dispatch of the path is for their eyes."""

    async def allowed(dispatch_id: UUID, request: Request) -> Viewer:
        return await _allowed(request, "dispatch", dispatch_id, permission)

    return allowed


def opening(permission: Permission) -> Door:
    """Those who carry the permission, if the opening of the path is of a contact for their eyes."""

    async def allowed(opening_id: UUID, request: Request) -> Viewer:
        return await _allowed(request, "opening", opening_id, permission)

    return allowed


def task(permission: Permission | None = None) -> Door:
    """Those who carry the permission, if one is asked for, and whose business the path's task is."""

    async def allowed(viewer: TheViewer, task_id: UUID, edge: TheEdge) -> Viewer:
        await tasks.require_reach(edge.store, viewer, task_id)
        if permission is not None:
            access.require(viewer, permission)
        return viewer

    return allowed


def assist(permission: Permission | None = None) -> Door:
    """Those who carry the permission, if one is asked for, and whose business the path's call is."""

    async def allowed(viewer: TheViewer, assist_id: UUID, edge: TheEdge) -> Viewer:
        await assists.require_reach(edge.store, viewer, assist_id)
        if permission is not None:
            access.require(viewer, permission)
        return viewer

    return allowed


def subject(permission: Permission) -> Door:
    """Those who carry the permission, if the subject of the path is of a contact for their eyes."""

    async def allowed(subject_id: UUID, request: Request) -> Viewer:
        return await _allowed(request, "subject", subject_id, permission)

    return allowed


async def rules(viewer: TheViewer) -> Viewer:
    """Whoever writes or approves rules."""
    if not viewer.may(Permission.APPROVE_RULES):
        access.require(viewer, Permission.EDIT_RULES)
    return viewer


def change(permission: Permission | None = None) -> Door:
    """Those who carry the permission, if one is asked for, of those who write or approve rules."""

    async def allowed(viewer: TheViewer, change_id: UUID) -> Viewer:
        if not (viewer.may(Permission.EDIT_RULES) or viewer.may(Permission.APPROVE_RULES)):
            raise Absent("change.absent", "There is no such draft.")
        _ = change_id
        if permission is not None:
            access.require(viewer, permission)
        return viewer

    return allowed


async def _allowed(request: Request, thing: Thing, thing_id: UUID, permission: Permission | None) -> Viewer:
    """Who asks, if the thing is for their eyes and they may act on it: one question to the database."""
    edge = edge_of(request)
    hashed, now = sign_in.token_hash(token_of(edge, request)), clock.now()
    async with edge.store.connection() as database:
        found = await eyes.find_asking(database, edge.store.vault, hashed, now, thing, thing_id)
    known, whose = found or (None, None)
    viewer = require_person(edge, known).viewer
    reading.require_reach(viewer, thing, whose)
    if permission is not None:
        access.require(viewer, permission)
    return viewer


def rostered(what: str) -> Door:
    """Those who keep the roster; to anybody else there is no such thing. Whose it is, the steps ask."""

    async def allowed(viewer: TheViewer) -> Viewer:
        if not viewer.may(Permission.ROSTER):
            raise Absent(f"{what}.absent", f"There is no such {what}.")
        return viewer

    return allowed


EscalationReader = Annotated[Viewer, Depends(escalation())]
ContactReader = Annotated[Viewer, Depends(contact())]
ShiftWorker = Annotated[Viewer, Depends(anybody(Permission.HAND_OVER))]
FollowUpWorker = Annotated[Viewer, Depends(anybody(Permission.FOLLOW_UP))]
Answerer = Annotated[Viewer, Depends(anybody(Permission.ANSWER))]
ContactAnswerer = Annotated[Viewer, Depends(contact(Permission.ANSWER))]
SessionAnswerer = Annotated[Viewer, Depends(session(Permission.ANSWER))]
SessionAmender = Annotated[Viewer, Depends(session(Permission.AMEND))]
Watcher = Annotated[Viewer, Depends(anybody(Permission.WATCH))]
ContactWatcher = Annotated[Viewer, Depends(contact(Permission.WATCH))]
Raiser = Annotated[Viewer, Depends(contact(Permission.RAISE))]
SubjectRaiser = Annotated[Viewer, Depends(subject(Permission.RAISE))]
Responder = Annotated[Viewer, Depends(escalation(Permission.RESPOND))]
Dispatcher = Annotated[Viewer, Depends(contact(Permission.DISPATCH))]
AssistReader = Annotated[Viewer, Depends(assist())]
AssistTaker = Annotated[Viewer, Depends(assist(Permission.RESPOND))]
TaskSeer = Annotated[Viewer, Depends(anybody(Permission.SEE_TASKS))]
TaskReader = Annotated[Viewer, Depends(task())]
TaskDismisser = Annotated[Viewer, Depends(task(Permission.DISMISS))]
RosterKeeper = Annotated[Viewer, Depends(anybody(Permission.ROSTER))]
TeamKeeper = Annotated[Viewer, Depends(rostered("team"))]
WatchKeeper = Annotated[Viewer, Depends(rostered("watch"))]
DispatchSender = Annotated[Viewer, Depends(dispatch(Permission.DISPATCH))]
DispatchDismisser = Annotated[Viewer, Depends(dispatch(Permission.DISMISS))]
NumberApprover = Annotated[Viewer, Depends(anybody(Permission.APPROVE_NUMBER))]
OpeningReader = Annotated[Viewer, Depends(opening(Permission.DISPATCH))]
OpeningApprover = Annotated[Viewer, Depends(opening(Permission.APPROVE_NUMBER))]
RulesReader = Annotated[Viewer, Depends(rules)]
RulesEditor = Annotated[Viewer, Depends(anybody(Permission.EDIT_RULES))]
ChangeReader = Annotated[Viewer, Depends(change())]
ChangeEditor = Annotated[Viewer, Depends(change(Permission.EDIT_RULES))]
ChangeApprover = Annotated[Viewer, Depends(change(Permission.APPROVE_RULES))]
