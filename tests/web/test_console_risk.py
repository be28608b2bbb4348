"""Instruments, answer sheets, people at risk and the history of a level, as the console asks for them."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest_asyncio

from hotline.base import ids
from hotline.domain.staff import Role
from hotline.policy.policies import Policies
from hotline.store.unit import Store
from tests.served import served
from tests.stage import Stage
from tests.web.desk import at_work, desk, in_talk

LOW = {"wish_dead": "yes", "thoughts": "no", "behaviour": "never"}


@pytest_asyncio.fixture(scope="module")
async def base(store: Store, house_policies: Policies) -> AsyncGenerator[str]:
    async with served(store, house_policies) as url:
        yield url


def sheet(stage: Stage, answers: dict[str, Any], instrument: str = "cssrs_screener", **more: Any) -> Any:
    version = stage.policies.instruments[instrument].version
    return {"instrument": instrument, "version": version, "answers": answers, **more}


async def test_every_instrument_is_listed_and_what_is_off_says_why(stage: Stage, base: str):
    supervisor = await stage.hire("sun", Role.SUPERVISOR)
    async with desk(stage, base, supervisor) as client:
        found = (await client.get("/instruments")).json()["instruments"]
    assert {each["id"]: each["off"] is None for each in found} == {
        "cssrs_screener": True,
        "hard_criteria": True,
        "lifeline_prompts": True,
        "self_ratings": True,
        "beijing_12": False,
    }


async def test_the_screener_is_walked_past_what_a_no_leaves_out(stage: Stage, base: str):
    lin = await stage.hire("lin")
    given: dict[str, str] = {}
    async with desk(stage, base, lin) as client:
        order = list[str]()
        for answer in ("yes", "no", "ever"):
            body = {"instrument": "cssrs_screener", "answers": given}
            step = (await client.post("/instruments/steps", json=body)).json()
            order.append(step["next"])
            given[step["next"]] = answer
        body = {"instrument": "cssrs_screener", "answers": given}
        last = (await client.post("/instruments/steps", json=body)).json()
        excluded = {"instrument": "cssrs_screener", "answers": {**given, "plan_intent": "yes"}}
        refused = await client.post("/instruments/steps", json=excluded)
        absent = await client.post("/instruments/steps", json={"instrument": "tea_leaves", "answers": {}})
    assert order == ["wish_dead", "thoughts", "behaviour"]
    assert (last["next"], last["result"]["level"]) == (None, "moderate")
    assert (refused.status_code, refused.json()["code"]) == (409, "instrument.skipped")
    assert (absent.status_code, absent.json()["code"]) == (409, "instrument.absent")


async def test_what_was_asked_and_why_the_level_moved_is_shown_and_the_look_is_journalled(
    stage: Stage, base: str
):
    lin = await stage.hire("lin", ready=True)
    contact, _ = await in_talk(stage, lin)
    async with desk(stage, base, lin) as client:
        kept = await client.post(
            f"/contacts/{contact.id}/assessments", json=sheet(stage, LOW, words="语速很慢")
        )
        judged = {"level": "moderate", "basis": "独居", "seen": "low"}
        assert (await client.put(f"/contacts/{contact.id}/level", json=judged)).is_success
        shown = (await client.get(f"/contacts/{contact.id}/risk")).json()
    (asked,) = shown["assessments"]
    assert (asked["id"], asked["words"], asked["answers"]) == (kept.json()["id"], "语速很慢", LOW)
    assert asked["why"] == [{"zh": "希望自己死掉", "en": "wishes to be dead"}]
    moves = [(each["before"], each["after"], each["source"], each["basis"]) for each in shown["moves"]]
    assert moves == [("none_found", "low", "instrument", None), ("low", "moderate", "counselor", "独居")]
    assert [each["by"]["name"] for each in shown["moves"]] == ["Lin", "Lin"]
    assert "record.read" in await stage.kinds(contact.id)


async def test_a_sheet_with_a_key_is_kept_once(stage: Stage, base: str):
    floor = await at_work(stage)
    path, key = f"/contacts/{floor.contact.id}/assessments", {"Idempotency-Key": str(ids.new_id())}
    async with desk(stage, base, floor.lin) as client:
        made = [await client.post(path, json=sheet(stage, LOW), headers=key) for _ in range(2)]
        made.append(await client.post(path, json=sheet(stage, LOW)))
    assert made[0].json() == made[1].json() != made[2].json()


async def test_a_subject_in_danger_is_at_the_top_of_the_board_and_the_caller_stays_low(
    stage: Stage, base: str
):
    lin = await stage.hire("lin", ready=True)
    contact, _ = await in_talk(stage, lin)
    told = {"client_id": str(ids.new_id()), "relation": "child", "name": "小明", "flags": ["minor"]}
    async with desk(stage, base, lin) as client:
        son = (await client.post(f"/contacts/{contact.id}/subjects", json=told)).json()["id"]
        danger = {"level": "imminent", "basis": "在天台上", "seen": "unknown"}
        assert (await client.put(f"/subjects/{son}/level", json=danger)).is_success
        shown = (await client.get(f"/contacts/{contact.id}/risk")).json()
    assert (shown["level"], shown["subject_level"]) == ("none_found", "imminent")
    assert [(each["id"], each["name"], each["level"]) for each in shown["subjects"]] == [
        (son, "小明", "imminent")
    ]
    assert [(each["subject_id"], each["after"]) for each in shown["moves"]] == [(son, "imminent")]
    card = (await stage.screen()).cards[f"contact:{contact.id}"].card
    assert (card["level"], card["subject_level"], card["band"]) == ("none_found", "imminent", 0)


async def test_ratings_show_what_has_changed(stage: Stage, base: str):
    lin = await stage.hire("lin", ready=True)
    contact, _ = await in_talk(stage, lin)
    before = {"intent": 80, "hopefulness": 10, "distress": 90}
    after = {"intent": 30, "hopefulness": "not_asked", "distress": 60}
    async with desk(stage, base, lin) as client:
        for moment, answers in (("before", before), ("after", after)):
            body = sheet(stage, answers, "self_ratings", moment=moment)
            assert (await client.post(f"/contacts/{contact.id}/assessments", json=body)).is_success
        shown = (await client.get(f"/contacts/{contact.id}/risk")).json()
        wrong = sheet(stage, {**before, "intent": 101}, "self_ratings", moment="before")
        refused = await client.post(f"/contacts/{contact.id}/assessments", json=wrong)
    assert shown["ratings"] == {"before": before, "after": after, "change": {"intent": -50, "distress": -30}}
    assert (refused.status_code, refused.json()["code"]) == (409, "instrument.answer")
