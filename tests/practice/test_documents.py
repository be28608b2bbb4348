"""Documents that do not come, or should not have: the fallback URL, time-outs, retries, strictness."""

import asyncio

import pytest
from starlette.responses import Response

from hotline.practice.overrides import parted
from hotline.practice.twiml import read
from hotline.practice.wrong import DocumentFault
from tests.practice.people import Asked, Phone, Product

OVERFLOW = "<Say>请稍候，正在转接</Say><Pause length='600'/>"


async def slow(_: Asked) -> str:
    """Longer than the number's read time-out of 0.3 s."""
    await asyncio.sleep(0.5)
    return "<Say>too late</Say>"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        pytest.param(slow, "11200", id="too slow"),
        pytest.param(Response(status_code=500), "11200", id="a failure"),
        pytest.param("<Say", "12100", id="not XML"),
        pytest.param("<Say speed='2'>x</Say>", "12200", id="an unknown attribute"),
        pytest.param("<Wait/>", "12200", id="an unknown element"),
        pytest.param("<Gather><Dial>1</Dial></Gather>", "12200", id="an element out of place"),
        pytest.param(Response("{}", media_type="application/json"), "12300", id="another content type"),
        pytest.param(Response(status_code=204), "12300", id="nothing at all"),
    ],
)
async def test_a_document_that_fails_sends_the_caller_to_the_fallback_url(
    phone: Phone, product: Product, answer: str | Response, code: str
):
    product.says(arrive=answer, fallback=OVERFLOW)
    caller = await phone.dial()
    await phone.hears(caller, "正在转接")
    [told] = product.at("fallback")
    assert told.form["ErrorCode"] == code
    assert told.form["ErrorUrl"] == product.url("/arrive")
    assert told.signed


async def test_the_fallback_covers_a_waiting_document_too(phone: Phone, product: Product):
    product.says(
        arrive='<Enqueue waitUrl="/wait">park</Enqueue>', wait=Response(status_code=500), fallback=OVERFLOW
    )
    caller = await phone.dial()
    shown = await phone.hears(caller, "正在转接")
    assert shown["queue"] is None


async def test_without_a_fallback_that_works_the_caller_hears_an_apology_and_the_call_ends(
    phone: Phone, product: Product
):
    product.says(arrive=Response(status_code=500), fallback=Response(status_code=500))
    caller = await phone.dial()
    await phone.hears(caller, "application error")
    await phone.is_now(caller, "completed")


async def test_a_webhook_is_tried_again_when_its_fragment_says_so(phone: Phone, product: Product):
    answers = iter([Response(status_code=503), "<Say>second try</Say><Pause length='600'/>"])
    product.says(arrive="<Redirect>/flaky#rc=1&amp;rp=5xx</Redirect>", flaky=lambda _: next(answers))
    caller = await phone.dial()
    await phone.hears(caller, "second try")
    first, second = product.at("flaky")
    token = "i-twilio-idempotency-token"
    assert first.headers[token] == second.headers[token]


async def test_handed_over_twiml_needs_absolute_urls(phone: Phone, product: Product):
    product.says(arrive="<Pause length='600'/><Say>x</Say>", fallback=OVERFLOW)
    caller = await phone.dial()
    await phone.hears(caller, "")
    await product.got("arrive")
    product.says(arrive="<Say>您好</Say><Pause length='600'/>")
    caller = await phone.dial()
    await phone.hears(caller, "您好")
    await phone.api("POST", f"/Calls/{caller}.json", Twiml="<Response><Redirect>/plan</Redirect></Response>")
    [told] = await product.got("fallback", CallSid=caller)
    assert told.form["ErrorCode"] == "15004"


async def test_relative_urls_follow_the_document_they_stand_in(phone: Phone, product: Product):
    product.says(
        arrive="<Redirect>deep/er?lang=zh</Redirect>",
        deep__er="<Redirect method='GET'>sibling</Redirect>",
        deep__sibling="<Say>arrived</Say><Hangup/>",
    )
    caller = await phone.dial()
    await phone.is_now(caller, "completed")
    [asked] = product.at("deep/sibling")
    assert asked.form["CallSid"] == caller
    assert asked.signed


async def test_keys_are_gathered_to_their_number_or_to_the_finishing_key(phone: Phone, product: Product):
    product.says(
        arrive='<Gather numDigits="3" action="/three"><Play>/p/code.mp3</Play></Gather>',
        three='<Gather finishOnKey="*" action="/open"/>',
        open='<Gather timeout="2" actionOnEmptyResult="true" action="/none"/>',
        none='<Gather timeout="1" action="/never"/><Say>nothing pressed</Say>',
    )
    caller = await phone.dial()
    await phone.press(caller, "123")
    await product.got("three", Digits="123")
    await phone.press(caller, "45*")
    await product.got("open", Digits="45", FinishedOnKey="*")
    await product.got("none", Digits="")
    await phone.hears(caller, "nothing pressed")
    assert product.at("never") == []


async def test_a_caller_can_be_turned_away_and_a_full_queue_falls_through(phone: Phone, product: Product):
    product.says(arrive='<Reject reason="busy"/>')
    await phone.is_now(await phone.dial(), "busy")
    await phone.api("POST", "/Queues.json", FriendlyName="tiny", MaxSize="1")
    product.says(arrive='<Enqueue waitUrl="/wait">tiny</Enqueue><Say>full</Say>', wait="<Pause length='99'/>")
    await phone.dial()
    await product.got("wait")
    await phone.hears(await phone.dial(frm="+8613800000002"), "full")


async def test_a_waiting_caller_can_leave_the_queue_by_a_key(phone: Phone, product: Product):
    product.says(
        arrive='<Enqueue waitUrl="/wait" action="/left">park</Enqueue>',
        wait='<Gather numDigits="1" action="/choice"><Play>/m.mp3</Play></Gather>',
        choice="<Leave/>",
        left="<Say>we call you back</Say><Hangup/>",
    )
    caller = await phone.dial()
    await phone.press(caller, "2")
    [left] = await product.got("left")
    assert left.form["QueueResult"] == "leave"
    await phone.is_now(caller, "completed")


def test_a_fragment_is_read_and_neither_sent_nor_exceeded():
    url, overrides = parted("https://h/x?q=1#ct=2000&rt=99000&tt=9000&rc=2&rp=ct,rt")
    assert url == "https://h/x?q=1"
    assert (overrides.connect_seconds, overrides.read_seconds, overrides.total_seconds) == (2, 15, 9)
    assert overrides.retries == 2
    assert not overrides.retry_after("5xx")
    assert parted("https://h/x")[1].policy == {"ct"}


def test_entities_and_large_documents_are_refused():
    with pytest.raises(DocumentFault):
        read('<!DOCTYPE r [<!ENTITY a "b">]><Response/>', "")
    with pytest.raises(DocumentFault):
        read(f"<Response><Say>{'x' * 70_000}</Say></Response>", "")
