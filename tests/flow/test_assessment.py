"""Answer sheets: kept as they were, never lowering, and calling the team in together with the level."""

import dataclasses
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from hotline.base import ids
from hotline.base.errors import Absent, Forbidden, Refused
from hotline.base.sensitive import Sensitive
from hotline.domain import assessment as assessments
from hotline.domain.contact import Contact
from hotline.domain.level import Level
from hotline.domain.risk import instruments
from hotline.domain.risk.instruments import Answer
from hotline.domain.staff import Role
from hotline.domain.subject import Described
from hotline.flow import assessment, escalation, message, reading, subject
from hotline.flow.assessment import Answered
from hotline.flow.escalation import Judgement
from tests.screen import follows
from tests.stage import Stage
from tests.still import unchanged

NOTHING: Mapping[str, Answer] = {"wish_dead": "no", "thoughts": "no", "behaviour": "never"}
LOW: Mapping[str, Answer] = {**NOTHING, "wish_dead": "yes"}
RECENT: Mapping[str, Answer] = {**NOTHING, "behaviour": "within_3m"}
RATINGS = "self_ratings"


def answered(stage: Stage, instrument: str, answers: Mapping[str, Answer], **more: Any) -> Answered:
    version = stage.policies.instruments[instrument].version
    return Answered(instrument=instrument, version=version, answers=answers, **more)


async def take(stage: Stage, contact: Contact, staff_id: UUID, sheet: Answered) -> UUID:
    return await assessment.take(stage.store, stage.policies, contact.id, staff_id, sheet, stage.now)


async def weighed(stage: Stage, contact: Contact) -> reading.Weighed:
    supervisor = await stage.hire("eyes", Role.SUPERVISOR)
    return await reading.open_risk(
        stage.store, stage.viewer(supervisor, Role.SUPERVISOR), contact.id, stage.now
    )


async def open_escalations(stage: Stage, contact: Contact) -> list[tuple[str, str]]:
    async with stage.store.connection() as connection:
        rows = await connection.fetch(
            """select level, cause ->> 'source' as source from escalation
               where contact_id = $1 and state not in ('resolved', 'stood_down')""",
            contact.id,
        )
    return [(row["level"], row["source"]) for row in rows]


async def test_answers_that_suggest_high_raise_the_level_and_call_the_team_in_together(stage: Stage):
    counselor = await stage.hire("lin", ready=True)
    responder = await stage.hire("wu", Role.RESPONDER)
    contact = await stage.chat()
    async with follows(stage):
        await take(stage, contact, counselor, answered(stage, "cssrs_screener", RECENT))
    after = await stage.contact(contact.id)
    assert (after.level, after.band) == (Level.HIGH, 1)
    assert await open_escalations(stage, contact) == [("high", "instrument")]
    paged = await stage.value("select staff_id from page where centre_id = $1", stage.centre.id)
    assert paged == responder


async def test_no_answers_lower_a_level(stage: Stage):
    counselor = await stage.hire("lin", ready=True)
    contact = await stage.chat()
    await take(stage, contact, counselor, answered(stage, "hard_criteria", {"intent": "yes"}))
    async with follows(stage, silently=True):
        await take(stage, contact, counselor, answered(stage, "cssrs_screener", NOTHING))
    assert (await stage.contact(contact.id)).level is Level.HIGH


async def test_a_score_of_three_with_an_act_in_progress_is_imminent(stage: Stage):
    """Requirement 19: the final level is the highest, whatever a scale says."""
    counselor = await stage.hire("lin", ready=True)
    contact = await stage.chat()
    scale = stage.policies.instruments["beijing_12"]
    weight_of = {"acute_event": 3, "chronic_event": 13}
    document = {
        **scale.document,
        "items": [
            {**item, "answers": [
                {**each, "weight": weight_of.get(item["id"]) if each["id"] == "yes" else None}
                for each in item["answers"]
            ]}
            for item in scale.document["items"]
        ],
    }  # fmt: skip
    entered = instruments.made(document, "entered by the site")
    assert instruments.unweighed(entered) is None
    stage.policies = dataclasses.replace(
        stage.policies, instruments={**stage.policies.instruments, "beijing_12": entered}
    )
    sheet: dict[str, Answer] = {
        item.id: item.choices[0].id if item.choices else 0 for item in entered.items
    } | {"acute_event": "yes"}
    await take(stage, contact, counselor, answered(stage, "beijing_12", sheet))
    scored = await stage.value("select score from assessment where contact_id = $1", contact.id)
    assert (scored, (await stage.contact(contact.id)).level) == (3, Level.LOW)
    await take(stage, contact, counselor, answered(stage, "hard_criteria", {"last_attempt": "in_progress"}))
    assert (await stage.contact(contact.id)).level is Level.IMMINENT
    assert await open_escalations(stage, contact) == [("imminent", "instrument")]


async def test_an_old_record_is_shown_as_it_was_after_its_instrument_was_edited(stage: Stage):
    """Requirement 17."""
    counselor = await stage.hire("lin", ready=True)
    contact = await stage.chat()
    await take(stage, contact, counselor, answered(stage, "cssrs_screener", LOW))
    before = await weighed(stage, contact)
    now_asked = stage.policies.instruments["cssrs_screener"]
    first, *others = now_asked.document["items"]
    edited = {**now_asked.document, "items": [{**first, "ask": {"zh": "改了", "en": "Edited"}}, *others]}
    stage.policies = dataclasses.replace(
        stage.policies,
        instruments={**stage.policies.instruments, "cssrs_screener": instruments.made(edited, "edited")},
    )
    await take(stage, contact, counselor, answered(stage, "cssrs_screener", RECENT))
    after = await weighed(stage, contact)
    old, new = after.assessments
    assert (old, after.versions[old.version]) == (before.assessments[0], before.versions[old.version])
    assert after.versions[old.version] == now_asked
    assert after.versions[new.version].items[0].ask.en == "Edited"
    assert new.supersedes == old.id


async def test_a_sheet_read_out_in_a_version_that_was_answered_before_is_still_taken(stage: Stage):
    counselor = await stage.hire("lin", ready=True)
    contact = await stage.chat()
    sheet = answered(stage, "cssrs_screener", LOW)
    await take(stage, contact, counselor, sheet)
    edited = instruments.made(dict(stage.policies.instruments["cssrs_screener"].document), "edited")
    stage.policies = dataclasses.replace(
        stage.policies, instruments={**stage.policies.instruments, "cssrs_screener": edited}
    )
    await take(stage, contact, counselor, sheet)
    async with unchanged(stage):
        with pytest.raises(Refused) as refused:
            await take(stage, contact, counselor, dataclasses.replace(sheet, version="never heard of"))
    assert refused.value.code == "instrument.changed"


@pytest.mark.parametrize("table", ["assessment", "judgement"])
@pytest.mark.parametrize("statement", ["update {} set at = now()", "delete from {}"])
async def test_the_history_of_a_level_cannot_be_changed_even_by_hand(
    stage: Stage, table: str, statement: str
):
    """Requirement 21."""
    counselor = await stage.hire("lin", ready=True)
    contact = await stage.chat()
    await take(stage, contact, counselor, answered(stage, "cssrs_screener", LOW))
    grave = Judgement(level=Level.MODERATE, basis=Sensitive("独居"))
    await escalation.set_level(stage.store, stage.policies, contact.id, counselor, grave, stage.now)
    with pytest.raises(asyncpg.RaiseError):
        await stage.value(f"{statement.format(table)} where contact_id = $1", contact.id)


async def test_every_move_of_a_level_is_there_with_who_when_and_why(stage: Stage):
    """Requirement 21."""
    counselor = await stage.hire("lin", ready=True)
    supervisor = await stage.hire("sun", Role.SUPERVISOR)
    contact = await stage.chat()
    await take(stage, contact, counselor, answered(stage, "cssrs_screener", LOW))
    stage.later(10)
    await message.say(
        stage.store,
        stage.policies,
        contact.id,
        ids.new_id(),
        words=Sensitive("我已经吃了一瓶安眠药"),
        now=stage.now,
    )
    stage.later(10)
    lowered = Judgement(level=Level.LOW, basis=Sensitive("误会"), may_lower=True)
    await escalation.set_level(stage.store, stage.policies, contact.id, supervisor, lowered, stage.now)
    found = await weighed(stage, contact)
    assert [(each.staff_id, each.before.text, each.after.text) for each in found.moves] == [
        (counselor, "none_found", "low"),
        (None, "low", "imminent"),
        (supervisor, "imminent", "low"),
    ]
    assert [each.basis for each in found.judgements] == [Sensitive("误会")]


async def test_a_level_that_has_moved_is_not_lowered_by_who_did_not_see_it(stage: Stage):
    supervisor = await stage.hire("sun", Role.SUPERVISOR)
    contact = await stage.chat()
    counselor = await stage.hire("lin", ready=True)
    await take(stage, contact, counselor, answered(stage, "cssrs_screener", RECENT))
    blind = Judgement(level=Level.MODERATE, basis=Sensitive("好些了"), may_lower=True, seen=Level.LOW)
    async with unchanged(stage), follows(stage, silently=True):
        with pytest.raises(Refused) as refused:
            await escalation.set_level(stage.store, stage.policies, contact.id, supervisor, blind, stage.now)
    assert (refused.value.code, isinstance(refused.value, Forbidden)) == ("level.moved", False)
    seeing = dataclasses.replace(blind, seen=Level.HIGH)
    await escalation.set_level(stage.store, stage.policies, contact.id, supervisor, seeing, stage.now)
    assert (await stage.contact(contact.id)).level is Level.MODERATE


async def test_raising_needs_to_have_seen_nothing(stage: Stage):
    counselor = await stage.hire("lin", ready=True)
    contact = await stage.chat()
    blind = Judgement(level=Level.IMMINENT, basis=Sensitive("在桥上"), seen=Level.LOW)
    await escalation.set_level(stage.store, stage.policies, contact.id, counselor, blind, stage.now)
    assert (await stage.contact(contact.id)).level is Level.IMMINENT


async def test_a_sheet_sent_again_is_kept_once_and_raises_again_what_has_sunk_since(stage: Stage):
    counselor = await stage.hire("lin", ready=True)
    supervisor = await stage.hire("sun", Role.SUPERVISOR)
    contact = await stage.chat()
    sheet = answered(stage, "cssrs_screener", RECENT, key="k")
    first = await take(stage, contact, counselor, sheet)
    async with unchanged(stage):
        assert await take(stage, contact, counselor, sheet) == first
    lowered = Judgement(level=Level.LOW, basis=Sensitive("误会"), may_lower=True)
    await escalation.set_level(stage.store, stage.policies, contact.id, supervisor, lowered, stage.later(5))
    assert await take(stage, contact, counselor, sheet) == first
    assert (await stage.contact(contact.id)).level is Level.HIGH
    assert await stage.value("select count(*) from assessment where contact_id = $1", contact.id) == 1


async def test_the_counselors_words_are_sealed_and_answers_stay_out_of_the_journal(stage: Stage):
    counselor = await stage.hire("lin", ready=True)
    contact = await stage.chat()
    sheet = answered(stage, "cssrs_screener", LOW, words=Sensitive("语速很慢"))
    await take(stage, contact, counselor, sheet)
    seal = await stage.value("select words from assessment where contact_id = $1", contact.id)
    assert "语速".encode() not in seal
    assert await stage.value("select count(*) from journal where body::text like '%wish_dead%'") == 0


async def test_ratings_before_and_after_give_the_change_of_what_was_asked_both_times(stage: Stage):
    """Requirement 18."""
    counselor = await stage.hire("lin", ready=True)
    contact = await stage.chat()
    before: dict[str, Answer] = {"intent": 80, "hopefulness": 10, "distress": 90}
    after: dict[str, Answer] = {"intent": 30, "hopefulness": 45, "distress": "not_asked"}
    async with follows(stage, silently=True):
        await take(stage, contact, counselor, answered(stage, RATINGS, before, moment="before"))
        await take(stage, contact, counselor, answered(stage, RATINGS, after, moment="after"))
    found = await weighed(stage, contact)
    ratings = assessments.ratings(found.assessments, RATINGS)
    assert (ratings.before, ratings.after) == (before, after)
    assert ratings.change == {"intent": -50, "hopefulness": 35}


async def test_a_rating_out_of_0_to_100_is_refused_and_nothing_is_kept(stage: Stage):
    """Requirement 18."""
    counselor = await stage.hire("lin", ready=True)
    contact = await stage.chat()
    wrong: dict[str, Answer] = {"intent": 101, "hopefulness": 10, "distress": 90}
    async with unchanged(stage):
        with pytest.raises(Refused) as refused:
            await take(stage, contact, counselor, answered(stage, RATINGS, wrong, moment="before"))
    assert refused.value.code == "instrument.answer"


@pytest.mark.parametrize("instrument", ["beijing_12", "cssrs_screener"])
async def test_what_an_instrument_does_not_take_changes_nothing(stage: Stage, instrument: str):
    counselor = await stage.hire("lin", ready=True)
    contact = await stage.chat()
    async with unchanged(stage), follows(stage, silently=True):
        with pytest.raises(Refused):
            await take(stage, contact, counselor, answered(stage, instrument, {"plan": "none"}))
        with pytest.raises(Refused):
            await take(stage, contact, counselor, answered(stage, "cssrs_screener", LOW, moment="later"))
        with pytest.raises(Absent):
            await take(
                stage, contact, counselor, answered(stage, "cssrs_screener", LOW, subject_id=ids.new_id())
            )


async def test_an_assessment_of_a_subject_leaves_the_caller_as_they_are(stage: Stage):
    counselor = await stage.hire("lin", ready=True)
    contact = await stage.chat()
    child = Described(relation="child")
    son = await subject.tell_of(stage.store, contact.id, counselor, ids.new_id(), child, stage.now)
    async with follows(stage):
        await take(
            stage,
            contact,
            counselor,
            answered(stage, "hard_criteria", {"last_attempt": "in_progress"}, subject_id=son),
        )
    after = await stage.contact(contact.id)
    assert (after.level, after.subject_level, after.band) == (Level.NONE_FOUND, Level.IMMINENT, 0)
    cause = await stage.value(
        "select cause ->> 'subject_id' from escalation where contact_id = $1", contact.id
    )
    assert cause == str(son)
