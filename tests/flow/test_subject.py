"""People at risk who are not the caller: with a level of their own, and a team that is told who it is."""

from dataclasses import replace
from uuid import UUID

import pytest

from hotline.base import ids
from hotline.base.errors import Absent, Forbidden, Refused
from hotline.base.sensitive import Sensitive
from hotline.domain.contact import Contact
from hotline.domain.level import Level
from hotline.domain.staff import Role
from hotline.domain.subject import SUBJECTS_MAX, Described
from hotline.flow import escalation, subject
from hotline.flow.escalation import Judgement
from tests.screen import follows
from tests.stage import Stage
from tests.still import unchanged

SON = Described(relation="child", name=Sensitive("小明"), whereabouts=Sensitive("学校天台"), flags=("minor",))


async def tell_of(stage: Stage, contact: Contact, staff_id: UUID, described: Described = SON) -> UUID:
    return await subject.tell_of(stage.store, contact.id, staff_id, ids.new_id(), described, stage.now)


async def set_level(stage: Stage, subject_id: UUID, staff_id: UUID, judgement: Judgement) -> None:
    await subject.set_level(stage.store, stage.policies, subject_id, staff_id, judgement, stage.now)


async def level_of(stage: Stage, subject_id: UUID) -> str:
    return await stage.value("select level from subject where id = $1", subject_id)


async def a_call_about_a_son(stage: Stage) -> tuple[UUID, Contact, UUID]:
    counselor = await stage.hire("lin", ready=True)
    contact = await stage.chat()
    return counselor, contact, await tell_of(stage, contact, counselor)


async def test_a_contact_about_somebody_else_says_so_and_nobody_has_asked_about_them_yet(stage: Stage):
    counselor = await stage.hire("lin", ready=True)
    contact = await stage.chat()
    async with follows(stage):
        son = await tell_of(stage, contact, counselor)
    assert await level_of(stage, son) == "unknown"
    assert (await stage.contact(contact.id)).flags == ("third_party",)
    sealed = await stage.value("select name || whereabouts from subject where id = $1", son)
    assert "小明".encode() not in sealed
    assert await stage.value("select count(*) from journal where body::text like '%小明%'") == 0


async def test_a_caller_who_is_low_and_a_subject_who_is_imminent_call_the_team_in(stage: Stage):
    """Requirement 30."""
    counselor, contact, son = await a_call_about_a_son(stage)
    responder = await stage.hire("wu", Role.RESPONDER)
    low = Judgement(level=Level.LOW, basis=Sensitive("母亲平静"))
    await escalation.set_level(stage.store, stage.policies, contact.id, counselor, low, stage.now)
    async with follows(stage):
        await set_level(stage, son, counselor, Judgement(level=Level.IMMINENT, basis=Sensitive("在天台上")))
    after = await stage.contact(contact.id)
    assert (after.level, after.subject_level, after.gravest) == (Level.LOW, Level.IMMINENT, Level.IMMINENT)
    assert after.band == 0
    level, cause = await stage.value(
        "select (level, cause ->> 'subject_id') from escalation where contact_id = $1", contact.id
    )
    assert (level, cause) == ("imminent", str(son))
    raised = [
        each.card for each in (await stage.screen()).cards.values() if each.card["type"] == "escalation"
    ]
    assert [each["cause"]["subject_id"] for each in raised] == [str(son)]  # pyright: ignore[reportArgumentType, reportCallIssue, reportIndexIssue, reportOptionalSubscript]  JSON
    assert await stage.value("select staff_id from page where centre_id = $1", stage.centre.id) == responder


async def test_a_graver_subject_aggravates_the_escalation_that_is_open(stage: Stage):
    counselor, contact, son = await a_call_about_a_son(stage)
    await set_level(stage, son, counselor, Judgement(level=Level.HIGH, basis=Sensitive("")))
    async with follows(stage):
        await set_level(stage, son, counselor, Judgement(level=Level.IMMINENT, basis=Sensitive("")))
    found = await stage.value("select array_agg(level) from escalation where contact_id = $1", contact.id)
    assert found == ["imminent"]


async def test_lowering_a_subject_needs_a_supervisor_and_grounds_and_the_level_they_saw(stage: Stage):
    counselor, contact, son = await a_call_about_a_son(stage)
    supervisor = await stage.hire("sun", Role.SUPERVISOR)
    await set_level(stage, son, counselor, Judgement(level=Level.HIGH, basis=Sensitive("")))
    low = Judgement(level=Level.LOW, basis=Sensitive("已安全到家"), may_lower=True)
    async with unchanged(stage), follows(stage, silently=True):
        for refused_one, code in (
            (replace(low, may_lower=False), "level.lower"),
            (replace(low, basis=Sensitive("  ")), "level.basis"),
            (replace(low, seen=Level.MODERATE), "level.moved"),
        ):
            with pytest.raises(Refused) as refused:
                await set_level(stage, son, supervisor, refused_one)
            assert refused.value.code == code
    with pytest.raises(Forbidden):
        await set_level(stage, son, counselor, replace(low, may_lower=False))
    async with follows(stage):
        await set_level(stage, son, supervisor, low)
    assert (await stage.contact(contact.id)).subject_level is Level.LOW
    kept = await stage.value(
        "select before || '>' || after from judgement where subject_id = $1 and staff_id = $2",
        son,
        supervisor,
    )
    assert kept == "high>low"


async def test_the_contact_follows_the_gravest_of_several(stage: Stage):
    counselor, contact, son = await a_call_about_a_son(stage)
    daughter = await tell_of(stage, contact, counselor)
    supervisor = await stage.hire("sun", Role.SUPERVISOR)
    for each, level in ((son, Level.HIGH), (daughter, Level.MODERATE)):
        await set_level(stage, each, counselor, Judgement(level=level, basis=Sensitive("")))
    assert (await stage.contact(contact.id)).subject_level is Level.HIGH
    low = Judgement(level=Level.LOW, basis=Sensitive("已安全"), may_lower=True)
    await set_level(stage, son, supervisor, low)
    assert (await stage.contact(contact.id)).subject_level is Level.MODERATE


async def test_telling_twice_of_one_person_adds_one(stage: Stage):
    counselor = await stage.hire("lin", ready=True)
    contact, client_id = await stage.chat(), ids.new_id()
    first = await subject.tell_of(stage.store, contact.id, counselor, client_id, SON, stage.now)
    async with unchanged(stage):
        again = await subject.tell_of(stage.store, contact.id, counselor, client_id, SON, stage.now)
    assert again == first
    assert await stage.value("select count(*) from subject where contact_id = $1", contact.id) == 1


async def test_a_repeated_judgement_of_a_subject_is_kept_once(stage: Stage):
    counselor, _, son = await a_call_about_a_son(stage)
    grave = Judgement(level=Level.HIGH, basis=Sensitive("有计划"), key="k")
    for _ in range(2):
        await set_level(stage, son, counselor, grave)
    assert await stage.value("select count(*) from judgement where subject_id = $1", son) == 1


async def test_what_is_known_of_a_person_is_completed_and_their_level_stays(stage: Stage):
    counselor, _, son = await a_call_about_a_son(stage)
    await set_level(stage, son, counselor, Judgement(level=Level.HIGH, basis=Sensitive("")))
    found = replace(SON, whereabouts=Sensitive("已经回家"))
    await subject.describe(stage.store, son, counselor, found, stage.now)
    assert await level_of(stage, son) == "high"


async def test_dangers_of_a_person_are_the_contacts_and_of_a_harmed_minor_a_report_is_owed_once(stage: Stage):
    counselor, contact, son = await a_call_about_a_son(stage)
    harmed = replace(SON, flags=("minor", "abuse", "medical"))
    async with follows(stage):
        await subject.describe(stage.store, son, counselor, harmed, stage.now)
    assert {"abuse", "medical", "third_party"} <= set((await stage.contact(contact.id)).flags)
    await tell_of(stage, contact, counselor, replace(harmed, name=Sensitive("小红")))
    owed = await stage.value(
        "select count(*) from task where contact_id = $1 and kind = 'mandatory_report'", contact.id
    )
    assert owed == 1
    await subject.describe(stage.store, son, counselor, SON, stage.now)
    assert "abuse" in (await stage.contact(contact.id)).flags


async def test_codes_that_are_in_no_list_and_too_many_people_are_refused(stage: Stage):
    counselor, contact, son = await a_call_about_a_son(stage)
    for _ in range(SUBJECTS_MAX - 1):
        await tell_of(stage, contact, counselor)
    async with unchanged(stage):
        with pytest.raises(Refused) as many:
            await tell_of(stage, contact, counselor)
        with pytest.raises(Refused) as relation:
            await subject.describe(stage.store, son, counselor, Described(relation="boss"), stage.now)
        with pytest.raises(Refused) as flag:
            await subject.describe(stage.store, son, counselor, replace(SON, flags=("rich",)), stage.now)
        with pytest.raises(Absent):
            await subject.describe(stage.store, ids.new_id(), counselor, SON, stage.now)
    codes = [each.value.code for each in (many, relation, flag)]
    assert codes == ["subject.many", "subject.relation", "subject.flag"]
