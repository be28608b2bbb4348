"""The hand-over of a shift: what is open, given by one by name and taken by another."""

import pytest

from hotline.base.errors import Refused
from hotline.base.sensitive import Sensitive
from hotline.domain.level import Level
from hotline.domain.staff import Role
from hotline.flow import shift
from tests.flow.aftercare import in_talk, planned
from tests.stage import Stage
from tests.still import unchanged


async def test_a_sheet_holds_grave_contacts_alarms_due_calls_and_tasks_in_codes(stage: Stage):
    await in_talk(stage, Level.LOW)
    counselor, grave, _ = await in_talk(stage, Level.IMMINENT)
    _, followed, made = await planned(stage, Level.HIGH)
    stage.now = made[0].due_at
    drawn = await shift.draw_up(stage.store, stage.viewer(counselor), stage.now)
    ids = {kind: {str(item["contact_id"]) for item in items} for kind, items in drawn.sheet.items()}
    assert ids["contacts"] == {str(grave)}
    assert ids["escalations"] == {str(grave), str(followed)}
    assert ids["follow_ups"] == {str(followed)}
    assert drawn.names[counselor].startswith("Lin")
    assert {"staff_id", "level", "state"} <= drawn.sheet["contacts"][0].keys()


async def test_a_shift_is_given_by_one_and_taken_by_another_by_name(stage: Stage):
    giver = stage.viewer(await stage.hire("boss", Role.SUPERVISOR), Role.SUPERVISOR)
    taker, third = (
        stage.viewer(await stage.hire("mei")),
        stage.viewer(await stage.hire("wu")),
    )
    words = Sensitive("夜里请多看一眼")
    given = await shift.give(stage.store, giver, words, stage.now, key="k")
    assert given is not None
    async with unchanged(stage):
        assert await shift.give(stage.store, giver, words, stage.now, key="k") is None
        with pytest.raises(Refused) as refused:
            await shift.take(stage.store, giver, given, stage.now)
    assert refused.value.code == "handover.own"
    await shift.take(stage.store, taker, given, stage.later(60))
    async with unchanged(stage):
        await shift.take(stage.store, taker, given, stage.later(60))
        with pytest.raises(Refused) as refused:
            await shift.take(stage.store, third, given, stage.now)
    assert refused.value.code == "handover.taken"
    [shown] = (await shift.draw_up(stage.store, taker, stage.now)).latest
    assert (shown.taken_by, shown.words) == (taker.staff_id, words)
    raw = await stage.value("select words from handover where id = $1", given)
    assert words.reveal().encode() not in raw
