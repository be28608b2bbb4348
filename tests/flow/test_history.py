"""A caller who comes again the next day is known by the blind index of the number, with the last plan."""

from uuid import UUID

import pytest

from hotline.base.errors import Forbidden
from hotline.base.sensitive import Sensitive
from hotline.domain import safety_plan as plans
from hotline.domain.level import Level
from hotline.domain.record import Change
from hotline.domain.session import Record
from hotline.domain.staff import Role
from hotline.flow import followup, history, record, safety_plan, session
from hotline.flow.history import Known
from hotline.flow.session import Screened
from hotline.store import earlier as store_earlier
from hotline.store.earlier import earlier_of
from tests.flow.aftercare import DRAFT, agree, attempt, finish, in_talk, owed
from tests.stage import Stage
from tests.still import unchanged

KEY = b"the blind index of one number..."
WORDS = Record(disposition="counselling", result="calmer", judgment=Sensitive("与姐姐同住"))


async def called_yesterday(stage: Stage) -> UUID:
    """A caller at high made a plan, agreed to be called, and was written up."""
    counselor, contact_id, session_id = await in_talk(stage, Level.HIGH, key=KEY)
    await safety_plan.save(stage.store, stage.policies, contact_id, counselor, DRAFT, stage.now)
    await agree(stage, contact_id, counselor)
    await session.write(stage.store, stage.policies, session_id, counselor, WORDS, stage.now)
    await session.hang_up(stage.store, contact_id, counselor, stage.later(600))
    await session.screen(
        stage.store, stage.policies, session_id, counselor, Screened(result="asked_positive"), stage.now
    )
    await session.close(stage.store, stage.policies, session_id, counselor, stage.now)
    return contact_id


async def look(stage: Stage, staff_id: UUID, contact_id: UUID, role: Role = Role.COUNSELOR) -> Known:
    return await history.open_history(stage.store, stage.viewer(staff_id, role), contact_id, stage.now)


async def test_who_comes_again_the_next_day_is_found_with_plan_record_and_calls_that_are_owed(stage: Stage):
    yesterday = await called_yesterday(stage)
    stage.later(86_400)
    other, today, _ = await in_talk(stage, Level.LOW, key=KEY)
    known = await look(stage, other, today)
    assert [(each.contact_id, each.level, each.disposition) for each in known.earlier] == [
        (yesterday, Level.HIGH, "counselling")
    ]
    assert known.plan is not None
    assert plans.items(known.plan.parts.people) == ("姐姐", "老师 王")
    assert known.record is not None
    assert known.record.record.judgment == Sensitive("与姐姐同住")
    assert [each.step for each in known.follow_ups] == ["d1", "d7", "d30", "d90", "d365"]
    assert (await stage.kinds(today))[-1] == "record.read"
    assert (await stage.kinds(yesterday))[-1] == "record.read"


async def test_the_last_record_is_read_as_it_was_put_right(stage: Stage):
    yesterday = await called_yesterday(stage)
    session_id = await stage.value("select id from session where contact_id = $1", yesterday)
    by = await stage.value("select staff_id from session where id = $1", session_id)
    change = Change(field="judgment", text=Sensitive("独居，家中有药"), reason=Sensitive("写错"))
    await record.amend(stage.store, stage.policies, session_id, by, change, stage.later(60))
    other, today, _ = await in_talk(stage, Level.LOW, key=KEY)
    known = await look(stage, other, today)
    assert known.record is not None
    assert known.record.record.judgment == Sensitive("独居，家中有药")


async def test_an_earlier_contact_is_as_grave_as_whoever_it_was_about(stage: Stage):
    yesterday = await called_yesterday(stage)
    await stage.value("update contact set level = 'low', subject_level = 'imminent' where id = $1", yesterday)
    other, today, _ = await in_talk(stage, Level.LOW, key=KEY)
    assert [each.level for each in (await look(stage, other, today)).earlier] == [Level.IMMINENT]
    async with stage.store.connection() as connection:
        shown = await store_earlier.history_of(connection, await stage.contact(today))
        found = await earlier_of(connection, KEY, stage.centre.id, stage.now, 60)
    assert (shown.recent_high, found.recent_high) == (True, True)


async def test_what_a_follow_up_found_counts_from_its_own_day(stage: Stage):
    contact_id = await called_yesterday(stage)
    stage.later(91 * 86_400)
    owed_now = (await owed(stage, contact_id))[3]
    caller = await stage.hire("mei", ready=True)
    await followup.take(stage.store, stage.viewer(caller), owed_now.id, stage.now)
    async with stage.store.connection() as connection:
        before = await earlier_of(connection, KEY, stage.centre.id, stage.now, 60)
        await attempt(stage, stage.viewer(caller), owed_now.id, "reached", acts_since="attempt")
        stage.later(86_400)
        after = await earlier_of(connection, KEY, stage.centre.id, stage.now, 60)
    assert (before.recent_high, before.recent_attempt) == (False, False)
    assert (after.recent_high, after.recent_attempt) == (True, True)


async def test_a_caller_without_a_number_has_no_history(stage: Stage):
    counselor, contact_id, _ = await in_talk(stage, Level.LOW)
    async with unchanged(stage):
        assert await look(stage, counselor, contact_id) == Known(names={})


async def test_a_number_that_only_looks_alike_is_another_caller(stage: Stage):
    await called_yesterday(stage)
    other, today, _ = await in_talk(stage, Level.LOW, key=KEY[:-1] + b"!")
    known = await look(stage, other, today)
    assert (known.earlier, known.plan, known.record, known.follow_ups) == ((), None, None, ())


async def test_a_counselor_looks_into_the_past_during_the_talk_and_not_afterwards(stage: Stage):
    await called_yesterday(stage)
    counselor, today, session_id = await in_talk(stage, Level.LOW, key=KEY)
    await finish(stage, counselor, today, session_id)
    async with unchanged(stage):
        with pytest.raises(Forbidden) as forbidden:
            await look(stage, counselor, today)
    assert forbidden.value.code == "history.closed"
    boss = await stage.hire("boss", Role.SUPERVISOR)
    assert (await look(stage, boss, today, Role.SUPERVISOR)).plan is not None
