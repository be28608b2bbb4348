"""Whom the store hands to routing: the longest idle of each kind, and who is of which kind."""

import random
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from itertools import islice
from typing import Any, Final
from uuid import UUID

import pytest

from hotline.base import ids
from hotline.domain.routing import Candidate
from hotline.domain.staff import Role
from hotline.store import staff as store_staff
from tests.stage import Stage

PEOPLE: Final = 40
LANGUAGES: Final = ({"zh"}, {"en"}, {"zh", "en"})
ROLES: Final = ((Role.COUNSELOR,), (Role.COUNSELOR,), (Role.COUNSELOR, Role.SUPERVISOR), (Role.ADMIN,))
SKILLS: Final = (frozenset[str](), frozenset({"minors"}), frozenset({"minors", "complex"}))

HOLDING: Final = """
insert into contact (id, centre_id, line_id, channel, state, since, arrived_at, language, skills, need,
                     joined_at, level, level_is_human, band, rank, generation, declined_by,
                     messages, number_quality, form, flags, counselor_id, chat_slot)
values ($1, $2, $3, $4, $5, $6, $6, 'zh', '{}', 'zh', $6, $7, false, 3, 1, 0, $8, 0, 'unknown', '{}', '{}',
        $9, $10)"""


async def hold(stage: Stage, staff_id: UUID, channel: str, state: str, level: str, slot: int | None) -> None:
    await stage.value(
        HOLDING, ids.new_id(), stage.centre.id, stage.chat_line.id, channel, state, stage.now, level,
        list[UUID](), staff_id, slot,
    )  # fmt: skip


async def wait_for_somebody_else(stage: Stage, decliners: Sequence[UUID]) -> None:
    await stage.value(
        HOLDING, ids.new_id(), stage.centre.id, stage.chat_line.id, "chat", "waiting", stage.now,
        "none_found", list(decliners), None, None,
    )  # fmt: skip


async def a_house(stage: Stage, chance: random.Random) -> list[UUID]:
    """People of some kinds in every state: idle, resting, away, in a call, in one chat or in several."""
    people: list[UUID] = []
    for nth in range(PEOPLE):
        stage.later(1)
        person = await stage.hire(
            f"c{nth}",
            *chance.choice(ROLES),
            ready=chance.random() < 0.9,
            languages=chance.choice(LANGUAGES),
            skills=chance.choice(SKILLS[:2]),
            chat_capacity=chance.choice((0, 1, 2, 2, 2, 3)),
        )  # fmt: skip
        people.append(person)
        holding = chance.randint(0, 3) if chance.random() < 0.5 else 0
        for slot in range(1, holding + 1):
            state = chance.choice(("talking", "talking", "talking", "talking", "wrapping", "offered"))
            await hold(
                stage, person, "chat", state, chance.choice(("none_found", "none_found", "high")), slot
            )
        if chance.random() < 0.1:
            await hold(stage, person, "voice", "talking", "none_found", None)
        if chance.random() < 0.1:
            soon = stage.now + timedelta(minutes=1)
            await stage.value("update presence set free_at = $2, idle_since = $2 where id = $1", person, soon)
        if chance.random() < 0.05:
            await stage.value("update staff set is_active = false where id = $1", person)
    return people


async def candidates(stage: Stage, each_max: int) -> list[Candidate]:
    async with stage.store.connection() as connection:
        return await store_staff.candidates(connection, stage.store.vault, stage.centre.id, each_max)


async def by_looking_at_everybody(stage: Stage, decliners: frozenset[UUID], each_max: int) -> list[Candidate]:
    """The longest idle of each kind among those who could take something at all."""
    async with stage.store.connection() as connection:
        everybody = await store_staff.counselors(connection, stage.store.vault, stage.centre.id)
    kinds: dict[Any, list[Candidate]] = defaultdict(list)
    for each in everybody:
        load = each.load
        has_room = load.is_empty or (
            load.chats_talking < each.chat_capacity
            and not load.voice_talking + load.offered + load.wrapping + load.connecting + load.grave
        )
        if each.is_present and each.is_free and has_room:
            own = each.id if each.id in decliners else None
            kinds[each.languages, each.skills, each.chat_capacity, load.chats, own].append(each)
    return [
        each
        for alike in kinds.values()
        for each in islice(sorted(alike, key=lambda one: (one.idle_since, one.id)), each_max)
    ]


@pytest.mark.parametrize("seed", range(8))
async def test_of_each_kind_the_longest_idle_are_found_and_nobody_else(stage: Stage, seed: int) -> None:
    chance = random.Random(seed)
    people = await a_house(stage, chance)
    decliners = frozenset(chance.sample(people, chance.choice((0, 3, 8))))
    for each in decliners:
        await wait_for_somebody_else(
            stage, [each, chance.choice(people)] if chance.random() < 0.3 else [each]
        )
    declined_by = await stage.value(
        "select array_agg(distinct d) from contact, unnest(declined_by) as d where centre_id = $1",
        stage.centre.id,
    )
    for each_max in (1, 2, PEOPLE):
        expected = await by_looking_at_everybody(stage, frozenset(declined_by or ()), each_max)
        assert expected
        found = await candidates(stage, each_max)
        assert sorted(found, key=lambda one: one.id) == sorted(expected, key=lambda one: one.id)


async def kind(stage: Stage, staff_id: UUID) -> int | None:
    return await stage.value("select kind from presence where id = $1", staff_id)


async def test_people_are_of_one_kind_if_they_can_take_the_same_and_only_then(stage: Stage) -> None:
    traits: list[dict[str, Any]] = [
        {"languages": languages, "skills": skills, "chat_capacity": capacity}
        for languages in LANGUAGES
        for skills in SKILLS
        for capacity in (0, 1, 2)
    ]
    kinds = {
        (
            await kind(stage, await stage.hire("lin", **each)),
            await kind(stage, await stage.hire("mei", Role.COUNSELOR, Role.SUPERVISOR, **each)),
        )
        for each in traits
    }
    assert all(one == other for one, other in kinds)
    assert len(kinds) == len(traits)


async def test_who_answers_nobody_is_of_no_kind(stage: Stage) -> None:
    supervisor = await stage.hire("wang", Role.SUPERVISOR, ready=True)
    assert await kind(stage, supervisor) is None
    assert await candidates(stage, 1) == []


async def test_what_is_changed_by_hand_changes_the_kind_at_once(stage: Stage) -> None:
    lin, mei = await stage.hire("lin", ready=True), await stage.hire("mei", ready=True)
    before = await kind(stage, lin)
    await stage.value("update staff set skills = '{minors}' where id = $1", lin)
    assert await kind(stage, lin) != before
    found = await candidates(stage, 1)
    assert {(each.id, each.skills) for each in found} == {
        (lin, frozenset({"minors"})),
        (mei, frozenset[str]()),
    }
    await stage.value("update staff set is_active = false where id = $1", lin)
    assert [each.id for each in await candidates(stage, 1)] == [mei]
    await stage.value("update staff set roles = '{supervisor}' where id = $1", mei)
    assert await candidates(stage, 1) == []


async def test_a_presence_that_the_release_before_wrote_is_of_its_kind(stage: Stage) -> None:
    lin, mei = await stage.hire("lin", ready=True), await stage.hire("mei", ready=True)
    row = await stage.value("delete from presence where id = $1 returning centre_id", mei)
    await stage.value(
        """insert into presence (id, centre_id, choice, since, idle_since, is_connected, heartbeat_at)
           values ($1, $2, 'ready', $3, $3, true, $3)""",
        mei, row, stage.now,
    )  # fmt: skip
    assert await kind(stage, mei) == await kind(stage, lin)


async def test_what_can_be_done_is_told_once_for_each_kind_on_duty(stage: Stage) -> None:
    for nth in range(3):
        await stage.hire(f"l{nth}", ready=True, skills=frozenset({"minors"}), chat_capacity=1 + nth % 2)
    busy = await stage.hire("mei", ready=True, languages={"en"})
    await hold(stage, busy, "voice", "talking", "none_found", None)
    await stage.hire("away", languages={"zh"}, skills=frozenset({"complex"}))
    async with stage.store.connection() as connection:
        found = await store_staff.repertoires(connection, stage.centre.id)
    assert {(each.languages, each.skills) for each in found} == {
        (frozenset({"zh", "en"}), frozenset({"minors"})),
        (frozenset({"en"}), frozenset[str]()),
    }
    assert len(found) == 2
