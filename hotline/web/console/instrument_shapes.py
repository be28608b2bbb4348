"""What travels about instruments, answer sheets, people at risk and the history of a level."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StrictInt, StrictStr, WithJsonSchema

from hotline.domain import assessment as assessments, subject as subjects
from hotline.domain.risk.instruments import USES
from hotline.web.asked import Asked
from hotline.web.console.shapes import Both, LevelCode, Person

ANSWERS_MAX = 100

Moment = Annotated[str, WithJsonSchema({"type": "string", "enum": list(assessments.MOMENTS)})]
Relation = Annotated[str, WithJsonSchema({"type": "string", "enum": list(subjects.RELATIONS)})]
SubjectFlag = Annotated[str, WithJsonSchema({"type": "string", "enum": list(subjects.FLAGS)})]
Use = Annotated[str, WithJsonSchema({"type": "string", "enum": list(USES)})]
Answers = Annotated[dict[str, StrictStr | StrictInt], Field(max_length=ANSWERS_MAX)]


class _Asked(Asked):
    model_config = ConfigDict(extra="forbid")


class StepAsked(_Asked):
    """Answers given so far, to be walked on; nothing of it is kept."""

    instrument: str
    answers: Answers


class AssessmentAsked(_Asked):
    """An answer sheet; `version` is that of the questions that were read out, `words` the counselor's own."""

    instrument: str
    version: str
    answers: Answers
    moment: Moment = "during"
    subject_id: UUID | None = None
    words: str = ""


class SubjectDescribed(_Asked):
    """What the caller says of the person at risk."""

    relation: Relation
    name: str = ""
    whereabouts: str = ""
    flags: tuple[SubjectFlag, ...] = Field(default=(), max_length=len(subjects.FLAGS))


class SubjectAsked(SubjectDescribed):
    """A person at risk; sent twice under one `client_id`, nobody is added."""

    client_id: UUID


class ChoiceShown(BaseModel):
    id: str
    words: Both


class NumberShown(BaseModel):
    least: int
    most: int


class ItemShown(BaseModel):
    """One question: choices from the least grave to the gravest, or a number."""

    id: str
    ask: Both
    group: Both | None
    choices: tuple[ChoiceShown, ...]
    number: NumberShown | None


class InstrumentShown(BaseModel):
    """An instrument as it is asked; `off` says why it is not."""

    id: str
    version: str
    use: Use
    name: Both
    source: str
    may_stay_open: bool
    off: str | None
    items: tuple[ItemShown, ...]


class InstrumentsShown(BaseModel):
    instruments: tuple[InstrumentShown, ...]


class ResultShown(BaseModel):
    """What answers suggest, and why; `could_be` is the level that unsettled answers leave possible."""

    level: LevelCode | None
    score: int | None
    why: tuple[Both, ...]
    unsettled: tuple[str, ...]
    could_be: LevelCode | None


class StepShown(BaseModel):
    """The questions that are asked after these answers, the next of them, and what they come to so far."""

    asked: tuple[str, ...]
    next: str | None
    result: ResultShown


class AssessmentShown(BaseModel):
    id: UUID
    instrument: InstrumentShown
    moment: Moment
    subject_id: UUID | None
    supersedes: UUID | None
    by: Person
    at: datetime
    answers: dict[str, str | int]
    level: LevelCode | None
    score: int | None
    why: tuple[Both, ...]
    words: str | None


class SubjectShown(BaseModel):
    id: UUID
    relation: Relation
    name: str | None
    whereabouts: str | None
    flags: tuple[SubjectFlag, ...]
    level: LevelCode
    made_at: datetime
    by: Person


class LevelMoved(BaseModel):
    """One change of a level: by a person, by answers or by the rules; the grounds in words or as a reason."""

    at: datetime
    before: LevelCode
    after: LevelCode
    subject_id: UUID | None
    by: Person | None
    source: Annotated[str, WithJsonSchema({"type": "string", "enum": ["counselor", "instrument", "rules"]})]
    basis: str | None
    reason: Both | None


class RatingsShown(BaseModel):
    """The caller's own numbers before and after the talk; `change` of those that are known both times."""

    before: dict[str, str | int]
    after: dict[str, str | int]
    change: dict[str, int]


class RiskShown(BaseModel):
    level: LevelCode
    subject_level: LevelCode
    subjects: tuple[SubjectShown, ...]
    assessments: tuple[AssessmentShown, ...]
    moves: tuple[LevelMoved, ...]
    ratings: RatingsShown
