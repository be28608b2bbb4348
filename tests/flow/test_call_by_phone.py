"""A counselor whose instrument is a telephone: it rings, and a key takes the call."""

from uuid import UUID

import pytest

from hotline.domain.leg import Ask, Bye, Room
from hotline.domain.staff import Device
from hotline.flow import call, leg as ends, offer, order
from tests.flow.calls import Call, a_number, legs_of, new_sid
from tests.screen import follows
from tests.stage import Stage


async def hire(stage: Stage, **traits: object) -> UUID:
    """A counselor with a telephone, ready."""
    return await stage.hire("yang", ready=True, device=Device.PHONE, **{"telephone": a_number()} | traits)


async def rung(stage: Stage, staff_id: UUID) -> tuple[Call, UUID]:
    """A caller held out to a telephone that rings, and the telephone's leg."""
    one = await Call.waits(stage)
    assert await stage.dispatch() == {one.contact_id: staff_id}
    leg_id: UUID = await stage.value(
        "select id from leg where contact_id = $1 and role = 'counselor'", one.contact_id
    )
    assert await order.ring(stage.store, leg_id, stage.now) is not None
    one.counselor = new_sid()
    await ends.ringing(stage.store, leg_id, one.counselor, stage.now)
    return one, leg_id


async def pick_up(one: Call, leg_id: UUID) -> call.Answer:
    """The telephone is taken off the hook."""
    return await call.answer(
        one.stage.store, leg_id, one.counselor, key=f"answered:{one.counselor}", now=one.stage.now
    )


async def press(one: Call, leg_id: UUID, digits: str) -> call.Answer:
    """The counselor presses a key, or none."""
    keys = call.Keys(step="take", digits=digits, key=f"digits:{leg_id}:take:{digits}")
    return await call.press(one.stage.store, one.stage.policies, leg_id, keys, one.stage.now)


async def test_a_telephone_rings_is_taken_by_a_key_and_talks(stage: Stage):
    yang = await hire(stage)
    one, leg_id = await rung(stage, yang)
    assert await one.orders() == ["dial counselor"]
    plan = (await pick_up(one, leg_id)).plan
    assert isinstance(plan, Ask)
    assert (await one.contact()).state == "offered", "a mailbox that picks up has taken nothing"
    async with follows(stage):
        assert isinstance((await press(one, leg_id, "1")).plan, Room)
    assert await one.orders() == ["steer caller"]
    await one.asks()
    await one.joins(one.counselor)
    await one.joins(one.sid)
    assert (await one.contact()).state == "talking"
    await one.orders()
    async with follows(stage):
        await one.leaves(one.counselor, is_hang_up=True)
    await one.ends(one.counselor)
    contact = await one.contact()
    assert (contact.state, contact.end_reason) == ("wrapping", "counselor")
    assert set(await one.orders()) == {"steer caller", "drop counselor"}


@pytest.mark.parametrize(
    ("reason", "imposed"),
    [("no-answer", "missed"), ("busy", "device"), ("failed", "device"), ("completed", None)],
)
async def test_a_telephone_that_does_not_take_the_call_costs_the_caller_nothing(
    stage: Stage, reason: str, imposed: str | None
):
    yang = await hire(stage)
    one, _ = await rung(stage, yang)
    joined_at = (await one.contact()).joined_at
    stage.later(8)
    async with follows(stage):
        await one.ends(one.counselor, reason=reason)
    contact = await one.contact()
    assert (contact.state, contact.joined_at) == ("waiting", joined_at)
    choice = "not_ready" if imposed else "ready"
    assert await one.presence(yang) == (choice, imposed)
    assert await stage.dispatch() == {}, "nobody is rung again and again"


async def test_silence_at_the_telephone_gives_the_call_back(stage: Stage):
    yang = await hire(stage)
    one, leg_id = await rung(stage, yang)
    await pick_up(one, leg_id)
    plan = (await press(one, leg_id, "")).plan
    assert isinstance(plan, Bye)
    assert plan.prompt.key == "offer_over"
    assert (await one.contact()).declined_by == (yang,)


async def test_a_key_that_comes_too_late_takes_nothing(stage: Stage):
    yang = await hire(stage)
    one, leg_id = await rung(stage, yang)
    await pick_up(one, leg_id)
    stage.later(stage.policies.queue.offer_seconds + 1)
    await press(one, leg_id, "1")
    assert (await one.contact()).state == "offered"
    await offer.miss_overdue(stage.store, stage.policies, stage.now, 100)
    assert await one.orders() == ["dial counselor", "drop counselor"]


async def test_the_caller_leaves_while_the_telephone_rings(stage: Stage):
    yang = await hire(stage)
    one, leg_id = await rung(stage, yang)
    await one.orders()
    await one.ends()
    assert await one.orders() == ["drop counselor"]
    end = await order.let_go(stage.store, leg_id, stage.now)
    assert end == order.End(sid=one.counselor, state="ringing")
    assert isinstance((await pick_up(one, leg_id)).plan, Bye)


async def test_a_telephone_is_rung_once_whatever_happens_to_the_order(stage: Stage):
    telephone = a_number()
    yang = await hire(stage, telephone=telephone)
    one = await Call.waits(stage)
    await stage.dispatch()
    leg_id: UUID = await stage.value(
        "select id from leg where contact_id = $1 and role = 'counselor'", one.contact_id
    )
    assert await order.ring(stage.store, leg_id, stage.now) == telephone
    assert await order.ring(stage.store, leg_id, stage.now) is None
    await order.unring(stage.store, leg_id, stage.now)
    assert await order.ring(stage.store, leg_id, stage.now) == telephone
    await one.ends()
    assert await order.let_go(stage.store, leg_id, stage.now) is None, "nobody knows yet whether it rings"
    await ends.ringing(stage.store, leg_id, new_sid(), stage.now)
    assert "drop counselor" in await one.orders()
    assert await one.presence(yang) == ("ready", None)


async def test_an_order_to_ring_that_is_not_wanted_any_more_rings_nobody(stage: Stage):
    await hire(stage)
    one = await Call.waits(stage)
    await stage.dispatch()
    leg_id: UUID = await stage.value(
        "select id from leg where contact_id = $1 and role = 'counselor'", one.contact_id
    )
    await one.ends()
    assert await order.ring(stage.store, leg_id, stage.now) is None
    assert await legs_of(stage, one.contact_id) == [("caller", "ended"), ("counselor", "ended")]


async def test_a_telephone_nobody_can_ring_sets_its_counselor_aside(stage: Stage):
    yang = await hire(stage)
    one = await Call.waits(stage)
    await stage.dispatch()
    leg_id: UUID = await stage.value(
        "select id from leg where contact_id = $1 and role = 'counselor'", one.contact_id
    )
    await order.ring(stage.store, leg_id, stage.now)
    async with follows(stage):
        await ends.fail(stage.store, stage.policies, leg_id, reason="failed", now=stage.now)
    assert (await one.contact()).state == "waiting"
    assert await one.presence(yang) == ("not_ready", "device")


async def test_an_end_on_its_way_is_not_sent_for_twice(stage: Stage):
    lin = await stage.hire("lin", ready=True)
    one = await Call.accepted(stage, lin)
    await one.calls_in(lin)
    assert await order.send_for(stage.store, one.leg_id, stage.now, is_again=False) == one.sid
    assert await order.send_for(stage.store, one.leg_id, stage.now, is_again=False) is None
    assert await order.send_for(stage.store, one.leg_id, stage.now, is_again=True) == one.sid
    stage.later(3)
    assert await order.send_for(stage.store, one.leg_id, stage.now, is_again=False) == one.sid
    await one.asks()
    assert await order.send_for(stage.store, one.leg_id, stage.now, is_again=True) is None
