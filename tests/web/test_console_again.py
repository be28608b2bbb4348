"""A page that hears no answer sends the same again: it is carried out once, and answered alike."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx2
import pytest
import pytest_asyncio

from hotline.base import clock, ids
from hotline.base.sensitive import Sensitive
from hotline.domain.custody import Hand
from hotline.domain.level import Level
from hotline.domain.staff import Role
from hotline.flow import escalation
from hotline.flow.escalation import Judgement, Said
from hotline.policy.policies import Policies
from hotline.store.unit import Store
from tests.served import served
from tests.stage import Stage
from tests.still import unchanged
from tests.web.desk import Floor, at_work, desk

KEPT = ("escalation", "escalation_note", "judgement", "page")
GRAVE = "在天台上"


@pytest_asyncio.fixture(scope="module")
async def base(store: Store, house_policies: Policies) -> AsyncGenerator[str]:
    async with served(store, house_policies) as url:
        yield url


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One thing that a counselor wants done, and how many rows of each kind come of it."""

    method: str
    path: str
    body: Mapping[str, Any]
    rows: Mapping[str, int]


WISHES = {
    "a note": Wish(
        method="POST",
        path="/escalations/{escalation_id}/notes",
        body={"words": "已联系家人"},
        rows={"escalation_note": 1},
    ),
    "an alarm": Wish(
        method="POST",
        path="/contacts/{contact_id}/escalations",
        body={"level": "imminent", "reason": GRAVE},
        rows={"escalation_note": 1, "page": 2},
    ),
    "a level": Wish(
        method="PUT",
        path="/contacts/{contact_id}/level",
        body={"level": "imminent", "basis": GRAVE},
        rows={"escalation_note": 1, "judgement": 1, "page": 2},
    ),
    "a screening": Wish(
        method="PUT",
        path="/sessions/{session_id}/screening",
        body={"result": "asked_positive", "reason": GRAVE, "level": "imminent"},
        rows={"escalation_note": 1, "judgement": 1, "page": 2},
    ),
}


async def counts(stage: Stage) -> dict[str, int]:
    """How many rows there are of what people add."""
    return {table: await stage.value(f"select count(*) from {table}") for table in KEPT}  # noqa: S608  ours


async def everybody_is_back(stage: Stage, floor: Floor) -> None:
    """Nobody is on the way to the person any more."""
    over = (
        "update dispatch set state = 'confirmed', next_reminder_at = null where contact_id = $1 returning 1"
    )
    await stage.value(over, floor.contact.id)


def added(before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, int]:
    return {table: many - before[table] for table, many in after.items() if many != before[table]}


async def send(
    client: httpx2.AsyncClient, floor: Floor, wish: Wish, key: str | None, **other: str
) -> httpx2.Response:
    things = {name: floor.thing(name) for name in ("contact_id", "session_id", "escalation_id")}
    headers = {} if key is None else {"idempotency-key": key}
    body = {**wish.body, **other}
    return await client.request(wish.method, wish.path.format(**things), json=body, headers=headers)


def told(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.text


@pytest.mark.parametrize("name", WISHES)
async def test_what_is_sent_again_is_kept_once_and_answered_alike(stage: Stage, base: str, name: str):
    floor, wish, key = await at_work(stage), WISHES[name], str(ids.new_id())
    before = await counts(stage)
    async with desk(stage, base, floor.lin) as lin:
        first = await send(lin, floor, wish, key)
        assert first.is_success
        assert added(before, await counts(stage)) == wish.rows
        async with unchanged(stage):
            again = await send(lin, floor, wish, key)
    assert told(again) == told(first)


@pytest.mark.parametrize("name", WISHES)
async def test_what_is_sent_many_times_at_once_is_kept_once(stage: Stage, base: str, name: str):
    floor, wish, key = await at_work(stage), WISHES[name], str(ids.new_id())
    before = await counts(stage)
    async with desk(stage, base, floor.lin) as lin:
        answers = await asyncio.gather(*(send(lin, floor, wish, key) for _ in range(5)))
    assert answers[0].is_success
    assert {told(answer) for answer in answers} == {told(answers[0])}
    assert added(before, await counts(stage)) == wish.rows


async def test_the_same_words_said_twice_on_purpose_are_there_twice(stage: Stage, base: str):
    floor, wish = await at_work(stage), WISHES["a note"]
    before = await counts(stage)
    async with desk(stage, base, floor.lin) as lin:
        for key in (str(ids.new_id()), str(ids.new_id()), None, None):
            assert (await send(lin, floor, wish, key)).status_code == 201
    assert added(before, await counts(stage)) == {"escalation_note": 4}


async def test_a_key_is_one_persons_and_of_one_thing_and_of_one_body(stage: Stage, base: str):
    floor, wish, key = await at_work(stage), WISHES["a note"], "one-key-for-everything"
    responder = floor.people[Role.RESPONDER]
    before = await counts(stage)
    async with desk(stage, base, floor.lin) as lin, desk(stage, base, responder) as wu:
        for client, words in ((lin, "一"), (lin, "二"), (wu, "一")):
            assert (await send(client, floor, wish, key, words=words)).status_code == 201
        assert (await send(lin, floor, WISHES["a level"], key)).status_code == 204
    assert added(before, await counts(stage))["escalation_note"] == 4


async def test_what_was_refused_was_not_carried_out_and_may_be_sent_again(stage: Stage, base: str):
    floor, key = await at_work(stage), str(ids.new_id())
    lower = Wish(
        method="PUT", path="/contacts/{contact_id}/level", body={"level": "low", "basis": ""}, rows={}
    )
    async with desk(stage, base, floor.people[Role.SUPERVISOR]) as sun:
        for _ in range(2):
            async with unchanged(stage):
                answer = await send(sun, floor, lower, key)
            assert (answer.status_code, answer.json()["code"]) == (409, "level.basis")
        assert (await send(sun, floor, lower, key, basis="歌词")).status_code == 204
    assert (await stage.contact(floor.contact.id)).level is Level.LOW


async def test_an_alarm_sent_again_after_its_team_was_sent_away_calls_the_team_in(stage: Stage, base: str):
    floor, key = await at_work(stage), str(ids.new_id())
    async with desk(stage, base, floor.lin) as lin:
        first = (await send(lin, floor, WISHES["an alarm"], key)).json()["id"]
        responder = floor.people[Role.RESPONDER]
        await everybody_is_back(stage, floor)
        await escalation.stand_down(
            stage.store, UUID(first), Hand(staff_id=responder, leads=True),
            Said(code="misread", words=Sensitive("误报")), clock.now(),
        )  # fmt: skip
        again = (await send(lin, floor, WISHES["an alarm"], key)).json()["id"]
    assert again != first
    assert await stage.value("select state from escalation where id = $1", UUID(again)) == "paged"


async def test_a_level_sent_again_rises_again_and_never_sinks(stage: Stage, base: str):
    floor = await at_work(stage)
    supervisor = floor.people[Role.SUPERVISOR]

    async def judge(level: Level) -> None:
        judged = Judgement(level=level, basis=Sensitive("看了"), may_lower=True)
        await escalation.set_level(
            stage.store, stage.policies, floor.contact.id, supervisor, judged, clock.now()
        )

    raising, lowering = (
        Wish(
            method="PUT", path="/contacts/{contact_id}/level", body={"level": level, "basis": GRAVE}, rows={}
        )
        for level in ("imminent", "low")
    )
    async with desk(stage, base, supervisor) as sun:
        await send(sun, floor, raising, "raise")
        await judge(Level.MODERATE)
        assert (await send(sun, floor, raising, "raise")).status_code == 204
        assert (await stage.contact(floor.contact.id)).level is Level.IMMINENT
        await send(sun, floor, lowering, "lower")
        await judge(Level.HIGH)
        async with unchanged(stage):
            assert (await send(sun, floor, lowering, "lower")).status_code == 204
    assert (await stage.contact(floor.contact.id)).level is Level.HIGH


@pytest.mark.parametrize("key", ["", "two words", "k" * 101, "字"])
async def test_a_key_that_is_none_is_malformed_and_changes_nothing(stage: Stage, base: str, key: str):
    floor = await at_work(stage)
    async with unchanged(stage), desk(stage, base, floor.lin) as lin:
        headers = {b"idempotency-key": key.encode()}
        path = f"/escalations/{floor.escalation}/notes"
        answer = await lin.post(path, json={"words": "x"}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "request.malformed")


async def test_of_a_key_and_its_words_nothing_readable_is_kept(stage: Stage, base: str):
    floor = await at_work(stage)
    async with desk(stage, base, floor.lin) as lin:
        assert (await send(lin, floor, WISHES["a note"], "readable-key")).status_code == 201
    kept = await stage.value("select count(*) from fact where key like 'asked:%'")
    assert kept >= 1
    assert await stage.value("select count(*) from fact where key like '%readable%'") == 0
    assert await stage.value("select max(length(key)) from fact where key like 'asked:%'") == 107


@pytest.mark.parametrize(
    ("step", "body"),
    [
        ("contact", {"how": "telephone", "words": "家人在"}),
        ("resolution", {"outcome": "not_reached", "words": "家人在"}),
        ("standing-down", {"reason": "误报"}),
        ("acknowledgement", None),
    ],
)
async def test_what_ends_an_escalation_may_be_said_twice_by_the_same_person(
    stage: Stage, base: str, step: str, body: Mapping[str, str] | None
):
    floor = await at_work(stage)
    responder, supervisor = floor.people[Role.RESPONDER], floor.people[Role.SUPERVISOR]
    if step != "acknowledgement":
        await escalation.acknowledge(
            stage.store, stage.policies, floor.escalation, Hand(staff_id=responder), clock.now()
        )
    await everybody_is_back(stage, floor)
    async with desk(stage, base, responder) as wu, desk(stage, base, supervisor) as sun:
        path = f"/escalations/{floor.escalation}/{step}"
        assert (await wu.post(path, json=body)).status_code == 204
        async with unchanged(stage):
            assert (await wu.post(path, json=body)).status_code == 204
            assert (await sun.post(path, json=body)).status_code == 409
