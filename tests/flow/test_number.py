"""A caller's number: kept shut where the house promises it, opened by two, with every look on record."""

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest

from hotline.base.errors import Absent, HotlineError, Refused
from hotline.base.sensitive import Sensitive
from hotline.domain.contact import Contact
from hotline.domain.level import Level
from hotline.domain.outcome import Outcome
from hotline.domain.staff import Role
from hotline.flow import number
from hotline.store import contact as store_contact, task as store_task
from tests.drills.desk_scenes import talking
from tests.flow import alarms
from tests.screen import follows
from tests.stage import Stage
from tests.still import unchanged

NUMBER = Sensitive("+8613800001111")
WHY = Sensitive("正在实施，需要定位")


async def numbered(stage: Stage) -> tuple[UUID, UUID, Contact]:
    """A counselor, a supervisor and a contact that came with a number."""
    counselor, contact, _ = await talking(stage)
    async with stage.store.unit() as unit:
        journey = await store_contact.lock_journey(unit, contact.id)
        await unit.save(Outcome(rows=(replace(journey.contact, number=NUMBER),)), stage.now, journey)
    return counselor, await stage.hire("sun", Role.SUPERVISOR), contact


async def test_two_people_open_a_number_and_the_caller_is_owed_a_word_about_it(stage: Stage):
    """Requirement 29."""
    counselor, supervisor, contact = await numbered(stage)
    async with follows(stage):
        asked = await number.ask(stage.store, stage.policies, contact.id, counselor, WHY, stage.now)
    assert await number.ask(stage.store, stage.policies, contact.id, supervisor, WHY, stage.now) == asked
    async with unchanged(stage), follows(stage, silently=True):
        for refused in (
            number.approve(stage.store, stage.policies, asked, counselor, stage.now),
            number.look(stage.store, asked, counselor, stage.now),
        ):
            with pytest.raises(Refused):
                await refused
    async with follows(stage):
        await number.approve(stage.store, stage.policies, asked, supervisor, stage.later(20))
    for staff_id in (counselor, supervisor):
        assert await number.look(stage.store, asked, staff_id, stage.now) == NUMBER
    async with unchanged(stage):
        with pytest.raises(Absent):
            await number.look(stage.store, asked, stage.people["wu"], stage.now)
    assert (await stage.kinds(contact.id))[-4:] == [
        "number.approved", "task.made", "number.looked", "number.looked",
    ]  # fmt: skip
    async with stage.store.connection() as connection:
        owed = await store_task.of_contact(connection, stage.store.vault, contact.id)
    assert [(each.kind, each.about_id) for each in owed] == [("notify_caller", asked)]
    stage.later(stage.policies.numbers.opening_seconds)
    async with unchanged(stage):
        with pytest.raises(Refused):
            await number.look(stage.store, asked, counselor, stage.now)


async def test_those_who_decide_see_what_is_asked_for_and_a_refusal_opens_nothing(stage: Stage):
    counselor, supervisor, contact = await numbered(stage)
    asked = await number.ask(stage.store, stage.policies, contact.id, counselor, WHY, stage.now)
    eyes = stage.viewer(supervisor, Role.SUPERVISOR)
    listed, names = await number.list_asked(stage.store, eyes)
    assert [(each.id, each.reason) for each in listed] == [(asked, WHY)]
    assert names == {counselor: "Lin"}
    async with follows(stage):
        await number.refuse(stage.store, asked, supervisor, stage.now)
    assert (await number.list_asked(stage.store, eyes))[0] == ()
    with pytest.raises(Refused):
        await number.look(stage.store, asked, counselor, stage.now)
    again = await number.ask(stage.store, stage.policies, contact.id, counselor, WHY, stage.now)
    assert again != asked


async def test_of_two_who_decide_at_once_one_decides(stage: Stage):
    counselor, supervisor, contact = await numbered(stage)
    other = await stage.hire("xu", Role.SUPERVISOR)
    asked = await number.ask(stage.store, stage.policies, contact.id, counselor, WHY, stage.now)
    told = await asyncio.gather(
        number.approve(stage.store, stage.policies, asked, supervisor, stage.now),
        number.refuse(stage.store, asked, other, stage.now),
        return_exceptions=True,
    )
    assert sum(isinstance(each, HotlineError) for each in told) == 1


async def test_in_an_emergency_a_supervisor_is_called_for_a_number_at_once(stage: Stage):
    counselor, supervisor, contact = await numbered(stage)
    raised = await alarms.declare(stage, contact, counselor, Level.HIGH)
    before = await alarms.pages(stage, raised)
    await number.ask(stage.store, stage.policies, contact.id, counselor, WHY, stage.now)
    after = await alarms.pages(stage, raised)
    assert [page[1:3] for page in after if page not in before] == [(supervisor, "console")]
