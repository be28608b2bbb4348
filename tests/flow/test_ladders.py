"""Ladders per centre: a centre climbs its own, or the nearest above's, or the house's."""

from dataclasses import replace
from datetime import timedelta

from hotline.base import ids
from hotline.domain.centre import Centre
from hotline.domain.ladder import Ladder, Rung
from hotline.domain.level import Level
from hotline.domain.outcome import Outcome
from hotline.domain.staff import Role
from hotline.flow import checkup
from hotline.flow.checkup import Grade
from tests.flow.alarms import TELEPHONE, climb, declare, pages, read
from tests.screen import follows
from tests.stage import Stage

SECONDS = 20


async def own_ladder(stage: Stage, name: str) -> None:
    """A centre of this name calls supervisors by telephone at once, every twenty seconds."""
    book = stage.policies.ladders
    rung = Rung(who="supervisors", channels=("voice",), seconds=SECONDS)
    ladder: Ladder = replace(book.default[Level.IMMINENT], rungs=(rung,))
    book = replace(book, of_centres={name: {Level.IMMINENT: ladder}})
    stage.policies = replace(stage.policies, ladders=book)


async def above(stage: Stage, name: str) -> None:
    """A centre of this name above the stage's own."""
    centre = Centre(id=ids.new_id(), name=name, kind="province", timezone="Asia/Shanghai")
    async with stage.store.unit() as unit:
        await unit.save(Outcome(rows=(centre,)), stage.now)
        await unit.connection.execute(
            "update centre set parent_id = $1 where id = $2", centre.id, stage.centre.id
        )


async def test_an_escalation_climbs_the_ladder_of_the_nearest_centre_that_has_one(stage: Stage):
    name = f"province {ids.new_id()}"
    await above(stage, name)
    await own_ladder(stage, name)
    counselor = await stage.hire("lin", ready=True)
    sun = await stage.hire("sun", Role.SUPERVISOR, telephone=TELEPHONE)
    raised = await declare(stage, await stage.chat(), counselor, Level.IMMINENT)
    assert [page[:3] for page in await pages(stage, raised)] == [(0, sun, "voice")]
    assert (await read(stage, raised)).next_rung_at == stage.now + timedelta(seconds=SECONDS)
    stage.later(SECONDS)
    async with follows(stage):
        await climb(stage)
    assert ((await read(stage, raised)).rung, (await read(stage, raised)).round) == (0, 1)
    await stage.hire("wu", Role.RESPONDER)
    high = await declare(stage, await stage.chat(), counselor, Level.HIGH)
    assert (await read(stage, high)).next_rung_at == stage.now + timedelta(seconds=300)


async def test_another_centre_s_ladder_is_nobody_else_s(stage: Stage):
    await own_ladder(stage, f"elsewhere {ids.new_id()}")
    counselor = await stage.hire("lin", ready=True)
    raised = await declare(stage, await stage.chat(), counselor, Level.IMMINENT)
    assert (await read(stage, raised)).next_rung_at == stage.now + timedelta(seconds=60)


async def test_the_check_up_finds_ladders_of_a_centre_that_is_not_there(stage: Stage):
    assert await checkup.ladders(stage.store, stage.policies.ladders) == []
    await own_ladder(stage, "江诚市")
    [finding] = await checkup.ladders(stage.store, stage.policies.ladders)
    assert finding.grade is Grade.FAULT
    assert "江诚市" in finding.sentence
    await above(stage, "江诚市")
    assert await checkup.ladders(stage.store, stage.policies.ladders) == []
