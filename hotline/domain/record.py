"""What happened beside the talk, and what is put right after a record is closed; rows are only ever added.

Actions. What was spoken of is not what was done: an action is discussed, agreed, planned, done, or it has
failed, and each change of that is a row of its own with who and when. Reports count what is *done* and
nothing else (requirement 43).

Amendments. A closed record is never overwritten: whoever finds it wrong adds what should stand there, with
a reason and their name. A reader sees the record as amended and every amendment under it (requirement 44).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field as made, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from hotline.base.errors import Refused
from hotline.base.sensitive import Sensitive
from hotline.domain import session as sessions
from hotline.domain.journal import Entry, Json, staff_actor
from hotline.domain.outcome import NOTHING, Outcome
from hotline.domain.session import Record, Session

KINDS: Final = (
    "safety_plan", "means_removed", "family_called", "emergency_called", "referral", "information",
    "exercise", "follow_up", "other",
)  # fmt: skip
"""What can be done for a caller; details are in the action's own words."""
STATES: Final = ("discussed", "agreed", "planned", "done", "failed")
DONE: Final = "done"

TEXTS: Final = ("words", "facts", "judgment", "unknowns")
SINGLE: Final = ("disposition", "result", "age_band", "region")
SEVERAL: Final = ("problems", "marks")
FIELDS: Final = (*TEXTS, *SINGLE, *SEVERAL)
SAY_WHAT: Final = "Say what should stand there: a text for words, codes from their list for everything else."
"""The fields of a record that can be amended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One state of one action; rows with the same `action_id` are its history, `nth` from 0."""

    id: UUID
    action_id: UUID
    nth: int
    session_id: UUID
    contact_id: UUID
    centre_id: UUID
    staff_id: UUID
    at: datetime
    kind: str
    state: str
    words: Sensitive | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Acted:
    """What somebody says of an action; `action_id` is made by the page and names it for good."""

    action_id: UUID
    kind: str
    state: str
    words: Sensitive | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """What should stand in one field of a closed record: `codes` of a list, or the text `after`.

    `before_digest` is a keyed digest of what stood there, so that the row says which value it replaces.
    """

    id: UUID
    session_id: UUID
    contact_id: UUID
    centre_id: UUID
    staff_id: UUID
    at: datetime
    field: str
    before_digest: bytes
    codes: tuple[str, ...] | None = None
    after: Sensitive | None = None
    reason: Sensitive


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An amendment as somebody asks for it."""

    field: str
    codes: tuple[str, ...] = ()
    text: Sensitive = made(default_factory=lambda: Sensitive(""))
    reason: Sensitive


def act(
    session: Session, said: Acted, history: Sequence[Action], by: tuple[UUID, UUID], now: datetime
) -> Outcome:
    """Note the state of an action; `history` holds its rows so far, `by` who says it and the new row's id.

    The same state again changes nothing.

    Raises:
        Refused: a code is not in its list, the action is of another kind or record, or nobody has talked.
    """
    staff_id, row_id = by
    _require_codes(said)
    if session.state in {"connecting", "failed"}:
        raise Refused("action.no_talk", "There has been no talk in which something could be agreed.")
    latest = history[-1] if history else None
    if latest is not None and (latest.kind, latest.session_id) != (said.kind, session.id):
        raise Refused("action.kind", "An action keeps its kind and its record; add another one.")
    if latest is not None and (latest.state, latest.words) == (said.state, said.words):
        return NOTHING
    row = Action(
        id=row_id,
        action_id=said.action_id,
        nth=len(history),
        session_id=session.id,
        contact_id=session.contact_id,
        centre_id=session.centre_id,
        staff_id=staff_id,
        at=now,
        kind=said.kind,
        state=said.state,
        words=said.words,
    )
    entry = _entry(session, "record.action", staff_id, action=str(row.action_id), state=row.state)
    return Outcome(rows=(row,), entries=(entry,))


def latest(actions: Iterable[Action]) -> list[Action]:
    """Each action as it stands now, in the order in which they were first named."""
    return list({each.action_id: each for each in actions}.values())


def counts_as_done(action: Action) -> bool:
    """Whether a report may count it: what is only agreed or planned has not been done."""
    return action.state == DONE


def amend(
    session: Session,
    before: Sequence[Amendment],
    change: Change,
    by: tuple[UUID, UUID],
    now: datetime,
    digest: Callable[[Sensitive], bytes],
) -> Outcome:
    """Put a field of a closed record right; `by` is who, and the new row's id.

    The value that stands already changes nothing.

    Raises:
        Refused: the record is still open, the field or a code is unknown, words are given where codes belong
            or codes where words do, or there is no reason.
    """
    staff_id, amendment_id = by
    _require_amendable(session, change)
    standing = amended(session.record, before)
    after = _with(standing, change)
    sessions.require_codes(after)
    if after == standing:
        return NOTHING
    row = Amendment(
        id=amendment_id,
        session_id=session.id,
        contact_id=session.contact_id,
        centre_id=session.centre_id,
        staff_id=staff_id,
        at=now,
        field=change.field,
        before_digest=digest(_text_of(standing, change.field)),
        codes=None if change.field in TEXTS else change.codes,
        after=change.text if change.field in TEXTS else None,
        reason=change.reason,
    )
    entry = _entry(session, "record.amended", staff_id, field=change.field, amendment=str(amendment_id))
    return Outcome(rows=(row,), entries=(entry,))


def amended(record: Record, amendments: Iterable[Amendment]) -> Record:
    """The record as it should be read: of each field what the latest amendment says; they come in order."""
    for each in amendments:
        record = _with(
            record,
            Change(
                field=each.field,
                codes=each.codes or (),
                text=each.after or Sensitive(""),
                reason=each.reason,
            ),
        )
    return record


def _with(record: Record, change: Change) -> Record:
    if change.field in TEXTS:
        return replace(record, **{change.field: change.text})
    if change.field in SEVERAL:
        return replace(record, **{change.field: change.codes})
    return replace(record, **{change.field: change.codes[0] if change.codes else None})


def _text_of(record: Record, field: str) -> Sensitive:
    value: Sensitive | tuple[str, ...] | str | None = getattr(record, field)
    if isinstance(value, Sensitive):
        return value
    return Sensitive(",".join(value) if isinstance(value, tuple) else value or "")


def _require_amendable(session: Session, change: Change) -> None:
    if session.state not in {"closed", "interrupted"}:
        raise Refused("amendment.open", "This record is still open; write in it instead.")
    if change.field not in FIELDS or (change.field in SINGLE and len(change.codes) > 1):
        raise Refused("amendment.field", f"What can be amended: {', '.join(FIELDS)}.")
    if change.codes if change.field in TEXTS else change.text:
        raise Refused("amendment.value", SAY_WHAT)
    if change.reason.is_blank:
        raise Refused("amendment.reason", "Say why the record is amended.")


def _require_codes(said: Acted) -> None:
    if said.kind not in KINDS:
        raise Refused("action.kind_unknown", f"An action is one of {', '.join(KINDS)}.")
    if said.state not in STATES:
        raise Refused("action.state_unknown", f"An action is {', '.join(STATES)}.")


def _entry(session: Session, kind: str, staff_id: UUID, **body: Json) -> Entry:
    return Entry(
        kind=kind,
        centre_id=session.centre_id,
        contact_id=session.contact_id,
        actor=staff_actor(staff_id),
        staff_ids=(session.staff_id,),
        body={"session": str(session.id), **body},
    )
