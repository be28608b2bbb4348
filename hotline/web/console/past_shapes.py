"""What travels of a caller's past, of calls to those who hung up, and of a shift's hand-over."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from hotline.domain import outreach
from hotline.web.asked import Asked
from hotline.web.console.after_shapes import FollowUpShown, SafetyPlanShown, one_of
from hotline.web.console.shapes import (
    AgeBand,
    ContactState,
    Disposition,
    LevelCode,
    LineShown,
    Person,
    Result,
    Summary,
)

CallResult = Annotated[str, one_of(outreach.RESULTS)]


class _Asked(Asked):
    model_config = ConfigDict(extra="forbid")


class EarlierShown(BaseModel):
    contact_id: UUID
    channel: str
    state: ContactState
    level: LevelCode
    arrived_at: datetime
    answered_at: datetime | None
    disposition: Disposition | None
    outcome: Result | None
    counselor: Person | None


class RecordShown(BaseModel):
    """The last closed record: when, by whom, and its four texts."""

    contact_id: UUID
    closed_at: datetime | None
    by: Person
    summary: Summary


class HistoryShown(BaseModel):
    """What is known of the caller; the latest first."""

    earlier: tuple[EarlierShown, ...]
    plan: SafetyPlanShown | None
    last_record: RecordShown | None
    follow_ups: tuple[FollowUpShown, ...]


class OutreachItem(BaseModel):
    """Somebody who hung up; `callable_from` is when they may be called."""

    contact_id: UUID
    level: LevelCode
    age_band: AgeBand | None
    language: str
    line: LineShown
    left_at: datetime
    tries: int
    last_at: datetime | None
    callable_from: datetime


class OutreachShown(BaseModel):
    """The gravest first, then the young, then those tried least."""

    waiting: tuple[OutreachItem, ...]


class OutreachBegun(BaseModel):
    """The number to call, and the one sentence that a machine may hear."""

    call_id: UUID
    number: str
    voicemail: str


class ReportAsked(_Asked):
    result: CallResult
    words: str = ""


class SheetItem(BaseModel):
    """One thing that is open: what it is depends on the kind of the list that it stands in."""

    id: UUID | None = None
    contact_id: UUID
    state: str
    level: LevelCode | None = None
    kind: str | None = None
    step: str | None = None
    since: datetime | None = None
    due_at: datetime | None = None
    staff: Person | None = None


class SheetShown(BaseModel):
    contacts: tuple[SheetItem, ...]
    escalations: tuple[SheetItem, ...]
    dispatches: tuple[SheetItem, ...]
    follow_ups: tuple[SheetItem, ...]
    tasks: tuple[SheetItem, ...]


class HandoverShown(BaseModel):
    id: UUID
    given_by: Person
    given_at: datetime
    taken_by: Person | None
    taken_at: datetime | None
    words: str | None
    sheet: SheetShown


class ShiftShown(BaseModel):
    """What is open at this moment, and the sheets given lately, the latest first."""

    now: SheetShown
    handovers: tuple[HandoverShown, ...]


class HandoverAsked(_Asked):
    words: str = ""


def person(staff_id: UUID | None, names: Mapping[UUID, str]) -> Person | None:
    """Somebody by name; None is nobody."""
    return None if staff_id is None else Person(id=staff_id, name=names.get(staff_id, ""))


def named(staff_id: UUID, names: Mapping[UUID, str]) -> Person:
    """Somebody by name."""
    return Person(id=staff_id, name=names.get(staff_id, ""))
