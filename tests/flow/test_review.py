"""What the rules left and the second opinion doubts is shown to a supervisor, the likeliest first."""

from datetime import timedelta
from uuid import UUID

from hotline.base import ids
from hotline.base.sensitive import Sensitive
from hotline.domain.contact import Contact
from hotline.domain.level import Level
from hotline.domain.staff import Role
from hotline.flow import escalation, message, review
from hotline.flow.escalation import Judgement
from tests.screen import follows
from tests.stage import Stage

PARAPHRASE = "反正每天晚上都盼着自己第二天别再睁眼，没有意思了"


async def a_talk(stage: Stage, opinion: int) -> Contact:
    contact = await stage.chat()
    await stage.value(
        "update contact set background = jsonb_set(background, '{opinion}', to_jsonb($2::int)) where id = $1",
        contact.id,
        opinion,
    )
    return contact


async def listed(stage: Stage, *, most: int = 50) -> list[UUID]:
    found = await review.list_doubted(
        stage.store, stage.viewer(ids.new_id(), Role.SUPERVISOR), days=7, most=most, now=stage.now
    )
    return [each.contact_id for each in found]


async def test_the_likeliest_stands_first_and_the_list_is_bounded(stage: Stage):
    some, most, _ = await a_talk(stage, 60), await a_talk(stage, 90), await a_talk(stage, 20)
    assert await listed(stage) == [most.id, some.id]
    assert await listed(stage, most=1) == [most.id]


async def test_what_a_person_has_judged_leaves_the_list(stage: Stage):
    counselor = await stage.hire("lin")
    contact = await a_talk(stage, 80)
    judged = Judgement(level=Level.LOW, basis=Sensitive("已核实"))
    async with follows(stage):
        await escalation.set_level(stage.store, stage.policies, contact.id, counselor, judged, stage.now)
    assert await listed(stage) == []


async def test_what_the_rules_have_flagged_is_not_to_be_looked_for(stage: Stage):
    contact = await a_talk(stage, 80)
    await message.say(
        stage.store, stage.policies, contact.id, ids.new_id(), words=Sensitive("我想死"), now=stage.later(5)
    )
    assert await listed(stage) == []


async def test_what_is_older_than_a_week_is_left(stage: Stage):
    await a_talk(stage, 80)
    stage.now += timedelta(days=8)
    assert await listed(stage) == []


async def test_the_opinion_of_a_message_is_kept_with_its_contact_and_never_sinks(stage: Stage):
    contact = await stage.chat()
    for words in (PARAPHRASE, "今天天气很好，我们去公园散步"):
        await message.say(
            stage.store, stage.policies, contact.id, ids.new_id(), words=Sensitive(words), now=stage.later(5)
        )
    plain = stage.policies.rulebook.spell(PARAPHRASE).text
    assert plain
    assert (await stage.contact(contact.id)).background.opinion > 0
