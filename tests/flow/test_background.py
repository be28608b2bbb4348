"""A contact is judged by all that was said in it, and by what earlier contacts of its caller say."""

from datetime import timedelta
from uuid import UUID

import pytest

from hotline.base import ids
from hotline.base.sensitive import Sensitive
from hotline.domain.contact import Contact
from hotline.domain.level import Level
from hotline.flow import message, offer
from tests.flow.calls import Call, a_number
from tests.screen import follows
from tests.stage import Stage

OFTEN = 8


async def say(stage: Stage, contact: Contact, words: str) -> Level:
    stored = await message.say(
        stage.store, stage.policies, contact.id, ids.new_id(), words=Sensitive(words), now=stage.later(20)
    )
    return stored.level


async def reply(stage: Stage, contact: Contact, counselor: UUID, words: str) -> None:
    said = message.Reply(client_id=ids.new_id(), words=Sensitive(words))
    await message.reply(stage.store, stage.policies, contact.id, counselor, said, stage.later(20))


async def a_talk(stage: Stage) -> tuple[Contact, UUID]:
    counselor = await stage.hire("lin", ready=True)
    contact = await stage.chat()
    await stage.dispatch()
    await offer.accept(stage.store, await stage.pending_offer(contact.id), counselor, stage.later(3))
    return contact, counselor


async def rules_of(stage: Stage, contact_id: UUID) -> set[str]:
    """The rules that have hit in a contact."""
    return set(
        await stage.value(
            """select array_agg(f ->> 'rule') from appraisal as a, jsonb_array_elements(a.findings) as f
               where a.contact_id = $1 and f ->> 'verdict' = 'hit'""",
            contact_id,
        )
        or ()
    )


async def test_hopelessness_early_and_means_later_call_the_team_in(stage: Stage):
    contact = await stage.chat()
    assert await say(stage, contact, "我撑不下去了") is Level.LOW
    assert await say(stage, contact, "今天又下雨") is Level.LOW
    async with follows(stage):
        assert await say(stage, contact, "安眠药就在手边") is Level.HIGH
    assert "hopeless_then_means" in await rules_of(stage, contact.id)
    assert await stage.value("select count(*) from escalation where contact_id = $1", contact.id) == 1
    kinds = await stage.kinds(contact.id)
    assert kinds[-3:] == ["contact.level", "escalation.declared", "escalation.paged"]


async def test_what_was_heard_is_saved_with_the_words_and_holds_none_of_them(stage: Stage):
    contact = await stage.chat()
    await say(stage, contact, "我撑不下去了")
    heard = (await stage.contact(contact.id)).background.heard
    assert list(heard) == ["distress"]
    assert list(heard["distress"])[2:] == [1, 1]


async def test_a_denial_takes_nothing_away_of_what_was_heard(stage: Stage):
    contact = await stage.chat()
    await say(stage, contact, "我不想活了")
    await say(stage, contact, "我没有想过要自杀")
    assert await say(stage, contact, "药就在手边") is Level.IMMINENT
    assert {"ideation", "denied", "means"} <= set((await stage.contact(contact.id)).background.heard)


async def test_a_yes_is_an_answer_to_what_the_counselor_has_asked(stage: Stage):
    contact, counselor = await a_talk(stage)
    assert await say(stage, contact, "有") is Level.NONE_FOUND
    async with follows(stage):
        await reply(stage, contact, counselor, "你最近有没有想过自杀？")
    assert (await stage.contact(contact.id)).level is Level.NONE_FOUND, "a question is no evidence"
    async with follows(stage):
        assert await say(stage, contact, "有") is Level.MODERATE
    assert "affirmed_thoughts" in await rules_of(stage, contact.id)


async def test_a_third_call_within_an_hour_after_two_in_vain_moves_up(stage: Stage):
    number = a_number()
    for _ in range(2):
        one = await Call.waits(stage, number)
        stage.later(300)
        await one.ends()
    stage.later(60)
    async with follows(stage):
        third = await Call.waits(stage, number)
    contact = await third.contact()
    assert (contact.level, contact.band) == (Level.MODERATE, 2)
    assert "third_try_within_an_hour" in await rules_of(stage, contact.id)


@pytest.mark.parametrize(("part", "what"), [("heard", "attempt_recent"), ("noted", "noted_act")])
async def test_an_attempt_of_these_days_is_known_when_the_caller_comes_back_and_forgotten_later(
    stage: Stage, part: str, what: str
):
    number = a_number()
    first = await Call.waits(stage, number)
    await stage.value(
        """update contact set background = jsonb_set(background, array[$2], jsonb_build_object($3::text, 1))
           where id = $1""",
        first.contact_id,
        part,
        what,
    )
    await first.ends()
    stage.now += timedelta(days=13)
    again = await Call.waits(stage, number)
    assert (await again.contact()).background.recent_attempt is True
    assert (await again.contact()).level is Level.HIGH
    await again.ends()
    await stage.value("update contact set level = 'none_found' where id = $1", again.contact_id)
    stage.now += timedelta(days=13)
    late = await Call.waits(stage, number)
    assert (await late.contact()).background.recent_attempt is False


async def test_a_frequent_caller_is_marked_for_help_and_waits_like_everybody(stage: Stage):
    number = a_number()
    for _ in range(OFTEN):
        one = await Call.waits(stage, number)
        await one.ends()
        stage.now += timedelta(days=1)
    again = await Call.waits(stage, number)
    contact = await again.contact()
    assert contact.background.frequent is True
    assert "frequent_caller" in await rules_of(stage, contact.id)
    assert (contact.state, contact.band) == ("waiting", 3)


async def test_the_history_of_a_withheld_number_is_unknown_and_says_so(stage: Stage):
    one = await Call.waits(stage)
    background = (await one.contact()).background
    assert (background.recent_high, background.frequent) == (None, None)
    assert background.timezone == stage.voice_line.timezone
    assert (await one.contact()).level is Level.UNKNOWN
