"""Webhooks: only signed words are believed, and whatever is asked, a caller hears something that helps."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID
from xml.etree.ElementTree import Element, fromstring

import httpx2
import pytest
import pytest_asyncio
from pydantic import SecretStr
from starlette.requests import Request
from starlette.types import Message

from hotline.base import clock, ids
from hotline.base.errors import Malformed, Unreachable
from hotline.base.places import config_dir
from hotline.domain.staff import Device, Role
from hotline.flow import call
from hotline.policy import settings
from hotline.policy.policies import Policies
from hotline.policy.settings import Settings, Telephony
from hotline.practice.signing import sign
from hotline.store.unit import Store
from hotline.web.webhooks import door
from tests.flow.calls import Call, a_number, new_sid
from tests.oracles import check_twiml
from tests.served import served
from tests.stage import Stage

BASE = "https://hotline.example"
NEW, OLD = "new-token-0123456789abcdef012345", "old-token-0123456789abcdef012345"
FORM = "application/x-www-form-urlencoded"


def house(kind: str = "twilio") -> Settings:
    """The house's settings with a telephone network, or without."""
    chosen = settings.load(config_dir())
    telephony = Telephony.model_validate({"kind": kind, "auth_tokens": (SecretStr(NEW), SecretStr(OLD))})
    web = chosen.web.model_copy(update={"public_base": BASE})
    return chosen.model_copy(update={"telephony": telephony, "web": web})


@dataclass
class Twilio:
    """Whoever calls our webhooks, with a signature that a test may spoil."""

    web: httpx2.AsyncClient
    token: str = NEW

    async def posts(self, path: str, **form: str) -> httpx2.Response:
        """A signed request."""
        return await self.sends(path, urlencode(form).encode(), list(form.items()))

    async def sends(
        self, path: str, body: bytes, signed: list[tuple[str, str]], kind: str = FORM
    ) -> httpx2.Response:
        """A request whose signature is made over `signed`."""
        signature = sign(self.token, BASE + path, signed)
        return await self.web.post(
            path, content=body, headers={"content-type": kind, "x-twilio-signature": signature}
        )

    async def hears(self, path: str, **form: str) -> Element:
        """The document in answer to a signed request."""
        answer = await self.posts(path, **form)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"].startswith("text/xml")
        assert check_twiml(answer.text) == []
        return fromstring(answer.text)  # noqa: S314  our own document

    async def arrives(self, stage: Stage, sid: str = "") -> tuple[str, str, Element]:
        """A call arrives: its sid, the leg in the addresses of its document, and the document."""
        sid = sid or new_sid()
        document = await self.hears(
            "/t/arrive", CallSid=sid, From="anonymous", To=stage.voice_line.address, CallStatus="ringing"
        )
        action = document[0].attrib["action"]
        return sid, action.partition("leg=")[2].partition("&")[0], document


@pytest_asyncio.fixture(scope="module")
async def _web(store: Store, house_policies: Policies) -> AsyncIterator[httpx2.AsyncClient]:
    async with (
        served(store, house_policies, chosen=house()) as base,
        httpx2.AsyncClient(base_url=base, trust_env=False, timeout=20) as web,
    ):
        yield web


@pytest.fixture
def twilio(_web: httpx2.AsyncClient) -> Twilio:
    """The network, which knows our secret."""
    return Twilio(_web)


def tags(document: Element) -> list[str]:
    """The verbs of a document."""
    return [each.tag for each in document]


def spoken(document: Element) -> str:
    """Everything that a document says."""
    return " ".join(each.text or "" for each in document.iter("Say"))


# --- who is believed


async def test_an_unsigned_request_is_turned_away_and_does_nothing(stage: Stage, twilio: Twilio):
    sid = new_sid()
    twilio.token = "somebody-elses-token-0123456789"
    answer = await twilio.posts("/t/arrive", CallSid=sid, From="anonymous", To=stage.voice_line.address)
    assert answer.status_code == 403
    assert answer.json()["code"] == "telephony.unsigned"
    assert await stage.value("select count(*) from leg where sid = $1", sid) == 0
    bare = await twilio.web.post("/t/ended", content=b"CallSid=CA1&CallStatus=completed",
                                 headers={"content-type": FORM})  # fmt: skip
    assert bare.status_code == 403


async def test_the_old_secret_is_good_until_it_is_taken_out(stage: Stage, twilio: Twilio):
    twilio.token = OLD
    _, _, document = await twilio.arrives(stage)
    assert tags(document) == ["Gather", "Redirect"]


async def test_the_signature_is_over_the_address_as_it_was_called(stage: Stage, twilio: Twilio):
    sid, leg_id, _ = await twilio.arrives(stage)
    path = f"/t/plan?leg={leg_id}&x=%E4%BD%A0&y="
    assert tags(await twilio.hears(path, CallSid=sid)) == ["Gather", "Redirect"]
    assert (await twilio.sends("/t/%70lan?leg=" + leg_id, b"CallSid=" + sid.encode(),
                               [("CallSid", sid)])).status_code == 200  # fmt: skip


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"CallSid=" + b"x" * 70_000, FORM, {413, 422}),
        (b"CallSid=%FF%FE&To=\xff\xfe", FORM, {403}),
        (b"{}", "application/json", {422}),
        (b"a=1&" * 400, FORM, {422}),
    ],
    ids=["oversized", "broken UTF-8", "no form", "too many fields"],
)
async def test_what_is_no_webhook_is_turned_away(twilio: Twilio, body: bytes, kind: str, status: set[int]):
    answer = await twilio.sends("/t/arrive", body, [("CallSid", "x")], kind)
    assert answer.status_code in status


async def test_without_a_telephone_network_there_are_no_webhooks(store: Store, house_policies: Policies):
    async with (
        served(store, house_policies, chosen=house("none")) as base,
        httpx2.AsyncClient(base_url=base, trust_env=False) as web,
    ):
        assert (await Twilio(web).posts("/t/arrive", CallSid="CA1", To="1")).status_code == 404


# --- documents


async def test_a_call_is_greeted_parked_waits_and_hears_its_place(stage: Stage, twilio: Twilio):
    sid, leg_id, document = await twilio.arrives(stage)
    assert tags(document) == ["Gather", "Redirect"]
    document = await twilio.hears(f"/t/digits?leg={leg_id}&step=menu", CallSid=sid, Digits="2")
    assert tags(document) == ["Enqueue", "Redirect"]
    document = await twilio.hears(f"/t/wait?leg={leg_id}", CallSid=sid, QueueTime="0")
    assert tags(document) == ["Gather"]
    assert "1" in spoken(document)
    document = await twilio.hears(f"/t/digits?leg={leg_id}&step=wait", CallSid=sid, Digits="9")
    assert tags(document) == ["Gather"], "in the queue, only what may be heard there"
    band = "select band from contact join leg on leg.contact_id = contact.id where sid = $1"
    assert await stage.value(band, sid) == 0


async def test_the_same_request_again_gives_the_same_answer_and_one_contact(stage: Stage, twilio: Twilio):
    sid, leg_id, _ = await twilio.arrives(stage)
    assert (await twilio.arrives(stage, sid))[1] == leg_id
    for _ in range(2):
        document = await twilio.hears(f"/t/digits?leg={leg_id}&step=menu&silent=1", CallSid=sid)
        assert tags(document) == ["Enqueue", "Redirect"]
    again = await twilio.hears(
        "/t/arrive", CallSid=sid, From="anonymous", To=stage.voice_line.address, CallStatus="ringing"
    )
    assert tags(again) == ["Enqueue", "Redirect"]
    assert await stage.value("select count(*) from leg where sid = $1", sid) == 1


async def test_a_number_that_is_no_line_hears_the_emergency_numbers(twilio: Twilio):
    document = await twilio.hears("/t/arrive", CallSid=new_sid(), From="anonymous", To="+860000000000")
    assert tags(document)[-1] == "Hangup"
    assert "1 1 0" in spoken(document) or "幺" in spoken(document)


async def test_a_leg_that_we_do_not_know_hears_the_emergency_numbers(stage: Stage, twilio: Twilio):
    nobody, to = ids.new_id(), stage.voice_line.address
    for path in (f"/t/plan?leg={nobody}", f"/t/digits?leg={nobody}&step=menu", "/t/plan?leg=nonsense"):
        document = await twilio.hears(path, CallSid=new_sid(), To=to)
        assert tags(document)[-1] == "Hangup"
        assert spoken(document)
    for path in (f"/t/wait?leg={nobody}", f"/t/digits?leg={nobody}&step=wait"):
        assert tags(await twilio.hears(path, CallSid=new_sid(), To=to)) == ["Leave"]


async def test_a_mistake_of_ours_sends_a_caller_to_the_lines_overflow(
    stage: Stage, twilio: Twilio, monkeypatch: pytest.MonkeyPatch
):
    sid, leg_id, _ = await twilio.arrives(stage)
    async with stage.store.connection() as connection:
        await connection.execute(
            "update line set overflow = '+861012345678' where id = $1", stage.voice_line.id
        )
    monkeypatch.setattr(call, "answer", _mistaken)
    monkeypatch.setattr(call, "plan", _mistaken)
    document = await twilio.hears(f"/t/plan?leg={leg_id}", CallSid=sid, To=stage.voice_line.address)
    assert "Dial" in tags(document)
    assert tags(document)[-1] == "Hangup"
    document = await twilio.hears(f"/t/wait?leg={leg_id}", CallSid=sid, To=stage.voice_line.address)
    assert tags(document) == ["Gather"], "who waits, waits on"


async def _mistaken(*_: object, **__: object) -> None:
    raise ZeroDivisionError


async def test_a_step_that_stumbles_once_is_taken_again(
    stage: Stage, twilio: Twilio, monkeypatch: pytest.MonkeyPatch
):
    sid, leg_id, _ = await twilio.arrives(stage)
    real, stumbles = call.answer, [ZeroDivisionError()]

    async def answer(*given: object, **named: object) -> object:
        if stumbles:
            raise stumbles.pop()
        return await real(*given, **named)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(call, "answer", answer)
    document = await twilio.hears(f"/t/plan?leg={leg_id}", CallSid=sid, To=stage.voice_line.address)
    assert tags(document) == ["Gather", "Redirect"]


async def test_without_the_database_the_network_is_told_to_ask_again(
    stage: Stage, twilio: Twilio, monkeypatch: pytest.MonkeyPatch
):
    async def down(*_: object, **__: object) -> None:
        raise Unreachable("store.unreachable", "down")

    monkeypatch.setattr(call, "arrive", down)
    answer = await twilio.posts("/t/arrive", CallSid=new_sid(), From="x", To=stage.voice_line.address)
    assert answer.status_code == 503


# --- the counselor's page


async def test_a_page_calls_in_for_its_own_offer_only(stage: Stage, twilio: Twilio):
    stage.now = clock.now()
    lin, mei = await stage.hire("lin", ready=True), await stage.hire("mei", ready=False)
    one = await Call.accepted(stage, lin)
    offer_id = await stage.value("select id from offer where contact_id = $1", one.contact_id)
    for identity, asked in (
        (f"u_{mei.hex}", offer_id),
        (f"u_{lin.hex}", ids.new_id()),
        (f"u_{lin.hex}", "nonsense"),
        ("somebody", offer_id),
    ):
        document = await twilio.hears(
            "/t/client", CallSid=new_sid(), From=f"client:{identity}", offer=str(asked)
        )
        assert tags(document) == ["Say", "Hangup"]
    sid = new_sid()
    document = await twilio.hears("/t/client", CallSid=sid, From=f"client:u_{lin.hex}", offer=str(offer_id))
    assert tags(document) == ["Dial"]
    room = document[0][0].text or ""
    assert room == (await stage.contact(one.contact_id)).room
    document = await twilio.hears(f"/t/plan?leg={one.leg_id}", CallSid=one.sid)
    assert tags(document) == ["Dial", "Redirect"]
    for number, who in enumerate((one.sid, sid), start=1):
        assert (await joins(twilio, who, room, number)).status_code == 204
    assert (await stage.contact(one.contact_id)).state == "talking"
    assert (await ended(twilio, one.sid)).status_code == 204
    assert (await stage.contact(one.contact_id)).state == "wrapping"
    assert (await joins(twilio, sid, room, 2)).status_code == 204


async def joins(twilio: Twilio, sid: str, room: str, number: int) -> httpx2.Response:
    """The room reports that somebody came in."""
    return await twilio.posts(
        f"/t/room?room={room}",
        ConferenceSid="CF" + room[2:34],
        FriendlyName=room,
        StatusCallbackEvent="participant-join",
        CallSid=sid,
        SequenceNumber=str(number),
    )


async def ended(twilio: Twilio, sid: str, query: str = "", **form: str) -> httpx2.Response:
    """The network reports that a call is over."""
    told = {"CallSid": sid, "CallStatus": "completed", "SequenceNumber": "3"} | form
    return await twilio.posts(f"/t/ended{query}", **told)


# --- reports


async def test_reports_about_what_we_do_not_know_are_taken_and_forgotten(twilio: Twilio):
    nobody = ids.new_id()
    assert (await ended(twilio, new_sid())).status_code == 204
    assert (await ended(twilio, new_sid(), f"?leg={nobody}")).status_code == 204
    assert (await joins(twilio, new_sid(), "c_nothing_0", 1)).status_code == 204
    report = await twilio.posts(f"/t/message?key={nobody}", MessageSid="SM1", MessageStatus="delivered")
    assert report.status_code == 204


async def test_a_page_that_did_not_arrive_is_marked(stage: Stage, twilio: Twilio):
    await stage.hire("wu", Role.RESPONDER, telephone=a_number())
    one = await Call.waits(stage)
    await one.press("wait", "9")
    page_id: UUID = await stage.value(
        """select p.id from page as p join escalation as e on e.id = p.escalation_id
           where e.contact_id = $1 and p.channel = 'sms'""",
        one.contact_id,
    )
    await twilio.posts(
        f"/t/message?key={page_id}", MessageSid="SM1", MessageStatus="undelivered", ErrorCode="30003"
    )
    assert await stage.value("select state from page where id = $1", page_id) == "failed"


async def test_a_diverted_caller_who_comes_back_is_not_diverted_again(stage: Stage, twilio: Twilio):
    async with stage.store.connection() as connection:
        await connection.execute(
            "update line set overflow = '+861012345678', opens_at = $2, closes_at = $3 where id = $1",
            stage.voice_line.id,
            clock.now().time().replace(tzinfo=None, microsecond=0),
            clock.now().time().replace(tzinfo=None, microsecond=1),
        )
    sid, leg_id, _ = await twilio.arrives(stage)
    document = await twilio.hears(f"/t/digits?leg={leg_id}&step=menu&silent=1", CallSid=sid)
    assert tags(document) == ["Say", "Dial"]
    for status, words in (("no-answer", "emergency_numbers"), ("completed", "farewell")):
        document = await twilio.hears(
            f"/t/plan?leg={leg_id}&after=divert", CallSid=sid, DialCallStatus=status
        )
        assert tags(document) == ["Say", "Hangup"], words


async def test_a_telephone_that_rings_is_known_by_the_first_report(stage: Stage, twilio: Twilio):
    yang = await stage.hire("yang", ready=True, device=Device.PHONE, telephone=a_number())
    one = await Call.waits(stage)
    await stage.dispatch()
    leg_id: UUID = await stage.value(
        "select id from leg where contact_id = $1 and role = 'counselor'", one.contact_id
    )
    sid = new_sid()
    await ended(twilio, sid, f"?leg={leg_id}", CallStatus="busy")
    assert await stage.value("select state from leg where id = $1", leg_id) == "ended"
    assert await one.presence(yang) == ("not_ready", "device")


async def test_a_request_that_breaks_off_is_no_mistake_of_ours():
    said: Iterator[Message] = iter(
        ({"type": "http.request", "body": b"Call", "more_body": True}, {"type": "http.disconnect"})
    )

    async def receive() -> Message:
        return next(said)

    request = Request({"type": "http", "method": "POST", "path": "/t/ended", "headers": []}, receive)
    with pytest.raises(Malformed, match="broke off"):
        await door._bounded(request)
