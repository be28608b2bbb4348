"""Bug classes of other call centres, about calls and offers: each has bitten several, none may bite us.

Each test is named after its class and plays it the way it happened elsewhere.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest

from hotline.base.errors import Refused
from hotline.domain.leg import Ask, Park
from hotline.domain.presence import Choice
from hotline.domain.session import Record
from hotline.domain.staff import Device
from hotline.flow import call, duty, escalation, leg as ends, offer, order, session
from hotline.flow.session import Screened
from hotline.store import live as store_live
from tests.flow.calls import Call, a_number, new_sid
from tests.screen import follows
from tests.stage import Stage

DONE = Record(disposition="counselling", result="calmer")
RING, REST, BREAK = 15, 120, "break"


async def takes(stage: Stage, contact_id: UUID, staff_id: UUID) -> UUID:
    """The counselor accepts what rings; the session."""
    begun = await offer.accept(stage.store, await stage.pending_offer(contact_id), staff_id, stage.now)
    return begun.id


async def writes_up(stage: Stage, contact_id: UUID, staff_id: UUID) -> None:
    """The record is complete and closed."""
    session_id = await stage.value(
        "select id from session where contact_id = $1 and state = 'wrapping'", contact_id
    )
    await session.screen(
        stage.store, stage.policies, session_id, staff_id, Screened(result="asked_denied"), stage.now
    )
    await session.write(stage.store, stage.policies, session_id, staff_id, DONE, stage.now)
    await session.close(stage.store, stage.policies, session_id, staff_id, stage.now)


async def keep(stage: Stage, *beating: UUID) -> None:
    """One look of the keeper; these people's pages have given signs of life."""
    for staff_id in beating:
        await duty.beat(stage.store, [staff_id], stage.now)
    await offer.miss_overdue(stage.store, stage.policies, stage.now, 100)
    await session.sweep(stage.store, stage.policies, stage.now, 100)
    await duty.sweep(stage.store, stage.policies, stage.now, 100)


async def day(stage: Stage) -> dict[str, Any]:
    """The card with the counts of the centre's day."""
    async with stage.store.connection() as connection:
        days = await store_live.days(connection, [stage.centre.id])
    return dict(days[f"health:{stage.centre.id}"].card)


async def shown(stage: Stage, staff_id: UUID) -> str:
    """The word on the counselor's card."""
    return str((await stage.screen()).cards[f"counselor:{staff_id}"].card["state"])


# --- 1


async def test_01_an_answered_call_is_not_pulled_back_to_ringing_by_a_late_event(stage: Stage):
    yang = await stage.hire("yang", ready=True, device=Device.PHONE, telephone=a_number())
    one = await Call.waits(stage)
    assert await stage.dispatch() == {one.contact_id: yang}
    leg_id: UUID = await stage.value("select id from leg where staff_id = $1", yang)
    assert await order.ring(stage.store, leg_id, stage.now) is not None
    telephone = new_sid()
    await ends.ringing(stage.store, leg_id, telephone, stage.later(1))
    theirs = Call(stage, telephone, leg_id, one.contact_id, one.plan)
    assert isinstance(await theirs.asks(), Ask)
    await theirs.press("take", "1")
    await one.asks()
    await one.joins(telephone)
    await one.joins(one.sid)
    standing = await one.standing()
    assert (await one.contact()).state == "talking"
    for late in (telephone, new_sid()):
        await ends.ringing(stage.store, leg_id, late, stage.later(1))
    await one.joins(telephone, key="late join")
    await theirs.press("take", "5")
    await keep(stage, yang)
    assert await one.standing() == standing


# --- 2


async def test_02_nobody_is_rung_for_a_caller_who_has_gone(stage: Stage):
    lin = await stage.hire("lin", ready=True)
    one = await Call.waits(stage)
    assert await stage.dispatch() == {one.contact_id: lin}
    rang = await stage.pending_offer(one.contact_id)
    async with follows(stage):
        await one.ends()
    assert f"offer:{rang}" not in (await stage.screen()).cards
    with pytest.raises(Refused):
        await offer.accept(stage.store, rang, lin, stage.now)
    assert await shown(stage, lin) == "ready", "a caller's leaving costs the counselor nothing"
    await duty.choose(stage.store, lin, Choice.NOT_READY, BREAK, stage.now)


async def test_02_a_telephone_stops_ringing_or_never_begins_when_the_caller_has_gone(stage: Stage):
    await stage.hire("yang", ready=True, device=Device.PHONE, telephone=a_number())
    for has_rung in (True, False):
        one = await Call.waits(stage)
        await stage.dispatch()
        leg_id = await stage.value(
            "select id from leg where contact_id = $1 and role = 'counselor'", one.contact_id
        )
        if has_rung:
            assert await order.ring(stage.store, leg_id, stage.now) is not None
            await ends.ringing(stage.store, leg_id, new_sid(), stage.now)
            await one.orders()
        await one.ends()
        if has_rung:
            assert await one.orders() == ["drop counselor"]
            assert await order.let_go(stage.store, leg_id, stage.now) is not None
        else:
            assert await order.ring(stage.store, leg_id, stage.now) is None, "never rung any more"
        stage.later(1)


# --- 3

Ending = Callable[[Stage, Call, UUID], Awaitable[None]]


async def caller_leaves_while_it_rings(stage: Stage, one: Call, lin: UUID) -> None:
    _ = lin
    await one.ends()


async def caller_leaves_while_they_are_brought_together(stage: Stage, one: Call, lin: UUID) -> None:
    await takes(stage, one.contact_id, lin)
    await one.ends()


async def caller_hangs_up(stage: Stage, one: Call, lin: UUID) -> None:
    await talk(stage, one, lin)
    await one.ends()
    await one.ends(one.counselor)
    await writes_up(stage, one.contact_id, lin)


async def counselor_hangs_up(stage: Stage, one: Call, lin: UUID) -> None:
    await talk(stage, one, lin)
    await session.hang_up(stage.store, one.contact_id, lin, stage.later(30))
    await writes_up(stage, one.contact_id, lin)


async def the_page_never_calls_in(stage: Stage, one: Call, lin: UUID) -> None:
    await takes(stage, one.contact_id, lin)
    stage.later(11)
    await keep(stage, lin)
    await one.ends()


async def the_page_dies_in_mid_talk(stage: Stage, one: Call, lin: UUID) -> None:
    await talk(stage, one, lin)
    stage.later(21)
    await keep(stage)
    await one.ends()
    await duty.beat(stage.store, [lin], stage.now)
    await duty.choose(stage.store, lin, Choice.READY, None, stage.now)


async def talk(stage: Stage, one: Call, lin: UUID) -> None:
    """The two come together."""
    await takes(stage, one.contact_id, lin)
    await one.calls_in(lin)
    await one.joins(one.counselor)
    await one.asks()
    await one.joins(one.sid)
    assert (await one.contact()).state == "talking"


@pytest.mark.parametrize(
    "ending",
    [
        caller_leaves_while_it_rings,
        caller_leaves_while_they_are_brought_together,
        caller_hangs_up,
        counselor_hangs_up,
        the_page_never_calls_in,
        the_page_dies_in_mid_talk,
    ],
)
async def test_03_no_counselor_and_no_caller_is_left_locked_after_the_end(stage: Stage, ending: Ending):
    lin = await stage.hire("lin", ready=True)
    one = await Call.waits(stage)
    assert await stage.dispatch() == {one.contact_id: lin}
    await ending(stage, one, lin)
    stage.later(REST + 1)
    await keep(stage, lin)
    held = await stage.value("select count(*) from contact where counselor_id = $1", lin)
    left = await stage.value("select count(*) from leg where contact_id = $1 and role = 'caller' "
                             "and state <> 'ended'", one.contact_id)  # fmt: skip
    assert (await one.contact()).is_ended
    assert (held, await shown(stage, lin)) == (0, "ready")
    assert left == (1 if ending is counselor_hangs_up else 0), "only a caller who still hears goodbye is up"
    other = await Call.waits(stage)
    assert await stage.dispatch() == {other.contact_id: lin}


# --- 4


async def probed(stage: Stage, staff_id: UUID) -> str:
    """The word on the card, after a caller came in: offered to whoever is shown as ready, and nobody else."""
    word = await shown(stage, staff_id)
    probe = await Call.waits(stage)
    was_offered = await stage.dispatch() == {probe.contact_id: staff_id}
    assert was_offered == (word == "ready"), word
    await probe.ends()
    return word


async def test_04_the_state_that_is_shown_is_the_state_that_is_routed_by(stage: Stage):
    lin = await stage.hire("lin")
    assert await probed(stage, lin) == "signed_out"
    stage.later(1)
    await stage.sign_in(lin)
    assert await probed(stage, lin) == "offline"
    await duty.choose(stage.store, lin, Choice.READY, None, stage.later(1))
    await duty.beat(stage.store, [lin], stage.later(1))
    assert await probed(stage, lin) == "ready"
    stage.later(11)
    await keep(stage)
    assert await probed(stage, lin) == "offline"
    await duty.beat(stage.store, [lin], stage.later(1))
    await duty.choose(stage.store, lin, Choice.NOT_READY, BREAK, stage.later(1))
    assert await probed(stage, lin) == "not_ready"


async def test_04_so_it_is_all_through_a_talk(stage: Stage):
    lin = await stage.hire("lin", ready=True)
    one = await Call.waits(stage)
    assert await stage.dispatch() == {one.contact_id: lin}
    assert await probed(stage, lin) == "reserved"
    await takes(stage, one.contact_id, lin)
    assert await probed(stage, lin) == "connecting"
    await one.calls_in(lin)
    await one.joins(one.counselor)
    await one.joins(one.sid)
    assert await probed(stage, lin) == "engaged"
    await one.ends()
    assert await probed(stage, lin) == "wrapping"
    await writes_up(stage, one.contact_id, lin)
    assert await probed(stage, lin) == "resting"
    stage.later(REST)
    await keep(stage, lin)
    assert await probed(stage, lin) == "ready"


# --- 5


async def test_05_who_waits_is_offered_again_after_every_chance_that_passed(stage: Stage):
    one = await Call.waits(stage)
    joined_at = (await one.contact()).joined_at
    assert await stage.dispatch() == {}, "nobody is there"
    lin = await stage.hire("lin", ready=True)
    assert await stage.dispatch() == {one.contact_id: lin}, "the first who comes is asked"
    stage.later(RING)
    await keep(stage, lin)
    mei = await stage.hire("mei", ready=True)
    assert await stage.dispatch() == {one.contact_id: mei}, "a missed offer goes on"
    await offer.decline(
        stage.store,
        stage.policies,
        await stage.pending_offer(one.contact_id),
        mei,
        reason=None,
        now=stage.now,
    )
    assert await stage.dispatch() == {}, "not at once to whom has just said no"
    await duty.choose(stage.store, lin, Choice.READY, None, stage.later(1))
    assert await stage.dispatch() == {one.contact_id: lin}, "who missed it may have it when back"
    await takes(stage, one.contact_id, lin)
    stage.later(11)
    await keep(stage, lin, mei)
    assert await stage.dispatch() == {one.contact_id: lin}, "who did not come is not thought to have refused"
    stage.later(RING)
    await keep(stage, lin, mei)
    stage.later(120)
    await keep(stage, lin, mei)
    assert await stage.dispatch() == {one.contact_id: mei}, "a no does not last for ever"
    assert (await one.contact()).joined_at == joined_at


# --- 6


async def test_06_there_are_never_two_takers(stage: Stage):
    lin, mei = await stage.hire("lin", ready=True), await stage.hire("mei", ready=True)
    one = await Call.waits(stage)
    rounds = await asyncio.gather(*(stage.dispatch() for _ in range(4)))
    made = {contact_id: staff_id for each in rounds for contact_id, staff_id in each.items()}
    assert sum(len(each) for each in rounds) == 1
    winner = made[one.contact_id]
    loser = mei if winner == lin else lin
    rang = await stage.pending_offer(one.contact_id)
    with pytest.raises(Refused):
        await offer.accept(stage.store, rang, loser, stage.now)
    takers = (winner, winner, loser, winner, loser)
    tries = await asyncio.gather(
        *(offer.accept(stage.store, rang, staff_id, stage.now) for staff_id in takers), return_exceptions=True
    )
    assert sum(not isinstance(each, BaseException) for each in tries) == 1
    assert all(isinstance(each, Refused) for each in tries if isinstance(each, BaseException))
    sessions = "select count(*) from session where contact_id = $1"
    assert await stage.value(sessions, one.contact_id) == 1
    assert (await one.contact()).counselor_id == winner
    pages = (new_sid(), new_sid())
    for staff_id, sid in ((loser, pages[0]), (winner, pages[1])):
        answer = await call.client(stage.store, sid, staff_id, rang, key=f"picked_up:{sid}", now=stage.now)
        assert (answer is not None) == (staff_id == winner)


async def test_06_an_offer_that_went_on_to_another_cannot_be_taken_by_the_first(stage: Stage):
    lin = await stage.hire("lin", ready=True)
    one = await Call.waits(stage)
    await stage.dispatch()
    first = await stage.pending_offer(one.contact_id)
    stage.later(RING)
    await keep(stage, lin)
    mei = await stage.hire("mei", ready=True)
    await stage.dispatch()
    second = await stage.pending_offer(one.contact_id)
    with pytest.raises(Refused):
        await offer.accept(stage.store, first, lin, stage.now)
    tries = await asyncio.gather(
        offer.accept(stage.store, first, lin, stage.now),
        offer.accept(stage.store, second, mei, stage.now),
        return_exceptions=True,
    )
    assert isinstance(tries[0], Refused)
    assert (await one.contact()).counselor_id == mei


# --- 9


async def test_09_with_nobody_on_duty_a_caller_hears_something_waits_and_is_seen(stage: Stage):
    one = await Call.rings(stage)
    assert isinstance(one.plan, Ask)
    plan = await one.press("menu", "")
    for seconds in (0, 25, 600, 3600):
        stage.later(seconds)
        assert await stage.dispatch() == {}
        assert isinstance(plan, Park), "never a bare ringing tone, never a bare hang-up"
        assert plan.prompt is not None
        plan = await one.asks()
    assert (await one.contact()).state == "waiting"
    board = await day(stage)
    assert {"nobody_on_duty", "nobody_to_acknowledge"} <= set(board["faults"])
    assert (board["waiting"], board["oldest_joined_at"]) == (1, "2026-11-20T04:00:00Z"), (
        "midnight forgets nobody"
    )
    await one.press("wait", "9")
    assert await stage.value("select state from escalation where contact_id = $1", one.contact_id) == "paged"
    stage.later(60 * 24)
    assert await escalation.climb_due(stage.store, stage.policies, stage.now, 100) == 1, (
        "it never falls silent"
    )
    lin = await stage.hire("lin", ready=True)
    assert await stage.dispatch() == {one.contact_id: lin}
