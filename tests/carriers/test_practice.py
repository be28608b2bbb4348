"""The adapter and an exchange that speaks Twilio's protocol, through whole calls."""

import asyncio

import pytest

from hotline.base.errors import Unreachable
from hotline.base.ids import new_id
from hotline.base.sensitive import Sensitive
from hotline.carriers.port import (
    Answered,
    Arrived,
    Digits,
    Diverted,
    Ended,
    Joined,
    Left,
    LegGone,
    PickedUp,
    Planned,
    Rang,
    Reported,
    Unknown,
    Waited,
)
from hotline.carriers.twilio.client import TwilioTelephony
from hotline.domain.leg import Divert, Prompt, Room
from tests.carriers.house import BYE, PARK, House
from tests.carriers.made import PAGE
from tests.practice.people import CALLER, LINE, Phone

PERSON = "+8613800000009"
RING_SECONDS = 600
"""Some twelve of ours: nobody is in a hurry to answer, on however busy a machine."""


async def park(house: House, phone: Phone) -> tuple[str, Waited]:
    """A caller who has been greeted, has pressed 1 and waits."""
    sid = await phone.dial()
    await phone.press(sid, "1")
    waited = await house.hears(Waited, lambda fact: fact.sid == sid)
    await phone.hears(sid, "waiting zh")
    return sid, waited


async def meet(house: House, phone: Phone, practised: TwilioTelephony) -> tuple[str, str, str]:
    """A caller and a counselor's page in one room; their calls and the room's name."""
    caller, waited = await park(house, phone)
    name = f"c_{waited.leg_id.hex}_0"
    house.client_plan = Room(name=name, label="counselor", is_anchor=False)
    token = practised.softphone("u_0f", 600).token.reveal()
    page = await phone.control("POST", "/clients/u_0f/connect", {"params": {"offer": "o1"}, "token": token})
    await house.hears(Joined, lambda fact: fact.label == "counselor")
    house.plans[waited.leg_id] = Room(name=name, label="caller", is_anchor=True)
    await practised.steer(caller, waited.leg_id)
    await house.hears(Joined, lambda fact: fact.label == "caller")
    return caller, page["sid"], name


async def test_a_caller_arrives_is_greeted_and_waits(house: House, phone: Phone):
    sid, waited = await park(house, phone)
    arrived = await house.hears(Arrived)
    assert (arrived.sid, arrived.to, arrived.number) == (sid, LINE, Sensitive(CALLER))
    answer = await house.hears(Digits)
    assert (answer.step, answer.value, answer.leg_id) == ("menu", "1", waited.leg_id)


async def test_a_silent_caller_is_never_hung_up_on(house: House, phone: Phone):
    sid = await phone.dial(frm="anonymous")
    answer = await house.hears(Digits)
    assert answer.value == ""
    await house.hears(Waited, lambda fact: fact.sid == sid)
    assert (await house.hears(Arrived)).quality == "withheld"


async def test_a_waiting_caller_can_call_for_help_at_any_time(house: House, phone: Phone):
    sid, _ = await park(house, phone)
    await phone.press(sid, "5")
    await phone.press(sid, "9")
    assert (await house.hears(Digits, lambda fact: fact.value == "9")).step == "wait"
    await house.hears(Waited)
    assert (await phone.is_now(sid, "in-progress"))["queue"] == "park"


async def test_a_caller_and_a_counselor_meet_and_the_survey_sees_them(
    house: House, phone: Phone, practised: TwilioTelephony
):
    caller, page, name = await meet(house, phone, practised)
    await phone.hears(page, "with: caller")
    picked = await house.hears(PickedUp)
    assert (picked.identity, picked.asked["offer"]) == ("u_0f", "o1")
    survey = await practised.survey()
    assert {call.sid for call in survey.calls} == {caller, page}
    assert all(call.is_inbound and call.started_at for call in survey.calls)
    [room] = survey.rooms
    assert (room.name, {label: one.sid for label, one in room.occupants.items()}) == (
        name,
        {"caller": caller, "counselor": page},
    )
    joined = await house.hears(Joined, lambda fact: fact.label == "caller")
    assert joined.room_sid == room.sid


async def test_a_counselor_who_drops_out_leaves_the_caller_in_place(
    house: House, phone: Phone, practised: TwilioTelephony
):
    caller, page, name = await meet(house, phone, practised)
    await practised.drop(page, "live")
    left = await house.hears(Left)
    assert (left.sid, left.label, left.room) == (page, "counselor", name)
    assert (await phone.is_now(caller, "in-progress"))["room"] == name
    await practised.drop(page, "live")
    with pytest.raises(LegGone):
        await practised.steer(page, new_id())


async def test_a_caller_who_hangs_up_ends_the_room_for_everybody(
    house: House, phone: Phone, practised: TwilioTelephony
):
    caller, page, _ = await meet(house, phone, practised)
    await phone.control("POST", f"/calls/{caller}/hangup")
    await phone.is_now(page, "completed")
    ended = await house.hears(Ended, lambda fact: fact.sid == caller)
    assert (ended.cause, ended.leg_id) == ("completed", None)
    assert await practised.survey() == await practised.survey()
    assert (await practised.survey()).calls == ()


@pytest.mark.parametrize("is_reached", [True, False])
async def test_a_diverted_caller_reaches_somebody_or_comes_back(
    house: House, phone: Phone, practised: TwilioTelephony, is_reached: bool
):
    caller, waited = await park(house, phone)
    house.plans[waited.leg_id] = Divert(to=PERSON, prompt=Prompt(key="diverted", language="zh"))
    await practised.steer(caller, waited.leg_id)
    rings = await phone.ringing()
    far_end = next(call for call in (await practised.survey()).calls if call.sid == rings["sid"])
    assert (far_end.parent_sid, far_end.is_inbound) == (caller, False)
    if is_reached:
        await phone.control("POST", f"/calls/{rings['sid']}/answer")
        await phone.hears(caller, "talk")
        await phone.control("POST", f"/calls/{rings['sid']}/hangup")
    else:
        await phone.control("POST", f"/calls/{rings['sid']}/decline", {"status": "no-answer"})
    assert (await house.hears(Diverted)).is_reached is is_reached
    await phone.hears(caller, "farewell zh")


async def test_a_counselor_s_telephone_rings_and_asks_for_its_plan(
    house: House, phone: Phone, practised: TwilioTelephony
):
    leg_id = new_id()
    house.plans[leg_id] = BYE
    sid = await practised.dial(leg_id, Sensitive(PERSON), RING_SECONDS)
    assert (await phone.ringing())["sid"] == sid
    rang = await house.hears(Rang)
    await phone.control("POST", f"/calls/{sid}/answer")
    answered = await house.hears(Answered)
    ended = await house.hears(Ended)
    assert {rang.leg_id, answered.leg_id, ended.leg_id} == {leg_id}
    assert (await house.hears(Planned)).leg_id == leg_id
    assert (rang.sequence or 0) < (answered.sequence or 0) < (ended.sequence or 0)


async def test_a_telephone_that_still_rings_falls_silent(
    house: House, phone: Phone, practised: TwilioTelephony
):
    sid = await practised.dial(new_id(), Sensitive(PERSON), RING_SECONDS)
    await phone.ringing()
    await practised.drop(sid, "ringing")
    assert (await house.hears(Ended)).cause == "canceled"
    await practised.drop(sid, "ringing")


async def test_a_telephone_answered_a_moment_ago_is_let_go_too(
    house: House, phone: Phone, practised: TwilioTelephony
):
    leg_id = new_id()
    house.plans[leg_id] = PARK
    sid = await practised.dial(leg_id, Sensitive(PERSON), RING_SECONDS)
    await phone.ringing()
    await phone.control("POST", f"/calls/{sid}/answer")
    await house.hears(Waited)
    await practised.drop(sid, "ringing")
    assert (await house.hears(Ended)).cause == "completed"


async def test_a_dial_whose_answer_was_lost_is_found_by_looking(
    house: House, phone: Phone, practised: TwilioTelephony
):
    await phone.control("PUT", "/faults", {"rest_lost_share": 1.0})
    with pytest.raises(Unknown):
        await practised.dial(new_id(), Sensitive(PERSON), RING_SECONDS)
    await phone.control("PUT", "/faults", {})
    await phone.ringing()
    assert [call.to for call in (await practised.survey()).calls] == [Sensitive(PERSON)]


async def test_a_network_on_a_bad_day_is_asked_again_later(
    house: House, phone: Phone, practised: TwilioTelephony
):
    sid, waited = await park(house, phone)
    await phone.control("PUT", "/faults", {"rest_500_share": 1.0})
    for order in (practised.steer(sid, waited.leg_id), practised.drop(sid, "live"), practised.survey()):
        with pytest.raises(Unreachable):
            await order
    await phone.control("PUT", "/faults", {"rest_429_share": 0.5, "seed": 3})
    await asyncio.gather(*(practised.steer(sid, waited.leg_id) for _ in range(3)))
    await phone.is_now(sid, "in-progress")


async def test_callbacks_late_twice_and_out_of_order_are_told_apart_by_their_keys(
    house: House, phone: Phone, practised: TwilioTelephony
):
    await phone.control(
        "PUT", "/faults", {"duplicate_share": 1.0, "reorder_share": 0.5, "delay_seconds_max": 0.05}
    )
    caller, _, _ = await meet(house, phone, practised)
    await phone.control("POST", f"/calls/{caller}/hangup")
    await house.hears(Ended, lambda fact: fact.sid == caller)
    joins = [fact for fact in house.told if isinstance(fact, Joined)]
    assert len({fact.key for fact in joins}) == len({fact.sid for fact in joins}) == 2


async def test_a_page_is_sent_and_its_delivery_comes_back(
    house: House, phone: Phone, practised: TwilioTelephony
):
    sid = await practised.send_sms(Sensitive(PERSON), "【热线】", PAGE)
    [message] = await phone.control("GET", "/messages")
    assert (message["sid"], message["body"], message["to"]) == (sid, "【热线】", PERSON)
    report = await house.hears(Reported)
    assert (report.page_id, report.sid) == (PAGE, sid)
