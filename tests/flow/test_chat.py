"""A chat, from the form to the closed record."""

from uuid import UUID

import pytest

from hotline.base import ids
from hotline.base.errors import Refused
from hotline.base.sensitive import Sensitive
from hotline.domain.level import Level
from hotline.domain.session import Record
from hotline.domain.staff import Role
from hotline.flow import message, offer, session
from hotline.flow.session import Screened
from tests.screen import follows
from tests.stage import Stage

DANGER = "我已经吃了一瓶安眠药，不想活了"


async def say(stage: Stage, contact_id: UUID, words: str) -> message.Stored:
    return await message.say(
        stage.store, stage.policies, contact_id, ids.new_id(), words=Sensitive(words), now=stage.now
    )


async def test_a_chat_is_offered_accepted_talked_and_closed(stage: Stage) -> None:
    counselor = await stage.hire("lin", ready=True)
    async with follows(stage):
        contact = await stage.chat()
    assert contact.state == "waiting"
    async with follows(stage):
        assert await stage.dispatch() == {contact.id: counselor}
    async with follows(stage):
        begun = await offer.accept(
            stage.store, await stage.pending_offer(contact.id), counselor, stage.later(3)
        )
    assert (await stage.contact(contact.id)).state == "talking"
    async with follows(stage):
        stored = await say(stage, contact.id, "最近睡不好")
    assert stored.seq == 1
    async with follows(stage):
        await session.hang_up(stage.store, contact.id, counselor, stage.later(600))
    with pytest.raises(Refused, match="screening"):
        await session.close(stage.store, stage.policies, begun.id, counselor, stage.now)
    async with follows(stage):
        await session.screen(
            stage.store, stage.policies, begun.id, counselor, Screened(result="asked_denied"), stage.now
        )
    record = Record(disposition="counselling", result="calmer", words=Sensitive("睡不好"))
    async with follows(stage, silently=True):
        await session.write(stage.store, stage.policies, begun.id, counselor, record, stage.now)
    async with follows(stage):
        await session.close(stage.store, stage.policies, begun.id, counselor, stage.now)
    assert await stage.kinds(contact.id) == [
        "contact.arrived",
        "contact.joined",
        "offer.made",
        "offer.accepted",
        "session.opened",
        "message.said",
        "session.ended",
        "session.screened",
        "session.written",
        "session.closed",
    ]


async def test_a_crisis_sentence_escalates_in_the_transaction_that_stores_it(stage: Stage) -> None:
    await stage.hire("wu", Role.RESPONDER)
    ordinary = await stage.chat()
    contact = await stage.chat()
    async with follows(stage):
        stored = await say(stage, contact.id, DANGER)
    assert stored.level is Level.IMMINENT
    risen = await stage.contact(contact.id)
    assert (risen.level, risen.band, risen.joined_at) == (Level.IMMINENT, 0, contact.joined_at)
    assert risen.rank < (await stage.contact(ordinary.id)).rank
    assert await stage.value("select state from escalation where contact_id = $1", contact.id) == "paged"
    counselor = await stage.hire("lin", ready=True)
    assert await stage.dispatch() == {contact.id: counselor}


async def test_the_same_message_twice_is_stored_once(stage: Stage) -> None:
    contact = await stage.chat()
    client_id = ids.new_id()
    first, second = [
        await message.say(
            stage.store, stage.policies, contact.id, client_id, words=Sensitive("你好"), now=stage.now
        )
        for _ in range(2)
    ]
    assert (first.seq, first.is_new, second.seq, second.is_new) == (1, True, 1, False)
    assert await stage.value("select count(*) from message where contact_id = $1", contact.id) == 1


async def test_what_the_form_said_is_found_once_and_not_in_every_message(stage: Stage) -> None:
    contact = await stage.chat(safe_now="unsure")
    await say(stage, contact.id, "你好")
    await say(stage, contact.id, DANGER)
    rows = await stage.value(
        """select array_agg(source || coalesce(':' || message_seq, '') order by at, id)
           from appraisal where contact_id = $1""",
        contact.id,
    )
    assert rows == ["form", "message:2"]
