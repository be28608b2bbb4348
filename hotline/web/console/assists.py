"""A counselor asks for a supervisor: the button, who comes, and that it is over."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, WithJsonSchema

from hotline.base import clock
from hotline.domain import assist as assists
from hotline.flow import assist
from hotline.flow.assist import Opened
from hotline.web.asked import Asked
from hotline.web.console import shapes
from hotline.web.console.reach import AssistReader, AssistTaker, SessionAnswerer
from hotline.web.edge import TheEdge

router = APIRouter(tags=["assists"])

AssistReason = Annotated[str, WithJsonSchema({"type": "string", "enum": list(assists.REASONS)})]
AssistState = Annotated[str, WithJsonSchema({"type": "string", "enum": sorted(assists.MACHINE.states)})]


class AssistAsked(Asked):
    model_config = ConfigDict(extra="forbid")

    reason: AssistReason = "other"
    words: str = ""


class AssistCalled(BaseModel):
    assist_id: UUID


class AssistOpened(BaseModel):
    """A call for a supervisor with what the counselor has written."""

    id: UUID
    contact_id: UUID
    state: AssistState
    reason: AssistReason
    words: str | None
    asked_at: datetime
    counselor: shapes.Person
    taker: shapes.Person | None
    taken_at: datetime | None


@router.post("/api/sessions/{session_id}/assists", status_code=201)
async def ask(edge: TheEdge, viewer: SessionAnswerer, session_id: UUID, asked: AssistAsked) -> AssistCalled:
    """The counselor asks for somebody; pressed again, it is the same call."""
    words = shapes.limited(asked.words, edge.settings.web.reason_characters_max, "words")
    said = assists.Asked(reason=asked.reason, words=words)
    made = await assist.ask(edge.store, edge.policies, session_id, viewer.staff_id, said, clock.now())
    return AssistCalled(assist_id=made)


@router.get("/api/assists/{assist_id}")
async def show(edge: TheEdge, viewer: AssistReader, assist_id: UUID) -> AssistOpened:
    """One with its words; the look is journalled."""
    return _opened(await assist.open_assist(edge.store, viewer, assist_id, clock.now()))


@router.post("/api/assists/{assist_id}/taking", status_code=204)
async def take(edge: TheEdge, viewer: AssistTaker, assist_id: UUID) -> None:
    """The one who says so comes."""
    await assist.take(edge.store, assist_id, viewer.staff_id, clock.now())


@router.post("/api/assists/{assist_id}/return", status_code=204)
async def hand_back(edge: TheEdge, viewer: AssistReader, assist_id: UUID) -> None:
    """Whoever took it cannot come or has not come: the others are called at once."""
    await assist.hand_back(edge.store, edge.policies, assist_id, viewer.staff_id, clock.now())


@router.post("/api/assists/{assist_id}/withdrawal", status_code=204)
async def withdraw(edge: TheEdge, viewer: AssistReader, assist_id: UUID) -> None:
    """The counselor needs nobody any more."""
    await assist.withdraw(edge.store, assist_id, viewer.staff_id, clock.now())


@router.post("/api/assists/{assist_id}/ending", status_code=204)
async def end(edge: TheEdge, viewer: AssistTaker, assist_id: UUID) -> None:
    """Whoever came says that it is over."""
    await assist.end(edge.store, assist_id, viewer.staff_id, clock.now())


def _opened(opened: Opened) -> AssistOpened:
    found, names = opened.assist, opened.names
    taker = found.taken_by
    return AssistOpened(
        id=found.id,
        contact_id=found.contact_id,
        state=found.state,
        reason=found.reason,
        words=found.words.reveal() if found.words else None,
        asked_at=found.asked_at,
        counselor=shapes.Person(id=found.staff_id, name=names.get(found.staff_id, "")),
        taker=None if taker is None else shapes.Person(id=taker, name=names.get(taker, "")),
        taken_at=found.taken_at,
    )
