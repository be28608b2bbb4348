"""Orders to Twilio: in its own words, at most as often as is safe, and honest about what is not known."""

import asyncio

import pytest

from hotline.base.errors import Broken, Refused, Unreachable
from hotline.base.sensitive import Sensitive
from hotline.carriers.port import Cap, LegGone, Unknown
from hotline.carriers.twilio.client import TwilioTelephony
from tests.carriers.made import (
    BASE,
    CALL,
    LEG,
    PAGE,
    URLS,
    Wire,
    account,
    call_json,
    refusal,
)
from tests.oracles import check_rest
from tests.ports import free_port
from tests.practice.people import ACCOUNT, TOKEN

PERSON = Sensitive("+8613800000009")
ROOT = f"/2010-04-01/Accounts/{ACCOUNT}"


def objections(wire: Wire) -> list[str]:
    """What Twilio's own description has against anything that was asked."""
    return [one for asked in wire.asked for one in check_rest(*asked)]


async def test_a_dial_carries_our_leg_in_every_address(wire: Wire, twilio: TwilioTelephony):
    assert await twilio.dial(LEG, PERSON, 20) == CALL
    [(method, path, form)] = wire.asked
    assert (method, path) == ("POST", f"{ROOT}/Calls.json")
    assert ("Url", f"{BASE}/t/plan?leg={LEG}") in form
    assert ("StatusCallback", f"{BASE}/t/ended?leg={LEG}") in form
    assert ("Timeout", "20") in form
    assert [value for name, value in form if name == "StatusCallbackEvent"] == [
        "ringing",
        "answered",
        "completed",
    ]
    assert objections(wire) == []


async def test_a_page_by_call_carries_its_id_in_every_address(wire: Wire, twilio: TwilioTelephony):
    assert await twilio.ring_page(PAGE, PERSON, 25) == CALL
    [(_, path, form)] = wire.asked
    assert path == f"{ROOT}/Calls.json"
    assert ("Url", f"{BASE}/t/page?key={PAGE}") in form
    assert ("StatusCallback", f"{BASE}/t/page-ended?key={PAGE}") in form
    assert ("Timeout", "25") in form
    assert objections(wire) == []


async def test_every_order_is_spelled_as_twilio_describes_it(wire: Wire, twilio: TwilioTelephony):
    await twilio.steer(CALL, LEG)
    await twilio.drop(CALL, "ringing")
    await twilio.drop(CALL, "live")
    await twilio.send_sms(PERSON, "【热线】https://hotline.example/e/1", PAGE)
    assert objections(wire) == []
    steer, cancel, complete, message = (form for _, _, form in wire.asked)
    assert steer == [("Url", f"{BASE}/t/plan?leg={LEG}"), ("Method", "POST")]
    assert cancel == [("Status", "canceled")]
    assert complete == [("Status", "completed")]
    assert ("StatusCallback", f"{BASE}/t/message?key={PAGE}") in message


async def test_a_survey_asks_for_whole_pages_of_what_is_up(wire: Wire, twilio: TwilioTelephony):
    wire.answers_with(call_json(calls=None))  # an answer that is no list
    with pytest.raises(Unreachable):
        await twilio.survey()
    paths = {path for _, path, _ in wire.asked}
    assert paths == {
        f"{ROOT}/Calls.json?Status={status}&PageSize=1000" for status in ("in-progress", "queued", "ringing")
    }
    assert len(wire.asked) == 3 * 3, "half a survey is worth nothing, so each part is asked for again"
    assert objections(wire) == []


async def test_too_many_requests_is_asked_again_with_a_pause(wire: Wire, twilio: TwilioTelephony):
    wire.answers_with(refusal(429, 20429), refusal(429, 20429), call_json())
    assert await twilio.dial(LEG, PERSON, 20) == CALL
    assert len(wire.asked) == 3


async def test_too_many_requests_for_too_long_is_left_to_the_relay(wire: Wire, twilio: TwilioTelephony):
    wire.answers_with(refusal(429, 20429))
    with pytest.raises(Unreachable):
        await twilio.dial(LEG, PERSON, 20)
    assert len(wire.asked) == 3


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_a_dial_that_may_have_rung_is_unknown_and_never_repeated(
    wire: Wire, twilio: TwilioTelephony, status: int
):
    wire.answers_with(refusal(status, 20500))
    with pytest.raises(Unknown):
        await twilio.dial(LEG, PERSON, 20)
    assert len(wire.asked) == 1


async def test_steering_that_may_have_failed_may_be_tried_again(wire: Wire, twilio: TwilioTelephony):
    wire.answers_with(refusal(503, 20503))
    with pytest.raises(Unreachable):
        await twilio.steer(CALL, LEG)


async def test_a_silent_network_is_given_up_on_in_time(wire: Wire):
    wire.keeps_silent = asyncio.Event()
    hasty = TwilioTelephony(account(wire.url, timeout_seconds=0.1), URLS)
    try:
        with pytest.raises(Unreachable):
            await hasty.steer(CALL, LEG)
        with pytest.raises(Unknown):
            await hasty.dial(LEG, PERSON, 20)
    finally:
        wire.keeps_silent.set()
        await hasty.close()


async def test_a_network_that_cannot_be_reached_has_certainly_not_rung_anybody():
    nobody = TwilioTelephony(account(f"http://127.0.0.1:{free_port()}"), URLS)
    with pytest.raises(Unreachable):
        await nobody.dial(LEG, PERSON, 20)
    await nobody.close()


@pytest.mark.parametrize(("status", "code"), [(404, 20404), (400, 21220), (404, 0)])
async def test_a_call_that_is_over_cannot_be_steered_and_is_dropped_already(
    wire: Wire, twilio: TwilioTelephony, status: int, code: int
):
    wire.answers_with(refusal(status, code), refusal(404, 20404))
    with pytest.raises(LegGone):
        await twilio.steer(CALL, LEG)
    wire.answers_with(refusal(status, code), refusal(404, 20404))
    await twilio.drop(CALL, "live")


async def test_a_call_that_was_picked_up_meanwhile_is_looked_at_and_ended(
    wire: Wire, twilio: TwilioTelephony
):
    wire.answers_with(
        call_json(status="in-progress"), call_json(status="in-progress"), call_json(status="completed")
    )
    await twilio.drop(CALL, "ringing")
    assert [form for _, _, form in wire.asked] == [[("Status", "canceled")], [], [("Status", "completed")]]


async def test_a_conflict_over_a_call_that_has_ended_is_success(wire: Wire, twilio: TwilioTelephony):
    wire.answers_with(refusal(400, 21220), call_json(status="completed"))
    await twilio.drop(CALL, "live")
    assert len(wire.asked) == 2


async def test_a_call_that_will_not_end_is_told_so_again_later(wire: Wire, twilio: TwilioTelephony):
    wire.answers_with(refusal(400, 21220), call_json(status="ringing"), refusal(400, 21220))
    with pytest.raises(Unreachable):
        await twilio.drop(CALL, "live")


async def test_a_number_that_is_no_good_is_refused_without_repeating_it(wire: Wire, twilio: TwilioTelephony):
    wire.answers_with(refusal(400, 21211, f"The number {PERSON.reveal()} is not valid"))
    with pytest.raises(Refused) as refused:
        await twilio.dial(LEG, PERSON, 20)
    assert "138" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


async def test_wrong_credentials_wake_an_engineer(wire: Wire, twilio: TwilioTelephony):
    wire.answers_with(refusal(401, 20003))
    with pytest.raises(Broken):
        await twilio.steer(CALL, LEG)


async def test_no_more_requests_at_once_than_allowed(wire: Wire):
    wire.keeps_silent = asyncio.Event()
    narrow = TwilioTelephony(account(wire.url, parallel_max=2), URLS)
    orders = asyncio.gather(*(narrow.steer(CALL, LEG) for _ in range(5)))
    await wire.heard(2)
    wire.keeps_silent.set()
    await orders
    assert (len(wire.asked), wire.open_most) == (5, 2)
    await narrow.close()


@pytest.mark.parametrize(
    ("changed", "missing"),
    [
        ({}, set[Cap]()),
        ({"sms_number": None}, {Cap.SMS}),
        ({"application": None}, {Cap.SOFTPHONE}),
        ({"key": ACCOUNT, "secret": Sensitive(TOKEN)}, {Cap.SOFTPHONE}),
    ],
)
async def test_what_an_account_is_not_set_up_for_is_not_promised(changed: dict[str, str], missing: set[Cap]):
    one = TwilioTelephony(account(None, **changed), URLS)
    assert one.caps == set(Cap) - missing
    if Cap.SMS in missing:
        with pytest.raises(Refused):
            await one.send_sms(PERSON, "x", PAGE)
    if Cap.SOFTPHONE in missing:
        with pytest.raises(Refused):
            one.softphone("u_0f", 60)


def test_the_secret_of_an_account_does_not_show():
    assert "practice-key-secret" not in repr(account(None))
