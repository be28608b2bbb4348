"""Dispatch looks at heads and representatives only, and finds what looking at everybody finds."""

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from hotline.domain import routing
from hotline.domain.queue import Need
from hotline.domain.routing import Waiting
from hotline.flow import offer
from hotline.store import contact as store_contact, staff as store_staff
from tests.stage import Stage

CONTACTS = 30
COUNSELORS = 8
ENGAGED = 4
SKILLS = ("minors", "complex")
AT_ONCE = 3


async def everybody_waiting(stage: Stage) -> list[Waiting]:
    """Every waiting contact of the centre, read without the queue's index."""
    async with stage.store.connection() as connection:
        rows = await connection.fetch(
            "select * from contact where centre_id = $1 and state = 'waiting'", stage.centre.id
        )
    return [store_contact.waiting_of(row) for row in rows]


async def by_looking_at_everybody(stage: Stage) -> dict[UUID, UUID]:
    """Contact -> counselor, by routing over the whole queue and the whole house."""
    async with stage.store.connection() as connection:
        people = await store_staff.counselors(connection, stage.store.vault, stage.centre.id)
    match = routing.match(await everybody_waiting(stage), people, stage.policies.queue, stage.now)
    return {each.contact_id: each.staff_id for each in match.pairings}


async def round_after_round(stage: Stage) -> dict[UUID, UUID]:
    """Contact -> counselor, as the dispatcher does it: a few at a time, until there is nothing more."""
    made: dict[UUID, UUID] = {}
    while done := await stage.dispatch():
        assert len(done) <= stage.policies.queue.offers_at_once_max
        made |= done
    return made


async def decline(stage: Stage, contact_id: UUID, by: Iterable[UUID]) -> None:
    await stage.value("update contact set declined_by = $2 where id = $1", contact_id, list(by))


@pytest.fixture
def few_at_once(stage: Stage) -> None:
    queue = replace(stage.policies.queue, offers_at_once_max=AT_ONCE)
    stage.policies = replace(stage.policies, queue=queue)


async def crowd_with_chats_in_hand(stage: Stage, chance: random.Random) -> list[UUID]:
    """Counselors who talk in a chat and have room for another, some without skills."""
    people = [
        await stage.hire(
            f"h{nth}", ready=True, chat_capacity=2, skills=frozenset(SKILLS[: chance.randint(0, 2)])
        )
        for nth in range(ENGAGED)
    ]
    for _ in people:
        await stage.chat()
    for contact_id, staff_id in (await round_after_round(stage)).items():
        await offer.accept(stage.store, await stage.pending_offer(contact_id), staff_id, stage.now)
    return people


@pytest.mark.usefixtures("few_at_once")
@pytest.mark.parametrize("seed", range(24))
async def test_the_heads_and_the_longest_idle_of_each_kind_are_enough(stage: Stage, seed: int) -> None:
    chance = random.Random(seed)
    people = await crowd_with_chats_in_hand(stage, chance)
    for nth in range(COUNSELORS):
        stage.later(1)
        traits = {
            "languages": {"zh", "en"} if seed % 3 else chance.choice(({"zh"}, {"zh", "en"}, {"en"})),
            "skills": frozenset(chance.sample(SKILLS, chance.randint(0, 2))),
            "chat_capacity": chance.choice((1, 2, 2, seed % 2)),
        }
        people.append(await stage.hire(f"c{nth}", ready=chance.random() < 0.9, **traits))
    for nth in range(CONTACTS):
        stage.later(chance.randint(0, 8))
        contact = await stage.chat(language=chance.choice(("zh", "zh", "en")))
        need = Need(language=contact.language, skills=frozenset(chance.sample(SKILLS, nth % 2)))
        await stage.value(
            "update contact set need = $2, skills = $3, channel = $4 where id = $1",
            contact.id, need.key, sorted(need.skills), chance.choice(("chat", "voice")),
        )  # fmt: skip
        if chance.random() < 0.4:
            await decline(stage, contact.id, chance.sample(people, chance.randint(1, 4)))
        if chance.random() < 0.2:
            await stage.value("update contact set level = 'high' where id = $1", contact.id)
    stage.later(chance.choice((0, 60)))
    expected = await by_looking_at_everybody(stage)
    assert expected
    assert await round_after_round(stage) == expected


async def test_one_whom_the_only_free_counselor_has_declined_hides_nobody(stage: Stage) -> None:
    counselor = await stage.hire("lin", ready=True)
    declined = [await stage.chat() for _ in range(3)]
    for contact in declined:
        await decline(stage, contact.id, [counselor])
    behind = await stage.chat()
    assert await stage.dispatch() == {behind.id: counselor}


async def test_a_skill_is_insisted_on_while_somebody_has_it_though_engaged(stage: Stage) -> None:
    expert = await stage.hire("mei", ready=True, skills=frozenset({"minors"}))
    first = await stage.chat()
    assert await stage.dispatch() == {first.id: expert}
    await stage.hire("lin", ready=True)
    contact = await stage.chat()
    need = Need(language="zh", skills=frozenset({"minors"}))
    await stage.value(
        "update contact set need = $2, skills = $3 where id = $1", contact.id, need.key, ["minors"]
    )
    stage.now += timedelta(seconds=stage.policies.queue.relax_after_seconds)
    assert await stage.dispatch() == {}


async def test_a_grave_chat_that_needs_a_whole_person_does_not_hide_the_chats_behind_it(stage: Stage) -> None:
    lin = await stage.hire("lin", ready=True, chat_capacity=2)
    await stage.chat()
    for contact_id in await stage.dispatch():
        await offer.accept(stage.store, await stage.pending_offer(contact_id), lin, stage.now)
    await stage.chat(safe_now="no")
    behind = await stage.chat()
    assert await stage.dispatch() == {behind.id: lin}


async def test_one_who_must_have_a_skill_does_not_hide_those_who_have_waited_too_long_for_it(
    stage: Stage,
) -> None:
    need = Need(language="zh", skills=frozenset({"minors"}))
    waived = await stage.chat()
    stage.later(stage.policies.queue.relax_after_seconds)
    urgent = await stage.chat(safe_now="no")
    for contact in (waived, urgent):
        await stage.value(
            "update contact set need = $2, skills = $3 where id = $1", contact.id, need.key, ["minors"]
        )
    lin = await stage.hire("lin", ready=True)
    assert await stage.dispatch() == {waived.id: lin}


async def test_a_caller_whose_row_cannot_be_read_costs_the_others_nothing(stage: Stage) -> None:
    broken, behind = await stage.chat(), await stage.chat()
    await stage.value("update contact set number = '\\x00' where id = $1", broken.id)
    lin = await stage.hire("lin", ready=True)
    assert await stage.dispatch() == {behind.id: lin}
    mei = await stage.hire("mei", ready=True)
    assert await stage.dispatch() == {}, "whoever cannot be read waits for an engineer"
    await stage.value("update contact set number = null where id = $1", broken.id)
    assert await stage.dispatch() == {broken.id: mei}


async def test_a_missed_offer_whose_row_cannot_be_read_keeps_no_other_from_being_missed(stage: Stage) -> None:
    for name in ("lin", "mei"):
        await stage.hire(name, ready=True)
    broken, other = await stage.chat(), await stage.chat()
    assert (await stage.dispatch()).keys() == {broken.id, other.id}
    await stage.value("update contact set number = '\\x00' where id = $1", broken.id)
    stage.later(stage.policies.queue.offer_seconds + 1)
    await offer.miss_overdue(stage.store, stage.policies, stage.now, 1000)
    states = [
        await stage.value("select state from contact where id = $1", each.id) for each in (broken, other)
    ]
    assert states == ["offered", "waiting"]
    await stage.value("update contact set number = null where id = $1", broken.id)
