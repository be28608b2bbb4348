"""Safety plans: every save a version, and the next counselor of the same caller reads the last."""

import pytest

from hotline.base.errors import Refused
from hotline.domain import safety_plan as plans
from hotline.domain.level import Level
from hotline.domain.safety_plan import Draft, Parts
from hotline.flow import safety_plan
from tests.flow.aftercare import DRAFT, finish, in_talk
from tests.stage import Stage
from tests.still import unchanged


async def test_the_next_counselor_of_the_same_caller_reads_the_last_plan(stage: Stage):
    counselor, contact_id, session_id = await in_talk(stage, Level.HIGH, key=b"k" * 32)
    assert await safety_plan.save(stage.store, stage.policies, contact_id, counselor, DRAFT, stage.now) == 1
    await finish(stage, counselor, contact_id, session_id)
    stage.later(86_400)
    other, again, _ = await in_talk(stage, Level.LOW, key=b"k" * 32)
    shown = await safety_plan.last(stage.store, again, other, stage.now)
    assert shown is not None
    assert (shown.plan.version, shown.plan.contact_id) == (1, contact_id)
    assert plans.items(shown.plan.parts.people) == ("姐姐", "老师 王")
    assert plans.items(shown.plan.parts.warning_signs) == ("整夜睡不着",)
    assert (await stage.kinds(again))[-1] == "record.read"


async def test_every_save_is_a_new_version_and_the_old_ones_stay(stage: Stage):
    counselor, contact_id, _ = await in_talk(stage, Level.HIGH)
    await safety_plan.save(stage.store, stage.policies, contact_id, counselor, DRAFT, stage.now)
    async with unchanged(stage):
        await safety_plan.save(stage.store, stage.policies, contact_id, counselor, DRAFT, stage.now)
    newer = Draft(parts=Parts(own_coping=plans.listed(["散步"])), is_made_with_caller=False, based_on=1)
    assert await safety_plan.save(stage.store, stage.policies, contact_id, counselor, newer, stage.now) == 2
    async with unchanged(stage):
        with pytest.raises(Refused) as refused:
            await safety_plan.save(stage.store, stage.policies, contact_id, counselor, DRAFT, stage.now)
    assert refused.value.code == "safety_plan.moved"
    assert await stage.value("select count(*) from safety_plan where contact_id = $1", contact_id) == 2


async def test_an_empty_plan_is_not_saved(stage: Stage):
    counselor, contact_id, _ = await in_talk(stage, Level.HIGH)
    empty = Draft(parts=Parts(), is_made_with_caller=True, based_on=0)
    async with unchanged(stage):
        with pytest.raises(Refused):
            await safety_plan.save(stage.store, stage.policies, contact_id, counselor, empty, stage.now)


async def test_a_caller_without_a_number_has_a_plan_of_this_contact_only(stage: Stage):
    counselor, contact_id, _ = await in_talk(stage, Level.HIGH)
    await safety_plan.save(stage.store, stage.policies, contact_id, counselor, DRAFT, stage.now)
    other, another, _ = await in_talk(stage, Level.HIGH)
    assert await safety_plan.last(stage.store, another, other, stage.now) is None


async def test_the_words_of_a_plan_are_under_seal(stage: Stage):
    counselor, contact_id, _ = await in_talk(stage, Level.HIGH)
    await safety_plan.save(stage.store, stage.policies, contact_id, counselor, DRAFT, stage.now)
    raw = await stage.value("select people from safety_plan where contact_id = $1", contact_id)
    assert "姐姐".encode() not in raw
