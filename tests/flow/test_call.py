"""A call, from the ring to the wrap-up, as the provider's facts come in, in and out of order."""

from dataclasses import replace
from uuid import UUID

import pytest

from hotline.domain.leg import Ask, Bye, Divert, Park, Room
from hotline.domain.presence import Choice
from hotline.flow import call, duty, offer, session
from hotline.store.layouts import LINE
from tests.flow.calls import CRISIS, ENGLISH, Call, a_number, legs_of, new_sid, ring
from tests.screen import follows
from tests.stage import Stage


async def close_line(stage: Stage, overflow: str | None = None) -> None:
    """The stage's line is closed at this hour."""
    opens, closes = stage.voice_line.opens_at.replace(hour=1), stage.voice_line.opens_at.replace(hour=2)
    stage.voice_line = replace(stage.voice_line, opens_at=opens, closes_at=closes, overflow=overflow)
    async with stage.store.unit() as unit:
        values = LINE.values(stage.voice_line, unit.vault)
        await unit.connection.execute(
            "update line set opens_at = $2, closes_at = $3, overflow = $4 where id = $1",
            stage.voice_line.id,
            values["opens_at"],
            values["closes_at"],
            values["overflow"],
        )


# --- the way in


async def test_a_call_is_greeted_waits_is_accepted_and_talks(stage: Stage):
    lin = await stage.hire("lin", ready=True)
    async with follows(stage):
        one = await Call.rings(stage, a_number())
    assert isinstance(one.plan, Ask)
    assert one.plan.prompt.key == "greeting"
    async with follows(stage):
        assert isinstance(await one.press("menu", ENGLISH), Park)
    contact = await one.contact()
    assert (contact.state, contact.language, contact.joined_at) == ("waiting", "en", stage.now)
    async with follows(stage):
        assert await stage.dispatch() == {one.contact_id: lin}
    assert await one.orders() == []
    async with follows(stage):
        await offer.accept(stage.store, await stage.pending_offer(one.contact_id), lin, stage.later(3))
    assert isinstance(await one.asks(), Park), "the caller stays parked until the counselor is in the room"
    answer = await one.calls_in(lin)
    assert answer is not None
    assert isinstance(answer.plan, Room)
    assert not answer.plan.is_anchor
    assert await one.orders() == ["steer caller"]
    assert isinstance(plan := await one.asks(), Room)
    assert (plan.name, plan.is_anchor) == (answer.plan.name, True)
    await one.joins(one.counselor)
    assert (await one.contact()).state == "connecting"
    async with follows(stage):
        await one.joins(one.sid)
    assert (await one.contact()).state == "talking"
    assert (await one.contact()).answered_at == stage.now
    assert await one.orders() == []
    assert await stage.kinds(one.contact_id) == [
        "contact.arrived",
        "contact.joined",
        "offer.made",
        "offer.accepted",
        "session.opened",
    ]


async def test_a_number_that_is_no_line_is_nobodys_contact(stage: Stage):
    before = await stage.value("select count(*) from contact")
    asked = ring(stage, new_sid(), to="+860000000000")
    assert await call.arrive(stage.store, asked, stage.now) is None
    assert await stage.value("select count(*) from contact") == before


async def test_silence_and_wrong_keys_still_lead_into_the_queue(stage: Stage):
    for keys in ("", "5", "#"):
        one = await Call.rings(stage)
        assert isinstance(await one.press("menu", keys), Park)
        assert (await one.contact()).language == "zh"


# --- danger


@pytest.mark.parametrize("step", ["menu", "wait"])
async def test_the_crisis_key_puts_a_caller_ahead_of_everybody(stage: Stage, step: str):
    await stage.hire("wu")
    ordinary = await Call.waits(stage)
    one = await Call.rings(stage) if step == "menu" else await Call.waits(stage)
    stage.later(5)
    async with follows(stage):
        assert isinstance(await one.press(step, CRISIS), Park)
    contact = await one.contact()
    assert (contact.state, contact.band, contact.form.crisis_key) == ("waiting", 0, True)
    assert contact.rank < (await ordinary.contact()).rank
    assert await stage.value("select state from escalation where contact_id = $1", one.contact_id) == "paged"
    standing = await one.standing()
    await one.press(step, CRISIS)
    assert await one.standing() == standing


async def test_a_wrong_key_before_does_not_swallow_the_call_for_help(stage: Stage):
    one = await Call.waits(stage)
    await one.press("wait", "5")
    await one.press("menu", "")
    await one.press("wait", CRISIS)
    assert (await one.contact()).form.crisis_key


# --- the line is closed


async def test_out_of_hours_a_caller_is_sent_on_or_told_the_numbers(stage: Stage):
    await close_line(stage)
    one = await Call.rings(stage)
    assert isinstance(one.plan, Ask)
    assert one.plan.prompt.key == "closed"
    async with follows(stage):
        plan = await one.press("menu", "")
    assert isinstance(plan, Bye)
    assert plan.prompt.key == "emergency_numbers"
    assert (await one.contact()).state == "diverted"
    await close_line(stage, overflow="+861012345678")
    other = await Call.rings(stage)
    plan = await other.press("menu", "1")
    assert isinstance(plan, Divert)
    assert plan.to == "+861012345678"


async def test_the_crisis_key_counts_out_of_hours_too(stage: Stage):
    await close_line(stage)
    one = await Call.rings(stage)
    assert isinstance(await one.press("menu", CRISIS), Park)
    assert (await one.contact()).state == "waiting"


# --- the caller leaves


@pytest.mark.parametrize("stage_left", ["menu", "waiting", "offered", "connecting"])
async def test_a_caller_may_leave_at_every_stage_and_it_is_nobodys_fault(stage: Stage, stage_left: str):
    lin = await stage.hire("lin", ready=True)
    one = await Call.rings(stage)
    if stage_left != "menu":
        await one.press("menu", "1")
    if stage_left in {"offered", "connecting"}:
        await stage.dispatch()
    if stage_left == "connecting":
        await offer.accept(stage.store, await stage.pending_offer(one.contact_id), lin, stage.now)
        await one.calls_in(lin)
    await one.orders()
    stage.later(4)
    async with follows(stage):
        await one.ends()
    contact = await one.contact()
    assert (contact.state, contact.counselor_id) == ("abandoned", None)
    assert await one.presence(lin) == ("ready", None)
    assert await one.orders() == (["drop counselor"] if stage_left == "connecting" else [])
    pending = "select count(*) from offer where contact_id = $1 and state = 'pending'"
    assert await stage.value(pending, one.contact_id) == 0


async def test_the_caller_hangs_up_and_the_counselor_writes(stage: Stage):
    lin = await stage.hire("lin", ready=True)
    one = await Call.talks(stage, lin)
    await one.orders()
    stage.later(300)
    async with follows(stage):
        await one.ends()
    contact = await one.contact()
    assert (contact.state, contact.end_reason) == ("wrapping", "caller")
    assert await one.orders() == ["drop counselor"]
    await one.ends(one.counselor)
    assert await legs_of(stage, one.contact_id) == [("caller", "ended"), ("counselor", "ended")]
    assert await one.settles() == 0


async def test_in_whatever_order_the_network_tells_it_the_caller_has_hung_up(stage: Stage):
    lin = await stage.hire("lin", ready=True)
    one = await Call.talks(stage, lin)
    stage.later(300)
    await one.leaves(one.counselor)
    await one.ends(one.counselor)
    assert (await one.contact()).state == "talking"
    stage.later(1)
    assert await one.settles() == 0
    await one.ends()
    assert ((await one.contact()).state, (await one.contact()).end_reason) == ("wrapping", "caller")
    assert await one.presence(lin) == ("ready", None)


# --- the counselor leaves


async def test_the_counselor_hangs_up_and_the_caller_hears_a_farewell(stage: Stage):
    lin = await stage.hire("lin", ready=True)
    one = await Call.talks(stage, lin)
    await one.orders()
    stage.later(300)
    async with follows(stage):
        await session.hang_up(stage.store, one.contact_id, lin, stage.now)
    assert await one.orders() == ["steer caller", "drop counselor"]
    plan = await one.asks()
    assert isinstance(plan, Bye)
    assert plan.prompt.key == "farewell"
    await one.ends()
    await one.ends(one.counselor)
    assert ((await one.contact()).state, (await one.contact()).end_reason) == ("wrapping", "counselor")


@pytest.mark.parametrize("told_by", ["leave", "end", "heartbeat"])
async def test_a_counselor_whose_device_is_lost_costs_the_caller_nothing(stage: Stage, told_by: str):
    lin = await stage.hire("lin", ready=True)
    one = await Call.talks(stage, lin)
    stage.later(1)
    before = await one.contact()
    others = await Call.waits(stage)
    await one.orders()
    if told_by == "leave":
        stage.later(10)
        async with follows(stage):
            await one.leaves(one.counselor, is_hang_up=True)
    elif told_by == "end":
        await one.ends(one.counselor)
        assert (await one.contact()).state == "talking"
        stage.later(4)
        async with follows(stage):
            await one.settles()
    else:
        stage.later(stage.policies.queue.device_lost_seconds + 1)
        async with follows(stage):
            await session.sweep(stage.store, stage.policies, stage.now, 100)
    after = await one.contact()
    assert (after.state, after.joined_at, after.generation) == ("waiting", before.joined_at, 1)
    assert after.rank < (await others.contact()).rank
    assert await one.presence(lin) == ("not_ready", "device")
    expected = ["steer caller"] if told_by == "end" else ["steer caller", "drop counselor"]
    assert await one.orders() == expected
    assert isinstance(await one.asks(), Park)


async def test_a_second_counselor_meets_the_caller_in_a_new_room(stage: Stage):
    lin = await stage.hire("lin", ready=True)
    one = await Call.talks(stage, lin)
    old_room, old_end = (await one.contact()).room, one.counselor
    await one.leaves(old_end, is_hang_up=True)
    await one.asks()
    mei = await stage.hire("mei", ready=True)
    assert await stage.dispatch() == {one.contact_id: mei}
    await offer.accept(stage.store, await stage.pending_offer(one.contact_id), mei, stage.later(2))
    await one.calls_in(mei)
    assert (await one.contact()).room != old_room
    await one.joins(one.sid, room=old_room, key="late join of the old room")
    await one.leaves(one.sid, room=old_room)
    await one.joins(one.counselor)
    await one.asks()
    await one.joins(one.sid)
    assert (await one.contact()).state == "talking"
    await one.ends(old_end)
    assert (await one.contact()).counselor_id == mei


async def test_a_page_that_was_loaded_anew_takes_the_place_of_the_old_leg(stage: Stage):
    lin = await stage.hire("lin", ready=True)
    one = await Call.talks(stage, lin)
    old = one.counselor
    await one.orders()
    assert await one.calls_in(lin) is not None
    assert await one.orders() == ["drop counselor"]
    assert ((await one.leg(old)).state, (await one.leg(old)).end_reason) == ("ended", "superseded")
    await one.joins(one.counselor)
    await one.leaves(old, is_hang_up=True)
    await one.ends(old)
    stage.later(10)
    assert await one.settles() == 0
    assert (await one.contact()).state == "talking"


async def test_whoever_does_not_come_is_given_up_and_the_caller_waits_on_ahead(stage: Stage):
    lin = await stage.hire("lin", ready=True)
    one = await Call.accepted(stage, lin)
    joined_at = (await one.contact()).joined_at
    stage.later(stage.policies.queue.connect_seconds + 1)
    async with follows(stage):
        await session.sweep(stage.store, stage.policies, stage.now, 100)
    contact = await one.contact()
    assert (contact.state, contact.joined_at, contact.generation) == ("waiting", joined_at, 1)
    assert await one.calls_in(lin) is None, "an offer that is over lets nobody in"


async def test_a_missed_offer_leaves_the_caller_parked_at_the_old_place(stage: Stage):
    lin = await stage.hire("lin", ready=True)
    one = await Call.waits(stage)
    await one.asks()
    joined_at = (await one.contact()).joined_at
    await stage.dispatch()
    stage.later(stage.policies.queue.offer_seconds + 1)
    async with follows(stage):
        await offer.miss_overdue(stage.store, stage.policies, stage.now, 100)
    contact = await one.contact()
    assert (contact.state, contact.joined_at, contact.generation) == ("waiting", joined_at, 0)
    assert await one.presence(lin) == ("not_ready", "missed")
    assert await one.orders() == []


async def test_a_stranger_cannot_call_in_for_an_offer(stage: Stage):
    lin, mei = await stage.hire("lin", ready=True), await stage.hire("mei")
    one = await Call.accepted(stage, lin)
    offer_id: UUID = await stage.value("select id from offer where contact_id = $1", one.contact_id)
    answer = await call.client(stage.store, new_sid(), mei, offer_id, key="stranger", now=stage.now)
    assert answer is None
    assert await legs_of(stage, one.contact_id) == [("caller", "live")]


# --- the same again, and late


async def test_facts_that_come_twice_change_nothing(stage: Stage):
    lin = await stage.hire("lin", ready=True)
    one = await Call.talks(stage, lin)
    standing = await one.standing()
    again = await Call.rings(stage, sid=one.sid)
    assert (again.leg_id, isinstance(again.plan, Room)) == (one.leg_id, True)
    await one.press("menu", "1")
    await one.joins(one.sid)
    await one.joins(one.counselor)
    assert await one.calls_in(lin, sid=one.counselor) is not None
    assert isinstance(await one.asks(), Room)
    assert await one.standing() == standing


async def test_facts_that_come_after_the_end_change_nothing(stage: Stage):
    lin = await stage.hire("lin", ready=True)
    one = await Call.talks(stage, lin)
    await one.ends()
    await one.ends(one.counselor)
    await one.orders()
    stage.later(5)
    standing = await one.standing()
    await one.joins(one.sid, key="late")
    await one.joins(one.counselor, key="late too")
    await one.leaves(one.sid)
    await one.leaves(one.counselor, is_hang_up=True)
    await one.ends(one.counselor, reason="failed")
    await one.press("wait", CRISIS)
    await one.asks()
    assert await one.settles() == 0
    assert await one.standing() == standing


async def test_joins_that_overtake_each_other_begin_the_talk_once(stage: Stage):
    lin = await stage.hire("lin", ready=True)
    one = await Call.accepted(stage, lin)
    await one.calls_in(lin)
    await one.asks()
    await one.joins(one.sid)
    assert (await one.contact()).state == "connecting"
    await one.joins(one.counselor)
    assert (await one.contact()).state == "talking"
    assert (await stage.kinds(one.contact_id)).count("session.opened") == 1


async def test_an_end_that_is_out_of_place_is_ordered_again_but_not_while_an_order_waits(stage: Stage):
    lin = await stage.hire("lin", ready=True)
    one = await Call.accepted(stage, lin)
    await one.calls_in(lin)
    stage.later(3)
    assert await one.settles() == 0, "the first order has not been carried out yet"
    assert await one.orders() == ["steer caller"]
    assert await one.settles() == 1, "it was, and the caller did not come"
    assert await one.orders() == ["steer caller"]


async def test_signing_out_in_mid_talk_ends_nothing(stage: Stage):
    lin = await stage.hire("lin", ready=True)
    one = await Call.talks(stage, lin)
    await duty.choose(stage.store, lin, Choice.SIGNED_OUT, None, stage.now)
    assert (await one.contact()).state == "talking"
