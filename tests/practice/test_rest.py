"""The REST API as Twilio's own client uses it, and what it refuses."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any, cast

import httpx2
import pytest
from aiohttp import encode_basic_auth
from twilio.base.exceptions import TwilioRestException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from tests.oracles.rest import check_answer, check_rest
from tests.patience import PATIENCE_SECONDS
from tests.practice.people import ACCOUNT, APP, CALLER, KEY, LINE, SECRET, TOKEN, Phone, Product
from tests.practice.test_calls import connect


class Redirected(AsyncTwilioHttpClient):
    """Twilio's client, sent to the exchange; every request and answer is held against the description."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url
        self.objections: list[str] = []

    async def request(self, method: str, url: str, *args: Any, **more: Any) -> Response:
        """Swap the host."""
        path = url.removeprefix("https://api.twilio.com")
        form: dict[str, Any] = more.get("data") or {}
        pairs = [
            (name, str(value))
            for name, values in form.items()
            for value in (cast("list[Any]", values) if isinstance(values, list) else [values])
        ]
        self.objections += check_rest(method, path, pairs)
        login, password = more.pop("auth")
        more["headers"]["Authorization"] = encode_basic_auth(login, password)  # aiohttp deprecates `auth`
        answer = await super().request(method, self.url + path, *args, **more)
        if answer.status_code < 300 and answer.text:
            self.objections += check_answer(method, path, answer.status_code, json.loads(answer.text))
        return answer


@pytest.fixture
async def client(exchange: str) -> AsyncIterator[Client]:
    """`twilio.rest.Client` against the exchange; at the end nothing may have been objected to."""
    web = Redirected(exchange)
    yield Client(ACCOUNT, TOKEN, http_client=web)
    await web.close()
    assert web.objections == []


async def test_twilios_own_client_sees_calls_rooms_queues_and_numbers(
    phone: Phone, product: Product, client: Client
):
    caller, counselor = await connect(phone, product)
    calls = await client.calls.list_async(status="in-progress")
    assert {call.sid for call in calls} == {caller, counselor}
    assert (await client.calls(caller).fetch_async()).from_formatted == CALLER
    [room] = await client.conferences.list_async(friendly_name="c_1_0", status="in-progress")
    participants = await client.conferences(str(room.sid)).participants.list_async()
    assert {one.label for one in participants} == {"caller", "counselor"}
    held = (
        await client.conferences(str(room.sid))
        .participants("caller")
        .update_async(hold=True, hold_url=product.url("/hold"))
    )
    assert held.hold
    [queue] = await client.queues.list_async()
    assert await client.queues(str(queue.sid)).members.list_async() == []
    assert (await client.incoming_phone_numbers.list_async())[0].phone_number == LINE
    assert (await client.applications(APP).fetch_async()).voice_url == product.url("/client")
    assert await client.conferences(str(room.sid)).participants("counselor").delete_async()
    await phone.is_now(counselor, "completed")


async def test_twilios_own_client_dials_moves_and_texts(phone: Phone, product: Product, client: Client):
    queue = await client.queues.create_async(friendly_name="park", max_size=5000)
    product.says(
        arrive='<Enqueue waitUrl="/wait">park</Enqueue>', wait="<Pause length='60'/>", plan="<Say>hi</Say>"
    )
    caller = await phone.dial()
    await product.got("wait")
    [member] = await client.queues(str(queue.sid)).members.list_async()
    assert (member.call_sid, member.position) == (caller, 1)
    await client.queues(str(queue.sid)).members(caller).update_async(url=product.url("/plan"))
    await phone.hears(caller, "hi")
    with pytest.raises(TwilioRestException) as gone:
        await client.queues(str(queue.sid)).members(caller).update_async(url=product.url("/plan"))
    assert gone.value.status == 404
    call = await client.calls.create_async(
        to="+8613900000007",
        from_=LINE,
        url=product.url("/offer"),
        timeout=20,
        status_callback=product.url("/leg"),
        status_callback_event=["answered", "completed"],
    )
    await phone.ringing()
    assert (await client.calls(str(call.sid)).update_async(status="canceled")).status == "canceled"
    await client.messages.create_async(
        to=CALLER, from_=LINE, body="请回电", status_callback=product.url("/sms")
    )
    await product.got("sms", MessageStatus="delivered")
    assert (await phone.control("GET", "/messages"))[0]["body"] == "请回电"


async def test_lists_come_in_pages(phone: Phone, product: Product, client: Client):
    product.says(arrive="<Hangup/>")
    dialled = [await phone.dial() for _ in range(5)]
    for sid in dialled:
        await phone.is_now(sid, "completed")
    calls = await client.calls.list_async(status="completed", page_size=2)
    assert [call.sid for call in calls] == dialled[::-1]


@pytest.mark.parametrize(
    ("method", "path", "form", "status", "code"),
    [
        ("POST", "/Calls.json", {"To": "+86139", "From": LINE}, 400, 21205),
        ("POST", "/Calls.json", {"To": "+86139", "From": "+15005550006", "Url": "http://h/x"}, 400, 21210),
        ("POST", "/Calls.json", {"To": "+86139", "From": LINE, "Url": "/x"}, 400, 21205),
        (
            "POST",
            "/Calls.json",
            {"To": "+86139", "From": LINE, "Url": "http://h/x", "Timout": "5"},
            400,
            20001,
        ),
        ("POST", "/Calls.json", {"From": LINE, "Url": "http://h/x"}, 400, 20001),
        ("GET", "/Calls.json?State=queued", {}, 400, 20001),
        ("GET", f"/Calls/CA{'0' * 32}.json", {}, 404, 20404),
        ("POST", "/Queues.json", {"FriendlyName": "q", "MaxSize": "9999"}, 400, 20001),
        ("GET", "/Balance.json", {}, 404, 20404),
    ],
)
async def test_what_twilio_would_refuse_is_refused_and_nothing_rings(
    phone: Phone, method: str, path: str, form: dict[str, str], status: int, code: int
):
    answer = await phone.api(method, path, **form)
    assert (answer.status_code, answer.json()["code"], answer.json()["status"]) == (status, code, status)
    assert (await phone.control("GET", "/calls")) == []


async def test_only_the_account_and_its_keys_come_in(exchange: str):
    path = f"{exchange}/2010-04-01/Accounts/{ACCOUNT}/Calls.json"
    async with httpx2.AsyncClient(trust_env=False) as web:
        for auth, status in (
            ((ACCOUNT, TOKEN), 200),
            ((KEY, SECRET), 200),
            ((ACCOUNT, SECRET), 401),
            (None, 401),
        ):
            assert (await web.get(path, auth=auth)).status_code == status


async def test_a_counselors_page_on_another_port_may_use_the_telephone(exchange: str):
    asked = {"Origin": "http://127.0.0.1:5173", "Access-Control-Request-Method": "POST"}
    async with httpx2.AsyncClient(base_url=exchange, trust_env=False) as web:
        shared = await web.options("/practice/clients/u_7/connect", headers=asked)
        assert shared.headers["access-control-allow-origin"] == "http://127.0.0.1:5173"
        foreign = await web.options(
            "/practice/clients/u_7/connect", headers=asked | {"Origin": "http://elsewhere.example"}
        )
        assert "access-control-allow-origin" not in foreign.headers
        assert "access-control-allow-origin" not in (await web.get("/practice/state", headers=asked)).headers


async def test_the_page_and_its_events_are_served(exchange: str, phone: Phone, product: Product):
    product.says(arrive="<Say>您好</Say><Hangup/>")
    async with httpx2.AsyncClient(base_url=exchange, trust_env=False) as web:
        assert "<html" in (await web.get("/")).text
        before = (await web.get("/practice/happenings")).json()[-1]["number"]
        sid = await phone.dial()
        async with (
            asyncio.timeout(PATIENCE_SECONDS),
            web.stream("GET", f"/practice/events?after={before}") as events,
        ):
            async for line in events.aiter_lines():
                if "您好" in line and sid in line:
                    break
