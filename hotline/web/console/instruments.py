"""Instruments, walked question by question; answer sheets, people at risk, and how a level came about."""

from collections.abc import Mapping
from typing import Final, cast
from uuid import UUID

from fastapi import APIRouter

from hotline.base import clock
from hotline.base.errors import Refused
from hotline.base.sensitive import Sensitive
from hotline.domain import appraisal as appraisals, assessment as assessments
from hotline.domain.access import Permission
from hotline.domain.assessment import Assessment
from hotline.domain.journal import Json
from hotline.domain.risk import instruments
from hotline.domain.risk.instruments import Answers, Instrument, Item, Result
from hotline.domain.risk.rules import Reason
from hotline.domain.subject import Described
from hotline.flow import assessment, reading, subject
from hotline.flow.assessment import Answered
from hotline.flow.escalation import Judgement
from hotline.flow.reading import Weighed
from hotline.store.assessment import Move
from hotline.web.auth import TheViewer
from hotline.web.console import instrument_shapes as shown, shapes
from hotline.web.console.once import TheKey
from hotline.web.console.reach import Raiser, SubjectRaiser
from hotline.web.edge import Edge, TheEdge

router = APIRouter(prefix="/api", tags=["instruments"])

RATINGS: Final = "self_ratings"


@router.get("/instruments")
async def list_instruments(edge: TheEdge, _viewer: TheViewer) -> shown.InstrumentsShown:
    """Every instrument of this house, also those that are off, with the reason."""
    every = edge.policies.instruments.values()
    return shown.InstrumentsShown(instruments=tuple(_instrument(each) for each in every))


@router.post("/instruments/steps")
async def walk(edge: TheEdge, _viewer: TheViewer, asked: shown.StepAsked) -> shown.StepShown:
    """Which question comes next after these answers, and what they come to so far; nothing is kept."""
    found = edge.policies.instruments.get(asked.instrument)
    if found is None:
        raise Refused("instrument.absent", "There is no such instrument; GET /api/instruments lists them.")
    instruments.check_so_far(found, asked.answers)
    following = instruments.next_item(found, asked.answers)
    return shown.StepShown(
        asked=tuple(item.id for item in instruments.asked(found, asked.answers)),
        next=following.id if following else None,
        result=_result(instruments.result(found, asked.answers)),
    )


@router.get("/contacts/{contact_id}/risk")
async def show(edge: TheEdge, viewer: TheViewer, contact_id: UUID) -> shown.RiskShown:
    """How grave a contact is and why: people at risk, answer sheets, every move; the look is journalled."""
    weighed = await reading.open_risk(edge.store, viewer, contact_id, clock.now())
    ratings = assessments.ratings(weighed.assessments, RATINGS)
    return shown.RiskShown(
        level=weighed.contact.level.text,
        subject_level=weighed.contact.subject_level.text,
        subjects=_subjects(weighed),
        assessments=tuple(_assessment(each, weighed) for each in weighed.assessments),
        moves=tuple(_move(each, weighed) for each in weighed.moves),
        ratings=shown.RatingsShown(
            before=_plain(ratings.before), after=_plain(ratings.after), change=dict(ratings.change)
        ),
    )


@router.post("/contacts/{contact_id}/assessments", status_code=201)
async def take(
    edge: TheEdge, viewer: Raiser, key: TheKey, contact_id: UUID, asked: shown.AssessmentAsked
) -> shapes.Made:
    """Keep an answer sheet; the level it suggests is reached at once, and never lowered."""
    words = shapes.limited(asked.words, edge.settings.web.reason_characters_max, "words")
    answered = Answered(
        instrument=asked.instrument,
        version=asked.version,
        answers=asked.answers,
        moment=asked.moment,
        subject_id=asked.subject_id,
        words=words if not words.is_blank else None,
        key=key,
    )
    made = await assessment.take(
        edge.store, edge.policies, contact_id, viewer.staff_id, answered, clock.now()
    )
    return shapes.Made(id=made)


@router.post("/contacts/{contact_id}/subjects", status_code=201)
async def tell_of(edge: TheEdge, viewer: Raiser, contact_id: UUID, asked: shown.SubjectAsked) -> shapes.Made:
    """A person at risk whom the caller tells of."""
    described = _described(edge, asked)
    made = await subject.tell_of(
        edge.store, contact_id, viewer.staff_id, asked.client_id, described, clock.now()
    )
    return shapes.Made(id=made)


@router.put("/subjects/{subject_id}", status_code=204)
async def describe(
    edge: TheEdge, viewer: SubjectRaiser, subject_id: UUID, asked: shown.SubjectDescribed
) -> None:
    """What is known of the person, corrected or completed; the level is not touched."""
    await subject.describe(edge.store, subject_id, viewer.staff_id, _described(edge, asked), clock.now())


@router.put("/subjects/{subject_id}/level", status_code=204)
async def set_level(
    edge: TheEdge, viewer: SubjectRaiser, key: TheKey, subject_id: UUID, asked: shapes.LevelAsked
) -> None:
    """A person's judgement of how it stands with the subject; only those who may, with grounds, lower it."""
    judgement = Judgement(
        level=shapes.level_of(asked.level),
        basis=shapes.limited(asked.basis, edge.settings.web.reason_characters_max, "basis"),
        may_lower=viewer.may(Permission.LOWER_LEVEL),
        key=key,
        seen=None if asked.seen is None else shapes.level_of(asked.seen),
    )
    await subject.set_level(edge.store, edge.policies, subject_id, viewer.staff_id, judgement, clock.now())


def _described(edge: Edge, asked: shown.SubjectDescribed) -> Described:
    most = edge.settings.web.reason_characters_max

    def given(text: str, what: str) -> Sensitive | None:
        return shapes.limited(text, most, what) if text.strip() else None

    return Described(
        relation=asked.relation,
        name=given(asked.name, "name"),
        whereabouts=given(asked.whereabouts, "whereabouts"),
        flags=asked.flags,
    )


def _instrument(found: Instrument) -> shown.InstrumentShown:
    return shown.InstrumentShown(
        id=found.id,
        version=found.version,
        use=found.use,
        name=_both(found.name),
        source=found.source,
        may_stay_open=found.may_stay_open,
        off=found.off,
        items=tuple(_item(item) for item in found.items),
    )


def _item(item: Item) -> shown.ItemShown:
    return shown.ItemShown(
        id=item.id,
        ask=_both(item.ask),
        group=item.group and _both(item.group),
        choices=tuple(shown.ChoiceShown(id=each.id, words=_both(each.words)) for each in item.choices),
        number=item.span and shown.NumberShown(least=item.span.least, most=item.span.most),
    )


def _result(result: Result) -> shown.ResultShown:
    return shown.ResultShown(
        level=None if result.level is None else result.level.text,
        score=result.score,
        why=tuple(_both(each) for each in result.why),
        unsettled=result.unsettled,
        could_be=None if result.could_be is None else result.could_be.text,
    )


def _assessment(sheet: Assessment, weighed: Weighed) -> shown.AssessmentShown:
    return shown.AssessmentShown(
        id=sheet.id,
        instrument=_instrument(weighed.versions[sheet.version]),
        moment=sheet.moment,
        subject_id=sheet.subject_id,
        supersedes=sheet.supersedes,
        by=_named(sheet.staff_id, weighed),
        at=sheet.at,
        answers=_plain(sheet.answers),
        level=None if sheet.level is None else sheet.level.text,
        score=sheet.score,
        why=_why(sheet, weighed),
        words=_opened(sheet.words),
    )


def _subjects(weighed: Weighed) -> tuple[shown.SubjectShown, ...]:
    return tuple(
        shown.SubjectShown(
            id=each.id,
            relation=each.relation,
            name=_opened(each.name),
            whereabouts=_opened(each.whereabouts),
            flags=each.flags,
            level=each.level.text,
            made_at=each.made_at,
            by=_named(each.made_by, weighed),
        )
        for each in weighed.subjects
    )


def _move(move: Move, weighed: Weighed) -> shown.LevelMoved:
    """A move with its grounds: whatever was saved in the same transaction, so at the same moment."""
    sheet = next((each for each in weighed.assessments if each.at == move.at), None)
    judged = next((each for each in weighed.judgements if each.at == move.at), None)
    reason = None
    if sheet is not None:
        source, reason = "instrument", next(iter(_why(sheet, weighed)), None)
    elif move.staff_id is not None:
        source = "counselor"
    else:
        source, reason = "rules", _rule_reason(move, weighed)
    return shown.LevelMoved(
        at=move.at,
        before=move.before.text,
        after=move.after.text,
        subject_id=move.subject_id,
        by=None if move.staff_id is None else _named(move.staff_id, weighed),
        source=source,
        basis=None if judged is None else _opened(judged.basis),
        reason=reason,
    )


def _rule_reason(move: Move, weighed: Weighed) -> shapes.Both | None:
    found = (appraisals.leading(each) for each in weighed.appraisals if each.at == move.at)
    finding = next((each for each in found if each is not None), None)
    return None if finding is None else shapes.Both.model_validate(finding["reason"])


def _why(sheet: Assessment, weighed: Weighed) -> tuple[shapes.Both, ...]:
    """Why the answers came to what they came to, by the instrument as it was then."""
    found = instruments.result(weighed.versions[sheet.version], cast("Answers", sheet.answers))
    return tuple(_both(each) for each in found.why)


def _plain(answers: Mapping[str, Json]) -> dict[str, str | int]:
    return cast("dict[str, str | int]", dict(answers))


def _opened(text: Sensitive | None) -> str | None:
    return None if text is None else text.reveal()


def _both(words: Reason) -> shapes.Both:
    return shapes.Both(zh=words.zh, en=words.en)


def _named(staff_id: UUID, weighed: Weighed) -> shapes.Person:
    return shapes.Person(id=staff_id, name=weighed.names.get(staff_id, ""))
