"""A record as it should be read: with what was agreed and done, and what was put right after its closing."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from hotline.base import clock
from hotline.base.errors import Malformed
from hotline.domain import chain, record as records
from hotline.domain.access import Permission, Viewer
from hotline.domain.chain import Link
from hotline.domain.record import Acted, Action, Amendment, Change
from hotline.domain.session import Record
from hotline.flow import reading, record
from hotline.flow.reading import Recorded
from hotline.store.record import Listed
from hotline.web.auth import TheViewer
from hotline.web.console import reach, shapes
from hotline.web.console.reach import SessionAmender, SessionAnswerer
from hotline.web.edge import TheEdge

router = APIRouter(prefix="/api", tags=["records"])

FIELDS: Final = {"outcome": "result", "problem_types": "problems"}
"""Fields that the pages call by another name than the house."""
_NAMES: Final = {ours: theirs for theirs, ours in FIELDS.items()}

DAYS_MAX: Final = 31
LISTED_MAX: Final = 300
MARK_CHARACTERS: Final = 16

Amender = Annotated[Viewer, Depends(reach.anybody(Permission.AMEND))]
ActionKind = Annotated[str, shapes.one_of(records.KINDS)]
ActionState = Annotated[str, shapes.one_of(records.STATES)]
RecordField = Annotated[str, shapes.one_of(_NAMES.get(each, each) for each in records.FIELDS)]


class ActionAsked(shapes.BodyAsked):
    """`action_id` is made by the page and names the action for good; later states are sent under it."""

    action_id: UUID
    kind: ActionKind
    state: ActionState
    words: str = ""


class AmendmentAsked(shapes.BodyAsked):
    """`codes` for a field of codes (one, several, or an empty list for none), `text` for one of words."""

    field: RecordField
    codes: tuple[str, ...] | None = Field(default=None, max_length=shapes.PROBLEMS_MAX)
    text: str | None = None
    reason: str


class StateShown(BaseModel):
    state: ActionState
    at: datetime
    by: shapes.Person
    words: str


class ActionShown(BaseModel):
    """An action as it stands, and how it came to that; only `done` counts as done."""

    action_id: UUID
    kind: ActionKind
    state: ActionState
    is_done: bool
    history: tuple[StateShown, ...]


class AmendmentShown(BaseModel):
    id: UUID
    field: RecordField
    codes: tuple[str, ...] | None
    text: str | None
    reason: str
    at: datetime
    by: shapes.Person


class RecordShown(BaseModel):
    """A record's fields, as they stand after all amendments or as they were closed."""

    disposition: str | None
    outcome: str | None
    age_band: str | None
    region: str | None
    problem_types: tuple[str, ...]
    marks: tuple[str, ...]
    summary: shapes.Summary


class ProofShown(BaseModel):
    """How many links of the chain speak of this record, and whether each of them holds.

    `mark` is the beginning of the newest link's hash, to be compared with a copy that was put away.
    """

    links: int
    holds: bool
    seq: int | None
    mark: str | None


class RecordListed(BaseModel):
    session_id: UUID
    contact_id: UUID
    channel: str
    level: shapes.LevelCode
    state: str
    begun_at: datetime
    closed_at: datetime | None
    disposition: str | None
    amendments: int
    counselor: shapes.Person


class RecordsListed(BaseModel):
    records: tuple[RecordListed, ...]


class RecordedShown(BaseModel):
    """`as_closed` is what the counselor closed, `as_read` the same with every amendment laid over it."""

    session_id: UUID
    contact_id: UUID
    state: shapes.SessionState
    closed_at: datetime | None
    counselor: shapes.Person
    as_closed: RecordShown
    as_read: RecordShown
    actions: tuple[ActionShown, ...]
    amendments: tuple[AmendmentShown, ...]
    proof: ProofShown


@router.get("/records")
async def lately(
    edge: TheEdge, viewer: Amender, days: Annotated[int, Query(ge=1, le=DAYS_MAX)] = 7
) -> RecordsListed:
    """One's own records of the last days, those of one's centres for supervisors: codes and times only."""
    since = clock.now() - timedelta(days=days)
    found = await record.lately(edge.store, viewer, since, LISTED_MAX)
    return RecordsListed(records=tuple(_in_list(each, found.names) for each in found.listed))


@router.get("/sessions/{session_id}/record")
async def show(edge: TheEdge, viewer: TheViewer, session_id: UUID) -> RecordedShown:
    """The record with its actions and amendments; the look is journalled."""
    return _recorded(await reading.open_record(edge.store, viewer, session_id, clock.now()))


@router.post("/sessions/{session_id}/actions", status_code=204)
async def act(edge: TheEdge, viewer: SessionAnswerer, session_id: UUID, asked: ActionAsked) -> None:
    """What was discussed, agreed, planned or done, or has failed; the same again changes nothing."""
    words = shapes.limited(asked.words, edge.settings.web.note_characters_max, "words")
    said = Acted(
        action_id=asked.action_id,
        kind=asked.kind,
        state=asked.state,
        words=words if not words.is_blank else None,
    )
    await record.act(edge.store, edge.policies, session_id, viewer.staff_id, said, clock.now())


@router.post("/sessions/{session_id}/amendments", status_code=204)
async def amend(edge: TheEdge, viewer: SessionAmender, session_id: UUID, asked: AmendmentAsked) -> None:
    """Put a field of a closed record right, with the reason; what stands there already changes nothing."""
    web, field = edge.settings.web, FIELDS.get(asked.field, asked.field)
    if (asked.text if field in records.TEXTS else asked.codes) is None:
        raise Malformed("amendment.value", records.SAY_WHAT, ("text" if field in records.TEXTS else "codes",))
    change = Change(
        field=field,
        codes=asked.codes or (),
        text=shapes.limited(asked.text or "", web.record_characters_max, "text"),
        reason=shapes.limited(asked.reason, web.reason_characters_max, "reason"),
    )
    await record.amend(edge.store, edge.policies, session_id, viewer.staff_id, change, clock.now())


def _recorded(found: Recorded) -> RecordedShown:
    names, session = found.names, found.session
    return RecordedShown(
        session_id=session.id,
        contact_id=session.contact_id,
        state=session.state,
        closed_at=session.closed_at,
        counselor=_person(session.staff_id, names),
        as_closed=_record(session.record),
        as_read=_record(found.record),
        actions=tuple(_action(each, found.actions, names) for each in records.latest(found.actions)),
        amendments=tuple(_amendment(each, names) for each in found.amendments),
        proof=_proof(found.links),
    )


def _proof(links: tuple[Link, ...]) -> ProofShown:
    last = links[-1] if links else None
    return ProofShown(
        links=len(links),
        holds=all(chain.holds(each) for each in links),
        seq=last and last.seq,
        mark=last and last.hash.hex()[:MARK_CHARACTERS],
    )


def _in_list(listed: Listed, names: Mapping[UUID, str]) -> RecordListed:
    return RecordListed(
        session_id=listed.session_id,
        contact_id=listed.contact_id,
        channel=listed.channel,
        level=listed.level.text,
        state=listed.state,
        begun_at=listed.begun_at,
        closed_at=listed.closed_at,
        disposition=listed.disposition,
        amendments=listed.amendments,
        counselor=_person(listed.staff_id, names),
    )


def _record(shown: Record) -> RecordShown:
    return RecordShown(
        disposition=shown.disposition,
        outcome=shown.result,
        age_band=shown.age_band,
        region=shown.region,
        problem_types=shown.problems,
        marks=shown.marks,
        summary=shapes.Summary(
            words=shown.words.reveal(),
            facts=shown.facts.reveal(),
            judgment=shown.judgment.reveal(),
            unknowns=shown.unknowns.reveal(),
        ),
    )


def _action(latest: Action, rows: tuple[Action, ...], names: Mapping[UUID, str]) -> ActionShown:
    return ActionShown(
        action_id=latest.action_id,
        kind=latest.kind,
        state=latest.state,
        is_done=records.counts_as_done(latest),
        history=tuple(
            StateShown(
                state=each.state,
                at=each.at,
                by=_person(each.staff_id, names),
                words=each.words.reveal() if each.words else "",
            )
            for each in rows
            if each.action_id == latest.action_id
        ),
    )


def _amendment(each: Amendment, names: Mapping[UUID, str]) -> AmendmentShown:
    return AmendmentShown(
        id=each.id,
        field=_NAMES.get(each.field, each.field),
        codes=each.codes,
        text=None if each.after is None else each.after.reveal(),
        reason=each.reason.reveal(),
        at=each.at,
        by=_person(each.staff_id, names),
    )


def _person(staff_id: UUID, names: Mapping[UUID, str]) -> shapes.Person:
    return shapes.Person(id=staff_id, name=names.get(staff_id, ""))
