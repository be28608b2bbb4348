"""Bad input, floods, stalled pages and a lost database: each has one outcome, and no word is lost by it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress

import orjson
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from hotline.base import clock, ids
from hotline.web import followers
from hotline.web.chat import socket as chat_socket
from hotline.web.wire import CLOSE_RESTART
from tests import stage as stages
from tests.patience import PATIENCE_SECONDS
from tests.stage import Stage
from tests.web.visitor import FRAME_BYTES_MAX, Page, Visitor, front

DANGER = "我现在就站在楼顶，准备跳下去"


@pytest.fixture
async def visitor(stage: Stage) -> AsyncGenerator[Visitor]:
    stage.now = clock.now()
    async with front(stage) as base:
        visitor = Visitor(base, stage)
        await visitor.open_chat()
        yield visitor


AN_ID = ids.new_id()
UNREADABLE = [
    ('{"kind":"say"', "frame.unreadable"),
    ("", "frame.unreadable"),
    (b'{"kind":"beat"}', "frame.unreadable"),
    (f'{{"kind":"say","client_id":"{AN_ID}","words":"\\ud83d"}}', "frame.unreadable"),
    ("[" * 20_000, "frame.unreadable"),
    ("[]", "frame.malformed"),
    ("17", "frame.malformed"),
    ("{}", "frame.unknown"),
    ('{"kind":"hack"}', "frame.unknown"),
    ('{"kind":["say"]}', "frame.unknown"),
    ('{"kind":"say","words":"你好"}', "frame.malformed"),
    ('{"kind":"say","client_id":"not one","words":"你好"}', "frame.malformed"),
    (f'{{"kind":"say","client_id":"{AN_ID}","words":17}}', "frame.malformed"),
    ('{"kind":"read","seq":"1"}', "frame.malformed"),
    ('{"kind":"read","seq":-1}', "frame.malformed"),
    ('{"kind":"read","seq":99999999999999999999999}', "frame.malformed"),
    ('{"kind":"resume","token":"a","after":0}', "frame.resumed"),
    ('{"kind":"beat","padding":"%s"}' % ("x" * 70_000), "frame.too_long"),
]


async def test_a_frame_that_cannot_be_read_is_answered_and_the_chat_goes_on(visitor: Visitor):
    async with visitor.page() as page:
        for frame, code in UNREADABLE:
            await page.socket.send(frame)
            assert (frame, *(await page.error())) == (frame, code, None)
        await page.stored(await page.say("还在"))


async def test_broken_utf_8_closes_the_socket_and_the_page_resumes(visitor: Visitor):
    async with visitor.page() as page:
        await page.stored(await page.say("一"))
        await page.socket.send(b'{"kind":"say","words":"\xff\xfe"}', text=True)
        assert await page.closed() == 1007
    async with visitor.page(after=1) as page:
        await page.stored(await page.say("二"))


async def test_a_frame_past_all_measure_closes_the_socket(visitor: Visitor):
    async with visitor.page() as page:
        with suppress(ConnectionClosed):
            await page.socket.send("x" * (FRAME_BYTES_MAX + 1))
        assert await page.closed() == 1009


async def test_words_too_long_or_empty_are_refused_by_name_and_not_stored(visitor: Visitor, stage: Stage):
    async with visitor.page() as page:
        for words, code in (("长" * 2001, "message.too_long"), (" \n\t", "message.empty")):
            client_id = await page.say(words)
            assert await page.error() == (code, str(client_id))
        await page.stored(await page.say("𠮷" * 2000))
    assert (await stage.contact(visitor.contact_id)).messages == 1


async def test_reading_ahead_of_what_was_sent_changes_nothing(visitor: Visitor, stage: Stage):
    async with visitor.page() as page:
        await page.send({"kind": "read", "seq": 500})
        await page.stored(await page.say("你好"))
    assert "message.read" not in await stage.kinds(visitor.contact_id)


async def test_a_socket_must_say_first_whose_chat_it_is(visitor: Visitor, monkeypatch: pytest.MonkeyPatch):
    async with visitor.socket() as page:
        await page.say("有人吗")
        assert (await page.error())[0] == "frame.resume_first"
        await page.socket.send("not json")
        assert (await page.error())[0] == "frame.unreadable"
        await page.send({"kind": "resume", "token": visitor.token, "after": 0})
        await page.state("waiting")
    monkeypatch.setattr(chat_socket, "RESUME_SECONDS_MAX", 0.05)
    async with visitor.socket() as page:
        assert await page.closed() == CLOSE_RESTART


async def test_a_socket_from_another_site_does_not_open(visitor: Visitor):
    url = f"{visitor.base.replace('http', 'ws', 1)}/api/chat/live"
    with pytest.raises(InvalidStatus):
        async with connect(url, proxy=None, origin="https://elsewhere.example"):  # pyright: ignore[reportArgumentType]
            pass


async def test_past_so_many_sockets_of_a_contact_the_oldest_gives_way(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(followers, "SOCKETS_PER_CONTACT_MAX", 1)
    async with visitor.page() as page, visitor.page() as other:
        assert await page.closed() == 1013
        await other.stored(await other.say("我在"))
    async with visitor.page(after=1) as page:
        await page.stored(await page.say("还在"))


async def test_a_flood_is_slowed_loses_nothing_and_danger_passes_it_at_once(stage: Stage):
    stage.now = clock.now()
    limits = front(stage, chat_messages_burst_max=3, chat_messages_per_second=4.0, chat_slow_seconds_max=0.25)
    async with limits as base:
        visitor = Visitor(base, stage)
        await visitor.open_chat()
        async with visitor.page() as page:
            began = asyncio.get_running_loop().time()
            ordinary = [await page.say(f"嗯{number}") for number in range(9)]
            danger = await page.say(DANGER)
            passed = await page.stored(danger)
            assert not _has(page, ordinary[-1])
            last = await page.stored(ordinary[-1])
            assert asyncio.get_running_loop().time() - began >= 6 * 0.25 * 0.9
        assert passed["seq"] < last["seq"]
        assert (await stage.contact(visitor.contact_id)).messages == 10
        assert await stage.value("select 1 from escalation where contact_id = $1", visitor.contact_id)


async def test_danger_at_the_end_of_a_great_flood_is_heard_and_nothing_is_dropped(stage: Stage):
    """Three hundred messages fill every lane; the page's words are still read, and all of them stored."""
    stage.now = clock.now()
    async with front(stage) as base:
        visitor = Visitor(base, stage)
        await visitor.open_chat()
        async with visitor.page() as page:
            for number in range(300):
                await page.say(f"嗯{number}")
            await page.stored(await page.say(DANGER))
            assert await stage.value("select 1 from escalation where contact_id = $1", visitor.contact_id)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (await stage.contact(visitor.contact_id)).messages < 301:  # noqa: ASYNC110  rows have no bell
                await asyncio.sleep(0.05)


async def test_another_tab_or_a_new_socket_gains_nothing_in_a_flood(stage: Stage):
    stage.now = clock.now()
    limits = front(stage, chat_messages_burst_max=2, chat_messages_per_second=2.0, chat_slow_seconds_max=0.5)
    async with limits as base:
        visitor = Visitor(base, stage)
        await visitor.open_chat()
        async with visitor.page() as page:
            for number in range(2):
                await page.stored(await page.say(f"嗯{number}"))
        began = asyncio.get_running_loop().time()
        async with visitor.page() as page:
            await page.stored(await page.say("嗯"))
        assert asyncio.get_running_loop().time() - began >= 0.3


async def test_a_lost_database_is_told_and_the_same_words_are_stored_once_it_is_back(
    database_url: str, stage: Stage
):
    stage.now = clock.now()
    async with stages.opened(database_url) as own:
        own.vault = stage.store.vault
        async with front(stage, own) as base:
            visitor = Visitor(base, stage)
            await visitor.open_chat()
            async with visitor.page() as page:
                await stage.value(
                    """select count(pg_terminate_backend(pid)) from pg_stat_activity
                       where datname = current_database() and pid <> pg_backend_pid()"""
                )
                await stage.store.engine.dispose()
                client_id = ids.new_id()
                told: list[str] = []
                while (not told or told[-1] != "stored") and len(told) < 20:
                    await page.say("还在吗", client_id)
                    told.append(await _outcome(page))
                assert set(told) <= {"store.unreachable", "stored"}
                assert told[-1] == "stored"
    assert (await stage.contact(visitor.contact_id)).messages == 1


async def test_words_and_tokens_never_reach_a_log(visitor: Visitor, capfd: pytest.CaptureFixture[str]):
    canary = "紫色的河马"
    async with visitor.page() as page:
        await page.stored(await page.say(canary))
        for frame in (canary, orjson.dumps({"kind": "say", "client_id": canary, "words": canary}).decode()):
            await page.socket.send(frame)
            await page.error()
        await page.say(canary * 1000)
        await page.error()
    await visitor.ask("POST", "/api/chat/departures", json={"token": visitor.token + "x"})
    await visitor.open_chat(safe_now=canary)
    said = "".join(capfd.readouterr())
    assert canary not in said
    assert visitor.token not in said


def _has(page: Page, client_id: object) -> bool:
    return any(frame["kind"] == "stored" and frame["client_id"] == str(client_id) for frame in page.frames)


async def _outcome(page: Page) -> str:
    """What became of the words just sent: `stored`, or the code of the error."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            frame = orjson.loads(await page.socket.recv())
            if frame["kind"] in {"stored", "error"}:
                return frame.get("code", "stored")
