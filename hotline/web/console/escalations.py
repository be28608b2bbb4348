"""Escalations: looked at, taken, handed over, joined, noted, worked on to their outcome, closed."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from fastapi import APIRouter

from hotline.base import clock
from hotline.domain import custody
from hotline.domain.access import Viewer
from hotline.domain.custody import Hand
from hotline.domain.escalation import Cause, Escalation, Joining
from hotline.domain.ladder import Ladder
from hotline.domain.paging import Page
from hotline.domain.staff import Role
from hotline.flow import escalation, handover, reading
from hotline.flow.escalation import Said
from hotline.flow.reading import Called
from hotline.web.auth import TheViewer
from hotline.web.console import called, shapes
from hotline.web.console.once import TheKey
from hotline.web.console.reach import EscalationReader, Responder
from hotline.web.edge import TheEdge

router = APIRouter(prefix="/api/escalations", tags=["escalations"])

GROUPS: Final = {
    "team": shapes.Both(zh="危机小组", en="Crisis team"),
    "duty_manager": shapes.Both(zh="值班负责人", en="Duty manager"),
    "on_call": shapes.Both(zh="待命人员", en="Whoever is on call"),
    "responders": shapes.Both(zh="危机干预员", en="Responders"),
    "supervisors": shapes.Both(zh="督导", en="Supervisors"),
    "managers": shapes.Both(zh="管理员", en="Managers"),
    "everyone": shapes.Both(zh="所有人", en="Everyone"),
}
BY_HAND: Final = shapes.Both(zh="由工作人员上报", en="Raised by a member of staff")


@router.get("/{escalation_id}")
async def show(edge: TheEdge, viewer: TheViewer, escalation_id: UUID) -> called.EscalationShown:
    """The escalation with its ladder, pages and notes; the look is journalled."""
    book = edge.policies.ladders
    found = await reading.open_escalation(edge.store, book, viewer, escalation_id, clock.now())
    return _escalation(found, found.ladder)


@router.post("/{escalation_id}/acknowledgement", status_code=204)
async def acknowledge(edge: TheEdge, viewer: Responder, escalation_id: UUID) -> None:
    """The one who says it has it from now on; 409 `escalation.taken` when somebody else has."""
    await escalation.acknowledge(edge.store, edge.policies, escalation_id, _hand(viewer), clock.now())


@router.post("/{escalation_id}/notes", status_code=201)
async def note(
    edge: TheEdge, viewer: EscalationReader, key: TheKey, escalation_id: UUID, asked: called.NoteAsked
) -> None:
    """Words for the others; anybody who may see it may add some."""
    words = shapes.some(asked.words, edge.settings.web.note_characters_max, "words")
    noted = escalation.Noted(staff_id=viewer.staff_id, words=words, key=key)
    await escalation.add_note(edge.store, edge.policies, escalation_id, noted, clock.now())


@router.post("/{escalation_id}/contact", status_code=204)
async def make_contact(
    edge: TheEdge, viewer: Responder, escalation_id: UUID, asked: called.ContactMadeAsked
) -> None:
    """Somebody has spoken with the person: how, and what is known since."""
    words = shapes.limited(asked.words, edge.settings.web.note_characters_max, "words")
    made = Said(code=asked.how, words=words)
    await escalation.make_contact(edge.store, edge.policies, escalation_id, _hand(viewer), made, clock.now())


@router.post("/{escalation_id}/resolution", status_code=204)
async def resolve(
    edge: TheEdge, viewer: Responder, escalation_id: UUID, asked: called.ResolutionAsked
) -> None:
    """Confirm what became of the person; it is still to be closed."""
    words = shapes.limited(asked.words, edge.settings.web.note_characters_max, "words")
    said = Said(code=asked.outcome, words=words)
    hand = _hand(viewer, asked.seen)
    await escalation.resolve(edge.store, edge.policies, escalation_id, hand, said, clock.now())


@router.post("/{escalation_id}/closure", status_code=204)
async def close(edge: TheEdge, viewer: Responder, escalation_id: UUID, asked: called.ClosureAsked) -> None:
    """Put it away; 409 without a confirmed outcome, or while somebody is sent out."""
    await escalation.close(edge.store, escalation_id, _hand(viewer, asked.seen), clock.now())


@router.post("/{escalation_id}/standing-down", status_code=204)
async def stand_down(
    edge: TheEdge, viewer: Responder, escalation_id: UUID, asked: called.StandingDownAsked
) -> None:
    """Take it back by name, on a ground and with a reason."""
    reason = shapes.limited(asked.reason, edge.settings.web.note_characters_max, "reason")
    said = Said(code=asked.ground, words=reason)
    await escalation.stand_down(edge.store, escalation_id, _hand(viewer, asked.seen), said, clock.now())


@router.put("/{escalation_id}/offer", status_code=204)
async def offer(edge: TheEdge, viewer: Responder, escalation_id: UUID, asked: called.HandoverAsked) -> None:
    """Hold it out to somebody; until they accept, it stays where it is."""
    await handover.offer(edge.store, edge.policies, escalation_id, _hand(viewer), asked.to, clock.now())


@router.post("/{escalation_id}/offer/acceptance", status_code=204)
async def accept(edge: TheEdge, viewer: Responder, escalation_id: UUID) -> None:
    """Whoever it is held out to has it from now on."""
    await handover.accept(edge.store, edge.policies, escalation_id, _hand(viewer), clock.now())


@router.delete("/{escalation_id}/offer", status_code=204)
async def decline(edge: TheEdge, viewer: Responder, escalation_id: UUID) -> None:
    """Decline the offer, or take it back."""
    await handover.decline(edge.store, escalation_id, _hand(viewer), clock.now())


@router.post("/{escalation_id}/joining", status_code=204)
async def join(edge: TheEdge, viewer: Responder, escalation_id: UUID) -> None:
    """Somebody has joined and listens."""
    await handover.join(edge.store, escalation_id, _hand(viewer), clock.now())


def _hand(viewer: Viewer, seen: int | None = None) -> Hand:
    return Hand(staff_id=viewer.staff_id, leads=Role.SUPERVISOR in viewer.roles, seen=seen)


def _escalation(found: Called, ladder: Ladder) -> called.EscalationShown:
    shown: Escalation = found.escalation
    return called.EscalationShown(
        id=shown.id,
        contact_id=shown.contact_id,
        level=shown.level.text,
        state=shown.state,
        cause=_cause(shown.cause),
        declared_at=shown.declared_at,
        declared_by=_person(shown.cause.staff_id, found.names),
        rung=shown.rung,
        round=shown.round,
        ladder=_ladder(ladder),
        next_rung_at=shown.next_rung_at,
        acknowledge_by=shown.acknowledge_by,
        acknowledged_at=shown.acknowledged_at,
        owner=_person(shown.owner_id, found.names),
        turn=shown.turn,
        chased=shown.chased,
        is_stalled=custody.is_stalled(shown),
        able=tuple(_named(each, found.names) for each in found.able),
        offered_to=_person(shown.offered_to, found.names),
        offered_until=shown.offered_until,
        joined=tuple(_joining(each, found.names) for each in found.joinings),
        contact_made_at=shown.contact_made_at,
        contact_made_by=_person(shown.contact_made_by, found.names),
        contact_how=shown.contact_how,
        contact_words=None if shown.contact_words is None else shown.contact_words.reveal(),
        pages=tuple(_page(page, ladder, found.names) for page in found.pages),
        notes=_notes(found),
        outcome=shown.outcome,
        resolved_at=shown.resolved_at or shown.closed_at,
        resolved_by=_person(shown.resolved_by, found.names),
        ground=shown.ground,
        closed_at=shown.closed_at,
        closed_by=_person(shown.closed_by, found.names),
        closing=None if shown.closing is None else shown.closing.reveal(),
    )


def _cause(cause: Cause) -> called.CauseShown:
    reason = shapes.Both.model_validate(cause.reason) if cause.reason else BY_HAND
    return called.CauseShown(source=cause.source, rule=cause.rule, reason=reason, subject_id=cause.subject_id)


def _ladder(ladder: Ladder) -> tuple[called.RungShown, ...]:
    return tuple(
        called.RungShown(rung=number, who=GROUPS[rung.who], channels=rung.channels, seconds=rung.seconds)
        for number, rung in enumerate(ladder.rungs)
    )


def _page(page: Page, ladder: Ladder, names: Mapping[UUID, str]) -> called.PageShown:
    return called.PageShown(
        id=page.id,
        rung=page.rung % len(ladder.rungs),
        round=page.rung // len(ladder.rungs),
        staff=_named(page.staff_id, names),
        channel=page.channel,
        purpose=page.purpose,
        state=page.state,
        answer=page.answer,
        at=page.sent_at or page.made_at,
    )


def _joining(joining: Joining, names: Mapping[UUID, str]) -> called.JoiningShown:
    return called.JoiningShown(
        staff=_named(joining.staff_id, names), asked_at=joining.asked_at, joined_at=joining.joined_at
    )


def _notes(found: Called) -> tuple[called.NoteShown, ...]:
    return tuple(
        called.NoteShown(at=each.at, by=_named(each.staff_id, found.names), words=each.words.reveal())
        for each in found.notes
    )


def _person(staff_id: UUID | None, names: Mapping[UUID, str]) -> shapes.Person | None:
    return None if staff_id is None else _named(staff_id, names)


def _named(staff_id: UUID, names: Mapping[UUID, str]) -> shapes.Person:
    return shapes.Person(id=staff_id, name=names.get(staff_id, ""))
