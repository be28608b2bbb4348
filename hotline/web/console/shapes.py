"""What travels between the console and us, as types: the console's own are generated from these.

Codes are documented as lists but accepted as text, because which codes there are is the domain's to say:
an unknown one is refused there, with a sentence. Lengths are the house's (`hotline.toml`), not the
schema's, and are asked by `limited`. Times are UTC with a Z, ids are UUIDs.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from hotline.base.errors import Malformed, Refused
from hotline.base.sensitive import Sensitive
from hotline.domain import (
    appraisal as appraisals,
    contact as contacts,
    message as messages,
    session as sessions,
)
from hotline.domain.centre import Channel
from hotline.domain.level import Level
from hotline.domain.presence import REASONS, Choice
from hotline.domain.routes import FLAGS
from hotline.web.asked import Asked


def one_of(values: Iterable[str]) -> WithJsonSchema:
    """A text that is one of these codes, as the description lists them."""
    return WithJsonSchema({"type": "string", "enum": list(values)})


LevelCode = Annotated[str, one_of(level.text for level in Level)]
ContactState = Annotated[str, one_of(sorted(contacts.MACHINE.states))]
SessionState = Annotated[str, one_of(sorted(sessions.MACHINE.states))]
Screening = Annotated[str, one_of(sorted(sessions.SCREENINGS))]
Disposition = Annotated[str, one_of(sorted(sessions.DISPOSITIONS))]
Result = Annotated[str, one_of(sorted(sessions.RESULTS))]
AgeBand = Annotated[str, one_of(sessions.AGE_BANDS)]
Region = Annotated[str, one_of(sorted(sessions.REGIONS))]
Mark = Annotated[str, one_of(sorted(sessions.MARKS))]
Problem = Annotated[str, one_of(sorted(sessions.PROBLEMS))]
NotReadyReason = Annotated[str, one_of(sorted(REASONS))]
Sender = Annotated[str, one_of(sorted(messages.SENDERS))]
Source = Annotated[str, one_of(appraisals.SOURCES)]
Quality = Literal["direct", "withheld", "switchboard", "voip", "unknown"]

Code = Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")]
"""A code that goes into the journal as it is: never a sentence."""

PROBLEMS_MAX = 20


# ------------------------------------------------------------------------------------------- asked


class BodyAsked(Asked):
    """A body in which nothing may stand that is not asked for."""

    model_config = ConfigDict(extra="forbid")


class PresenceAsked(BodyAsked):
    choice: Choice
    reason: NotReadyReason | None = None


class RefusalAsked(BodyAsked):
    reason: Code | None = None


class MessageAsked(BodyAsked):
    client_id: UUID
    words: str


class LevelAsked(BodyAsked):
    """`seen` is the level that the person had in front of them; one that has moved since is not lowered."""

    level: LevelCode
    basis: str = ""
    seen: LevelCode | None = None


class AlarmAsked(BodyAsked):
    level: LevelCode
    reason: str = ""


class ScreeningAsked(BodyAsked):
    result: Screening
    reason: str | None = None
    level: LevelCode | None = None
    seen: LevelCode | None = None


class Summary(BaseModel):
    """What was said, what is so, what the counselor makes of it, and what nobody knows: kept apart."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    words: str = ""
    facts: str = ""
    judgment: str = ""
    unknowns: str = ""


class RecordAsked(BodyAsked):
    """The record as it stands on the page: what is left out is not filled in (any more).

    But `region` and `marks` stay as they are when left out, for pages of the release before do not know
    them; null and an empty list empty them.
    """

    disposition: Disposition | None = None
    outcome: Result | None = None
    summary: Summary = Summary()
    age_band: AgeBand | None = None
    region: Region | None = None
    problem_types: tuple[Problem, ...] = Field(default=(), max_length=PROBLEMS_MAX)
    marks: tuple[Mark, ...] = Field(default=(), max_length=PROBLEMS_MAX)


def limited(text: str, characters_max: int, name: str) -> Sensitive:
    """The text, if it is not longer than this house takes.

    Raises:
        Malformed: it is longer; the sentence says how long it may be.
    """
    if len(text) > characters_max:
        raise Malformed("request.too_long", f"`{name}` may have {characters_max} characters at most.")
    return Sensitive(text)


def some(text: str, characters_max: int, name: str) -> Sensitive:
    """As `limited`, and not empty.

    Raises:
        Malformed: there is nothing in it, or too much.
    """
    if not text.strip():
        raise Malformed("request.empty", f"`{name}` is empty.")
    return limited(text, characters_max, name)


def level_of(code: str) -> Level:
    """The level of this name.

    Raises:
        Refused: there is none; the sentence lists those there are.
    """
    try:
        return Level.parse(code)
    except ValueError as error:
        raise Refused("level.unknown", str(error)) from None


# ------------------------------------------------------------------------------------------- shown


class Both(BaseModel):
    """The same in the two languages of the console."""

    zh: str
    en: str


class Person(BaseModel):
    id: UUID
    name: str


class Accepted(BaseModel):
    contact_id: UUID
    session_id: UUID


class PracticePhone(BaseModel):
    kind: Literal["practice"] = "practice"
    exchange_url: str
    identity: str


class TwilioPhone(BaseModel):
    kind: Literal["twilio"] = "twilio"
    token: str
    identity: str
    expires_at: datetime


class NoPhone(BaseModel):
    kind: Literal["none"] = "none"


Phone = Annotated[PracticePhone | TwilioPhone | NoPhone, Field(discriminator="kind")]


class LineShown(BaseModel):
    id: UUID
    name: str
    address: str


class CallerShown(BaseModel):
    """`number` is masked to its last two digits for those who may not see it.

    Where the house promises anonymity nobody is shown any of it.
    """

    number: str | None
    may_be_switchboard: bool
    number_quality: Quality
    earlier_contacts: int
    recent_high: bool


class FormShown(BaseModel):
    safe_now: Annotated[str, one_of(("yes", "no", "unsure"))] | None
    age_band: str | None
    attempted_before: bool | None
    crisis_key: bool


class FindingShown(BaseModel):
    """One rule's verdict; `spans` are offsets into the message `message_seq`, in characters."""

    id: UUID
    at: datetime
    source: Source
    message_seq: int | None
    rule: str
    verdict: Annotated[str, one_of(("hit", "unsure"))]
    level: LevelCode
    flags: tuple[str, ...]
    reason: Both
    spans: tuple[tuple[int, int], ...]


class SessionShown(BaseModel):
    id: UUID
    staff_id: UUID
    state: SessionState
    begun_at: datetime
    opened_at: datetime | None
    ended_at: datetime | None
    wrap_up_until: datetime | None
    screening: Screening | None
    screening_reason: str | None
    screened_at: datetime | None
    screened_second: int | None
    reminded_at: datetime | None
    overdue_at: datetime | None
    disposition: Disposition | None
    outcome: Result | None
    summary: Summary
    age_band: AgeBand | None
    region: Region | None
    problem_types: tuple[Problem, ...]
    marks: tuple[Mark, ...]


class AgencyShown(BaseModel):
    """Somebody to ring; `code` as a dispatch names it."""

    code: str
    number: str


class WayShown(BaseModel):
    """Where one flag of the contact leads; with `is_now` its agencies should be rung at once."""

    flag: Annotated[str, one_of(FLAGS)]
    team: str
    agencies: tuple[AgencyShown, ...]
    is_now: bool
    report: bool
    advice: Both


class ContactShown(BaseModel):
    id: UUID
    channel: Channel
    state: ContactState
    level: LevelCode
    subject_level: LevelCode
    band: int
    language: str
    line: LineShown
    arrived_at: datetime
    joined_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    counselor_id: UUID | None
    counselor: Person | None
    generation: int
    caller: CallerShown
    form: FormShown
    findings: tuple[FindingShown, ...]
    ways: tuple[WayShown, ...]
    session: SessionShown | None
    escalation_id: UUID | None


class RoutingVerdict(BaseModel):
    """One counselor: the reason why not, or null when an offer could be made."""

    id: UUID
    name: str
    reason: str | None


class RoutingShown(BaseModel):
    """Contacts ahead in the queue (null when not queued), and every counselor of the centre."""

    ahead: int | None
    counselors: tuple[RoutingVerdict, ...]


class MessageShown(BaseModel):
    seq: int
    sender: Sender
    words: str
    at: datetime
    client_id: UUID
    read_at: datetime | None


class MessagesShown(BaseModel):
    """`last_seq` is the last there is; ask again behind the last one shown when there are more."""

    messages: tuple[MessageShown, ...]
    last_seq: int


class MessageStored(BaseModel):
    seq: int
    at: datetime


class Made(BaseModel):
    id: UUID
