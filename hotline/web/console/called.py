"""What travels between the console and us about escalations: what is said of them, and how they are shown."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel

from hotline.domain import custody, escalation as escalations, paging
from hotline.web.console.shapes import BodyAsked, Both, LevelCode, Person, one_of

EscalationState = Annotated[str, one_of(sorted(escalations.MACHINE.states))]
Resolution = Annotated[str, one_of(sorted(escalations.OUTCOMES))]
How = Annotated[str, one_of(sorted(custody.HOWS))]
Ground = Annotated[str, one_of(sorted(custody.GROUNDS))]
Purpose = Annotated[str, one_of(paging.PURPOSES)]
PageState = Annotated[str, one_of(("due", "sent", "failed", "delivered"))]
PageAnswer = Annotated[str, one_of(paging.ANSWERS)]


class NoteAsked(BodyAsked):
    words: str


class ContactMadeAsked(BodyAsked):
    how: How
    words: str = ""


class ResolutionAsked(BodyAsked):
    outcome: Resolution
    words: str = ""
    seen: int | None = None


class ClosureAsked(BodyAsked):
    seen: int | None = None


class StandingDownAsked(BodyAsked):
    reason: str
    ground: Ground = "other"
    seen: int | None = None


class HandoverAsked(BodyAsked):
    to: UUID


class CauseShown(BaseModel):
    """`subject_id` names the person in danger where that is not the caller."""

    source: str
    rule: str | None
    reason: Both
    subject_id: UUID | None


class RungShown(BaseModel):
    rung: int
    who: Both
    channels: tuple[str, ...]
    seconds: int


class PageShown(BaseModel):
    id: UUID
    rung: int
    round: int
    staff: Person
    channel: str
    purpose: Purpose
    state: PageState
    answer: PageAnswer | None
    at: datetime


class NoteShown(BaseModel):
    at: datetime
    by: Person
    words: str


class JoiningShown(BaseModel):
    staff: Person
    asked_at: datetime
    joined_at: datetime | None


class EscalationShown(BaseModel):
    """`closing` holds the words with which it was resolved or stood down; `turn` goes back as `seen`."""

    id: UUID
    contact_id: UUID
    level: LevelCode
    state: EscalationState
    cause: CauseShown
    declared_at: datetime
    declared_by: Person | None
    rung: int
    round: int
    ladder: tuple[RungShown, ...]
    next_rung_at: datetime | None
    acknowledge_by: datetime
    acknowledged_at: datetime | None
    owner: Person | None
    turn: int
    chased: int
    is_stalled: bool
    able: tuple[Person, ...]
    offered_to: Person | None
    offered_until: datetime | None
    joined: tuple[JoiningShown, ...]
    contact_made_at: datetime | None
    contact_made_by: Person | None
    contact_how: How | None
    contact_words: str | None
    pages: tuple[PageShown, ...]
    notes: tuple[NoteShown, ...]
    outcome: Resolution | None
    resolved_at: datetime | None
    resolved_by: Person | None
    ground: Ground | None
    closed_at: datetime | None
    closed_by: Person | None
    closing: str | None
