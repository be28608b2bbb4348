"""Bug classes of other call centres, about order and rest: starved by priority, rested by a counter."""

from uuid import UUID

from hotline.domain.presence import Choice
from hotline.flow import ageing, duty, intake, session
from tests.bug_classes.test_calls import REST, keep, shown, takes, writes_up
from tests.stage import Stage

EVERY_SECONDS = 60
BOUND_SECONDS = 3 * 900
"""So long after joining, nobody who comes later goes before: three bands, a quarter of an hour each."""


async def test_07_no_flood_of_graver_callers_starves_an_ordinary_one(stage: Stage):
    ordinary = await stage.chat()
    joined_at = ordinary.joined_at
    assert joined_at is not None
    waiting: list[UUID] = []
    for _ in range(BOUND_SECONDS // EVERY_SECONDS + 2):
        stage.later(EVERY_SECONDS)
        waiting += [(await stage.chat(safe_now="no")).id for _ in range(2)]
        for contact_id in (ordinary.id, *waiting):
            await intake.seen(stage.store, [contact_id], stage.now)
        await ageing.sweep(stage.store, stage.policies, stage.now, 1000)
        free = await stage.hire("lin", ready=True)
        (contact_id,) = await stage.dispatch()
        await takes(stage, contact_id, free)
        if contact_id == ordinary.id:
            break
        waiting.remove(contact_id)
    waited = (stage.now - joined_at).total_seconds()
    assert (await stage.contact(ordinary.id)).state == "talking"
    assert waiting, "there was a graver one all the time"
    assert waited <= BOUND_SECONDS + 2 * EVERY_SECONDS


async def test_08_wrap_up_is_not_forgotten_when_something_else_begins_anew(stage: Stage):
    lin = await stage.hire("lin", ready=True, chat_capacity=2)
    contacts = [await stage.chat() for _ in range(2)]
    for contact in contacts:
        assert await stage.dispatch() == {contact.id: lin}
        await takes(stage, contact.id, lin)
    earlier, later = (contact.id for contact in contacts)
    await session.hang_up(stage.store, earlier, lin, stage.later(10))
    await session.hang_up(stage.store, later, lin, stage.later(60))
    over_at = stage.now
    await writes_up(stage, later, lin)
    await writes_up(stage, earlier, lin)
    await stage.chat()

    async def still_rests() -> None:
        assert await shown(stage, lin) == "resting"
        assert await stage.dispatch() == {}

    await still_rests()
    await duty.choose(stage.store, lin, Choice.NOT_READY, "break", stage.later(5))
    await duty.choose(stage.store, lin, Choice.READY, None, stage.later(5))
    await still_rests()
    await duty.choose(stage.store, lin, Choice.SIGNED_OUT, None, stage.later(5))
    await stage.ready(lin)
    await still_rests()
    stage.later(11)
    await keep(stage)
    await duty.beat(stage.store, [lin], stage.later(1))
    await still_rests()
    stage.later((over_at - stage.now).total_seconds() + REST - 1)
    await keep(stage, lin)
    await still_rests()
    stage.later(1)
    await keep(stage, lin)
    assert len(await stage.dispatch()) == 1, "and then it is over"
