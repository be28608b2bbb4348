"""An assessment: an instrument's questions answered in a contact, kept as they were, and never rewritten.

Each is about the caller or about a subject, names the version of the instrument, and keeps the answers with
what they came to. A newer one supersedes the last of its kind and leaves it standing. What it suggests may
raise a level, with the escalation that follows, in the transaction that keeps the answers; it never lowers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from hotline.base.errors import Refused
from hotline.base.sensitive import Sensitive
from hotline.domain import contact as contacts, escalation as escalations, subject as subjects
from hotline.domain.escalation import Cause, Means
from hotline.domain.journal import Json, staff_actor
from hotline.domain.level import Level
from hotline.domain.outcome import NOTHING, Outcome
from hotline.domain.risk import instruments
from hotline.domain.risk.instruments import Answers, Instrument, Result
from hotline.domain.subject import Held, Subject

MOMENTS: Final = ("before", "during", "after")
"""When in the talk the questions were asked; self-ratings are compared before and after."""
SOURCE: Final = "instrument"
"""The cause of an escalation that answers called for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """Answers as they were given; `level` is what they suggest, None where the instrument suggests none."""

    id: UUID
    contact_id: UUID
    instrument: str
    version: str
    moment: str
    staff_id: UUID
    at: datetime
    subject_id: UUID | None = None
    supersedes: UUID | None = None
    score: int | None = None
    level: Level | None = None
    answers: Mapping[str, Json] = field(default_factory=dict[str, Json])
    words: Sensitive | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """An answer sheet as it is handed in: by whom, about whom (None: the caller), and in whose place."""

    id: UUID
    instrument: Instrument
    answers: Answers
    moment: str
    staff_id: UUID
    subject: Subject | None = None
    supersedes: UUID | None = None
    words: Sensitive | None = None


def read(sheet: Sheet) -> Result:
    """What the answers come to.

    Raises:
        Refused: the moment is unknown, or the instrument does not take these answers.
    """
    if sheet.moment not in MOMENTS:
        raise Refused("assessment.moment", f"A moment is one of {', '.join(MOMENTS)}.")
    instruments.check(sheet.instrument, sheet.answers)
    return instruments.result(sheet.instrument, sheet.answers)


def take(held: Held, sheet: Sheet, result: Result, *, means: Means, now: datetime) -> Outcome:
    """Keep the answers with what they come to, and answer the level that they suggest."""
    kept = Assessment(
        id=sheet.id,
        contact_id=held.contact.id,
        instrument=sheet.instrument.id,
        version=sheet.instrument.version,
        moment=sheet.moment,
        staff_id=sheet.staff_id,
        at=now,
        subject_id=sheet.subject.id if sheet.subject else None,
        supersedes=sheet.supersedes,
        score=result.score,
        level=result.level,
        answers=dict(sheet.answers),
        words=sheet.words,
    )
    code = None if result.level is None else result.level.text
    entry = contacts.note(
        held.contact,
        "contact.assessed",
        staff_actor(sheet.staff_id),
        assessment=str(kept.id),
        instrument=kept.instrument,
        version=kept.version,
        level=code,
        subject=str(kept.subject_id) if kept.subject_id else None,
    )
    return Outcome(rows=(kept,), entries=(entry,)) + respond(held, sheet, result, means=means, now=now)


def respond(held: Held, sheet: Sheet, result: Result, *, means: Means, now: datetime) -> Outcome:
    """Answer the level that answers suggest; alone, for a sheet that is sent again and kept already."""
    if result.level is None:
        return NOTHING
    name = sheet.instrument.name
    reason = {
        "zh": f"{name.zh}：{'；'.join(each.zh for each in result.why)}",
        "en": f"{name.en}: {'; '.join(each.en for each in result.why)}",
    }
    cause = Cause(source=SOURCE, rule=sheet.instrument.id, reason=reason, staff_id=sheet.staff_id)
    if sheet.subject is not None:
        return subjects.respond(held, sheet.subject, result.level, cause, means=means, now=now)
    return escalations.respond(held.contact, held.escalation, result.level, cause, means=means, now=now)


def change(before: Mapping[str, Json], after: Mapping[str, Json]) -> dict[str, int]:
    """By how much each number has changed, of those that are known both times."""
    return {
        name: later - earlier
        for name, later in after.items()
        if isinstance(later, int) and isinstance(earlier := before.get(name), int)
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratings:
    """The caller's last numbers before and after the talk, and by how much each has changed."""

    before: Mapping[str, Json]
    after: Mapping[str, Json]
    change: Mapping[str, int]


def ratings(sheets: Sequence[Assessment], instrument: str) -> Ratings:
    """The caller's own numbers out of all sheets of a contact, in the order of their making."""
    own = {
        each.moment: each.answers
        for each in sheets
        if each.instrument == instrument and each.subject_id is None
    }
    before, after = own.get("before", {}), own.get("after", {})
    return Ratings(before=before, after=after, change=change(before, after))
