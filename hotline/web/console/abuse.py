"""Abuse: a warning, an end with one key, and restrictions that a second person agrees to."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from hotline.base import clock
from hotline.domain import abuse as abuses
from hotline.domain.abuse import Asked
from hotline.domain.access import Permission, Viewer
from hotline.flow import abuse
from hotline.store.abuse import Listed
from hotline.web.console import reach, shapes
from hotline.web.console.reach import ContactAnswerer
from hotline.web.edge import TheEdge

router = APIRouter(tags=["abuse"])

SHOWN_MAX: Final = 200

AbuseKind = Annotated[str, shapes.one_of(abuses.ABUSES)]
RestrictionKind = Annotated[str, shapes.one_of(abuses.RESTRICTIONS)]
RestrictionState = Annotated[str, shapes.one_of(sorted(abuses.MACHINE.states))]

Restricter = Annotated[Viewer, Depends(reach.contact(Permission.RESTRICT))]
Reviewer = Annotated[Viewer, Depends(reach.restriction(Permission.REVIEW_RESTRICTIONS))]
AnyReviewer = Annotated[Viewer, Depends(reach.anybody(Permission.REVIEW_RESTRICTIONS))]


class AbuseAsked(shapes.BodyAsked):
    kind: AbuseKind


class RestrictionAsked(shapes.BodyAsked):
    """`ends_on` is the last day in the centre's own time; a cooldown ends by itself after 24 hours."""

    kind: RestrictionKind
    reason: str
    review_on: date
    ends_on: date | None = None


class LiftingAsked(shapes.BodyAsked):
    reason: str


class RestrictionShown(BaseModel):
    """`is_in_effect` is false before it is agreed to, and as soon as anything has spoken of danger."""

    id: UUID
    contact_id: UUID
    kind: RestrictionKind
    state: RestrictionState
    is_in_effect: bool
    reason: str
    by: shapes.Person
    approved_by: shapes.Person | None
    made_at: datetime
    review_on: date
    ends_at: datetime


class RestrictionsShown(BaseModel):
    restrictions: tuple[RestrictionShown, ...]


@router.post("/api/contacts/{contact_id}/abuse-warnings", status_code=204)
async def warn(edge: TheEdge, viewer: ContactAnswerer, contact_id: UUID, asked: AbuseAsked) -> None:
    """The caller has been told that the talk will end if this goes on."""
    await abuse.warn(edge.store, contact_id, viewer.staff_id, asked.kind, clock.now())


@router.post("/api/contacts/{contact_id}/abuse-endings", status_code=204)
async def end(edge: TheEdge, viewer: ContactAnswerer, contact_id: UUID, asked: AbuseAsked) -> None:
    """End an abusive talk; 409 `abuse.risk_first` while there are signs of danger."""
    await abuse.end(edge.store, contact_id, viewer.staff_id, asked.kind, clock.now())


@router.post("/api/contacts/{contact_id}/restrictions", status_code=201)
async def restrict(
    edge: TheEdge, viewer: Restricter, contact_id: UUID, asked: RestrictionAsked
) -> shapes.Made:
    """Let the caller wait behind others; 409 `restriction.risk_first` while there is any sign of danger."""
    web = edge.settings.web
    wanted = Asked(
        kind=asked.kind,
        reason=shapes.limited(asked.reason, web.reason_characters_max, "reason"),
        review_on=asked.review_on,
        ends_on=asked.ends_on,
    )
    made = await abuse.restrict(
        edge.store, contact_id, viewer.staff_id, wanted, clock.now(), days_max=web.restriction_review_days_max
    )
    return shapes.Made(id=made)


@router.get("/api/restrictions")
async def show(edge: TheEdge, viewer: AnyReviewer) -> RestrictionsShown:
    """What is asked for and what stands in one's centres."""
    found = await abuse.restrictions(edge.store, viewer, clock.now(), SHOWN_MAX)
    return RestrictionsShown(restrictions=tuple(_restriction(each, found.names) for each in found.listed))


@router.post("/api/restrictions/{restriction_id}/approval", status_code=204)
async def approve(edge: TheEdge, viewer: Reviewer, restriction_id: UUID) -> None:
    """Agree to what somebody else has asked for."""
    await abuse.approve(edge.store, restriction_id, viewer.staff_id, clock.now())


@router.post("/api/restrictions/{restriction_id}/lifting", status_code=204)
async def lift(edge: TheEdge, viewer: Reviewer, restriction_id: UUID, asked: LiftingAsked) -> None:
    """Take it back, with a reason."""
    why = shapes.limited(asked.reason, edge.settings.web.reason_characters_max, "reason")
    await abuse.lift(edge.store, restriction_id, viewer.staff_id, why, clock.now())


def _restriction(listed: Listed, names: Mapping[UUID, str]) -> RestrictionShown:
    shown, second = listed.restriction, listed.restriction.approved_by
    return RestrictionShown(
        id=shown.id,
        contact_id=shown.contact_id,
        kind=shown.kind,
        state=shown.state,
        is_in_effect=listed.is_in_effect,
        reason=shown.reason.reveal(),
        by=shapes.Person(id=shown.staff_id, name=names.get(shown.staff_id, "")),
        approved_by=second and shapes.Person(id=second, name=names.get(second, "")),
        made_at=shown.made_at,
        review_on=shown.review_on,
        ends_at=shown.ends_at,
    )
