"""Bad days: callbacks lost, doubled, late and swapped; REST requests refused, or carried out in silence."""

from collections import Counter
from typing import Any

import pytest

from hotline.practice.chance import Dice
from tests.practice.people import LINE, Phone, Product
from tests.practice.test_calls import connect


async def misfortune(phone: Phone, **faults: float) -> None:
    """Order a kind of day."""
    await phone.control("PUT", "/faults", faults)


async def test_callbacks_are_lost(phone: Phone, product: Product):
    product.says(arrive="<Say>hello</Say><Hangup/>")
    await misfortune(phone, drop_share=1)
    await phone.is_now(await phone.dial(), "completed")
    happened: list[dict[str, Any]] = await phone.control("GET", "/happenings")
    assert any(one["kind"] == "callback lost" for one in happened)
    assert product.at("ended") == []


async def test_callbacks_are_doubled_under_one_sequence_number(phone: Phone, product: Product):
    await misfortune(phone, duplicate_share=1)
    caller, _ = await connect(phone, product)
    await phone.control("POST", f"/calls/{caller}/hangup")
    await product.got("room", 2, StatusCallbackEvent="conference-end")
    counted = Counter(one.form["SequenceNumber"] for one in product.at("room"))
    assert set(counted.values()) == {2}


async def test_callbacks_overtake_one_another(phone: Phone, product: Product):
    await misfortune(phone, reorder_share=0.5, seed=3)
    caller, _ = await connect(phone, product)
    await phone.control("POST", f"/calls/{caller}/hangup")
    await product.got("room", StatusCallbackEvent="conference-end")
    numbers = [int(one.form["SequenceNumber"]) for one in product.at("room")]
    assert numbers != sorted(numbers)


@pytest.mark.parametrize(("share", "late"), [(0.0, 0), (1.0, 1)])
async def test_only_a_share_of_callbacks_is_late_and_the_exchange_says_which(
    phone: Phone, product: Product, share: float, late: int
):
    product.says(arrive="<Say>hello</Say><Hangup/>")
    await misfortune(phone, delay_seconds_max=0.05, delay_share=share)
    sid = await phone.dial()
    await phone.is_now(sid, "completed")
    await product.got("ended")
    happened: list[dict[str, Any]] = await phone.control("GET", "/happenings")
    assert sum((one["kind"], one["call"]) == ("callback late", sid) for one in happened) == late


async def test_a_document_is_asked_for_twice(phone: Phone, product: Product):
    product.says(arrive="<Say>hello</Say><Hangup/>")
    await misfortune(phone, document_retry_share=1)
    await phone.is_now(await phone.dial(), "completed")
    assert len(product.at("arrive")) == 2


@pytest.mark.parametrize(("fault", "status"), [("rest_429_share", 429), ("rest_500_share", 500)])
async def test_a_refused_request_does_nothing(phone: Phone, product: Product, fault: str, status: int):
    await misfortune(phone, **{fault: 1})
    answer = await phone.api("POST", "/Calls.json", From=LINE, To="+86139", Url=product.url("/offer"))
    assert answer.status_code == status
    assert await phone.control("GET", "/calls") == []


async def test_a_lost_answer_is_a_request_that_was_carried_out(phone: Phone, product: Product):
    await misfortune(phone, rest_lost_share=1)
    answer = await phone.api("POST", "/Calls.json", From=LINE, To="+86139", Url=product.url("/offer"))
    assert answer.status_code == 500
    assert (await phone.ringing())["to"] == "+86139"


async def test_an_unknown_fault_is_refused_and_a_cleared_exchange_is_calm(phone: Phone):
    assert (await phone.ask("PUT", "/faults", {"drop": 1})).status_code == 422
    await misfortune(phone, drop_share=1)
    await phone.clear()
    assert (await phone.control("GET", "/faults"))["drop_share"] == 0


def test_the_same_seed_throws_the_same_dice():
    one, other = Dice(7), Dice(7)
    assert [one.throw() for _ in range(5)] == [other.throw() for _ in range(5)]
    assert not Dice(7).hits(0)
    assert Dice(7).hits(1)
