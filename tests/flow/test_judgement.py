"""A person's judgement of a level: raised by those who talk, lowered by those who may and say why."""

from uuid import UUID

import pytest

from hotline.base import ids
from hotline.base.errors import Forbidden, Refused
from hotline.base.sensitive import Sensitive
from hotline.domain.contact import Contact
from hotline.domain.custody import Hand
from hotline.domain.escalation import Escalation
from hotline.domain.level import Level
from hotline.domain.staff import Role
from hotline.flow import escalation, message
from hotline.flow.escalation import Judgement, Said
from hotline.store import escalation as store_escalation
from tests.screen import follows
from tests.stage import Stage
from tests.still import unchanged

DANGER = "我已经吃了一瓶安眠药，不想活了"
TELEPHONE = Sensitive("+8613800001111")


def judged(level: Level, basis: str = "", *, may_lower: bool = False) -> Judgement:
    return Judgement(level=level, basis=Sensitive(basis), may_lower=may_lower)


async def stand_down(stage: Stage, raised: UUID, staff_id: UUID, reason: str) -> None:
    """A supervisor takes it back."""
    hand, said = Hand(staff_id=staff_id, leads=True), Said(code="misread", words=Sensitive(reason))
    await escalation.stand_down(stage.store, raised, hand, said, stage.later(5))


async def set_level(stage: Stage, contact: Contact, staff_id: UUID, judgement: Judgement) -> None:
    await escalation.set_level(stage.store, stage.policies, contact.id, staff_id, judgement, stage.now)


async def say(stage: Stage, contact: Contact, words: str) -> message.Stored:
    return await message.say(
        stage.store, stage.policies, contact.id, ids.new_id(), words=Sensitive(words), now=stage.now
    )


async def read(stage: Stage, escalation_id: UUID) -> Escalation:
    async with stage.store.connection() as connection:
        return await store_escalation.get(connection, stage.store.vault, escalation_id)


async def pages(stage: Stage, escalation_id: UUID) -> list[tuple[int, UUID, str, str]]:
    async with stage.store.connection() as connection:
        made = await store_escalation.pages_of(connection, stage.store.vault, escalation_id)
    return sorted((page.rung, page.staff_id, page.channel, page.state) for page in made)


async def notes(stage: Stage, escalation_id: UUID) -> list[tuple[UUID, str]]:
    async with stage.store.connection() as connection:
        found = await store_escalation.notes_of(connection, stage.store.vault, escalation_id)
    return [(note.staff_id, note.words.reveal()) for note in found]


async def escalation_of(stage: Stage, contact: Contact) -> UUID:
    return await stage.value(
        "select id from escalation where contact_id = $1 order by declared_at desc limit 1", contact.id
    )


async def a_team(stage: Stage) -> tuple[UUID, UUID, UUID]:
    """A counselor, a responder with a telephone, and a supervisor without one."""
    counselor = await stage.hire("lin", ready=True)
    responder = await stage.hire("wu", Role.RESPONDER, telephone=TELEPHONE)
    return counselor, responder, await stage.hire("sun", Role.SUPERVISOR)


async def test_a_counselor_raises_a_level_and_does_not_lower_it(stage: Stage):
    counselor, _, _ = await a_team(stage)
    contact = await stage.chat()
    async with follows(stage):
        await set_level(stage, contact, counselor, judged(Level.MODERATE, "独居"))
    assert (await stage.contact(contact.id)).band == 2
    async with unchanged(stage), follows(stage, silently=True):
        with pytest.raises(Forbidden) as forbidden:
            await set_level(stage, contact, counselor, judged(Level.LOW, "好些了"))
    assert forbidden.value.code == "level.lower"


@pytest.mark.parametrize("basis", ["", "  \n"])
async def test_lowering_without_grounds_changes_nothing(stage: Stage, basis: str):
    _, _, supervisor = await a_team(stage)
    contact = await stage.chat()
    await say(stage, contact, DANGER)
    async with unchanged(stage), follows(stage, silently=True):
        with pytest.raises(Refused) as refused:
            await set_level(stage, contact, supervisor, judged(Level.LOW, basis, may_lower=True))
    assert refused.value.code == "level.basis"


async def test_lowering_is_journalled_by_name_and_its_grounds_kept_with_the_escalation(stage: Stage):
    _, _, supervisor = await a_team(stage)
    contact = await stage.chat()
    await say(stage, contact, DANGER)
    async with follows(stage):
        await set_level(stage, contact, supervisor, judged(Level.LOW, "歌词", may_lower=True))
    assert (await stage.contact(contact.id)).level is Level.LOW
    assert await notes(stage, await escalation_of(stage, contact)) == [(supervisor, "歌词")]
    actor = await stage.value(
        "select actor from journal where contact_id = $1 and kind = 'contact.level' order by seq desc",
        contact.id,
    )
    assert actor == f"staff:{supervisor}"
    assert await stage.value("select count(*) from journal where body::text like '%歌词%'") == 0


async def test_raising_to_imminent_calls_the_team_in_and_asks_a_supervisor_to_join(stage: Stage):
    counselor, responder, supervisor = await a_team(stage)
    contact = await stage.chat()
    async with follows(stage):
        await set_level(stage, contact, counselor, judged(Level.IMMINENT, "在桥上"))
    raised = await escalation_of(stage, contact)
    assert {page[1] for page in await pages(stage, raised)} == {responder, supervisor}
    assert await notes(stage, raised) == [(counselor, "在桥上")]


async def test_words_of_danger_after_a_level_was_lowered_are_taken_in_and_join_the_open_escalation(
    stage: Stage,
):
    _, _, supervisor = await a_team(stage)
    contact = await stage.chat()
    await say(stage, contact, DANGER)
    raised = await escalation_of(stage, contact)
    await set_level(stage, contact, supervisor, judged(Level.LOW, "歌词", may_lower=True))
    stage.later(30)
    async with follows(stage):
        stored = await say(stage, contact, DANGER)
    assert (stored.seq, stored.level) == (2, Level.IMMINENT)
    assert await escalation_of(stage, contact) == raised
    assert await stage.value("select count(*) from escalation where contact_id = $1", contact.id) == 1


async def test_a_level_raised_by_hand_after_its_escalation_was_closed_calls_the_team_in_anew(stage: Stage):
    counselor, responder, supervisor = await a_team(stage)
    contact = await stage.chat()
    await say(stage, contact, DANGER)
    first = await escalation_of(stage, contact)
    await stand_down(stage, first, responder, "误报")
    await set_level(stage, contact, supervisor, judged(Level.LOW, "歌词", may_lower=True))
    stage.later(60)
    async with follows(stage):
        await set_level(stage, contact, counselor, judged(Level.IMMINENT, "现在真的在桥上"))
    second = await escalation_of(stage, contact)
    assert second != first
    assert (await read(stage, second)).state == "paged"


async def test_the_grounds_of_a_level_are_kept_sealed_also_where_nobody_was_called_in(stage: Stage):
    supervisor = await stage.hire("su", Role.SUPERVISOR)
    contact = await stage.chat(safe_now="unsure")
    assert (await stage.contact(contact.id)).level is Level.MODERATE
    await set_level(stage, contact, supervisor, judged(Level.LOW, "误触，已核实", may_lower=True))
    kept = await stage.value("select before || '>' || after from judgement where contact_id = $1", contact.id)
    assert kept == "moderate>low"
    seal = await stage.value("select basis from judgement where contact_id = $1", contact.id)
    assert "误触".encode() not in seal


async def test_an_imminent_finding_after_an_escalation_was_closed_calls_the_team_again(stage: Stage):
    supervisor = await stage.hire("su", Role.SUPERVISOR)
    contact = await stage.chat()
    await say(stage, contact, DANGER)
    first = await escalation_of(stage, contact)
    await stand_down(stage, first, supervisor, "玩笑")
    await say(stage, contact, DANGER)
    assert await escalation_of(stage, contact) != first
