"""What travels of the time after a contact: safety plans and follow-ups.

As in `shapes`: codes are listed for the console and asked by the domain, lengths are the house's.
"""

from datetime import datetime, time
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from hotline.domain import followup
from hotline.domain.safety_plan import ITEMS_MAX
from hotline.web.asked import Asked
from hotline.web.console.shapes import LevelCode, Person


def one_of(values: frozenset[str] | tuple[str, ...]) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "enum": sorted(values)})


FollowUpState = Annotated[str, one_of(followup.MACHINE.states)]
AttemptResult = Annotated[str, one_of(followup.ATTEMPTS)]
FollowUpResult = Annotated[str, one_of(followup.RESULTS)]
Decision = Annotated[str, one_of(followup.BY_DECISION)]
Acts = Annotated[str, one_of(followup.ACTS)]
Way = Annotated[str, one_of(followup.WAYS)]
Climbed = Annotated[str, one_of(followup.CLIMBED)]
Items = Annotated[tuple[str, ...], Field(max_length=ITEMS_MAX)]


class _Asked(Asked):
    model_config = ConfigDict(extra="forbid")


# ------------------------------------------------------------------------------------------- asked


class SafetyPlanAsked(_Asked):
    """A new version; `based_on` is the one that was read, 0 where there was none."""

    based_on: int = Field(ge=0)
    made_with_caller: bool
    warning_signs: Items = ()
    own_coping: Items = ()
    distraction: Items = ()
    people: Items = ()
    professionals: Items = ()
    safer_place: Items = ()


class AgreementAsked(_Asked):
    """What the caller said to being called again; times are local, `reach` is where it is safe."""

    agreed: bool
    way: Way | None = None
    reach: str = ""
    since: time | None = None
    until: time | None = None
    may_leave_voicemail: bool = False
    code_word: str = ""


class FollowUpAsked(_Asked):
    days: int


class AttemptAsked(_Asked):
    """What became of a try; ratings are 0 to 100, null where they were not asked."""

    result: AttemptResult
    intent: int | None = None
    hopefulness: int | None = None
    distress: int | None = None
    level: LevelCode | None = None
    acts_since: Acts | None = None
    words: str = ""


class ClosureAsked(_Asked):
    result: Decision
    reason: str


# ------------------------------------------------------------------------------------------- shown


class SafetyPlanShown(BaseModel):
    contact_id: UUID
    version: int
    made_at: datetime
    by: Person
    made_with_caller: bool
    warning_signs: tuple[str, ...]
    own_coping: tuple[str, ...]
    distraction: tuple[str, ...]
    people: tuple[str, ...]
    professionals: tuple[str, ...]
    safer_place: tuple[str, ...]


class SafetyPlanFound(BaseModel):
    """The caller's last plan; null where there is none."""

    plan: SafetyPlanShown | None


class VersionStored(BaseModel):
    version: int


class AgreementShown(BaseModel):
    agreed: bool
    at: datetime
    way: Way | None
    reach: str | None
    since: time | None
    until: time | None
    may_leave_voicemail: bool
    code_word: str | None


class FollowUpShown(BaseModel):
    """One call that is owed, or was: to be made at `next_at`, by now on the list of `climbed_to`."""

    id: UUID
    contact_id: UUID
    step: str
    level: LevelCode
    state: FollowUpState
    due_at: datetime
    next_at: datetime
    climbed_to: Climbed
    staff: Person | None
    misses: int
    result: FollowUpResult | None
    closed_at: datetime | None


class FollowUpsShown(BaseModel):
    """The longest overdue first."""

    follow_ups: tuple[FollowUpShown, ...]


class OfContactShown(BaseModel):
    agreement: AgreementShown | None
    follow_ups: tuple[FollowUpShown, ...]


class AttemptShown(BaseModel):
    at: datetime
    by: Person
    result: AttemptResult
    intent: int | None
    hopefulness: int | None
    distress: int | None
    level: LevelCode | None
    acts_since: Acts | None
    words: str | None


class FollowUpOpened(BaseModel):
    """All that whoever calls needs; `reach` only where the caller has agreed."""

    follow_up: FollowUpShown
    agreement: AgreementShown | None
    reach: str | None
    plan: SafetyPlanShown | None
    attempts: tuple[AttemptShown, ...]
    closing: str | None
