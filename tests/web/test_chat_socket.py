"""The open chat: words stored before they are called stored, a place that never grows, pages that resume."""

import asyncio
from collections.abc import AsyncGenerator
from uuid import UUID

import pytest

from hotline.base import clock, ids
from hotline.base.sensitive import Sensitive
from hotline.base.tasks import Crew
from hotline.domain.level import Level
from hotline.domain.staff import Role
from hotline.flow import intake, message, session
from hotline.store.engine import connect_arguments
from hotline.store.signal import Signal
from hotline.store.unit import Store
from hotline.web import followers
from tests.patience import PATIENCE_SECONDS
from tests.stage import Stage
from tests.web.visitor import Visitor, front

DANGER = "我已经吃了一瓶安眠药，不想活了"


@pytest.fixture
async def visitor(stage: Stage) -> AsyncGenerator[Visitor]:
    stage.now = clock.now()
    async with front(stage) as base:
        visitor = Visitor(base, stage)
        await visitor.open_chat()
        yield visitor


async def reply(visitor: Visitor, staff_id: UUID, words: str) -> int:
    said = message.Reply(client_id=ids.new_id(), words=Sensitive(words))
    stage = visitor.stage
    done = await message.reply(stage.store, stage.policies, visitor.contact_id, staff_id, said, clock.now())
    return done.seq


async def test_a_chat_from_the_queue_to_the_end(visitor: Visitor, stage: Stage):
    async with visitor.page() as page:
        waiting = await page.state("waiting")
        assert (waiting["place"], waiting["counselor_present"]) == (1, False)
        assert waiting["numbers"] == ["110", "119", "120", "12356"]
        counselor = await visitor.answered()
        talking = await page.state("talking")
        assert (talking["place"], talking["counselor_present"]) == (None, True)
        seq = await reply(visitor, counselor, "您好，我在听")
        heard = await page.until("messages", lambda frame: any(frame["messages"]))
        assert [(each["sender"], each["words"], each["client_id"]) for each in heard["messages"]] == [
            ("counselor", "您好，我在听", None)
        ]
        await page.send({"kind": "read", "seq": seq})
        stored = await page.stored(await page.say("谢谢"))
        assert (stored["seq"], stored["at"][-1]) == (2, "Z")
        await message.read(stage.store, visitor.contact_id, sender="caller", up_to=2, now=clock.now())
        assert (await page.until("read"))["seq"] == 2
        await session.hang_up(stage.store, visitor.contact_id, counselor, clock.now())
        assert (await page.state("ended"))["reason"] == "counselor"
    read_at = "select read_at is not null from message where contact_id = $1 and sender = 'counselor'"
    assert await stage.value(read_at, visitor.contact_id)


async def test_words_are_called_stored_only_after_the_commit(visitor: Visitor, stage: Stage):
    async with visitor.page() as page, stage.store.connection() as other:
        async with other.transaction():
            await other.fetchrow("select 1 from contact where id = $1 for update", visitor.contact_id)
            client_id = await page.say("在吗")
            await page.send({"kind": "typing"})
            await page.send({"kind": "nonsense"})
            await page.error()
            assert not [frame for frame in page.frames if frame["kind"] == "stored"]
            assert await stage.value("select count(*) from message where client_id = $1", client_id) == 0
        await page.stored(client_id)
    assert await stage.value("select count(*) from message where client_id = $1", client_id) == 1


async def test_words_in_danger_escalate_before_they_are_called_stored(visitor: Visitor, stage: Stage):
    await stage.hire("wu", Role.RESPONDER)
    async with visitor.page() as page:
        await page.stored(await page.say(DANGER))
    assert (await stage.contact(visitor.contact_id)).level is Level.IMMINENT
    assert await stage.value("select state from escalation where contact_id = $1", visitor.contact_id)


async def test_sending_again_stores_once_and_gives_the_same_answer(visitor: Visitor, stage: Stage):
    async with visitor.page() as page:
        client_id = await page.say("你好")
        first = await page.stored(client_id)
    async with visitor.page(after=1) as page:
        await page.say("你好", client_id)
        again = await page.stored(client_id)
    assert again == first
    assert await stage.value("select count(*) from message where contact_id = $1", visitor.contact_id) == 1


async def test_a_page_resumes_behind_the_last_message_it_has(visitor: Visitor):
    async with visitor.page() as page:
        for words in ("一", "二", "三"):
            await page.stored(await page.say(words))
    async with visitor.page(after=2) as page:
        assert [each["words"] for each in page.messages] == ["三"]
    async with visitor.page(after=0) as page:
        assert [each["seq"] for each in page.messages] == [1, 2, 3]
    async with visitor.page(after=99) as page:
        assert page.messages == []


async def test_a_long_chat_resumes_in_portions_and_in_order(visitor: Visitor, stage: Stage):
    for number in range(120):
        await message.say(
            stage.store,
            stage.policies,
            visitor.contact_id,
            ids.new_id(),
            words=Sensitive(str(number)),
            now=stage.now,
        )
    async with visitor.page() as page:
        await page.until("messages", lambda frame: frame["messages"][-1]["seq"] == 120)
        assert [each["words"] for each in page.messages] == [str(number) for number in range(120)]
        assert max(len(frame["messages"]) for frame in page.frames if frame["kind"] == "messages") == 50


async def test_two_tabs_of_one_chat_both_work(visitor: Visitor):
    async with visitor.page() as one, visitor.page() as other:
        mine = await one.say("从这里")
        seen = await other.until("messages", lambda frame: any(frame["messages"]))
        assert seen["messages"][0]["client_id"] == str(mine)
        theirs = await other.say("也从这里")
        await one.until(
            "messages", lambda frame: str(theirs) in {each["client_id"] for each in frame["messages"]}
        )


async def test_the_place_falls_as_others_leave_and_is_never_announced_larger(
    visitor: Visitor, stage: Stage, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(followers, "PLACE_SECONDS", 0.1)
    second = Visitor(visitor.base, stage)
    await second.open_chat()
    async with second.page() as page:
        assert (await page.state("waiting"))["place"] == 2
        grave = await stage.chat(safe_now="no")
        hidden = await page.until("state", lambda frame: frame["place"] is None)
        assert hidden["state"] == "waiting"
        await intake.leave_chat(stage.store, visitor.contact_id, clock.now())
        await intake.leave_chat(stage.store, grave.id, clock.now())
        assert (await page.until("state", lambda frame: frame["place"] == 1))["state"] == "waiting"
    async with second.page(place=1) as page:
        await stage.chat(safe_now="no")
        await page.until("state", lambda frame: frame["place"] is None)


async def test_a_page_that_comes_back_is_not_shown_a_larger_place_than_it_has_shown(
    visitor: Visitor, stage: Stage
):
    await stage.chat(safe_now="no")
    async with visitor.page(place=1) as page:
        assert (await page.state("waiting"))["place"] is None
    async with visitor.page(place=2) as page:
        assert (await page.state("waiting"))["place"] == 2


async def test_leaving_ends_the_chat_after_what_was_said(visitor: Visitor, stage: Stage):
    async with visitor.page() as page:
        client_id = await page.say("我先走了")
        await page.send({"kind": "leave"})
        assert (await page.state("ended"))["reason"] == "caller_left"
        await page.stored(client_id)
        late = await page.say("还有一句")
        assert await page.error() == ("chat.ended", str(late))
    kinds = await stage.kinds(visitor.contact_id)
    assert kinds.index("message.said") < kinds.index("contact.abandoned")


async def test_a_counselor_whose_console_sleeps_is_not_shown_as_present(visitor: Visitor, stage: Stage):
    counselor = await visitor.answered()
    async with visitor.page() as page:
        assert (await page.state("talking"))["counselor_present"] is True
        async with stage.store.connection() as connection:
            await connection.execute("update presence set is_connected = false where id = $1", counselor)
        await page.send({"kind": "beat"})
        await page.until("state", lambda frame: not frame["counselor_present"])


async def test_a_beat_is_a_sign_of_life(visitor: Visitor, stage: Stage):
    async with visitor.page() as page:
        async with stage.store.connection() as connection:
            await connection.execute("update contact set seen_at = null where id = $1", visitor.contact_id)
        await page.send({"kind": "beat"})
        assert (await page.until("beat"))["at"].endswith("Z")
        assert (await stage.contact(visitor.contact_id)).seen_at is not None


async def test_the_token_opens_its_own_chat_and_no_other(visitor: Visitor):
    stranger = Visitor(visitor.base, visitor.stage, token=ids.new_secret())
    async with stranger.socket() as page:
        await page.send({"kind": "resume", "token": stranger.token, "after": 0})
        assert await page.closed() == 4401


async def test_what_was_received_is_stored_though_the_page_has_gone(visitor: Visitor, stage: Stage):
    async with visitor.page() as page:
        client_ids = [await page.say(f"第{number}句") for number in range(30)]
    stored = "select count(*) from message where client_id = any($1)"
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await stage.value(stored, client_ids) < len(client_ids):  # noqa: ASYNC110  rows tell nobody
            await asyncio.sleep(0.02)


async def test_typing_travels_both_ways_and_is_stored_nowhere(
    database_url: str, stage: Stage, visitor: Visitor
):
    signal = Signal(connect_arguments(database_url))
    store = Store(stage.store.engine, stage.store.vault, signal)
    heard: asyncio.Queue[str] = asyncio.Queue()
    signal.hear(heard.put_nowait)
    async with Crew() as crew, front(stage, store) as base:
        crew.keep("out", signal.send)
        crew.keep("in", signal.listen)
        mine = Visitor(base, stage, token=visitor.token, contact_id=visitor.contact_id)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not signal.is_listening:  # noqa: ASYNC110  it is told by no event
                await asyncio.sleep(0.01)
        async with mine.page() as page:
            await page.send({"kind": "typing"})
            await page.send({"kind": "typing"})
            async with asyncio.timeout(PATIENCE_SECONDS):
                said = await heard.get()
            assert f'"contact_id":"{visitor.contact_id}"' in said
            assert '"from":"caller"' in said
            for contact_id in (ids.new_id(), visitor.contact_id):
                signal.hint({"what": "typing", "contact_id": str(contact_id), "from": "counselor"})
            await page.until("typing")
        assert heard.qsize() == 2
    assert (await stage.kinds(visitor.contact_id))[-1] == "contact.joined"
