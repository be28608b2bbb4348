"""Calls that are owed after a grave contact: agreed to, tried, climbed, ended."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from hotline.base.errors import Absent, Forbidden, Refused
from hotline.base.sensitive import Sensitive
from hotline.domain.access import Viewer
from hotline.domain.custody import Hand
from hotline.domain.followup import ATTEMPTS
from hotline.domain.level import Level
from hotline.domain.staff import Role
from hotline.flow import escalation, followup, followup_reading
from hotline.flow.escalation import Judgement, Said
from hotline.flow.followup import More, Wish
from tests.flow.aftercare import (
    NO,
    SHANGHAI,
    STEPS,
    YES,
    agree,
    attempt,
    finish,
    in_talk,
    owed,
    planned,
)
from tests.screen import follows
from tests.stage import Stage
from tests.still import unchanged


@pytest.mark.parametrize("level", STEPS)
async def test_a_grave_contact_that_ends_is_followed_up_in_the_same_transaction(stage: Stage, level: Level):
    counselor, contact_id, session_id = await in_talk(stage, level)
    await agree(stage, contact_id, counselor)
    async with follows(stage):
        await finish(stage, counselor, contact_id, session_id)
    made = await owed(stage, contact_id)
    assert [each.step for each in made] == STEPS[level]
    assert {(each.state, each.level, each.staff_id) for each in made} == {("due", level, counselor)}
    assert "followup.planned" in await stage.kinds(contact_id)
    ended_at = (await stage.contact(contact_id)).ended_at
    assert ended_at is not None
    days = [
        (each.due_at.astimezone(SHANGHAI).date() - ended_at.astimezone(SHANGHAI).date()).days for each in made
    ]
    assert days == [{"h72": 3}.get(each.step) or int(each.step[1:]) for each in made]
    hours = [each.due_at.astimezone(SHANGHAI).time() for each in made]
    policy = stage.policies.afterwards.followup
    assert all(policy.hours.since <= each < policy.hours.until for each in hours)


async def calm_again(stage: Stage, *, stood_down: bool) -> tuple[UUID, UUID]:
    """A talk that was imminent and that a supervisor lowers before its record is closed."""
    counselor, contact_id, session_id = await in_talk(stage, Level.IMMINENT)
    await agree(stage, contact_id, counselor)
    boss = await stage.hire("boss", Role.SUPERVISOR)
    if stood_down:
        escalation_id = await stage.value("select id from escalation where contact_id = $1", contact_id)
        hand, said = Hand(staff_id=boss, leads=True), Said(code="misread", words=Sensitive("引用歌词"))
        await escalation.stand_down(stage.store, escalation_id, hand, said, stage.now)
    lowered = Judgement(level=Level.LOW, basis=Sensitive("已平静"), may_lower=True)
    await escalation.set_level(stage.store, stage.policies, contact_id, boss, lowered, stage.later(60))
    await finish(stage, counselor, contact_id, session_id)
    return counselor, contact_id


async def test_who_was_in_danger_and_is_calmer_at_the_end_is_called_all_the_same(stage: Stage):
    counselor, contact_id = await calm_again(stage, stood_down=False)
    assert [each.step for each in await owed(stage, contact_id)] == STEPS[Level.IMMINENT]
    assert (await stage.screen()).cards[f"counselor:{counselor}"].card["state"] == "recovering"


async def test_an_alarm_that_was_a_mistake_is_no_danger_and_nobody_recovers_from_it(stage: Stage):
    counselor, contact_id = await calm_again(stage, stood_down=True)
    assert [each.step for each in await owed(stage, contact_id)] == STEPS[Level.MODERATE]
    assert (await stage.screen()).cards[f"counselor:{counselor}"].card["state"] == "resting"


async def test_nobody_is_called_who_was_at_moderate_and_did_not_wish_it(stage: Stage):
    counselor, contact_id, session_id = await in_talk(stage, Level.MODERATE)
    await finish(stage, counselor, contact_id, session_id)
    assert await owed(stage, contact_id) == []


@pytest.mark.parametrize(("wish", "result"), [(NO, "no_contact_agreed"), (None, "agreement_not_asked")])
async def test_without_an_agreement_there_is_no_call_but_a_line_that_says_so(
    stage: Stage, wish: Wish | None, result: str
):
    counselor, contact_id, session_id = await in_talk(stage, Level.HIGH)
    if wish is not None:
        await agree(stage, contact_id, counselor, wish)
    await finish(stage, counselor, contact_id, session_id)
    assert [(each.state, each.result) for each in await owed(stage, contact_id)] == [("closed", result)]
    async with unchanged(stage):
        with pytest.raises(Refused) as refused:
            await followup.add(stage.store, stage.policies, contact_id, counselor, More(days=3), stage.now)
    assert refused.value.code == "followup.no_contact_agreed"


async def test_who_agrees_after_the_record_is_closed_is_owed_what_lies_ahead_and_one_call_now(stage: Stage):
    counselor, contact_id, session_id = await in_talk(stage, Level.IMMINENT)
    await finish(stage, counselor, contact_id, session_id)
    stage.later(10 * 86_400)
    async with follows(stage, silently=True):
        await agree(stage, contact_id, counselor)
    due = [each.step for each in await owed(stage, contact_id) if each.is_open]
    assert due == ["d7", "d30", "d90", "d365"]


async def test_a_wish_taken_back_ends_at_once_all_that_is_owed(stage: Stage):
    counselor, contact_id, _ = await planned(stage)
    await agree(stage, contact_id, counselor, NO)
    assert {(each.state, each.result) for each in await owed(stage, contact_id)} == {
        ("closed", "no_contact_agreed")
    }
    stage.later(1)
    await agree(stage, contact_id, counselor)
    assert [each.step for each in await owed(stage, contact_id) if each.is_open] == STEPS[Level.HIGH]


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        (Wish(is_agreed=True, reach=Sensitive("1")), "followup.way"),
        (Wish(is_agreed=True, way="pigeon", reach=Sensitive("1")), "followup.way"),
        (Wish(is_agreed=True, way="phone"), "followup.reach"),
        (Wish(is_agreed=True, way="email"), "followup.reach"),
    ],
)
async def test_an_agreement_says_by_which_way_it_is_safe(stage: Stage, wish: Wish, code: str):
    counselor, contact_id, _ = await in_talk(stage, Level.HIGH)
    async with unchanged(stage):
        with pytest.raises(Refused) as refused:
            await agree(stage, contact_id, counselor, wish)
    assert refused.value.code == code


async def test_where_to_call_and_the_code_word_are_under_seal(stage: Stage):
    _, contact_id, _ = await planned(stage)
    async with stage.store.connection() as connection:
        row = await connection.fetchrow("select * from follow_up_agreement where contact_id = $1", contact_id)
    assert row is not None
    assert "小雨".encode() not in row["code_word"]
    assert b"139" not in row["reach"]


async def test_an_agreement_sent_twice_is_kept_once(stage: Stage):
    counselor, contact_id, _ = await in_talk(stage, Level.HIGH)
    wish = Wish(is_agreed=True, way="phone", reach=Sensitive("1"), key="k")
    await agree(stage, contact_id, counselor, wish)
    async with unchanged(stage):
        await agree(stage, contact_id, counselor, wish)


async def test_three_misses_in_the_hours_of_the_day_go_to_a_supervisor(stage: Stage):
    counselor, contact_id, made = await planned(stage)
    viewer, first = stage.viewer(counselor), made[0].id
    stage.now = made[0].due_at
    seen = list[tuple[str, int, str]]()
    for _ in range(3):
        await attempt(stage, viewer, first, "no_answer")
        found = (await owed(stage, contact_id))[0]
        seen.append((found.state, found.misses, found.climbed_to))
        assert found.next_at >= stage.now + timedelta(hours=4)
        stage.now = found.next_at
    assert seen == [
        ("attempted", 1, "counselor"),
        ("attempted", 2, "counselor"),
        ("unreached", 3, "supervisor"),
    ]
    assert (await stage.kinds(contact_id))[-4:] == [
        "followup.attempted", "followup.attempted", "followup.unreached", "task.made",
    ]  # fmt: skip
    assert await stage.value("select kind from task where about_id = $1", first) == "followup_missed"


@pytest.mark.parametrize("result", ["wrong_number", "number_invalid"])
async def test_a_number_that_is_wrong_goes_to_a_supervisor_at_once(stage: Stage, result: str):
    counselor, contact_id, made = await planned(stage)
    await attempt(stage, stage.viewer(counselor), made[0].id, result)
    found = (await owed(stage, contact_id))[0]
    assert (found.state, found.climbed_to) == ("unreached", "supervisor")


async def test_who_was_reached_is_over_with_ratings_and_words_under_seal(stage: Stage):
    counselor, contact_id, made = await planned(stage)
    viewer = stage.viewer(counselor)
    await attempt(
        stage, viewer, made[0].id, "reached",
        intent=20, hopefulness=60, distress=40, level=Level.LOW, acts_since="none",
        words=Sensitive("睡得好些"),
    )  # fmt: skip
    opened = await followup_reading.open_one(stage.store, viewer, made[0].id, stage.now)
    assert (opened.follow_up.state, opened.follow_up.result) == ("reached", "reached")
    [tried] = opened.attempts
    assert (tried.intent, tried.hopefulness, tried.distress, tried.level) == (20, 60, 40, Level.LOW)
    assert tried.words == Sensitive("睡得好些")
    assert (await stage.contact(contact_id)).level is Level.HIGH  # what is heard later lowers nothing
    async with unchanged(stage):
        with pytest.raises(Refused):
            await attempt(stage, viewer, made[0].id, "no_answer")


@pytest.mark.parametrize(
    ("level", "acts_since", "found"),
    [
        (Level.IMMINENT, "none", Level.IMMINENT),
        (Level.LOW, "attempt", Level.HIGH),
        (None, "attempt", Level.HIGH),
        (Level.HIGH, "none", Level.HIGH),
    ],
)
async def test_danger_that_is_heard_in_a_follow_up_calls_the_team_in_with_it(
    stage: Stage, level: Level | None, acts_since: str, found: Level
):
    await stage.hire("wu", Role.RESPONDER)
    counselor, contact_id, made = await planned(stage)
    raised = await stage.value("select id from escalation where contact_id = $1", contact_id)
    hand, said = Hand(staff_id=counselor, leads=True), Said(code="other", words=Sensitive("已安全"))
    await escalation.stand_down(stage.store, raised, hand, said, stage.later(60))
    async with follows(stage):
        await attempt(
            stage, stage.viewer(counselor), made[0].id, "reached", level=level, acts_since=acts_since
        )
    open_one = await stage.value(
        "select level from escalation where contact_id = $1 and state in ('raised', 'paged')", contact_id
    )
    assert open_one == found.text
    assert (await stage.contact(contact_id)).level >= found


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"intent": 101}, "followup.rating"),
        ({"distress": -1}, "followup.rating"),
        ({"result": "left_flowers"}, "followup.result"),
        ({"acts_since": "many"}, "followup.acts"),
    ],
)
async def test_a_try_with_an_unknown_code_or_rating_is_refused(
    stage: Stage, more: dict[str, object], code: str
):
    counselor, _, made = await planned(stage)
    asked = {"result": "reached", **more}
    async with unchanged(stage):
        with pytest.raises(Refused) as refused:
            await attempt(stage, stage.viewer(counselor), made[0].id, **asked)  # pyright: ignore[reportArgumentType]
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("result", "state", "others"),
    [
        ("in_care", "closed", {("due", None)}),
        ("refused", "closed", {("closed", "no_contact_agreed")}),
        ("deceased", "closed", {("closed", "deceased")}),
    ],
)
async def test_what_ends_a_follow_up_may_end_the_later_ones_too(
    stage: Stage, result: str, state: str, others: set[tuple[str, str | None]]
):
    counselor, contact_id, made = await planned(stage)
    await attempt(stage, stage.viewer(counselor), made[0].id, result)
    first, *later = await owed(stage, contact_id)
    assert (first.state, first.result) == (state, result)
    assert {(each.state, each.result) for each in later} == others


async def test_only_whoever_has_taken_a_follow_up_calls_and_reads_where(stage: Stage):
    _, _, made = await planned(stage)
    other = await stage.hire("mei")
    viewer = stage.viewer(other)
    async with unchanged(stage):
        with pytest.raises(Absent):
            await followup_reading.open_one(stage.store, viewer, made[0].id, stage.now)
        with pytest.raises(Absent):
            await attempt(stage, viewer, made[0].id, "no_answer")
    await followup.take(stage.store, viewer, made[0].id, stage.now)
    async with unchanged(stage):
        await followup.take(stage.store, viewer, made[0].id, stage.now)
    opened = await followup_reading.open_one(stage.store, viewer, made[0].id, stage.now)
    assert opened.reach == YES.reach


async def test_a_supervisor_reads_any_and_calls_after_taking_it(stage: Stage):
    _, contact_id, made = await planned(stage)
    viewer = stage.viewer(await stage.hire("boss", Role.SUPERVISOR), Role.SUPERVISOR)
    await followup_reading.open_one(stage.store, viewer, made[0].id, stage.now)
    assert (await stage.kinds(contact_id))[-1] == "record.read"
    async with unchanged(stage):
        with pytest.raises(Forbidden):
            await attempt(stage, viewer, made[0].id, "no_answer")


@pytest.mark.parametrize(
    ("level", "found", "fresh"),
    [
        (Level.HIGH, {"level": Level.IMMINENT}, ["d1", "h72"]),
        (Level.HIGH, {"acts_since": "attempt"}, ["d1"]),
        (Level.HIGH, {"level": Level.HIGH}, []),
        (Level.MODERATE, {"level": Level.HIGH}, ["d1", "d90", "d365"]),
    ],
)
async def test_who_is_found_in_graver_danger_by_a_call_of_ours_is_called_again_from_the_next_day_on(
    stage: Stage, level: Level, found: dict[str, object], fresh: list[str]
):
    counselor, contact_id, made = await planned(stage, level)
    stage.now = made[0].due_at
    async with follows(stage, silently=found.get("level", level) == level):
        await attempt(stage, stage.viewer(counselor), made[0].id, "reached", **found)
    assert (await stage.kinds(contact_id)).count("followup.planned") == (2 if fresh else 1)
    known = {each.id for each in made}
    more = [each for each in await owed(stage, contact_id) if each.id not in known]
    assert [each.step for each in more] == fresh
    assert all(each.due_at > stage.now for each in more)


async def test_only_a_supervisor_ends_what_is_owed_and_says_why(stage: Stage):
    counselor, contact_id, made = await planned(stage)
    boss = stage.viewer(await stage.hire("boss", Role.SUPERVISOR), Role.SUPERVISOR)

    async def close(viewer: Viewer, result: str, reason: str) -> None:
        await followup.close(
            stage.store, viewer, made[0].id, stage.now, result=result, reason=Sensitive(reason)
        )

    async with unchanged(stage):
        with pytest.raises(Forbidden):
            await close(stage.viewer(counselor), "in_care", "住院")
        for result, reason in (("reached", "住院"), ("in_care", " ")):
            with pytest.raises(Refused):
                await close(boss, result, reason)
    await close(boss, "in_care", "住院")
    async with unchanged(stage):
        await close(boss, "in_care", "住院")
    assert (await owed(stage, contact_id))[0].closing == Sensitive("住院")


async def test_who_is_dead_as_a_supervisor_learns_is_not_called_for_any_other_step(stage: Stage):
    _, contact_id, made = await planned(stage)
    boss = stage.viewer(await stage.hire("boss", Role.SUPERVISOR), Role.SUPERVISOR)
    await followup.close(
        stage.store, boss, made[0].id, stage.now, result="deceased", reason=Sensitive("家属告知")
    )
    assert {(each.state, each.result) for each in await owed(stage, contact_id)} == {("closed", "deceased")}


async def test_what_is_overdue_climbs_to_the_supervisor_and_then_to_the_manager(stage: Stage):
    _, contact_id, made = await planned(stage)

    async def climbs(after_hours: float) -> str:
        stage.now = made[0].due_at + timedelta(hours=after_hours)
        await followup.climb_overdue(stage.store, stage.policies, stage.now, 100)
        return (await owed(stage, contact_id))[0].climbed_to

    assert [await climbs(hours) for hours in (11, 13, 14, 38, 100)] == [
        "counselor", "supervisor", "supervisor", "manager", "manager",
    ]  # fmt: skip
    assert (await stage.kinds(contact_id)).count("followup.climbed") == 2
    async with unchanged(stage):
        await followup.climb_overdue(stage.store, stage.policies, stage.now, 100)


async def test_the_list_shows_the_longest_overdue_first_and_nothing_that_is_over(stage: Stage):
    counselor, _, made = await planned(stage)
    viewer = stage.viewer(counselor)
    listed = await followup_reading.owed(stage.store, viewer, made[1].due_at, 100)
    assert [each.id for each in listed.follow_ups] == [made[0].id, made[1].id]
    await attempt(stage, viewer, made[0].id, "reached")
    listed = await followup_reading.owed(stage.store, viewer, made[1].due_at, 100)
    assert [each.id for each in listed.follow_ups] == [made[1].id]


@pytest.mark.parametrize("result", sorted(ATTEMPTS))
async def test_a_try_sent_twice_is_kept_once(stage: Stage, result: str):
    counselor, _, made = await planned(stage)
    viewer = stage.viewer(counselor)
    await attempt(stage, viewer, made[0].id, result, key="k")
    is_over = result not in {"no_answer", "wrong_number", "number_invalid"}
    async with unchanged(stage):
        await attempt(stage, viewer, made[0].id, result, key="k")
    assert is_over == (not (await owed(stage, made[0].contact_id))[0].is_open)


async def test_a_call_by_hand_is_due_in_the_hours_of_the_day_and_never_before_now(stage: Stage):
    counselor, contact_id, _ = await in_talk(stage, Level.LOW)
    await agree(stage, contact_id, counselor)
    stage.now = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)  # eleven at night in Shanghai
    for days in (0, 2):
        await followup.add(stage.store, stage.policies, contact_id, counselor, More(days=days), stage.now)
    made = await owed(stage, contact_id)
    assert [f"{each.due_at.astimezone(SHANGHAI):%d %H:%M}" for each in made] == ["21 09:00", "22 19:30"]
