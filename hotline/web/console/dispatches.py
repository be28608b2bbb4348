"""Help sent out: who was called to a caller, where the caller may be, and the number opened by two people."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated
from uuid import UUID, uuid5

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, WithJsonSchema

from hotline.base import clock, ids
from hotline.base.sensitive import Sensitive
from hotline.domain import dispatch as dispatches, number as numbers
from hotline.domain.dispatch import Call, Clue, Details, Dispatch
from hotline.domain.number import Opening
from hotline.flow import dispatch, number
from hotline.flow.dispatch import Confirmed, Help, Sent
from hotline.web.asked import Asked
from hotline.web.console import shapes
from hotline.web.console.once import TheKey
from hotline.web.console.reach import (
    DispatchDismisser,
    Dispatcher,
    DispatchSender,
    NumberApprover,
    OpeningApprover,
    OpeningReader,
)
from hotline.web.edge import Edge, TheEdge

router = APIRouter(tags=["dispatches"])

Agency = Annotated[str, WithJsonSchema({"type": "string", "enum": list(dispatches.AGENCIES)})]
Consent = Annotated[str, WithJsonSchema({"type": "string", "enum": sorted(dispatches.CONSENTS)})]
Source = Annotated[str, WithJsonSchema({"type": "string", "enum": sorted(dispatches.SOURCES)})]
Confidence = Annotated[str, WithJsonSchema({"type": "string", "enum": sorted(dispatches.CONFIDENCES)})]
Found = Annotated[str, WithJsonSchema({"type": "string", "enum": sorted(dispatches.RESULTS)})]
DispatchState = Annotated[str, WithJsonSchema({"type": "string", "enum": sorted(dispatches.MACHINE.states)})]
OpeningState = Annotated[str, WithJsonSchema({"type": "string", "enum": sorted(numbers.MACHINE.states)})]


class DetailsAsked(Asked):
    """What is known (by now); what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    contact_person: str | None = None
    reference: str | None = None
    location: str | None = None
    location_source: Source = "caller"
    location_confidence: Confidence = "low"


class DispatchAsked(DetailsAsked):
    """Who was called; the last three are needed against the caller's will, and never in an attempt."""

    agency: Agency
    consent: Consent = dispatches.NOT_NEEDED
    called_at: AwareDatetime | None = None
    options_tried: str | None = None
    caller_answer: str | None = None
    ground: str | None = None


class ConfirmationAsked(Asked):
    model_config = ConfigDict(extra="forbid")

    result: Found
    words: str = ""


class WhyAsked(Asked):
    model_config = ConfigDict(extra="forbid")

    reason: str


class ClueAsked(Asked):
    model_config = ConfigDict(extra="forbid")

    words: str
    source: Source
    confidence: Confidence = "low"
    region: Annotated[str, Field(max_length=6)] | None = None


class DispatchShown(BaseModel):
    id: UUID
    agency: Agency
    consent: Consent
    state: DispatchState
    made_by: shapes.Person
    called_at: datetime
    next_reminder_at: datetime | None
    reminders: int
    options_tried: str | None
    caller_answer: str | None
    ground: str | None
    contact_person: str | None
    reference: str | None
    location: str | None
    location_source: Source | None
    location_confidence: Confidence | None
    result: str | None
    closed_at: datetime | None
    closed_by: shapes.Person | None
    words: str | None


class ClueShown(BaseModel):
    at: datetime
    by: shapes.Person
    words: str
    source: Source
    confidence: Confidence
    region: str | None


class OpeningShown(BaseModel):
    """`is_open`: whoever asks may look at the number now."""

    id: UUID
    contact_id: UUID
    state: OpeningState
    asked_by: shapes.Person
    asked_at: datetime
    reason: str
    decided_by: shapes.Person | None
    decided_at: datetime | None
    expires_at: datetime | None
    is_open: bool


class OpeningsShown(BaseModel):
    openings: tuple[OpeningShown, ...]


class HelpShown(BaseModel):
    """`has_number`: there is one, shown or not; `may_be_switchboard`: its address may not be the caller's."""

    dispatches: tuple[DispatchShown, ...]
    clues: tuple[ClueShown, ...]
    openings: tuple[OpeningShown, ...]
    has_number: bool
    is_anonymous: bool
    may_be_switchboard: bool


class NumberShown(BaseModel):
    number: Annotated[str, Field(max_length=40)]


@router.get("/api/contacts/{contact_id}/help")
async def show(edge: TheEdge, viewer: Dispatcher, contact_id: UUID) -> HelpShown:
    """Whom we called, where the caller may be, who asked for the number; the look is journalled."""
    now = clock.now()
    opened = await dispatch.open_help(edge.store, viewer, contact_id, now)
    return _help(opened, viewer.staff_id, now, is_anonymous=edge.policies.numbers.is_anonymous)


@router.post("/api/contacts/{contact_id}/dispatches", status_code=201)
async def send(
    edge: TheEdge, viewer: Dispatcher, key: TheKey, contact_id: UUID, asked: DispatchAsked
) -> shapes.Made:
    """Somebody was called to the person; without anything else said, in the midst of an attempt."""
    sent = Sent(staff_id=viewer.staff_id, call=_call(edge, asked), key=key)
    return shapes.Made(id=await dispatch.send(edge.store, edge.policies, contact_id, sent, clock.now()))


@router.put("/api/dispatches/{dispatch_id}/details", status_code=204)
async def amend(edge: TheEdge, viewer: DispatchSender, dispatch_id: UUID, asked: DetailsAsked) -> None:
    """More is known of it."""
    await dispatch.amend(edge.store, dispatch_id, viewer.staff_id, _details(edge, asked), clock.now())


@router.post("/api/dispatches/{dispatch_id}/confirmation", status_code=204)
async def confirm(edge: TheEdge, viewer: DispatchSender, dispatch_id: UUID, asked: ConfirmationAsked) -> None:
    """Contact with the person is confirmed: what became of them."""
    words = shapes.limited(asked.words, edge.settings.web.note_characters_max, "words")
    said = Confirmed(staff_id=viewer.staff_id, result=asked.result, words=words)
    await dispatch.confirm(edge.store, edge.policies, dispatch_id, said, clock.now())


@router.post("/api/dispatches/{dispatch_id}/giving-up", status_code=204)
async def give_up(edge: TheEdge, viewer: DispatchDismisser, dispatch_id: UUID, asked: WhyAsked) -> None:
    """A supervisor says why it stays unknown whether the person was reached."""
    reason = shapes.limited(asked.reason, edge.settings.web.reason_characters_max, "reason")
    await dispatch.give_up(edge.store, edge.policies, dispatch_id, viewer, reason, clock.now())


@router.post("/api/contacts/{contact_id}/location-clues", status_code=204)
async def add_clue(
    edge: TheEdge, viewer: Dispatcher, key: TheKey, contact_id: UUID, asked: ClueAsked
) -> None:
    """What may say where the caller is, how it is known and how sure that is."""
    now = clock.now()
    clue = Clue(
        id=ids.new_id() if key is None else uuid5(contact_id, key),
        contact_id=contact_id,
        staff_id=viewer.staff_id,
        at=now,
        words=shapes.some(asked.words, edge.settings.web.note_characters_max, "words"),
        source=asked.source,
        confidence=asked.confidence,
        region=asked.region,
    )
    await dispatch.add_clue(edge.store, edge.policies, contact_id, clue, now)


@router.get("/api/number-openings")
async def list_asked(edge: TheEdge, viewer: NumberApprover) -> OpeningsShown:
    """Numbers that somebody needs, for those who decide."""
    now = clock.now()
    asked, names = await number.list_asked(edge.store, viewer)
    return OpeningsShown(openings=tuple(_opening(each, names, viewer.staff_id, now) for each in asked))


@router.post("/api/contacts/{contact_id}/number-openings", status_code=201)
async def ask(edge: TheEdge, viewer: Dispatcher, contact_id: UUID, asked: WhyAsked) -> shapes.Made:
    """Ask for the caller's number; asked for already, the id is that of the one that waits."""
    reason = shapes.limited(asked.reason, edge.settings.web.reason_characters_max, "reason")
    made = await number.ask(edge.store, edge.policies, contact_id, viewer.staff_id, reason, clock.now())
    return shapes.Made(id=made)


@router.post("/api/number-openings/{opening_id}/approval", status_code=204)
async def approve(edge: TheEdge, viewer: OpeningApprover, opening_id: UUID) -> None:
    """Somebody else than the one who asked agrees."""
    await number.approve(edge.store, edge.policies, opening_id, viewer.staff_id, clock.now())


@router.post("/api/number-openings/{opening_id}/refusal", status_code=204)
async def refuse(edge: TheEdge, viewer: OpeningApprover, opening_id: UUID) -> None:
    """Somebody else than the one who asked does not agree."""
    await number.refuse(edge.store, opening_id, viewer.staff_id, clock.now())


@router.post("/api/number-openings/{opening_id}/looks")
async def look(edge: TheEdge, viewer: OpeningReader, opening_id: UUID) -> NumberShown:
    """The number, to one of the two and in time; every look is journalled."""
    found = await number.look(edge.store, opening_id, viewer.staff_id, clock.now())
    return NumberShown(number=found.reveal())


def _call(edge: Edge, asked: DispatchAsked) -> Call:
    return Call(
        agency=asked.agency,
        consent=asked.consent,
        called_at=asked.called_at,
        options_tried=_said(edge, asked.options_tried, "options_tried"),
        caller_answer=_said(edge, asked.caller_answer, "caller_answer"),
        ground=_said(edge, asked.ground, "ground"),
        details=_details(edge, asked),
    )


def _details(edge: Edge, asked: DetailsAsked) -> Details:
    location = _said(edge, asked.location, "location")
    return Details(
        contact_person=_said(edge, asked.contact_person, "contact_person"),
        reference=_said(edge, asked.reference, "reference"),
        location=location,
        location_source=asked.location_source if location else None,
        location_confidence=asked.location_confidence if location else None,
    )


def _said(edge: Edge, text: str | None, name: str) -> Sensitive | None:
    """What was said, or None where nothing was."""
    if text is None or not text.strip():
        return None
    return shapes.limited(text, edge.settings.web.note_characters_max, name)


def _help(opened: Help, staff_id: UUID, now: datetime, *, is_anonymous: bool) -> HelpShown:
    return HelpShown(
        dispatches=tuple(_dispatch(each, opened.names) for each in opened.dispatches),
        clues=tuple(
            ClueShown(
                at=each.at,
                by=_named(each.staff_id, opened.names),
                words=each.words.reveal(),
                source=each.source,
                confidence=each.confidence,
                region=each.region,
            )
            for each in opened.clues
        ),
        openings=tuple(_opening(each, opened.names, staff_id, now) for each in opened.openings),
        has_number=opened.contact.number is not None,
        is_anonymous=is_anonymous,
        may_be_switchboard=numbers.may_be_switchboard(opened.contact),
    )


def _dispatch(each: Dispatch, names: Mapping[UUID, str]) -> DispatchShown:
    return DispatchShown(
        id=each.id,
        agency=each.agency,
        consent=each.consent,
        state=each.state,
        made_by=_named(each.made_by, names),
        called_at=each.called_at,
        next_reminder_at=each.next_reminder_at,
        reminders=each.reminders,
        options_tried=_plain(each.options_tried),
        caller_answer=_plain(each.caller_answer),
        ground=_plain(each.ground),
        contact_person=_plain(each.contact_person),
        reference=_plain(each.reference),
        location=_plain(each.location),
        location_source=each.location_source,
        location_confidence=each.location_confidence,
        result=each.result,
        closed_at=each.closed_at,
        closed_by=None if each.closed_by is None else _named(each.closed_by, names),
        words=_plain(each.words),
    )


def _opening(each: Opening, names: Mapping[UUID, str], staff_id: UUID, now: datetime) -> OpeningShown:
    return OpeningShown(
        id=each.id,
        contact_id=each.contact_id,
        state=each.state,
        asked_by=_named(each.asked_by, names),
        asked_at=each.asked_at,
        reason=each.reason.reveal(),
        decided_by=None if each.decided_by is None else _named(each.decided_by, names),
        decided_at=each.decided_at,
        expires_at=each.expires_at,
        is_open=each.is_open_to(staff_id, now),
    )


def _plain(text: Sensitive | None) -> str | None:
    return None if text is None else text.reveal()


def _named(staff_id: UUID, names: Mapping[UUID, str]) -> shapes.Person:
    return shapes.Person(id=staff_id, name=names.get(staff_id, ""))
