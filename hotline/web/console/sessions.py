"""The counselor's own work on a contact: screening, record, closing."""

from typing import Final
from uuid import UUID

from fastapi import APIRouter

from hotline.base import clock
from hotline.base.sensitive import Sensitive
from hotline.domain.access import Permission
from hotline.domain.session import Draft
from hotline.flow import escalation, session
from hotline.flow.escalation import Judgement, Screening
from hotline.flow.session import Screened
from hotline.web.console import shapes
from hotline.web.console.once import TheKey
from hotline.web.console.reach import SessionAnswerer
from hotline.web.edge import TheEdge

router = APIRouter(prefix="/api/sessions", tags=["sessions"])

NEWER: Final = frozenset({"region", "marks"})
"""Fields of the record that pages of the release before do not send."""


@router.put("/{session_id}/screening", status_code=204)
async def screen(
    edge: TheEdge, viewer: SessionAnswerer, key: TheKey, session_id: UUID, asked: shapes.ScreeningAsked
) -> None:
    """Whether the caller was asked about suicide, what the answer was, and the level that follows."""
    reason = shapes.limited(asked.reason or "", edge.settings.web.reason_characters_max, "reason")
    now = clock.now()
    if asked.level is None:
        said = Screened(result=asked.result, reason=reason.reveal() or None)
        await session.screen(edge.store, edge.policies, session_id, viewer.staff_id, said, now)
        return
    judgement = Judgement(
        level=shapes.level_of(asked.level),
        basis=reason,
        may_lower=viewer.may(Permission.LOWER_LEVEL),
        key=key,
        seen=None if asked.seen is None else shapes.level_of(asked.seen),
    )
    screening = Screening(result=asked.result, reason=reason.reveal() or None, judgement=judgement)
    await escalation.screen(edge.store, edge.policies, session_id, viewer.staff_id, screening, now)


@router.put("/{session_id}/record", status_code=204)
async def write(edge: TheEdge, viewer: SessionAnswerer, session_id: UUID, asked: shapes.RecordAsked) -> None:
    """The record as it stands on the page; saved as often as the page likes."""
    most = edge.settings.web.record_characters_max

    def text(words: str, name: str) -> Sensitive:
        return shapes.limited(words, most, f"summary.{name}")

    record = Draft(
        silent=NEWER - asked.model_fields_set,
        disposition=asked.disposition,
        result=asked.outcome,
        age_band=asked.age_band,
        region=asked.region,
        problems=asked.problem_types,
        marks=asked.marks,
        words=text(asked.summary.words, "words"),
        facts=text(asked.summary.facts, "facts"),
        judgment=text(asked.summary.judgment, "judgment"),
        unknowns=text(asked.summary.unknowns, "unknowns"),
    )
    await session.write(edge.store, edge.policies, session_id, viewer.staff_id, record, clock.now())


@router.post("/{session_id}/closure", status_code=204)
async def close(edge: TheEdge, viewer: SessionAnswerer, session_id: UUID) -> None:
    """Close the record; 409 names what is missing."""
    await session.close(edge.store, edge.policies, session_id, viewer.staff_id, clock.now())
