"""Calling those who hung up while waiting."""

from uuid import UUID

from fastapi import APIRouter

from hotline.base import clock
from hotline.flow import outreach
from hotline.flow.outreach import Listed, Reported
from hotline.web.console import past_shapes, shapes
from hotline.web.console.reach import FollowUpWorker
from hotline.web.edge import TheEdge

router = APIRouter(prefix="/api/outreach", tags=["outreach"])


@router.get("")
async def listed(edge: TheEdge, viewer: FollowUpWorker) -> past_shapes.OutreachShown:
    """Whoever left a queue of one's centres and was not heard from since; codes and times only."""
    found = await outreach.listed(edge.store, edge.policies, viewer, clock.now())
    return past_shapes.OutreachShown(waiting=tuple(_item(each) for each in found))


@router.post("/{abandoned_id}/calls", status_code=201)
async def begin(edge: TheEdge, viewer: FollowUpWorker, abandoned_id: UUID) -> past_shapes.OutreachBegun:
    """Call now: the number is shown, and that counts as a try; journalled."""
    begun = await outreach.begin(edge.store, edge.policies, viewer, abandoned_id, clock.now())
    return past_shapes.OutreachBegun(
        call_id=begun.call_id, number=begun.number.reveal(), voicemail=begun.voicemail
    )


@router.post("/calls/{call_id}/report", status_code=204)
async def report(
    edge: TheEdge, viewer: FollowUpWorker, call_id: UUID, asked: past_shapes.ReportAsked
) -> None:
    """What came of one's own call."""
    words = shapes.limited(asked.words.strip(), edge.settings.web.note_characters_max, "words")
    said = Reported(result=asked.result, words=words or None)
    await outreach.report(edge.store, edge.policies, viewer, call_id, said, clock.now())


def _item(listed: Listed) -> past_shapes.OutreachItem:
    contact, tried = listed.waiting.contact, listed.waiting.tried
    return past_shapes.OutreachItem(
        contact_id=contact.id,
        level=contact.gravest.text,
        age_band=contact.form.age_band,
        language=contact.language,
        line=shapes.LineShown(id=listed.line.id, name=listed.line.name, address=listed.line.address),
        left_at=contact.ended_at or contact.since,
        tries=tried.tries,
        last_at=tried.last_at,
        callable_from=listed.callable_from,
    )
