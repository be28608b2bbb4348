"""Scenes of telephone calls: arriving, keys, the ends of a call, and the orders of the relay."""

from dataclasses import replace
from uuid import UUID

from hotline.domain.staff import Device
from hotline.flow import call, leg, order
from tests.drills.scenes import Act, scene
from tests.flow.calls import Call, a_number, new_sid, ring
from tests.stage import Stage


async def by_telephone(stage: Stage) -> tuple[Call, UUID]:
    """A caller who is held out to a counselor's telephone; its leg, not rung yet."""
    await stage.hire("yang", ready=True, device=Device.PHONE, telephone=a_number())
    one = await Call.waits(stage)
    await stage.dispatch()
    leg_id: UUID = await stage.value(
        "select id from leg where contact_id = $1 and role = 'counselor'", one.contact_id
    )
    return one, leg_id


async def called_in(stage: Stage) -> Call:
    """A counselor's page has called in, and the caller has not come yet."""
    counselor = await stage.hire("lin", ready=True)
    one = await Call.accepted(stage, counselor)
    await one.calls_in(counselor)
    return one


async def in_one_room(stage: Stage) -> Call:
    """A caller and a counselor who talk."""
    return await Call.talks(stage, await stage.hire("lin", ready=True))


@scene("call.arrive")
async def _(stage: Stage) -> Act:
    rings = ring(stage, new_sid(), a_number())
    return lambda on: call.arrive(on.store, rings, on.now)


@scene("call.press")
async def _(stage: Stage) -> Act:
    one = await Call.rings(stage, a_number())
    return lambda on: replace(one, stage=on).press("menu", "9")


@scene("call.plan")
async def _(stage: Stage) -> Act:
    one = await called_in(stage)
    stage.later(2)
    return lambda on: call.plan(on.store, one.leg_id, on.now)


@scene("call.client", "more")
async def _(stage: Stage) -> Act:
    """Twice orders the caller twice; the relay finds the second done."""
    counselor, sid = await stage.hire("lin", ready=True), new_sid()
    one = await Call.accepted(stage, counselor)
    return lambda on: replace(one, stage=on).calls_in(counselor, sid)


@scene("call.answer")
async def _(stage: Stage) -> Act:
    one = await called_in(stage)
    return lambda on: replace(one, stage=on).asks()


@scene("leg.ringing")
async def _(stage: Stage) -> Act:
    _, leg_id = await by_telephone(stage)
    await order.ring(stage.store, leg_id, stage.now)
    sid = new_sid()
    return lambda on: leg.ringing(on.store, leg_id, sid, on.now)


@scene("leg.join")
async def _(stage: Stage) -> Act:
    one = await called_in(stage)
    await one.joins(one.counselor)
    await one.asks()
    return lambda on: replace(one, stage=on).joins(one.sid)


@scene("leg.leave")
async def _(stage: Stage) -> Act:
    one = await in_one_room(stage)
    room = (await one.contact()).room
    return lambda on: replace(one, stage=on).leaves(one.counselor, is_hang_up=True, room=room)


@scene("leg.end")
async def _(stage: Stage) -> Act:
    one = await in_one_room(stage)
    return lambda on: replace(one, stage=on).ends()


@scene("leg.fail")
async def _(stage: Stage) -> Act:
    _, leg_id = await by_telephone(stage)
    await order.ring(stage.store, leg_id, stage.now)
    return lambda on: leg.fail(on.store, on.policies, leg_id, reason="failed", now=on.now)


@scene("leg.settle")
async def _(stage: Stage) -> Act:
    one = await called_in(stage)
    stage.later(3)
    await one.orders()
    return lambda on: replace(one, stage=on).settles()


@scene("order.send_for")
async def _(stage: Stage) -> Act:
    one = await called_in(stage)
    return lambda on: order.send_for(on.store, one.leg_id, on.now, is_again=False)


@scene("order.ring")
async def _(stage: Stage) -> Act:
    _, leg_id = await by_telephone(stage)
    return lambda on: order.ring(on.store, leg_id, on.now)


@scene("order.unring")
async def _(stage: Stage) -> Act:
    _, leg_id = await by_telephone(stage)
    await order.ring(stage.store, leg_id, stage.now)
    return lambda on: order.unring(on.store, leg_id, on.now)


@scene("order.let_go")
async def _(stage: Stage) -> Act:
    one, leg_id = await by_telephone(stage)
    await one.ends()
    return lambda on: order.let_go(on.store, leg_id, on.now)


@scene("order.forget")
async def _(stage: Stage) -> Act:
    _, leg_id = await by_telephone(stage)
    await order.ring(stage.store, leg_id, stage.now)
    return lambda on: order.forget(on.store, leg_id, on.now)
