"""Cover: when the last one who could acknowledge leaves, there is an alarm, until somebody comes."""

from dataclasses import replace
from datetime import time, timedelta
from uuid import UUID

from hotline.domain.presence import Choice
from hotline.domain.staff import Role
from hotline.flow import coverage, duty, team
from hotline.store import live as store_live
from tests.flow.alarms import TELEPHONE
from tests.flow.test_team import wished
from tests.screen import follows
from tests.stage import Stage
from tests.still import unchanged


async def look(stage: Stage) -> None:
    """One look of the keeper."""
    await coverage.sweep(stage.store, stage.policies, stage.now)


async def gaps(stage: Stage) -> list[tuple[int, bool]]:
    """The gaps there were in this centre: how many alarms each, and whether it is over."""
    async with stage.store.connection() as connection:
        rows = await connection.fetch(
            "select alarms, ended_at from coverage_gap where centre_id = $1 order by since", stage.centre.id
        )
    return [(row["alarms"], row["ended_at"] is not None) for row in rows]


async def paged(stage: Stage) -> list[UUID]:
    """Who was called to come."""
    async with stage.store.connection() as connection:
        rows = await connection.fetch(
            """select staff_id from page where centre_id = $1 and purpose = 'cover' and channel = 'console'
               order by made_at, id""",
            stage.centre.id,
        )
    return [row["staff_id"] for row in rows]


async def told(stage: Stage) -> list[str]:
    """What the journal says of it."""
    async with stage.store.connection() as connection:
        rows = await connection.fetch(
            "select kind from journal where centre_id = $1 and kind like 'coverage.%' order by seq",
            stage.centre.id,
        )
    return [row["kind"] for row in rows]


async def a_floor(stage: Stage) -> tuple[UUID, UUID]:
    """A counselor at work, a supervisor who watches, and a responder at home."""
    await stage.hire("lin", ready=True)
    supervisor = await stage.hire("sun", Role.SUPERVISOR, ready=True)
    return supervisor, await stage.hire("wu", Role.RESPONDER, telephone=TELEPHONE)


async def test_when_the_last_one_signs_out_those_on_call_are_paged_within_a_minute(stage: Stage):
    supervisor, responder = await a_floor(stage)
    eyes = stage.viewer(supervisor, Role.SUPERVISOR)
    made = await team.found(stage.store, eyes, stage.centre.id, "夜班", stage.now)
    await team.change(stage.store, eyes, made, "夜班", (responder,), stage.now)
    await team.put_on_call(stage.store, eyes, wished(stage, responder, made), stage.now)
    await look(stage)
    assert await gaps(stage) == []
    await duty.choose(stage.store, supervisor, Choice.SIGNED_OUT, None, stage.now)
    began = stage.now
    while not await paged(stage):
        async with follows(stage, silently=True):
            await look(stage)
        stage.later(5)
    assert (stage.now - began).total_seconds() <= 60
    assert await paged(stage) == [responder]
    assert (await stage.effects()).count("send") >= 1
    async with stage.store.connection() as connection:
        day = (await store_live.days(connection, [stage.centre.id]))[f"health:{stage.centre.id}"]
    assert "nobody_to_acknowledge" in str(day.card["faults"])
    stage.later(3600)
    async with unchanged(stage):
        await look(stage)


async def test_where_nobody_is_on_call_everybody_is_called_again_and_again_until_somebody_comes(stage: Stage):
    supervisor, responder = await a_floor(stage)
    await duty.choose(stage.store, supervisor, Choice.SIGNED_OUT, None, stage.now)
    await look(stage)
    for alarms in range(1, 4):
        stage.later(300)
        await look(stage)
        assert await gaps(stage) == [(alarms, False)]
    assert set(await paged(stage)) == {supervisor, responder}
    await stage.ready(supervisor)
    await look(stage)
    assert await gaps(stage) == [(3, True)]
    assert await told(stage) == ["coverage.gap", *["coverage.lost"] * 3, "coverage.restored"]
    async with unchanged(stage):
        await look(stage)


async def test_a_page_that_is_loaded_anew_alarms_nobody(stage: Stage):
    supervisor, _ = await a_floor(stage)
    await duty.choose(stage.store, supervisor, Choice.SIGNED_OUT, None, stage.now)
    await look(stage)
    stage.later(10)
    await look(stage)
    await stage.ready(supervisor)
    stage.later(60)
    await look(stage)
    assert await gaps(stage) == [(0, True)]
    assert await paged(stage) == []


async def test_a_line_that_is_closed_needs_nobody(stage: Stage):
    supervisor, _ = await a_floor(stage)
    await duty.choose(stage.store, supervisor, Choice.SIGNED_OUT, None, stage.now)
    await stage.value(
        "update line set opens_at = $2, closes_at = $3 where centre_id = $1 returning id",
        stage.centre.id, time(18, 0), time(23, 0),
    )  # fmt: skip
    await look(stage)
    assert await gaps(stage) == []


async def test_of_two_keepers_who_look_at_once_one_begins_the_gap(stage: Stage):
    supervisor, _ = await a_floor(stage)
    await duty.choose(stage.store, supervisor, Choice.SIGNED_OUT, None, stage.now)
    await look(stage)
    await look(stage)
    assert await gaps(stage) == [(0, False)]


async def test_whoever_comes_on_call_later_is_called_then_and_after_the_last_of_them_everybody(stage: Stage):
    supervisor, early = await a_floor(stage)
    late = await stage.hire("zhao", Role.RESPONDER, telephone=TELEPHONE)
    eyes, hour = stage.viewer(supervisor, Role.SUPERVISOR), timedelta(hours=1)
    for person, begins in ((early, stage.now), (late, stage.now + hour)):
        watch = wished(stage, person, None)
        watch = replace(watch, position="supervisor", begins_at=begins, ends_at=begins + hour)
        await team.put_on_call(stage.store, eyes, watch, stage.now)
    await duty.choose(stage.store, supervisor, Choice.SIGNED_OUT, None, stage.now)
    await look(stage)
    for seconds, expected in ((60, [early]), (1800, [early]), (1800, [early, late]), (1800, [early, late])):
        stage.later(seconds)
        await look(stage)
        assert await paged(stage) == expected
    stage.later(1800)
    await look(stage)
    assert {*(await paged(stage))[2:]} == {early, late, supervisor}
