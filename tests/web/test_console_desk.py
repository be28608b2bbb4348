"""A counselor's day at the console: presence, offers, telephone, words, screening, record, closing."""

from collections.abc import AsyncGenerator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest
import pytest_asyncio

from hotline.base import clock, ids
from hotline.base.places import config_dir
from hotline.base.sensitive import Sensitive
from hotline.carriers.nothing import NoTelephony
from hotline.carriers.port import Softphone
from hotline.domain.staff import Role
from hotline.flow import intake, message
from hotline.policy import settings
from hotline.policy.policies import Policies
from hotline.store.unit import Store
from tests.screen import follows
from tests.served import served
from tests.stage import Stage
from tests.still import unchanged
from tests.web.desk import at_work, desk, in_talk

RECORD = {
    "disposition": "counselling",
    "outcome": "calmer",
    "summary": {"words": "睡不好", "facts": "独居", "judgment": "低", "unknowns": "服药?"},
    "age_band": "18-24",
    "problem_types": ["emotion", "study"],
}


@pytest_asyncio.fixture(scope="module")
async def base(store: Store, house_policies: Policies) -> AsyncGenerator[str]:
    async with served(store, house_policies) as url:
        yield url


def refusal(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def a_desk_at_work(stage: Stage) -> tuple[UUID, UUID, UUID]:
    """A counselor, the chat they have, and its session."""
    counselor = await stage.hire("lin", ready=True)
    contact, begun = await in_talk(stage, counselor)
    return counselor, contact.id, begun.id


async def test_a_chat_from_the_offer_to_the_closed_record(stage: Stage, base: str):
    stage.now = clock.now()
    counselor = await stage.hire("lin")
    async with desk(stage, base, counselor) as lin:
        async with follows(stage):
            assert (await lin.put("/presence", json={"choice": "ready"})).status_code == 204
        await stage.ready(counselor)
        contact = await stage.chat()
        await stage.dispatch()
        offer_id = await stage.pending_offer(contact.id)
        async with follows(stage):
            accepted = (await lin.post(f"/offers/{offer_id}/acceptance")).json()
        assert accepted["contact_id"] == str(contact.id)
        session_id = accepted["session_id"]

        await _talk(stage, lin, contact.id)
        screened = await lin.put(f"/sessions/{session_id}/screening", json={"result": "asked_denied"})
        assert screened.status_code == 204
        assert (await lin.put(f"/sessions/{session_id}/record", json=RECORD)).status_code == 204
        assert refusal(await lin.post(f"/sessions/{session_id}/closure")) == (409, "session.close")
        assert (await lin.post(f"/contacts/{contact.id}/hang-up")).status_code == 204
        async with follows(stage):
            assert (await lin.post(f"/sessions/{session_id}/closure")).status_code == 204
        assert (await lin.post(f"/sessions/{session_id}/closure")).status_code == 204

        shown = (await lin.get(f"/contacts/{contact.id}")).json()
    assert (shown["state"], shown["counselor_id"]) == ("closed", None)
    session = shown["session"]
    assert {key: session[key] for key in RECORD} == RECORD
    assert (session["state"], session["screening"]) == ("closed", "asked_denied")
    rest = datetime.fromisoformat(session["wrap_up_until"]) - datetime.fromisoformat(session["ended_at"])
    assert rest == timedelta(seconds=120)


async def _talk(stage: Stage, lin: httpx2.AsyncClient, contact_id: UUID) -> None:
    """A word each, as the counselor's page reads them."""
    await message.say(
        stage.store, stage.policies, contact_id, ids.new_id(), words=Sensitive("你好"), now=clock.now()
    )
    said = {"client_id": str(ids.new_id()), "words": "在的，请讲"}
    stored = await lin.post(f"/contacts/{contact_id}/messages", json=said)
    assert (stored.status_code, stored.json()["seq"]) == (201, 2)
    listed = (await lin.get(f"/contacts/{contact_id}/messages", params={"after": 0})).json()
    assert [(each["seq"], each["sender"], each["words"]) for each in listed["messages"]] == [
        (1, "caller", "你好"), (2, "counselor", "在的，请讲"),
    ]  # fmt: skip
    assert listed["last_seq"] == 2


async def test_a_record_left_half_written_names_what_is_missing(stage: Stage, base: str):
    counselor, contact_id, session_id = await a_desk_at_work(stage)
    async with desk(stage, base, counselor) as lin:
        await lin.post(f"/contacts/{contact_id}/hang-up")
        async with unchanged(stage):
            answer = await lin.post(f"/sessions/{session_id}/closure")
        assert refusal(answer) == (409, "session.screening_missing")
        await lin.put(f"/sessions/{session_id}/screening", json={"result": "asked_positive"})
        answer = await lin.post(f"/sessions/{session_id}/closure")
    assert refusal(answer) == (409, "session.record_incomplete")
    assert "disposition, outcome" in answer.json()["sentence"]


async def test_what_is_left_out_of_a_record_is_not_filled_in_any_more(stage: Stage, base: str):
    counselor, contact_id, session_id = await a_desk_at_work(stage)
    async with desk(stage, base, counselor) as lin:
        await lin.put(f"/sessions/{session_id}/record", json=RECORD)
        await lin.put(f"/sessions/{session_id}/record", json={"summary": {"words": "改了"}})
        session = (await lin.get(f"/contacts/{contact_id}")).json()["session"]
    assert session["disposition"] is None
    assert session["summary"] == {"words": "改了", "facts": "", "judgment": "", "unknowns": ""}


async def test_a_page_of_the_release_before_does_not_empty_the_fields_that_it_does_not_know(
    stage: Stage, base: str
):
    counselor, contact_id, session_id = await a_desk_at_work(stage)
    seen: list[tuple[str | None, list[str]]] = []
    saves: tuple[dict[str, Any], ...] = (
        {"region": "local", "marks": ["difficult", "media"]},
        {},
        {"region": "non_local"},
        {"region": None, "marks": []},
    )
    async with desk(stage, base, counselor) as lin:
        for newer in saves:
            answer = await lin.put(f"/sessions/{session_id}/record", json={**RECORD, **newer})
            assert answer.status_code == 204
            session = (await lin.get(f"/contacts/{contact_id}")).json()["session"]
            seen.append((session["region"], session["marks"]))
    both = ["difficult", "media"]
    assert seen == [("local", both), ("local", both), ("non_local", both), (None, [])]


@pytest.mark.parametrize(
    ("route", "body", "expected"),
    [
        ("screening", {"result": "asked"}, (409, "session.screening")),
        ("screening", {"result": "not_possible"}, (409, "session.screening_reason")),
        ("screening", {"result": "asked_positive", "level": "grave"}, (409, "level.unknown")),
        ("record", {"disposition": "nice"}, (409, "session.record_code")),
        ("record", {"problem_types": ["weather"]}, (409, "session.record_code")),
        ("record", {"problem_types": ["love"] * 21}, (422, "request.malformed")),
        ("record", {"summary": {"words": "长" * 4001}}, (422, "request.too_long")),
        ("record", {"summary": {"poem": ""}}, (422, "request.malformed")),
        ("screening", {"result": "not_possible", "reason": "长" * 1001}, (422, "request.too_long")),
    ],
)
async def test_what_cannot_be_kept_is_refused_with_its_reason_and_changes_nothing(
    stage: Stage, base: str, route: str, body: object, expected: tuple[int, str]
):
    counselor, _, session_id = await a_desk_at_work(stage)
    async with unchanged(stage), desk(stage, base, counselor) as lin:
        answer = await lin.put(f"/sessions/{session_id}/{route}", json=body)
    assert refusal(answer) == expected


async def test_a_refused_text_is_not_repeated_in_the_answer(stage: Stage, base: str):
    counselor, contact_id, _ = await a_desk_at_work(stage)
    async with desk(stage, base, counselor) as lin:
        for body in (
            {"client_id": "我想死", "words": "x"},
            {"client_id": str(ids.new_id()), "words": ["我想死"]},
        ):
            answer = await lin.post(f"/contacts/{contact_id}/messages", json=body)
            assert answer.status_code == 422
            assert "我想死" not in answer.text


async def test_a_message_sent_twice_is_stored_once(stage: Stage, base: str):
    counselor, contact_id, _ = await a_desk_at_work(stage)
    said = {"client_id": str(ids.new_id()), "words": "在的"}
    async with desk(stage, base, counselor) as lin:
        first, second = [await lin.post(f"/contacts/{contact_id}/messages", json=said) for _ in range(2)]
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert await stage.value("select count(*) from message where contact_id = $1", contact_id) == 1


@pytest.mark.parametrize(
    ("words", "code"),
    [("", "request.empty"), (" \n ", "request.empty"), ("长" * 2001, "request.too_long")],
)
async def test_nothing_and_too_much_are_no_messages(stage: Stage, base: str, words: str, code: str):
    counselor, contact_id, _ = await a_desk_at_work(stage)
    async with unchanged(stage), desk(stage, base, counselor) as lin:
        answer = await lin.post(
            f"/contacts/{contact_id}/messages", json={"client_id": str(ids.new_id()), "words": words}
        )
    assert refusal(answer) == (422, code)


async def test_messages_come_in_pages_of_a_named_size(stage: Stage, base: str):
    counselor, contact_id, _ = await a_desk_at_work(stage)
    for number in range(1, 6):
        words = Sensitive(str(number))
        await message.say(stage.store, stage.policies, contact_id, ids.new_id(), words=words, now=clock.now())
    async with desk(stage, base, counselor) as lin:
        listed = (await lin.get(f"/contacts/{contact_id}/messages", params={"after": 3})).json()
        beyond = await lin.get(f"/contacts/{contact_id}/messages", params={"after": 2**31})
    assert ([each["seq"] for each in listed["messages"]], listed["last_seq"]) == ([4, 5], 5)
    assert refusal(beyond) == (422, "request.malformed")


async def test_an_offer_whose_caller_has_left_is_gone(stage: Stage, base: str):
    floor = await at_work(stage)
    await intake.leave_chat(stage.store, floor.ringing.id, clock.now())
    async with unchanged(stage), desk(stage, base, floor.mei) as mei:
        for step in ("acceptance", "refusal"):
            answer = await mei.post(f"/offers/{floor.offer}/{step}", json={})
            assert refusal(answer) == (409, "offer.gone")


async def test_a_refusal_carries_a_code_and_never_a_sentence(stage: Stage, base: str):
    floor = await at_work(stage)
    async with desk(stage, base, floor.mei) as mei:
        async with unchanged(stage):
            answer = await mei.post(f"/offers/{floor.offer}/refusal", json={"reason": "她又打来了"})
        assert refusal(answer) == (422, "request.malformed")
        async with follows(stage):
            answer = await mei.post(f"/offers/{floor.offer}/refusal", json={"reason": "other_language"})
    assert answer.status_code == 204
    assert (await stage.contact(floor.ringing.id)).declined_by == (floor.mei,)


async def test_stepping_away_needs_a_known_reason(stage: Stage, base: str):
    counselor = await stage.hire("lin", ready=True)
    async with desk(stage, base, counselor) as lin:
        async with unchanged(stage):
            answer = await lin.put("/presence", json={"choice": "not_ready", "reason": "missed"})
            assert refusal(answer) == (409, "presence.reason")
            answer = await lin.put("/presence", json={"choice": "resting"})
            assert refusal(answer) == (422, "request.malformed")
        async with follows(stage):
            await lin.put("/presence", json={"choice": "not_ready", "reason": "meal"})
    assert (await stage.screen()).cards[f"counselor:{counselor}"].card["reason"] == "meal"


class PageTelephony(NoTelephony):
    """A network that hands out tokens and nothing else."""

    def softphone(self, identity: str, ttl_seconds: int) -> Softphone:
        """A token that says for whom it is."""
        return Softphone(identity=identity, token=Sensitive(f"for {identity}"), ttl_seconds=ttl_seconds)


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({}, {"kind": "none"}),
        (
            {"kind": "twilio", "base_url": "http://exchange:9000/"},
            {"kind": "practice", "exchange_url": "http://exchange:9000"},
        ),
        (
            {
                "kind": "twilio",
                "base_url": "http://exchange:9000",
                "practice_browser_url": "http://localhost:9000",
            },
            {"kind": "practice", "exchange_url": "http://localhost:9000"},
        ),
        ({"kind": "twilio"}, {"kind": "twilio"}),
    ],
)
async def test_a_page_is_told_what_telephone_it_is(
    stage: Stage, chosen: dict[str, str], expected: dict[str, str]
):
    counselor = await stage.hire("lin")
    house = settings.load(config_dir())
    house = house.model_copy(update={"telephony": house.telephony.model_copy(update=chosen)})
    async with (
        served(stage.store, stage.policies, chosen=house, telephony=PageTelephony()) as base,
        desk(stage, base, counselor) as lin,
    ):
        answer = (await lin.post("/softphone/tokens")).json()
    assert {key: answer[key] for key in expected} == expected
    if answer["kind"] != "none":
        assert answer["identity"] == f"u_{counselor.hex}"
    if answer["kind"] == "twilio":
        assert answer["token"] == f"for u_{counselor.hex}"
        hours = (datetime.fromisoformat(answer["expires_at"]) - clock.now()).total_seconds() / 3600
        assert 11.9 < hours < 12.1


async def test_two_counselors_who_both_press_are_told_apart(stage: Stage, base: str):
    floor = await at_work(stage)
    other = await stage.hire("zhao", Role.COUNSELOR, ready=True)
    async with desk(stage, base, floor.mei) as mei, desk(stage, base, other) as zhao:
        assert refusal(await zhao.post(f"/offers/{floor.offer}/acceptance")) == (409, "offer.gone")
        assert (await mei.post(f"/offers/{floor.offer}/acceptance")).status_code == 200
        assert refusal(await mei.post(f"/offers/{floor.offer}/acceptance")) == (409, "offer.gone")
