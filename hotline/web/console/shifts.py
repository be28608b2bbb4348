"""The hand-over of a shift."""

from collections.abc import Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from fastapi import APIRouter

from hotline.base import clock
from hotline.domain.shift import Handover, Sheet
from hotline.flow import shift
from hotline.web.console import past_shapes, shapes
from hotline.web.console.once import TheKey
from hotline.web.console.reach import ShiftWorker
from hotline.web.edge import TheEdge

router = APIRouter(prefix="/api/handovers", tags=["shifts"])


@router.get("")
async def draw_up(edge: TheEdge, viewer: ShiftWorker) -> past_shapes.ShiftShown:
    """What is open in one's centres at this moment, and the sheets given lately."""
    drawn = await shift.draw_up(edge.store, viewer, clock.now())
    return past_shapes.ShiftShown(
        now=_sheet(drawn.sheet, drawn.names),
        handovers=tuple(_handover(each, drawn.names) for each in drawn.latest),
    )


@router.post("", status_code=204)
async def give(edge: TheEdge, viewer: ShiftWorker, key: TheKey, asked: past_shapes.HandoverAsked) -> None:
    """Hand the shift over as it is at this moment, with words of one's own."""
    words = shapes.limited(asked.words.strip(), edge.settings.web.record_characters_max, "words")
    await shift.give(edge.store, viewer, words or None, clock.now(), key=key)


@router.post("/{handover_id}/taking", status_code=204)
async def take(edge: TheEdge, viewer: ShiftWorker, handover_id: UUID) -> None:
    """Take the shift over by name; nobody takes over from themselves."""
    await shift.take(edge.store, viewer, handover_id, clock.now())


def _handover(given: Handover, names: Mapping[UUID, str]) -> past_shapes.HandoverShown:
    return past_shapes.HandoverShown(
        id=given.id,
        given_by=past_shapes.named(given.given_by, names),
        given_at=given.given_at,
        taken_by=past_shapes.person(given.taken_by, names),
        taken_at=given.taken_at,
        words=None if given.words is None else given.words.reveal(),
        sheet=_sheet(given.sheet, names),
    )


def _sheet(sheet: Sheet, names: Mapping[UUID, str]) -> past_shapes.SheetShown:
    def listed(kind: str) -> tuple[past_shapes.SheetItem, ...]:
        return tuple(_item(each, names) for each in cast("Sequence[Mapping[str, Any]]", sheet.get(kind, ())))

    return past_shapes.SheetShown(
        contacts=listed("contacts"),
        escalations=listed("escalations"),
        dispatches=listed("dispatches"),
        follow_ups=listed("follow_ups"),
        tasks=listed("tasks"),
    )


def _item(item: Mapping[str, Any], names: Mapping[UUID, str]) -> past_shapes.SheetItem:
    staff_id = item.get("staff_id")
    own = {name: value for name, value in item.items() if name != "staff_id"}
    return past_shapes.SheetItem(**own, staff=past_shapes.person(UUID(staff_id) if staff_id else None, names))
