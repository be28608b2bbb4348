"""A caller who comes again has one plan of follow-ups, and what they wish counts for all of it."""

from datetime import timedelta
from uuid import UUID

import pytest

from hotline.base.sensitive import Sensitive
from hotline.domain.level import Level
from hotline.flow import followup_reading
from tests.flow.aftercare import NO, STEPS, agree, attempt, finish, in_talk, owed, planned
from tests.screen import follows
from tests.stage import Stage

KEY = b"r" * 32


async def again(stage: Stage, level: Level = Level.HIGH) -> tuple[UUID, UUID]:
    """The same caller comes again, and the contact ends: counselor and contact."""
    counselor, contact_id, session_id = await in_talk(stage, level, key=KEY)
    await finish(stage, counselor, contact_id, session_id)
    return counselor, contact_id


async def first_plan(stage: Stage) -> tuple[UUID, UUID]:
    """A grave contact of a known caller who has agreed: counselor and contact."""
    counselor, contact_id, session_id = await in_talk(stage, Level.HIGH, key=KEY)
    await agree(stage, contact_id, counselor)
    await finish(stage, counselor, contact_id, session_id)
    return counselor, contact_id


async def test_a_caller_with_two_grave_contacts_has_one_plan_that_goes_on(stage: Stage):
    counselor, first = await first_plan(stage)
    made = await owed(stage, first)
    stage.now = made[0].due_at
    await attempt(stage, stage.viewer(counselor), made[0].id, "reached")
    stage.later(2 * 86_400)
    async with follows(stage):
        other, second = await again(stage, Level.IMMINENT)
    assert [each.step for each in await owed(stage, second)] == ["d1", "h72"]
    assert [each.step for each in await owed(stage, first) if each.is_open] == ["d7", "d30", "d90", "d365"]
    assert {"followup.planned", "followup.continued"} <= set(await stage.kinds(second))
    shown = await followup_reading.of_contact(stage.store, second, other, stage.now)
    assert sorted(each.step for each in shown.follow_ups) == ["d1", "d30", "d365", "d7", "d90", "h72"]


async def test_on_a_day_on_which_the_caller_is_called_already_they_are_not_called_twice(stage: Stage):
    counselor, first = await first_plan(stage)
    made = await owed(stage, first)
    await attempt(stage, stage.viewer(counselor), made[0].id, "reached")
    stage.now = made[1].due_at - timedelta(days=1)
    _, second = await again(stage)
    assert await owed(stage, second) == [], "the call of the seventh day is that of the first"
    assert "followup.continued" in await stage.kinds(second)


async def test_a_plan_that_reaches_nobody_does_not_stand_for_a_new_one(stage: Stage):
    counselor, first = await first_plan(stage)
    for each in await owed(stage, first):
        await attempt(stage, stage.viewer(counselor), each.id, "wrong_number")
    stage.later(86_400)
    _, second = await again(stage)
    assert [each.step for each in await owed(stage, second)] == STEPS[Level.HIGH]


@pytest.mark.parametrize("by", ["wish", "refusal"])
async def test_who_wishes_no_more_calls_is_called_for_none_of_their_contacts(stage: Stage, by: str):
    _, first = await first_plan(stage)
    stage.later(3600)
    counselor, second = await again(stage, Level.IMMINENT)
    async with follows(stage, silently=by == "wish"):
        if by == "wish":
            await agree(stage, second, counselor, NO)
        else:
            [only] = await owed(stage, second)
            await attempt(stage, stage.viewer(counselor), only.id, "refused")
    assert not [each for each in (*await owed(stage, first), *await owed(stage, second)) if each.is_open]
    assert {each.result for each in await owed(stage, first)} == {"no_contact_agreed"}


async def test_another_callers_plan_is_nobody_elses(stage: Stage):
    _, first = await first_plan(stage)
    _, contact_id, made = await planned(stage)
    assert [each.step for each in made] == STEPS[Level.HIGH]
    assert contact_id != first


async def test_what_is_heard_in_a_follow_up_is_read_by_the_rules_too(stage: Stage):
    counselor, contact_id, made = await planned(stage, Level.MODERATE)
    stage.now = made[0].due_at
    async with follows(stage):
        await attempt(
            stage,
            stage.viewer(counselor),
            made[0].id,
            "reached",
            words=Sensitive("来电者刚刚割腕"),
        )
    assert (await stage.contact(contact_id)).level is Level.IMMINENT
    assert "escalation.declared" in await stage.kinds(contact_id)
