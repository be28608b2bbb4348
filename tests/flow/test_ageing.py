"""Ageing: whoever has waited long enough ranks with the next better band, all who are due at once."""

from hotline.base.sensitive import Sensitive
from hotline.domain.contact import Contact
from hotline.domain.level import Level
from hotline.domain.queue import band_of_rank
from hotline.flow import ageing, escalation
from hotline.flow.escalation import Judgement
from hotline.store import contact as store_contact
from tests.screen import follows
from tests.stage import Stage

MOST = 1000


async def bands(stage: Stage, *contacts: Contact) -> list[int]:
    return [band_of_rank((await stage.contact(each.id)).rank) for each in contacts]


async def a_step_of_ageing(stage: Stage) -> None:
    stage.later(stage.policies.queue.ageing_seconds + 1)


async def age(stage: Stage, most: int = MOST) -> int:
    return await ageing.sweep(stage.store, stage.policies, stage.now, most)


async def test_all_who_are_due_gain_a_band_together_and_nobody_else(stage: Stage):
    due = [await stage.chat() for _ in range(3)]
    await a_step_of_ageing(stage)
    fresh = await stage.chat()
    assert await age(stage, 0) == 0
    async with follows(stage):
        assert await age(stage) == len(due)
    assert await bands(stage, *due, fresh) == [2, 2, 2, 3]
    for each in due:
        after = await stage.contact(each.id)
        assert (after.joined_at, after.state) == (each.joined_at, "waiting")
        assert (await stage.kinds(each.id))[-1] == "contact.aged"
    assert await age(stage) == 0, "nobody is due twice"


async def test_no_more_age_at_once_than_allowed_and_the_rest_come_next(stage: Stage):
    due = [await stage.chat() for _ in range(3)]
    await a_step_of_ageing(stage)
    assert [await age(stage, 2) for _ in range(3)] == [2, 1, 0]
    assert await bands(stage, *due) == [2, 2, 2]


async def test_one_whom_a_step_holds_ages_later_and_keeps_nobody_waiting(stage: Stage):
    held, other = await stage.chat(), await stage.chat()
    await a_step_of_ageing(stage)
    async with stage.store.unit() as step:
        await store_contact.lock_journey(step, held.id)
        await age(stage)
        assert await bands(stage, held, other) == [3, 2]
    await age(stage)
    assert await bands(stage, held, other) == [2, 2]


async def test_a_grave_one_ages_with_its_escalation_beside_it(stage: Stage):
    counselor = await stage.hire("lin")
    plain, grave = await stage.chat(), await stage.chat()
    raised = Judgement(level=Level.HIGH, basis=Sensitive("独居"))
    await escalation.set_level(stage.store, stage.policies, grave.id, counselor, raised, stage.now)
    assert await bands(stage, plain, grave) == [3, 1]
    await a_step_of_ageing(stage)
    async with follows(stage):
        assert await age(stage) == 2
    assert await bands(stage, plain, grave) == [2, 0]


async def test_one_whose_row_cannot_be_read_keeps_no_other_from_ageing(stage: Stage):
    broken, other = await stage.chat(), await stage.chat()
    await stage.value("update contact set number = '\\x00' where id = $1", broken.id)
    await a_step_of_ageing(stage)
    await age(stage)
    await stage.value("update contact set number = null where id = $1", broken.id)
    assert await bands(stage, broken, other) == [3, 2]
