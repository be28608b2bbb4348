"""Whoever hung up while waiting is called back: in the order of danger, in decent hours, and not for ever."""

import tomllib
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from hotline.base import ids
from hotline.base.errors import Absent, Broken, Refused
from hotline.base.places import config_dir
from hotline.base.sensitive import Sensitive
from hotline.domain.access import Viewer
from hotline.domain.contact import Contact
from hotline.domain.level import Level
from hotline.domain.outreach import RESULTS
from hotline.flow import outreach
from hotline.flow.outreach import Reported
from hotline.policy import afterwards
from tests.flow.aftercare import hung_up
from tests.screen import follows
from tests.stage import Stage
from tests.still import unchanged

AT_NIGHT = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
"""Half past eleven at night in Shanghai."""


async def caller_back(stage: Stage) -> Viewer:
    return stage.viewer(await stage.hire("mei"))


async def listed(stage: Stage, viewer: Viewer) -> list[UUID]:
    found = await outreach.listed(stage.store, stage.policies, viewer, stage.now)
    return [each.waiting.contact.id for each in found]


async def begin(stage: Stage, viewer: Viewer, contact: Contact) -> outreach.Begun:
    return await outreach.begin(stage.store, stage.policies, viewer, contact.id, stage.now)


async def report(stage: Stage, viewer: Viewer, call_id: UUID, result: str) -> None:
    said = Reported(result=result)
    await outreach.report(stage.store, stage.policies, viewer, call_id, said, stage.now)


async def test_the_gravest_come_first_then_the_young_then_those_tried_least(stage: Stage):
    viewer = await caller_back(stage)
    plain = await hung_up(stage, 1)
    tried = await hung_up(stage, 2)
    young = await hung_up(stage, 3, age_band="14-17")
    grave = await hung_up(stage, 4, level=Level.HIGH)
    pressed = await hung_up(stage, 5, crisis_key=True)
    stage.later(60)
    await report(stage, viewer, (await begin(stage, viewer, tried)).call_id, "no_answer")
    assert await listed(stage, viewer) == [each.id for each in (pressed, grave, young, plain, tried)]


async def test_whoever_has_come_back_since_is_taken_off_and_not_called(stage: Stage):
    viewer = await caller_back(stage)
    first = await hung_up(stage, 1)
    assert await listed(stage, viewer) == [first.id]
    second = await hung_up(stage, 1)
    assert await listed(stage, viewer) == [second.id]
    async with unchanged(stage):
        with pytest.raises(Refused) as refused:
            await begin(stage, viewer, first)
    assert refused.value.code == "outreach.reached_us"


async def test_without_a_number_nobody_is_called(stage: Stage):
    viewer = await caller_back(stage)
    left = await hung_up(stage, 1)
    await stage.value("update contact set number = null, number_quality = 'withheld' where id = $1", left.id)
    assert await listed(stage, viewer) == []
    async with unchanged(stage):
        with pytest.raises(Refused) as refused:
            await begin(stage, viewer, left)
    assert refused.value.code == "outreach.over"


async def test_the_number_is_shown_by_beginning_a_call_which_counts_as_a_try(stage: Stage):
    viewer = await caller_back(stage)
    left = await hung_up(stage, 1)
    async with follows(stage, silently=True):
        begun = await begin(stage, viewer, left)
    assert begun.number == Sensitive("+8613900000001")
    assert (await stage.kinds(left.id))[-1] == "outreach.begun"
    async with unchanged(stage):
        assert (await begin(stage, viewer, left)).call_id == begun.call_id
    other = await caller_back(stage)
    async with unchanged(stage):
        with pytest.raises(Refused) as refused:
            await begin(stage, other, left)
    assert refused.value.code == "outreach.taken"


async def test_a_call_that_nobody_reported_counts_and_stands_in_nobodys_way(stage: Stage):
    viewer, left = await caller_back(stage), await hung_up(stage, 1)
    await begin(stage, viewer, left)
    stage.later(4 * 3600)
    await begin(stage, await caller_back(stage), left)
    states = await stage.value(
        "select array_agg(state order by begun_at) from outreach_call where contact_id = $1", left.id
    )
    assert states == ["unreported", "begun"]


async def test_between_two_tries_is_a_pause_and_after_the_last_a_supervisor_decides(stage: Stage):
    viewer = await caller_back(stage)
    left = await hung_up(stage, 1, level=Level.HIGH)
    stage.now = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)  # nine in the morning
    await stage.value("update contact set ended_at = $2 where id = $1", left.id, stage.now)
    for _ in range(3):
        await report(stage, viewer, (await begin(stage, viewer, left)).call_id, "no_answer")
        stage.later(3600)
        async with unchanged(stage):
            with pytest.raises(Refused):
                await begin(stage, viewer, left)
        stage.later(2 * 3600)
    assert await listed(stage, viewer) == []
    async with unchanged(stage):
        with pytest.raises(Refused) as refused:
            await begin(stage, viewer, left)
    assert refused.value.code == "outreach.tries"
    assert await stage.value("select kind from task where about_id = $1", left.id) == "outreach"


@pytest.mark.parametrize(
    ("level", "is_called"), [(Level.NONE_FOUND, False), (Level.HIGH, False), (Level.IMMINENT, True)]
)
async def test_at_night_only_whoever_left_in_imminent_danger_is_called(
    stage: Stage, level: Level, is_called: bool
):
    viewer = await caller_back(stage)
    stage.now = AT_NIGHT
    left = await hung_up(stage, 1, level=level)
    [found] = await outreach.listed(stage.store, stage.policies, viewer, stage.now)
    if is_called:
        assert found.callable_from == stage.now
        await begin(stage, viewer, left)
        return
    assert found.callable_from == datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
    async with unchanged(stage):
        with pytest.raises(Refused) as refused:
            await begin(stage, viewer, left)
    assert refused.value.code == "outreach.too_early"


@pytest.mark.parametrize("result", sorted(RESULTS))
async def test_a_report_is_kept_once_and_takes_off_the_list_whoever_need_not_be_called(
    stage: Stage, result: str
):
    viewer, left = await caller_back(stage), await hung_up(stage, 1)
    begun = await begin(stage, viewer, left)
    await report(stage, viewer, begun.call_id, result)
    async with unchanged(stage):
        await report(stage, viewer, begun.call_id, result)
    async with unchanged(stage):
        with pytest.raises(Refused):
            await report(stage, viewer, begun.call_id, "reached" if result != "reached" else "refused")
    assert (await listed(stage, viewer) == []) == (result not in {"no_answer", "voicemail"})


async def test_nobody_reports_for_another_or_calls_for_another_centre(stage: Stage):
    viewer, left = await caller_back(stage), await hung_up(stage, 1)
    begun = await begin(stage, viewer, left)
    stranger = Viewer(
        staff_id=viewer.staff_id,
        centre_id=ids.new_id(),
        roles=viewer.roles,
        permissions=viewer.permissions,
        reach=frozenset(),
    )
    async with unchanged(stage):
        with pytest.raises(Absent):
            await report(stage, await caller_back_unseen(stage), begun.call_id, "reached")
        with pytest.raises(Absent):
            await begin(stage, stranger, left)


async def caller_back_unseen(stage: Stage) -> Viewer:
    return stage.viewer(ids.new_id())


async def test_a_caller_who_left_long_ago_is_not_called(stage: Stage):
    viewer = await caller_back(stage)
    await hung_up(stage, 1)
    stage.now += timedelta(hours=73)
    assert await listed(stage, viewer) == []


@pytest.mark.parametrize("word", ["心理援助热线回电", "This is the crisis line", "12356 给您回电"])
def test_no_word_on_a_machine_may_betray_the_service(word: str):
    raw = tomllib.loads((config_dir() / "afterwards.toml").read_text())
    language = "voicemail_en" if word.isascii() else "voicemail_zh"
    raw["outreach"] = {**raw["outreach"], language: word}
    with pytest.raises(Broken) as broken:
        afterwards.read(raw, {})
    assert "betrays the service" in broken.value.sentence


def test_a_recovery_is_never_set_under_ten_minutes():
    raw = tomllib.loads((config_dir() / "afterwards.toml").read_text())
    raw["recovery"] = {**raw["recovery"], "minutes": 9}
    with pytest.raises(Broken):
        afterwards.read(raw, {})
