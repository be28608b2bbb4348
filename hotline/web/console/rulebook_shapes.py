"""What travels about the rulebook; lengths are asked by the routes, because they are the house's."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from hotline.domain import rulebook as rulebooks
from hotline.web.asked import Asked
from hotline.web.console.shapes import Both, LevelCode, Person

Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
FileName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}\.yaml$")]
Span = tuple[int, int]


def _states(states: frozenset[str]) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "enum": sorted(states)})


ChangeState = Annotated[str, _states(rulebooks.MACHINE.states)]
ReplayState = Annotated[str, _states(rulebooks.REPLAYS.states)]


class _Asked(Asked):
    model_config = ConfigDict(extra="forbid")


class BeginningAsked(_Asked):
    """`version`: begin from another version than the one in use, to bring it back."""

    title: str
    version: Digest | None = None


class FileAsked(_Asked):
    """`edition` is the draft's as the page last saw it."""

    text: str
    edition: int = Field(ge=0)


class SentenceAsked(_Asked):
    text: str
    channel: Literal["chat", "phone"] = "chat"


class DaysAsked(_Asked):
    days: int = Field(ge=1, le=366)


class ApprovalAsked(_Asked):
    """What the second person has looked at."""

    version: Digest
    replay_id: UUID | None = None


class ReasonAsked(_Asked):
    reason: str


class CarryingAsked(_Asked):
    """`prefer`: whose lines stand where both changed them; None: be told of it."""

    prefer: Literal["mine", "theirs"] | None = None


class ActivationShown(BaseModel):
    """Nobody proposed or approved what came with a release."""

    number: int
    version: str
    at: datetime
    proposed_by: Person | None
    approved_by: Person | None
    change_id: UUID | None
    is_replayed: bool


class NodeShown(BaseModel):
    kind: str
    version: str
    fault: str | None
    at: datetime


class ChangeListed(BaseModel):
    id: UUID
    title: str
    author: Person
    state: ChangeState
    changed_at: datetime
    is_behind: bool


class RulebookShown(BaseModel):
    """`newer_shipped` is a version that came with a release and waits for two people to choose it."""

    standing: ActivationShown
    newer_shipped: str | None
    nodes: tuple[NodeShown, ...]
    changes: tuple[ChangeListed, ...]
    history: tuple[ActivationShown, ...]
    file_bytes_max: int
    replay_days_max: int


class FileListed(BaseModel):
    """`how` is what the change does to it."""

    name: str
    lines: int
    how: Literal["same", "added", "changed", "removed"]


class FileShown(BaseModel):
    name: str
    text: str


class FilesShown(BaseModel):
    """All files of a version that was in use or was proposed."""

    version: str
    files: tuple[FileShown, ...]


class EditionShown(BaseModel):
    edition: int


class ReplayedContact(BaseModel):
    contact_id: UUID
    old: LevelCode
    new: LevelCode
    flags: tuple[str, ...]
    rules: tuple[str, ...]


class MoveShown(BaseModel):
    old: LevelCode
    new: LevelCode
    contacts: int


class ReplayShown(BaseModel):
    """`changed` lists the contacts of the asker's own centres; `moves` counts those of the whole house."""

    id: UUID
    state: ReplayState
    days: int
    version: str
    is_current: bool
    asked_at: datetime
    ended_at: datetime | None
    contacts: int
    is_whole: bool
    moves: tuple[MoveShown, ...]
    changed: tuple[ReplayedContact, ...]


class ChangeShown(BaseModel):
    """`version` names what was proposed; `is_behind`: something else was put into use since it began."""

    id: UUID
    title: str
    author: Person
    state: ChangeState
    based_on: str
    edition: int
    changed_at: datetime
    proposed_at: datetime | None
    version: str | None
    is_mine: bool
    is_behind: bool
    decided_by: Person | None
    answer: str | None
    files: tuple[FileListed, ...]
    replay: ReplayShown | None


class FaultShown(BaseModel):
    """Lines count from 1; what is not known is None."""

    file: str | None
    line: int | None
    entry: str | None
    sentence: str


class CheckShown(BaseModel):
    """No faults: it may be proposed."""

    faults: tuple[FaultShown, ...]


class EntryShown(BaseModel):
    kind: str
    name: str
    file: str
    how: Literal["added", "removed", "changed"]
    fields: tuple[str, ...]


class ExampleShown(BaseModel):
    """One of the rulebook's own examples that reaches another level."""

    text: str
    entry: str
    old: LevelCode
    new: LevelCode


class DifferenceShown(BaseModel):
    """`lines` is a unified diff; entries and examples are empty where either side has faults."""

    is_sound: bool
    entries: tuple[EntryShown, ...]
    examples: tuple[ExampleShown, ...]
    lines: tuple[str, ...]


class FindingOfRule(BaseModel):
    rule: str
    verdict: str
    level: LevelCode
    spans: tuple[Span, ...]
    reason: Both


class SignalHeard(BaseModel):
    """`mask` took it away, where one did."""

    signal: str
    mask: str | None
    span: Span


class ExplanationShown(BaseModel):
    """What the rules make of a sentence; it is kept nowhere."""

    version: str
    level: LevelCode
    flags: tuple[str, ...]
    is_unsure: bool
    findings: tuple[FindingOfRule, ...]
    signals: tuple[SignalHeard, ...]
