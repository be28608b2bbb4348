"""Pages by telephone call: who is rung up, what their key does, and what nobody's silence holds up."""

import asyncio
from uuid import UUID

import pytest

from hotline.base import ids
from hotline.base.errors import Absent
from hotline.base.sensitive import Sensitive
from hotline.domain.leg import Ask, Bye
from hotline.domain.level import Level
from hotline.domain.staff import Role
from hotline.flow import coverage, handover, page_call
from hotline.flow.page_call import Pressed
from tests.flow.alarms import acknowledge, climb, declare, hand, pages, read
from tests.screen import follows
from tests.stage import Stage
from tests.still import unchanged

WAIT_SECONDS = 8
FIRST, SECOND = Sensitive("+8613800001111"), Sensitive("+8613800002222")


async def on_call(stage: Stage) -> tuple[UUID, UUID, UUID]:
    """An imminent escalation, and two responders with telephones and no console open."""
    counselor = await stage.hire("lin", ready=True)
    wu = await stage.hire("wu", Role.RESPONDER, telephone=FIRST)
    qian = await stage.hire("qian", Role.RESPONDER, telephone=SECOND)
    return await declare(stage, await stage.chat(), counselor, Level.IMMINENT), wu, qian


async def call_to(stage: Stage, raised: UUID, who: UUID) -> UUID:
    """The latest page by call to somebody."""
    found = await stage.value(
        """select id from page where escalation_id = $1 and staff_id = $2 and channel = 'voice'
           order by made_at desc, id desc limit 1""",
        raised,
        who,
    )
    assert found is not None
    return UUID(str(found))


async def presses(stage: Stage, page_id: UUID, digits: str, step: str = "take") -> str:
    """Somebody presses a key; the phrase that they hear next."""
    pressed = Pressed(step=step, digits=digits, wait_seconds=WAIT_SECONDS)
    return _phrase(await page_call.press(stage.store, stage.policies, page_id, pressed, stage.now))


async def picks_up(stage: Stage, page_id: UUID) -> str:
    """Somebody picks up, or a mailbox; the phrase that is heard."""
    sid = f"CA{page_id.hex}"
    return _phrase(await page_call.picked_up(stage.store, page_id, sid, WAIT_SECONDS, stage.now))


def _phrase(plan: Ask | Bye) -> str:
    assert isinstance(plan, Bye) or plan.wait_seconds == WAIT_SECONDS
    return plan.prompt.key


async def told(stage: Stage, raised: UUID) -> list[str]:
    """What the journal tells of the calls of an escalation."""
    async with stage.store.connection() as connection:
        rows = await connection.fetch(
            """select kind from journal where escalation_id = $1 and kind like 'page.%'
               and kind not in ('page.sent', 'page.failed') order by seq""",
            raised,
        )
    return [row["kind"] for row in rows]


async def answer(stage: Stage, page_id: UUID) -> str | None:
    found: str | None = await stage.value("select answer from page where id = $1", page_id)
    return found


async def test_somebody_with_no_console_open_takes_it_by_pressing_1(stage: Stage):
    raised, wu, qian = await on_call(stage)
    mine, other = await call_to(stage, raised, wu), await call_to(stage, raised, qian)
    stage.later(10)
    assert await picks_up(stage, mine) == "page_hello"
    assert await presses(stage, mine, "5", "hello") == "page_call_imminent"
    async with follows(stage):
        assert await presses(stage, mine, "1") == "page_taken"
    taken = await read(stage, raised)
    assert (taken.state, taken.owner_id, taken.acknowledged_at) == ("acknowledged", wu, stage.now)
    assert await told(stage, raised) == ["page.taken"]
    assert await stage.value("select state || call_sid from page where id = $1", mine) == f"sentCA{mine.hex}"
    stage.later(3)
    async with unchanged(stage):
        assert await presses(stage, mine, "1") == "page_taken", "the network asks again"
        assert await presses(stage, mine, "2") == "page_taken", "the first answer counts"
    assert await presses(stage, other, "1") == "page_late"
    assert (await read(stage, raised)).owner_id == wu
    assert await answer(stage, other) == "late"


async def test_of_two_who_press_1_at_once_one_has_it_and_the_other_hears_so(stage: Stage):
    raised, wu, qian = await on_call(stage)
    calls = [await call_to(stage, raised, who) for who in (wu, qian)]
    heard = await asyncio.gather(*(presses(stage, each, "1") for each in calls))
    assert sorted(heard) == ["page_late", "page_taken"]
    winner = (wu, qian)[heard.index("page_taken")]
    assert (await read(stage, raised)).owner_id == winner


async def test_a_call_that_comes_too_late_says_that_there_is_nothing_to_do(stage: Stage):
    raised, wu, qian = await on_call(stage)
    await acknowledge(stage, raised, qian, stage.later(5))
    mine = await call_to(stage, raised, wu)
    assert await picks_up(stage, mine) == "page_over"
    assert await presses(stage, mine, "5", "hello") == "page_late"


async def test_a_mailbox_hears_nothing_and_changes_nothing(stage: Stage):
    raised, wu, _ = await on_call(stage)
    mine, before = await call_to(stage, raised, wu), await read(stage, raised)
    assert await picks_up(stage, mine) == "page_hello"
    async with follows(stage, silently=True):
        assert await presses(stage, mine, "", "hello") == "page_look"
    assert await answer(stage, mine) == "silent"
    assert await read(stage, raised) == before
    async with unchanged(stage):
        await page_call.over(stage.store, mine, f"CA{mine.hex}", "completed", stage.now)


async def test_one_no_leaves_the_others_their_time_and_a_no_from_all_calls_the_next_at_once(stage: Stage):
    raised, wu, qian = await on_call(stage)
    due = (await read(stage, raised)).next_rung_at
    stage.later(10)
    assert await presses(stage, await call_to(stage, raised, wu), "2") == "page_declined"
    assert (await read(stage, raised)).next_rung_at == due
    async with follows(stage):
        assert await presses(stage, await call_to(stage, raised, qian), "2") == "page_declined"
    assert (await read(stage, raised)).next_rung_at == stage.now
    await climb(stage)
    assert (await read(stage, raised)).rung == 1
    assert await told(stage, raised) == ["page.declined", "page.declined"]


async def test_a_no_to_a_rung_that_has_passed_hurries_nobody(stage: Stage):
    raised, wu, qian = await on_call(stage)
    early = [await call_to(stage, raised, who) for who in (wu, qian)]
    stage.later(60)
    await climb(stage)
    due = (await read(stage, raised)).next_rung_at
    for each in early:
        await presses(stage, each, "2")
    assert (await read(stage, raised)).next_rung_at == due


@pytest.mark.parametrize("cause", ["busy", "no-answer", "failed", "canceled"])
async def test_a_call_that_reaches_nobody_is_a_failed_page_and_the_ladder_goes_on_in_time(
    stage: Stage, cause: str
):
    raised, wu, _ = await on_call(stage)
    mine, sid = await call_to(stage, raised, wu), "CA1"
    await page_call.ringing(stage.store, mine, sid, stage.now)
    await page_call.over(stage.store, mine, sid, cause, stage.later(25))
    await page_call.ringing(stage.store, mine, sid, stage.now)
    assert (0, wu, "voice", "failed") in await pages(stage, raised)
    stage.later(35)
    await climb(stage)
    assert (await read(stage, raised)).rung == 1


async def test_whoever_has_a_console_open_is_rung_up_only_when_nobody_has_come(stage: Stage):
    counselor = await stage.hire("lin", ready=True)
    wu = await stage.hire("wu", Role.RESPONDER, telephone=FIRST, ready=True)
    raised = await declare(stage, await stage.chat(), counselor, Level.IMMINENT)
    for _ in range(4):
        stage.later(60)
        await climb(stage)
    rung_up = [
        rung for rung, who, channel, _ in await pages(stage, raised) if (who, channel) == (wu, "voice")
    ]
    assert rung_up == [4]


async def test_whoever_may_not_respond_any_more_takes_nothing_by_telephone(stage: Stage):
    raised, wu, _ = await on_call(stage)
    mine = await call_to(stage, raised, wu)
    async with stage.store.unit() as unit:
        await unit.connection.execute("update staff set is_active = false where id = $1", wu)
    assert await presses(stage, mine, "1") == "page_late"
    assert (await read(stage, raised)).owner_id is None


@pytest.mark.parametrize(("key", "is_accepted"), [("1", True), ("2", False)])
async def test_a_hand_over_is_accepted_or_declined_by_a_key(stage: Stage, key: str, is_accepted: bool):
    raised, wu, qian = await on_call(stage)
    await acknowledge(stage, raised, wu, stage.later(5))
    await handover.offer(stage.store, stage.policies, raised, hand(stage, wu), qian, stage.later(5))
    mine = await call_to(stage, raised, qian)
    assert await presses(stage, mine, "7", "hello") == "page_call_handover"
    async with follows(stage):
        await presses(stage, mine, key)
    held = await read(stage, raised)
    assert (held.owner_id, held.offered_to) == (qian if is_accepted else wu, None)


async def test_who_is_called_because_nobody_is_on_duty_says_whether_they_come(stage: Stage):
    await stage.hire("lin", ready=True)
    wu = await stage.hire("wu", Role.RESPONDER, telephone=FIRST)
    await coverage.sweep(stage.store, stage.policies, stage.now)
    await coverage.sweep(stage.store, stage.policies, stage.later(60))
    mine = UUID(
        str(
            await stage.value(
                "select id from page where staff_id = $1 and channel = 'voice' and purpose = 'cover'", wu
            )
        )
    )
    assert await picks_up(stage, mine) == "page_hello"
    assert await presses(stage, mine, "1", "hello") == "page_call_cover"
    assert await presses(stage, mine, "1") == "page_heard"
    assert await answer(stage, mine) == "heard"


async def test_a_call_about_no_page_is_about_nothing(stage: Stage):
    with pytest.raises(Absent):
        await picks_up(stage, ids.new_id())
    with pytest.raises(Absent):
        await presses(stage, ids.new_id(), "1")
