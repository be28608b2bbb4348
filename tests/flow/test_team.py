"""Crisis teams and who is on call: whom the ladder calls, and who may say so."""

from datetime import timedelta
from uuid import UUID

import pytest

from hotline.base import ids
from hotline.base.errors import Absent, Refused
from hotline.domain.access import Viewer
from hotline.domain.centre import Centre
from hotline.domain.level import Level
from hotline.domain.outcome import Outcome
from hotline.domain.staff import Role
from hotline.flow import team
from hotline.flow.team import Wished
from hotline.store import roster as store_roster
from tests.flow.alarms import declare, pages
from tests.screen import follows
from tests.stage import Stage
from tests.still import unchanged


async def a_team(stage: Stage, *logins: str) -> tuple[Viewer, UUID, tuple[UUID, ...]]:
    """Whoever keeps the roster, a team, and the people in it in the order of calling."""
    eyes = stage.viewer(await stage.hire("sun", Role.SUPERVISOR), Role.SUPERVISOR)
    people = tuple([await stage.hire(login, Role.RESPONDER) for login in logins])
    made = await team.found(stage.store, eyes, stage.centre.id, "第一组", stage.now)
    await team.change(stage.store, eyes, made, "第一组", people, stage.now)
    return eyes, made, people


def wished(stage: Stage, who: UUID, made: UUID | None, hours: float = 8, **changes: object) -> Wished:
    """A watch from now on."""
    whole = {
        "centre_id": stage.centre.id,
        "staff_id": who,
        "position": "team" if made else "manager",
        "team_id": made,
        "begins_at": stage.now,
        "ends_at": stage.now + timedelta(hours=hours),
    }
    return Wished(**{**whole, **changes})  # pyright: ignore[reportArgumentType]


async def group(stage: Stage, name: str) -> list[UUID]:
    """Who is called as this group now."""
    async with stage.store.connection() as connection:
        roster = await store_roster.everybody(connection, stage.centre.id, stage.now)
    return [person.staff_id for person in roster[name]]


async def test_a_team_is_called_in_its_own_order_and_those_on_call_alone_while_they_are(stage: Stage):
    eyes, made, (first, second, third) = await a_team(stage, "wu", "zhou", "qian")
    await stage.hire("feng", Role.RESPONDER)
    assert await group(stage, "team") == [first, second, third]
    await team.change(stage.store, eyes, made, "第一组", (third, first, second), stage.now)
    assert await group(stage, "team") == [third, first, second]
    await team.put_on_call(stage.store, eyes, wished(stage, second, made), stage.now)
    watch = await team.put_on_call(stage.store, eyes, wished(stage, first, made), stage.now)
    assert await group(stage, "team") == [first, second]
    await team.withdraw(stage.store, eyes, watch, stage.later(60))
    assert await group(stage, "team") == [second]
    stage.later(8 * 3600)
    assert await group(stage, "team") == [third, first, second]
    await team.retire(stage.store, eyes, made, stage.now)
    assert len(await group(stage, "team")) == 4


async def test_the_first_rung_calls_whoever_is_on_call(stage: Stage):
    eyes, made, (_, second) = await a_team(stage, "wu", "zhou")
    await team.put_on_call(stage.store, eyes, wished(stage, second, made), stage.now)
    counselor = await stage.hire("lin", ready=True)
    raised = await declare(stage, await stage.chat(), counselor, Level.HIGH)
    assert [page[1] for page in await pages(stage, raised)] == [second]


async def test_the_duty_manager_is_whoever_is_on_call_as_one(stage: Stage):
    eyes, _, _ = await a_team(stage, "wu")
    manager = await stage.hire("he", Role.SUPERVISOR)
    assert set(await group(stage, "duty_manager")) == {eyes.staff_id, manager}
    async with follows(stage, silently=True):
        await team.put_on_call(stage.store, eyes, wished(stage, manager, None), stage.now)
    assert await group(stage, "duty_manager") == [manager]
    assert await group(stage, "on_call") == [manager]


async def test_an_administrator_who_may_not_acknowledge_is_never_called(stage: Stage):
    await a_team(stage, "wu")
    admin = await stage.hire("root", Role.ADMIN)
    for name in ("everyone", "managers", "duty_manager"):
        assert admin not in await group(stage, name)


async def test_what_no_roster_can_be_is_refused_and_changes_nothing(stage: Stage):
    eyes, made, (first, second) = await a_team(stage, "wu", "zhou")
    counselor = await stage.hire("lin")
    stranger = await stage.hire("feng", Role.RESPONDER)
    farther = await stage.hire("he", Role.RESPONDER)
    below = Centre(
        id=ids.new_id(), name="Below", kind="town", timezone="Asia/Shanghai", parent_id=stage.centre.id
    )
    async with stage.store.unit() as unit:
        await unit.save(Outcome(rows=(below,)), stage.now)
        await unit.connection.execute("update staff set centre_id = $1 where id = $2", below.id, farther)
    store, now = stage.store, stage.now
    async with unchanged(stage), follows(stage, silently=True):
        for attempt, code in (
            (team.found(store, eyes, stage.centre.id, " ", now), "team.name"),
            (team.change(store, eyes, made, "一", (first, first), now), "team.twice"),
            (team.change(store, eyes, made, "一", (counselor,), now), "team.unable"),
            (team.change(store, eyes, made, "一", (farther,), now), "team.outside"),
            (team.put_on_call(store, eyes, wished(stage, counselor, None), now), "team.unable"),
            (team.put_on_call(store, eyes, wished(stage, first, None), now), "oncall.manager"),
            (team.put_on_call(store, eyes, wished(stage, stranger, made), now), "oncall.member"),
            (team.put_on_call(store, eyes, wished(stage, second, made, hours=-1), now), "oncall.span"),
            (team.put_on_call(store, eyes, wished(stage, second, made, hours=800), now), "oncall.span"),
            (team.put_on_call(store, eyes, wished(stage, second, None, position="team"), now), "oncall.team"),
        ):
            with pytest.raises(Refused) as refused:
                await attempt
            assert refused.value.code == code
        for attempt in (
            team.found(store, eyes, ids.new_id(), "别处", now),
            team.retire(store, eyes, ids.new_id(), now),
            team.withdraw(store, eyes, ids.new_id(), now),
        ):
            with pytest.raises(Absent):
                await attempt


async def test_what_is_said_twice_changes_nothing_the_second_time(stage: Stage):
    eyes, made, people = await a_team(stage, "wu")
    watch = await team.put_on_call(stage.store, eyes, wished(stage, people[0], made), stage.now)
    await team.withdraw(stage.store, eyes, watch, stage.now)
    await team.retire(stage.store, eyes, made, stage.now)
    stage.later(5)
    async with unchanged(stage):
        await team.withdraw(stage.store, eyes, watch, stage.now)
        await team.retire(stage.store, eyes, made, stage.now)
