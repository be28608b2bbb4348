"""Teams by region: the team that is at home where the person is comes first, and no team is far for ever."""

from uuid import UUID

import pytest

from hotline.base import ids
from hotline.base.errors import Refused
from hotline.base.sensitive import Sensitive
from hotline.domain.dispatch import Clue
from hotline.domain.ladder import TEAM
from hotline.domain.level import Level
from hotline.domain.staff import Role
from hotline.flow import dispatch, team
from hotline.store import roster as store_roster
from tests.flow.alarms import TELEPHONE, acknowledge, declare, pages
from tests.flow.test_team import wished
from tests.screen import follows
from tests.stage import Stage
from tests.still import unchanged

HERE, THERE, CITY = "420106", "420111", "4201"


async def teams(stage: Stage, **at: str | None) -> dict[str, UUID]:
    """A team of one for each name, at home in a region or (None) in the whole centre: who is in it."""
    eyes = stage.viewer(await stage.hire("sun", Role.SUPERVISOR), Role.SUPERVISOR)
    people: dict[str, UUID] = {}
    for name, region in at.items():
        people[name] = await stage.hire(name, Role.RESPONDER, telephone=TELEPHONE)
        made = await team.found(stage.store, eyes, stage.centre.id, name, stage.now)
        await team.change(stage.store, eyes, made, name, (people[name],), stage.now)
        await team.place(stage.store, eyes, made, region, stage.now)
    return people


async def called(stage: Stage, contact_id: UUID | None = None) -> list[UUID]:
    """Whom a rung of the team calls now, in order."""
    async with stage.store.connection() as connection:
        found = await store_roster.everybody(connection, stage.centre.id, stage.now, contact_id)
    return [person.staff_id for person in found[TEAM]]


async def located(stage: Stage, contact_id: UUID, region: str | None) -> Clue:
    """A counselor has learnt where the caller is."""
    clue = Clue(
        id=ids.new_id(),
        contact_id=contact_id,
        staff_id=stage.people["lin"],
        at=stage.now,
        words=Sensitive("江边"),
        source="caller",
        confidence="high",
        region=region,
    )
    await dispatch.add_clue(stage.store, stage.policies, contact_id, clue, stage.now)
    return clue


async def test_the_nearest_team_is_called_first_and_one_of_another_region_not_at_all(stage: Stage):
    await stage.hire("lin", ready=True)
    people = await teams(stage, far=THERE, house=None, near=HERE, city=CITY)
    contact = await stage.chat()
    assert await called(stage, contact.id) == [people["house"], people["far"], people["near"], people["city"]]
    await located(stage, contact.id, HERE)
    assert await called(stage, contact.id) == [people["near"], people["city"], people["house"]]
    await located(stage, contact.id, "11")
    assert await called(stage, contact.id) == [people["house"]], "what was said last"


async def test_where_only_teams_of_other_regions_are_they_are_called(stage: Stage):
    await stage.hire("lin", ready=True)
    people = await teams(stage, far=THERE)
    contact = await stage.chat()
    await located(stage, contact.id, HERE)
    assert await called(stage, contact.id) == [people["far"]]


async def test_somebody_on_call_elsewhere_is_called_before_nobody_near_who_is_not(stage: Stage):
    await stage.hire("lin", ready=True)
    people = await teams(stage, far=THERE, near=HERE)
    made = await stage.value(
        "select id from crisis_team where name = 'far' and centre_id = $1", stage.centre.id
    )
    eyes = stage.viewer(stage.people["sun"], Role.SUPERVISOR)
    await team.put_on_call(stage.store, eyes, wished(stage, people["far"], made), stage.now)
    contact = await stage.chat()
    await located(stage, contact.id, HERE)
    assert await called(stage, contact.id) == [people["far"]]


async def test_once_it_is_known_where_the_person_is_the_team_there_is_called_at_once(stage: Stage):
    counselor = await stage.hire("lin", ready=True)
    people = await teams(stage, house=None)
    contact = await stage.chat()
    raised = await declare(stage, contact, counselor, Level.IMMINENT)
    people |= await teams(stage, near=HERE)
    stage.later(20)
    await located(stage, contact.id, None)
    before = await pages(stage, raised)
    assert {who for _, who, *_ in before} == {people["house"]}
    async with follows(stage, silently=True):
        await located(stage, contact.id, HERE)
    new = [page[:3] for page in await pages(stage, raised) if page not in before]
    assert new == [(0, people["near"], channel) for channel in ("console", "sms", "voice")]
    assert "escalation.paged_near" in await stage.kinds(contact.id)
    stage.later(5)
    await located(stage, contact.id, HERE)
    assert len(await pages(stage, raised)) == len(before) + len(new), "nobody is called twice for one rung"


async def test_nobody_is_called_to_what_somebody_has(stage: Stage):
    counselor = await stage.hire("lin", ready=True)
    people = await teams(stage, house=None)
    contact = await stage.chat()
    raised = await declare(stage, contact, counselor, Level.IMMINENT)
    await acknowledge(stage, raised, people["house"], stage.later(5))
    await teams(stage, near=HERE)
    before = await pages(stage, raised)
    await located(stage, contact.id, HERE)
    assert await pages(stage, raised) == before


@pytest.mark.parametrize("region", ["", "4", "042010", "42010", "4201061", "武昌"])
async def test_what_is_no_code_of_a_region_is_refused(stage: Stage, region: str):
    await stage.hire("lin", ready=True)
    await teams(stage, near=HERE)
    made = await stage.value("select id from crisis_team where centre_id = $1", stage.centre.id)
    contact = await stage.chat()
    async with unchanged(stage):
        with pytest.raises(Refused) as refused:
            await team.place(
                stage.store, stage.viewer(stage.people["sun"], Role.SUPERVISOR), made, region, stage.now
            )
        assert refused.value.code == "team.region"
        with pytest.raises(Refused) as refused:
            await located(stage, contact.id, region)
        assert refused.value.code == "dispatch.region"
