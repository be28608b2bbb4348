"""The way into the chat: what the page is told, the form, the token, and leaving in a hurry."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta

import pytest

from hotline.base import clock, ids
from hotline.domain.level import Level
from hotline.domain.outcome import Outcome
from hotline.web.chat.page import FILES, NOTICE
from tests.stage import Stage
from tests.still import unchanged
from tests.web.visitor import Visitor, front


@pytest.fixture
async def visitor(stage: Stage) -> AsyncGenerator[Visitor]:
    stage.now = clock.now()
    async with front(stage) as base:
        yield Visitor(base, stage)


async def close_line(stage: Stage) -> None:
    """The line's hours are over: it opened three hours ago, for an hour."""
    now = (clock.now() + timedelta(hours=8)).time().replace(microsecond=0)
    async with stage.store.connection() as connection:
        await connection.execute(
            """update line set timezone = 'Asia/Shanghai',
                 opens_at = $2::time - interval '3 hours', closes_at = $2::time - interval '2 hours'
               where id = $1""",
            stage.chat_line.id,
            now,
        )


async def test_the_page_is_told_what_it_must_know_before_it_asks(visitor: Visitor, stage: Stage):
    told = (await visitor.ask("GET", f"/api/chat/{stage.chat_line.address}")).json()
    assert (told["open"], told["hours"], told["languages"]) == (True, None, ["zh", "en"])
    assert told["notice"]["version"] == NOTICE["version"]
    assert set(told["notice"]["text"]) == {"zh", "en"}
    assert [each["number"] for each in told["emergency"]] == ["110", "119", "120", "12356"]
    assert told["emergency"][2]["label"] == {"zh": "急救", "en": "Ambulance"}


async def test_an_entrance_that_is_not_there_is_absent(visitor: Visitor):
    answer = await visitor.ask("GET", "/api/chat/nowhere")
    assert (answer.status_code, answer.json()["code"]) == (404, "line.absent")


async def test_the_form_opens_a_contact_that_waits(visitor: Visitor, stage: Stage):
    answer = await visitor.open_chat(language="en", age_band="14-17", attempted_before=False)
    assert (answer.status_code, answer.json()["state"]) == (201, "waiting")
    contact = await stage.contact(visitor.contact_id)
    assert (contact.state, contact.language) == ("waiting", "en")
    form = contact.form
    assert (form.safe_now, form.age_band, form.attempted_before) == ("yes", "14-17", False)
    assert form.notice_version == NOTICE["version"]


async def test_only_the_hash_of_the_token_is_kept(visitor: Visitor, stage: Stage):
    await visitor.open_chat()
    contact = await stage.contact(visitor.contact_id)
    assert contact.token_hash == hashlib.sha256(visitor.token.encode()).digest()
    row = await stage.value("select contact::text from contact where id = $1", visitor.contact_id)
    assert visitor.token not in row


async def waiting(stage: Stage) -> int:
    return await stage.value(
        "select count(*) from contact where centre_id = $1 and state = 'waiting'", stage.centre.id
    )


async def test_a_page_that_heard_no_answer_asks_again_and_waits_once(visitor: Visitor, stage: Stage):
    token = ids.new_secret()
    first = await visitor.open_chat(token=token, safe_now="unsure", age_band="14-17")
    again = await visitor.open_chat(token=token, safe_now="unsure", age_band="14-17")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json() == {**first.json(), "token": token, "state": "waiting"}
    assert await waiting(stage) == 1
    assert (await stage.kinds(visitor.contact_id)).count("contact.joined") == 1
    async with visitor.page() as page:
        await page.state("waiting")


async def test_a_page_that_asks_many_times_at_once_waits_once(visitor: Visitor, stage: Stage):
    token = ids.new_secret()
    answers = await asyncio.gather(*(visitor.open_chat(token=token, safe_now="no") for _ in range(6)))
    assert [answer.status_code for answer in answers] == [201] * 6
    assert len({answer.text for answer in answers}) == 1
    assert await waiting(stage) == 1
    assert await stage.value("select count(*) from escalation where centre_id = $1", stage.centre.id) == 1


async def test_what_was_diverted_once_is_diverted_when_asked_again(visitor: Visitor, stage: Stage):
    await close_line(stage)
    token = ids.new_secret()
    answers = [await visitor.open_chat(token=token) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert answers[1].json()["state"] == "diverted"
    assert await stage.value("select count(*) from contact where centre_id = $1", stage.centre.id) == 1


async def test_other_answers_under_the_same_token_are_not_taken_for_given(visitor: Visitor, stage: Stage):
    token = ids.new_secret()
    await visitor.open_chat(token=token)
    for other in ({"safe_now": "no"}, {"age_band": "14-17"}, {"language": "en"}):
        async with unchanged(stage):
            answer = await visitor.open_chat(token=token, **other)
        assert (answer.status_code, answer.json()["code"]) == (409, "chat.token_used")


async def test_the_token_of_a_chat_that_is_over_opens_no_other(visitor: Visitor, stage: Stage):
    token = ids.new_secret()
    await visitor.open_chat(token=token)
    await visitor.ask("POST", "/api/chat/departures", json={"token": token})
    async with unchanged(stage):
        answer = await visitor.open_chat(token=token)
    assert (answer.status_code, answer.json()["code"]) == (409, "chat.token_used")
    assert (await visitor.open_chat(token=ids.new_secret())).json()["state"] == "waiting"


async def test_a_token_opens_nothing_at_another_entrance(visitor: Visitor, stage: Stage):
    token = ids.new_secret()
    await visitor.open_chat(token=token)
    elsewhere = replace(stage.chat_line, id=ids.new_id(), address=ids.new_id().hex[-10:])
    async with stage.store.unit() as unit:
        await unit.save(Outcome(rows=(elsewhere,)), stage.now)
    stage.chat_line = elsewhere
    answer = await visitor.open_chat(token=token)
    assert (answer.status_code, answer.json()["code"]) == (409, "chat.token_used")


async def test_a_page_that_brings_no_token_is_given_one(visitor: Visitor, stage: Stage):
    first, second = [(await visitor.open_chat()).json() for _ in range(2)]
    assert first["token"] != second["token"]
    assert await waiting(stage) == 2


@pytest.mark.parametrize(("answer", "level"), [("no", Level.HIGH), ("unsure", Level.MODERATE)])
async def test_whoever_is_not_safe_waits_ahead(visitor: Visitor, stage: Stage, answer: str, level: Level):
    ordinary = await stage.chat()
    await visitor.open_chat(safe_now=answer)
    contact = await stage.contact(visitor.contact_id)
    assert contact.level is level
    assert contact.rank < ordinary.rank


async def test_a_closed_line_shows_the_way_elsewhere_but_keeps_who_is_in_danger(
    visitor: Visitor, stage: Stage
):
    await close_line(stage)
    told = (await visitor.ask("GET", f"/api/chat/{stage.chat_line.address}")).json()
    assert told["open"] is False
    assert told["hours"]["timezone"] == "Asia/Shanghai"
    assert (await visitor.open_chat()).json()["state"] == "diverted"
    assert (await stage.contact(visitor.contact_id)).end_reason == "closed"
    async with visitor.page() as page:
        shown = await page.state("diverted")
    assert shown["numbers"] == ["110", "119", "120", "12356"]
    assert (await visitor.open_chat(safe_now="no")).json()["state"] == "waiting"


async def test_the_notice_has_to_be_accepted_in_its_present_version(visitor: Visitor, stage: Stage):
    for version, code in (("", "chat.notice"), ("1999-01", "chat.notice_changed")):
        answer = await visitor.open_chat(notice_version=version)
        assert (answer.status_code, answer.json()["code"]) == (409, code)
    assert await stage.value("select count(*) from contact where centre_id = $1", stage.centre.id) == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"safe_now": "perhaps"},
        {"safe_now": None},
        {"age_band": "17"},
        {"attempted_before": "yes"},
        {"language": ""},
        {"language": "z" * 100},
        {"notice_version": 7},
        {"token": "guessable"},
        {"token": "字" * 43},
    ],
)
async def test_a_form_with_a_wrong_answer_is_malformed(visitor: Visitor, wrong: dict[str, object]):
    answer = await visitor.open_chat(**wrong)
    assert (answer.status_code, answer.json()["code"]) == (422, "request.malformed")


async def test_a_language_that_the_line_does_not_have_becomes_its_first(visitor: Visitor, stage: Stage):
    await visitor.open_chat(language="fr")
    assert (await stage.contact(visitor.contact_id)).language == "zh"


async def test_a_form_from_another_site_is_not_taken(visitor: Visitor, stage: Stage):
    answer = await visitor.ask(
        "POST",
        f"/api/chat/{stage.chat_line.address}/contacts",
        json={"language": "zh", "safe_now": "yes", "notice_version": NOTICE["version"]},
        headers={"origin": "https://elsewhere.example", "sec-fetch-site": "cross-site"},
    )
    assert answer.status_code == 403


async def test_leaving_in_a_hurry_ends_the_chat_and_may_be_done_twice(visitor: Visitor, stage: Stage):
    await visitor.open_chat()
    for _ in range(2):
        answer = await visitor.ask("POST", "/api/chat/departures", json={"token": visitor.token})
        assert answer.status_code == 204
    assert (await stage.contact(visitor.contact_id)).state == "abandoned"
    assert (await stage.kinds(visitor.contact_id)).count("contact.abandoned") == 1


async def test_nobody_leaves_a_chat_that_is_not_theirs(visitor: Visitor):
    answer = await visitor.ask("POST", "/api/chat/departures", json={"token": ids.new_secret()})
    assert answer.status_code == 404


async def test_the_page_opens_with_the_numbers_in_it_even_for_an_unknown_entrance(visitor: Visitor):
    answer = await visitor.ask("GET", "/chat/whatever")
    assert answer.status_code == 200
    for number in ("110", "119", "120", "12356"):
        assert f'href="tel:{number}"' in answer.text
    headers = answer.headers
    assert (headers["cache-control"], headers["referrer-policy"]) == ("no-store", "no-referrer")
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "set-cookie" not in headers
    for outside in ("http://", "https://"):
        assert outside not in answer.text


async def test_the_page_has_its_files_and_no_others(visitor: Visitor):
    assert {"page.css", "page.js", "words.js"} <= FILES
    for name in FILES:
        assert (await visitor.ask("GET", f"/chat/page/{name}")).status_code == 200
    for name in ("notice.json", "index.html", "..%2fpage.py", "%2e%2e%2fpage.py"):
        assert (await visitor.ask("GET", f"/chat/page/{name}")).status_code == 404
