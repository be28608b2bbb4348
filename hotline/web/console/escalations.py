"""Escalations: looked at, taken, noted, resolved, stood down."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from fastapi import APIRouter

from hotline.base import clock
from hotline.domain.escalation import Cause, Escalation, Page
from hotline.domain.ladder import Ladder
from hotline.flow import escalation, reading
from hotline.flow.reading import Called
from hotline.web.auth import TheViewer
from hotline.web.console import shapes
from hotline.web.console.once import TheKey
from hotline.web.console.reach import EscalationReader, Responder
from hotline.web.edge import TheEdge

router = APIRouter(prefix="/api/escalations", tags=["escalations"])

GROUPS: Final = {
    "responders": shapes.Both(zh="危机干预员", en="Responders"),
    "supervisors": shapes.Both(zh="督导", en="Supervisors"),
    "managers": shapes.Both(zh="管理员", en="Managers"),
    "everyone": shapes.Both(zh="所有人", en="Everyone"),
}
BY_HAND: Final = shapes.Both(zh="由工作人员上报", en="Raised by a member of staff")


@router.get("/{escalation_id}")
async def show(edge: TheEdge, viewer: TheViewer, escalation_id: UUID) -> shapes.EscalationShown:
    """The escalation with its ladder, pages and notes; the look is journalled."""
    called = await reading.open_escalation(edge.store, viewer, escalation_id, clock.now())
    return _escalation(called, edge.policies.ladders[called.escalation.level])


@router.post("/{escalation_id}/acknowledgement", status_code=204)
async def acknowledge(edge: TheEdge, viewer: Responder, escalation_id: UUID) -> None:
    """The one who says it has it from now on; 409 `escalation.taken` when somebody else has."""
    await escalation.acknowledge(edge.store, escalation_id, viewer.staff_id, clock.now())


@router.post("/{escalation_id}/notes", status_code=201)
async def note(
    edge: TheEdge, viewer: EscalationReader, key: TheKey, escalation_id: UUID, asked: shapes.NoteAsked
) -> None:
    """Words for the others; anybody who may see it may add some."""
    words = shapes.some(asked.words, edge.settings.web.note_characters_max, "words")
    await escalation.add_note(edge.store, escalation_id, viewer.staff_id, words, clock.now(), key=key)


@router.post("/{escalation_id}/resolution", status_code=204)
async def resolve(
    edge: TheEdge, viewer: Responder, escalation_id: UUID, asked: shapes.ResolutionAsked
) -> None:
    """End it with what became of the person."""
    words = shapes.limited(asked.words, edge.settings.web.note_characters_max, "words")
    await escalation.resolve(
        edge.store, escalation_id, viewer.staff_id, outcome=asked.outcome, words=words, now=clock.now()
    )


@router.post("/{escalation_id}/standing-down", status_code=204)
async def stand_down(
    edge: TheEdge, viewer: Responder, escalation_id: UUID, asked: shapes.StandingDownAsked
) -> None:
    """Take it back by name, with a reason."""
    reason = shapes.limited(asked.reason, edge.settings.web.note_characters_max, "reason")
    await escalation.stand_down(edge.store, escalation_id, viewer.staff_id, reason, clock.now())


def _escalation(called: Called, ladder: Ladder) -> shapes.EscalationShown:
    shown: Escalation = called.escalation
    return shapes.EscalationShown(
        id=shown.id,
        contact_id=shown.contact_id,
        level=shown.level.text,
        state=shown.state,
        cause=_cause(shown.cause),
        declared_at=shown.declared_at,
        declared_by=_person(shown.cause.staff_id, called.names),
        rung=shown.rung,
        round=shown.round,
        ladder=_ladder(ladder),
        next_rung_at=shown.next_rung_at,
        acknowledge_by=shown.acknowledge_by,
        acknowledged_at=shown.acknowledged_at,
        owner=_person(shown.owner_id, called.names),
        pages=tuple(_page(page, ladder, called.names) for page in called.pages),
        notes=tuple(
            shapes.NoteShown(at=each.at, by=_named(each.staff_id, called.names), words=each.words.reveal())
            for each in called.notes
        ),
        outcome=shown.outcome,
        resolved_at=shown.closed_at,
        closed_by=_person(shown.closed_by, called.names),
        closing=None if shown.closing is None else shown.closing.reveal(),
    )


def _cause(cause: Cause) -> shapes.CauseShown:
    reason = shapes.Both.model_validate(cause.reason) if cause.reason else BY_HAND
    return shapes.CauseShown(source=cause.source, rule=cause.rule, reason=reason)


def _ladder(ladder: Ladder) -> tuple[shapes.RungShown, ...]:
    return tuple(
        shapes.RungShown(rung=number, who=GROUPS[rung.who], channels=rung.channels, seconds=rung.seconds)
        for number, rung in enumerate(ladder.rungs)
    )


def _page(page: Page, ladder: Ladder, names: Mapping[UUID, str]) -> shapes.PageShown:
    return shapes.PageShown(
        id=page.id,
        rung=page.rung % len(ladder.rungs),
        round=page.rung // len(ladder.rungs),
        staff=_named(page.staff_id, names),
        channel=page.channel,
        state=page.state,
        at=page.sent_at or page.made_at,
    )


def _person(staff_id: UUID | None, names: Mapping[UUID, str]) -> shapes.Person | None:
    return None if staff_id is None else _named(staff_id, names)


def _named(staff_id: UUID, names: Mapping[UUID, str]) -> shapes.Person:
    return shapes.Person(id=staff_id, name=names.get(staff_id, ""))
