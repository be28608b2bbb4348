"""Follow-ups: what was agreed, what is owed, and what became of each try."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query

from hotline.base import clock
from hotline.base.sensitive import Sensitive
from hotline.domain.followup import Agreement, Attempt, FollowUp
from hotline.flow import followup, followup_reading as reading
from hotline.flow.followup import More, Tried, Wish
from hotline.web.console import after_shapes, safety_plans, shapes
from hotline.web.console.once import TheKey
from hotline.web.console.reach import ContactReader, FollowUpWorker, Raiser
from hotline.web.edge import TheEdge

router = APIRouter(prefix="/api", tags=["follow-ups"])

LISTED_MAX: Final = 500
DAYS_AHEAD_MAX: Final = 400


@router.get("/contacts/{contact_id}/follow-ups")
async def of_contact(edge: TheEdge, viewer: ContactReader, contact_id: UUID) -> after_shapes.OfContactShown:
    """What the caller has agreed to, and the calls that are owed; the look is journalled."""
    found = await reading.of_contact(edge.store, contact_id, viewer.staff_id, clock.now())
    return after_shapes.OfContactShown(
        agreement=found.agreement and _agreement(found.agreement),
        follow_ups=tuple(shown(each, found.names) for each in found.follow_ups),
    )


@router.put("/contacts/{contact_id}/follow-up-agreement", status_code=204)
async def agree(
    edge: TheEdge, viewer: Raiser, key: TheKey, contact_id: UUID, asked: after_shapes.AgreementAsked
) -> None:
    """What the caller said; a no ends at once what is owed."""
    most = edge.settings.web.reason_characters_max
    wish = Wish(
        is_agreed=asked.agreed,
        way=asked.way,
        reach=shapes.limited(asked.reach.strip(), most, "reach"),
        since=asked.since,
        until=asked.until,
        may_leave_voicemail=asked.may_leave_voicemail,
        code_word=shapes.limited(asked.code_word.strip(), most, "code_word"),
        key=key,
    )
    await followup.agree(edge.store, edge.policies, contact_id, viewer.staff_id, wish, clock.now())


@router.post("/contacts/{contact_id}/follow-ups", status_code=204)
async def add(
    edge: TheEdge, viewer: Raiser, key: TheKey, contact_id: UUID, asked: after_shapes.FollowUpAsked
) -> None:
    """One more call; 409 `followup.no_contact_agreed` when the caller has not agreed."""
    more = More(days=asked.days, key=key)
    await followup.add(edge.store, edge.policies, contact_id, viewer.staff_id, more, clock.now())


@router.get("/follow-ups")
async def owed(
    edge: TheEdge, viewer: FollowUpWorker, days: Annotated[int, Query(ge=0, le=DAYS_AHEAD_MAX)] = 1
) -> after_shapes.FollowUpsShown:
    """What one's centres owe within so many days, the longest overdue first; codes and times only."""
    until = clock.now() + timedelta(days=days)
    listed = await reading.owed(edge.store, viewer, until, LISTED_MAX)
    return after_shapes.FollowUpsShown(
        follow_ups=tuple(shown(each, listed.names) for each in listed.follow_ups)
    )


@router.get("/follow-ups/{follow_up_id}")
async def show(edge: TheEdge, viewer: FollowUpWorker, follow_up_id: UUID) -> after_shapes.FollowUpOpened:
    """One's own follow-up, or one of the centre for its supervisors; the look is journalled."""
    opened = await reading.open_one(edge.store, viewer, follow_up_id, clock.now())
    found = opened.follow_up
    return after_shapes.FollowUpOpened(
        follow_up=shown(found, opened.names),
        agreement=opened.agreement and _agreement(opened.agreement),
        reach=_plain(opened.reach),
        plan=opened.plan and safety_plans.shown(opened.plan, opened.names),
        attempts=tuple(_attempt(each, opened.names) for each in opened.attempts),
        closing=_plain(found.closing),
    )


@router.post("/follow-ups/{follow_up_id}/taking", status_code=204)
async def take(edge: TheEdge, viewer: FollowUpWorker, follow_up_id: UUID) -> None:
    """Say that one will call; whoever had it before is relieved."""
    await followup.take(edge.store, viewer, follow_up_id, clock.now())


@router.post("/follow-ups/{follow_up_id}/attempts", status_code=204)
async def attempt(
    edge: TheEdge,
    viewer: FollowUpWorker,
    key: TheKey,
    follow_up_id: UUID,
    asked: after_shapes.AttemptAsked,
) -> None:
    """What became of a try; a level in it calls the crisis team in where it must."""
    tried = Tried(
        result=asked.result,
        intent=asked.intent,
        hopefulness=asked.hopefulness,
        distress=asked.distress,
        level=None if asked.level is None else shapes.level_of(asked.level),
        acts_since=asked.acts_since,
        words=shapes.limited(asked.words.strip(), edge.settings.web.note_characters_max, "words"),
        key=key,
    )
    await followup.attempt(edge.store, edge.policies, viewer, follow_up_id, tried, clock.now())


@router.post("/follow-ups/{follow_up_id}/closure", status_code=204)
async def close(
    edge: TheEdge, viewer: FollowUpWorker, follow_up_id: UUID, asked: after_shapes.ClosureAsked
) -> None:
    """A supervisor ends it without a talk, with a result and a reason."""
    reason = shapes.limited(asked.reason, edge.settings.web.reason_characters_max, "reason")
    await followup.close(edge.store, viewer, follow_up_id, clock.now(), result=asked.result, reason=reason)


def shown(found: FollowUp, names: Mapping[UUID, str]) -> after_shapes.FollowUpShown:
    """A follow-up as it travels."""
    return after_shapes.FollowUpShown(
        id=found.id,
        contact_id=found.contact_id,
        step=found.step,
        level=found.level.text,
        state=found.state,
        due_at=found.due_at,
        next_at=found.next_at,
        climbed_to=found.climbed_to,
        staff=found.staff_id and _named(found.staff_id, names),
        misses=found.misses,
        result=found.result,
        closed_at=found.closed_at,
    )


def _agreement(agreed: Agreement) -> after_shapes.AgreementShown:
    return after_shapes.AgreementShown(
        agreed=agreed.is_agreed,
        at=agreed.at,
        way=agreed.way,
        reach=_plain(agreed.reach),
        since=agreed.since,
        until=agreed.until,
        may_leave_voicemail=agreed.may_leave_voicemail,
        code_word=_plain(agreed.code_word),
    )


def _attempt(tried: Attempt, names: Mapping[UUID, str]) -> after_shapes.AttemptShown:
    return after_shapes.AttemptShown(
        at=tried.at,
        by=_named(tried.staff_id, names),
        result=tried.result,
        intent=tried.intent,
        hopefulness=tried.hopefulness,
        distress=tried.distress,
        level=None if tried.level is None else tried.level.text,
        acts_since=tried.acts_since,
        words=_plain(tried.words),
    )


def _named(staff_id: UUID, names: Mapping[UUID, str]) -> shapes.Person:
    return shapes.Person(id=staff_id, name=names.get(staff_id, ""))


def _plain(text: Sensitive | None) -> str | None:
    return None if text is None else text.reveal()
