"""A caller who comes again: earlier contacts, the last plan and record, the calls that are owed."""

from uuid import UUID

from fastapi import APIRouter

from hotline.base import clock
from hotline.flow import history
from hotline.flow.history import Known
from hotline.web.console import followups, past_shapes, safety_plans, shapes
from hotline.web.console.reach import ContactReader
from hotline.web.edge import TheEdge

router = APIRouter(prefix="/api/contacts", tags=["history"])


@router.get("/{contact_id}/history")
async def show(edge: TheEdge, viewer: ContactReader, contact_id: UUID) -> past_shapes.HistoryShown:
    """What is known of the caller from before, found by the blind index; the look is journalled."""
    known = await history.open_history(edge.store, viewer, contact_id, clock.now())
    names = known.names
    return past_shapes.HistoryShown(
        earlier=tuple(
            past_shapes.EarlierShown(
                contact_id=each.contact_id,
                channel=each.channel,
                state=each.state,
                level=each.level.text,
                arrived_at=each.arrived_at,
                answered_at=each.answered_at,
                disposition=each.disposition,
                outcome=each.result,
                counselor=past_shapes.person(each.staff_id, names),
            )
            for each in known.earlier
        ),
        plan=known.plan and safety_plans.shown(known.plan, names),
        last_record=_record(known),
        follow_ups=tuple(followups.shown(each, names) for each in known.follow_ups),
    )


def _record(known: Known) -> past_shapes.RecordShown | None:
    if known.record is None:
        return None
    written = known.record.record
    return past_shapes.RecordShown(
        contact_id=known.record.contact_id,
        closed_at=known.record.closed_at,
        by=past_shapes.named(known.record.staff_id, known.names),
        summary=shapes.Summary(
            words=written.words.reveal(),
            facts=written.facts.reveal(),
            judgment=written.judgment.reveal(),
            unknowns=written.unknowns.reveal(),
        ),
    )
