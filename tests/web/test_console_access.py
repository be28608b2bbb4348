"""Every route of the console, for every role, with a thing of one's own, of one's centre, and of another.

The routes are read from the application: a new one without a rule here fails the first test.
"""

import re
from collections.abc import AsyncGenerator, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import httpx2
import pytest
import pytest_asyncio

from hotline.base import ids
from hotline.base.places import config_dir
from hotline.domain.staff import Role
from hotline.policy import instruments, settings
from hotline.policy.policies import Policies
from hotline.store.unit import Store
from hotline.web.console.routes import router
from tests import rulebooks, stage as stages
from tests.served import served
from tests.still import unchanged
from tests.web.desk import Floor, at_work, browser, desk
from tests.web.whose import (
    ANSWER,
    ASKER,
    COUNSELOR_ONLY,
    COUNTS,
    DISMISS,
    FOLLOWED,
    FOLLOWERS,
    OFFERED,
    OK,
    ONESELF,
    RAISE,
    READ,
    RESPOND,
    ROSTER,
    ROSTER_KEEPERS,
    SHIFT,
    SUPERVISOR_ONLY,
    TASK,
    WATCH,
    Answers,
    answers,
    of_rules,
)

NOWHERE: Final = str(ids.new_id())
NO_DIGEST: Final = "0" * 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Who is let in, what a request looks like, and what those who are let in are answered."""

    eyes: Answers
    welcome: int
    body: Any = None


SHEET: Final = {
    "instrument": "hard_criteria",
    "version": instruments.load(config_dir() / "instruments")["hard_criteria"].version,
    "answers": {"last_attempt": "in_progress"},
}

RULES: Final[dict[str, Rule]] = {
    "GET /session": Rule(eyes=ONESELF, welcome=200),
    "DELETE /session": Rule(eyes=ONESELF, welcome=204),
    "PUT /presence": Rule(eyes=ONESELF, welcome=204, body={"choice": "not_ready", "reason": "meal"}),
    "GET /presence/recovery": Rule(eyes=ONESELF, welcome=200),
    "DELETE /presence/recovery": Rule(eyes=ONESELF, welcome=204),
    "POST /softphone/tokens": Rule(eyes=COUNSELOR_ONLY, welcome=200),
    "POST /offers/{offer_id}/acceptance": Rule(eyes=OFFERED, welcome=200),
    "POST /offers/{offer_id}/refusal": Rule(eyes=OFFERED, welcome=204, body={}),
    "GET /contacts/{contact_id}": Rule(eyes=READ, welcome=200),
    "GET /contacts/{contact_id}/messages": Rule(eyes=READ, welcome=200),
    "GET /contacts/{contact_id}/routing": Rule(eyes=WATCH, welcome=200),
    "POST /contacts/{contact_id}/messages": Rule(
        eyes=ANSWER, welcome=201, body={"client_id": str(ids.new_id()), "words": "在的"}
    ),
    "POST /contacts/{contact_id}/hang-up": Rule(eyes=ANSWER, welcome=204),
    "PUT /contacts/{contact_id}/level": Rule(
        eyes=RAISE, welcome=204, body={"level": "imminent", "basis": "在桥上"}
    ),
    "POST /contacts/{contact_id}/escalations": Rule(
        eyes=RAISE, welcome=201, body={"level": "imminent", "reason": "在桥上"}
    ),
    "GET /reviews": Rule(eyes=SUPERVISOR_ONLY, welcome=200),
    "PUT /sessions/{session_id}/screening": Rule(eyes=ANSWER, welcome=204, body={"result": "asked_positive"}),
    "PUT /sessions/{session_id}/record": Rule(eyes=ANSWER, welcome=204, body={"disposition": "counselling"}),
    "POST /sessions/{session_id}/closure": Rule(eyes=ANSWER, welcome=409),  # the talk goes on
    "POST /contacts/{contact_id}/abuse-warnings": Rule(eyes=ANSWER, welcome=204, body={"kind": "insults"}),
    "POST /contacts/{contact_id}/abuse-endings": Rule(
        eyes=ANSWER, welcome=409, body={"kind": "insults"}  # there is danger
    ),
    "POST /contacts/{contact_id}/restrictions": Rule(
        eyes=RAISE,
        welcome=409,  # a chat's caller is not known
        body={"kind": "cooldown_24h", "reason": "辱骂", "review_on": "2026-11-21"},
    ),
    "GET /reports/centres": Rule(eyes=COUNTS, welcome=200),
    "GET /records": Rule(eyes=FOLLOWERS, welcome=200),
    "GET /reports/months/{month}": Rule(eyes=COUNTS, welcome=200),
    "GET /reports/months/{month}/csv": Rule(eyes=COUNTS, welcome=200),
    "POST /reports/months/{month}/snapshots": Rule(eyes=COUNTS, welcome=204),
    "GET /restrictions": Rule(eyes=SUPERVISOR_ONLY, welcome=200),
    "POST /restrictions/{restriction_id}/approval": Rule(eyes=WATCH, welcome=204),
    "POST /restrictions/{restriction_id}/lifting": Rule(eyes=WATCH, welcome=204, body={"reason": "已谈过"}),
    "GET /sessions/{session_id}/record": Rule(eyes=READ, welcome=200),
    "POST /sessions/{session_id}/actions": Rule(
        eyes=ANSWER,
        welcome=204,
        body={"action_id": str(ids.new_id()), "kind": "referral", "state": "planned"},
    ),
    "POST /sessions/{session_id}/amendments": Rule(
        eyes=RAISE, welcome=409, body={"field": "facts", "text": "独居", "reason": "听错"}  # still open
    ),
    "GET /instruments": Rule(eyes=ONESELF, welcome=200),
    "POST /instruments/steps": Rule(
        eyes=ONESELF, welcome=200, body={"instrument": "cssrs_screener", "answers": {}}
    ),
    "GET /contacts/{contact_id}/risk": Rule(eyes=READ, welcome=200),
    "POST /contacts/{contact_id}/assessments": Rule(eyes=RAISE, welcome=201, body=SHEET),
    "POST /contacts/{contact_id}/subjects": Rule(
        eyes=RAISE, welcome=201, body={"client_id": str(ids.new_id()), "relation": "child"}
    ),
    "PUT /subjects/{subject_id}": Rule(eyes=RAISE, welcome=204, body={"relation": "sibling"}),
    "PUT /subjects/{subject_id}/level": Rule(
        eyes=RAISE, welcome=204, body={"level": "imminent", "basis": "在桥上"}
    ),
    "GET /teams": Rule(eyes=ROSTER_KEEPERS, welcome=200),
    "POST /teams": Rule(eyes=ROSTER_KEEPERS, welcome=404, body={"centre_id": NOWHERE, "name": "夜班"}),
    "PUT /teams/{team_id}": Rule(eyes=ROSTER, welcome=204, body={"name": "夜班", "members": []}),
    "PUT /teams/{team_id}/region": Rule(eyes=ROSTER, welcome=204, body={"region": "420106"}),
    "DELETE /teams/{team_id}": Rule(eyes=ROSTER, welcome=204),
    "POST /watches": Rule(
        eyes=ROSTER_KEEPERS,
        welcome=404,
        body={
            "centre_id": NOWHERE, "staff_id": NOWHERE, "position": "manager",
            "begins_at": "2026-11-20T00:00:00Z", "ends_at": "2026-11-20T08:00:00Z",
        },
    ),
    "DELETE /watches/{watch_id}": Rule(eyes=ROSTER, welcome=204),
    "GET /escalations/{escalation_id}": Rule(eyes=READ, welcome=200),
    "POST /escalations/{escalation_id}/acknowledgement": Rule(eyes=RESPOND, welcome=204),
    "POST /escalations/{escalation_id}/notes": Rule(eyes=READ, welcome=201, body={"words": "已联系家属"}),
    "POST /escalations/{escalation_id}/resolution": Rule(
        eyes=RESPOND, welcome=409, body={"outcome": "admitted", "words": ""}  # nobody has taken it
    ),
    "POST /escalations/{escalation_id}/contact": Rule(
        eyes=RESPOND, welcome=409, body={"how": "telephone", "words": ""}  # nobody has taken it
    ),
    "POST /escalations/{escalation_id}/closure": Rule(eyes=RESPOND, welcome=409, body={}),  # no outcome
    "PUT /escalations/{escalation_id}/offer": Rule(
        eyes=RESPOND, welcome=409, body={"to": str(ids.new_id())}  # nobody has taken it
    ),
    "POST /escalations/{escalation_id}/offer/acceptance": Rule(eyes=RESPOND, welcome=409),
    "DELETE /escalations/{escalation_id}/offer": Rule(eyes=RESPOND, welcome=409),
    "POST /escalations/{escalation_id}/joining": Rule(eyes=RESPOND, welcome=204),
    "POST /escalations/{escalation_id}/standing-down": Rule(
        eyes=RESPOND, welcome=409, body={"reason": "误报"}  # somebody is sent out
    ),
    "POST /sessions/{session_id}/assists": Rule(eyes=ANSWER, welcome=201, body={"reason": "cannot_go_on"}),
    "GET /assists/{assist_id}": Rule(eyes=READ, welcome=200),
    "POST /assists/{assist_id}/taking": Rule(eyes=RESPOND, welcome=204),
    "POST /assists/{assist_id}/return": Rule(eyes=READ, welcome=204),
    "POST /assists/{assist_id}/withdrawal": Rule(eyes=ASKER, welcome=204),
    "POST /assists/{assist_id}/ending": Rule(eyes=RESPOND, welcome=409),  # nobody has come yet
    "GET /tasks": Rule(eyes=ONESELF, welcome=200),
    "GET /tasks/{task_id}": Rule(eyes=TASK, welcome=200),
    "POST /tasks/{task_id}/taking": Rule(eyes=TASK, welcome=204),
    "POST /tasks/{task_id}/completion": Rule(
        eyes=TASK, welcome=204, body={"agency": "110", "reported_at": "2026-01-01T00:00:00Z"}
    ),
    "POST /tasks/{task_id}/dismissal-request": Rule(eyes=TASK, welcome=204, body={"reason": "成年人"}),
    "DELETE /tasks/{task_id}/dismissal-request": Rule(eyes=DISMISS, welcome=204),
    "POST /tasks/{task_id}/dismissal": Rule(eyes=DISMISS, welcome=409, body={"reason": "成年人"}),  # by two
    "GET /rulebook": Rule(eyes=SUPERVISOR_ONLY, welcome=200),
    "GET /rulebook/versions/{version}": Rule(
        eyes={key: 404 if code == OK else code for key, code in SUPERVISOR_ONLY.items()}, welcome=200
    ),
    "POST /rulebook/explanation": Rule(eyes=SUPERVISOR_ONLY, welcome=200, body={"text": "我想死"}),
    "POST /rulebook/changes": Rule(eyes=SUPERVISOR_ONLY, welcome=201, body={"title": "新词"}),
    "GET /rulebook/changes/{change_id}": Rule(eyes=of_rules(), welcome=200),
    "GET /rulebook/changes/{change_id}/files/{name}": Rule(eyes=of_rules(), welcome=200),
    "PUT /rulebook/changes/{change_id}/files/{name}": Rule(
        eyes=of_rules(others=403), welcome=200, body={"text": rulebooks.FILES["rules.yaml"], "edition": 0}
    ),
    "DELETE /rulebook/changes/{change_id}/files/{name}?edition=0": Rule(
        eyes=of_rules(others=403), welcome=200
    ),
    "POST /rulebook/changes/{change_id}/check": Rule(eyes=of_rules(), welcome=200),
    "POST /rulebook/changes/{change_id}/explanation": Rule(
        eyes=of_rules(), welcome=200, body={"text": "我想死"}
    ),
    "GET /rulebook/changes/{change_id}/difference": Rule(eyes=of_rules(), welcome=200),
    "POST /rulebook/changes/{change_id}/replays": Rule(eyes=of_rules(), welcome=202, body={"days": 7}),
    "POST /rulebook/changes/{change_id}/proposal": Rule(  # nothing is changed yet
        eyes=of_rules(own=409, others=403), welcome=204
    ),
    "DELETE /rulebook/changes/{change_id}/proposal": Rule(eyes=of_rules(others=403), welcome=204),
    "POST /rulebook/changes/{change_id}/rejection": Rule(
        eyes=of_rules(own=403, others=409), welcome=204, body={"reason": "太宽"}
    ),
    "POST /rulebook/changes/{change_id}/approval": Rule(
        eyes=of_rules(own=403, others=409), welcome=204, body={"version": NO_DIGEST}
    ),
    "POST /rulebook/changes/{change_id}/carrying-over": Rule(
        eyes=of_rules(others=403), welcome=204, body={}
    ),
    "POST /rulebook/changes/{change_id}/discarding": Rule(eyes=of_rules(others=403), welcome=204),
    "POST /contacts/{contact_id}/mandatory-report": Rule(eyes=READ, welcome=204),
    "GET /contacts/{contact_id}/help": Rule(eyes=READ, welcome=200),
    "POST /contacts/{contact_id}/dispatches": Rule(eyes=READ, welcome=201, body={"agency": "110"}),
    "PUT /dispatches/{dispatch_id}/details": Rule(eyes=READ, welcome=204, body={"reference": "17"}),
    "POST /dispatches/{dispatch_id}/confirmation": Rule(
        eyes=READ, welcome=204, body={"result": "reached_safe", "words": "已见到本人"}
    ),
    "POST /dispatches/{dispatch_id}/giving-up": Rule(eyes=WATCH, welcome=204, body={"reason": "查无此人"}),
    "POST /contacts/{contact_id}/location-clues": Rule(
        eyes=READ, welcome=204, body={"words": "江边", "source": "caller"}
    ),
    "GET /number-openings": Rule(eyes=SUPERVISOR_ONLY, welcome=200),
    "POST /contacts/{contact_id}/number-openings": Rule(  # asked for already
        eyes=READ, welcome=201, body={"reason": "定位"}
    ),
    "POST /number-openings/{opening_id}/approval": Rule(eyes=WATCH, welcome=204),
    "POST /number-openings/{opening_id}/refusal": Rule(eyes=WATCH, welcome=204),
    "POST /number-openings/{opening_id}/looks": Rule(  # nobody has agreed yet
        eyes=answers(counselor=OK, supervisor=404, responder=404), welcome=409
    ),
}  # fmt: skip

RULES_AFTERWARDS: Final[dict[str, Rule]] = {
    "GET /contacts/{contact_id}/safety-plan": Rule(eyes=READ, welcome=200),
    "PUT /contacts/{contact_id}/safety-plan": Rule(
        eyes=RAISE, welcome=200, body={"based_on": 0, "made_with_caller": True, "people": ["姐姐"]}
    ),
    "GET /contacts/{contact_id}/follow-ups": Rule(eyes=READ, welcome=200),
    "PUT /contacts/{contact_id}/follow-up-agreement": Rule(
        eyes=RAISE, welcome=204, body={"agreed": True, "way": "phone", "reach": "13900000000"}
    ),
    "POST /contacts/{contact_id}/follow-ups": Rule(eyes=RAISE, welcome=204, body={"days": 3}),
    "GET /follow-ups": Rule(eyes=FOLLOWERS, welcome=200),
    "GET /follow-ups/{follow_up_id}": Rule(eyes=FOLLOWED, welcome=200),
    "POST /follow-ups/{follow_up_id}/taking": Rule(
        eyes=FOLLOWED | {(Role.COUNSELOR, "near"): OK}, welcome=204
    ),
    "POST /follow-ups/{follow_up_id}/attempts": Rule(
        eyes=FOLLOWED | {(Role.SUPERVISOR, "near"): 403}, welcome=204, body={"result": "no_answer"}
    ),  # whoever calls takes it first
    "POST /follow-ups/{follow_up_id}/closure": Rule(
        eyes=FOLLOWED | {(Role.COUNSELOR, "own"): 403},
        welcome=204,
        body={"result": "in_care", "reason": "住院"},
    ),
    "GET /contacts/{contact_id}/history": Rule(eyes=READ, welcome=200),
    "GET /outreach": Rule(eyes=FOLLOWERS, welcome=200),
    "POST /outreach/{abandoned_id}/calls": Rule(
        eyes=FOLLOWERS | {(role, "far"): 404 for role in (Role.COUNSELOR, Role.SUPERVISOR)}, welcome=201
    ),
    "POST /outreach/calls/{call_id}/report": Rule(
        eyes=FOLLOWED | {(Role.SUPERVISOR, "near"): 404}, welcome=204, body={"result": "no_answer"}
    ),  # whoever called says what came of it
    "GET /handovers": Rule(eyes=SHIFT, welcome=200),
    "POST /handovers": Rule(eyes=SHIFT, welcome=204, body={"words": "夜里请多看一眼"}),
    "POST /handovers/{handover_id}/taking": Rule(
        eyes=SHIFT | {(role, "far"): 404 for role in Role if role is not Role.ADMIN}, welcome=204
    ),
}
RULES.update(RULES_AFTERWARDS)

FOR_ANY_COLLEAGUE: Final = {
    "/follow-ups/{follow_up_id}/taking", "/handovers/{handover_id}/taking", "/outreach/{abandoned_id}/calls",
}  # fmt: skip
"""What nobody in particular has to do: whoever is of the centre may begin."""

ELSEWHERE: Final = {
    "POST /session": "test_sign_in.py: this is how one gets in",
    "WS /live": "test_live.py: audiences decide which cards a socket gets",
}


def routes(known: Iterable[Any] = router.routes, prefix: str = "") -> Iterator[str]:
    """Every route of the console, also those that hide from the API's description."""
    for route in known:
        if hasattr(route, "original_router"):  # how FastAPI keeps an included router
            yield from routes(route.original_router.routes, prefix + route.include_context.prefix)
            continue
        path = f"{prefix}{route.path}".removeprefix("/api")
        yield from (f"{method} {path}" for method in getattr(route, "methods", {"WS"}))


@pytest_asyncio.fixture(scope="module")
async def base(store: Store, house_policies: Policies) -> AsyncGenerator[str]:
    roomy = settings.load(config_dir()).model_copy(update={"rulebook": rulebooks.LIMITS})
    async with served(store, house_policies, chosen=roomy) as url:
        yield url


@pytest_asyncio.fixture(scope="module")
async def far(store: Store, house_policies: Policies) -> Floor:
    """Another centre, neither above nor below: nothing of it may change, so one serves all."""
    return await at_work(await stages.found(store, house_policies))


@pytest_asyncio.fixture(scope="module")
async def still(store: Store, house_policies: Policies) -> Floor:
    """A centre at work of which nothing changes either: for those who are refused, or only read."""
    return await at_work(await stages.found(store, house_policies))


def expected_of(route: str, role: Role) -> dict[str, int]:
    """Where the role asks, and what it is answered there; `OK` is what the route answers to its people."""
    is_begun = route.partition(" ")[2] in FOR_ANY_COLLEAGUE and RULES[route].eyes.get((role, "near")) == OK
    places = ["far", "near", *(["own"] if role is Role.COUNSELOR and not is_begun else [])]
    return {where: RULES[route].eyes.get((role, where), 404) for where in places}


async def ask(client: httpx2.AsyncClient, route: str, floor: Floor) -> httpx2.Response:
    method, _, path = route.partition(" ")
    path = path.replace("{name}", "rules.yaml").replace("{version}", NO_DIGEST)
    path = re.sub(r"{(\w+)}", lambda what: str(floor.thing(what[1])), path)
    return await client.request(method, path, json=RULES[route].body)


def test_every_route_has_a_rule():
    ruled = {route.partition("?")[0] for route in RULES}
    assert sorted(routes()) == sorted({*ruled, *ELSEWHERE})


@pytest.mark.parametrize("route", RULES)
@pytest.mark.parametrize("role", Role)
async def test_a_route_lets_in_whom_its_rule_names_and_shows_nothing_to_others(
    base: str, far: Floor, still: Floor, route: str, role: Role
):
    wanted = expected_of(route, role)
    is_still = route.startswith("GET ") or OK not in wanted.values()
    near = still if is_still else await at_work(await stages.found(still.stage.store, still.stage.policies))
    own = near.mei if "offer_id" in route else near.lin
    for where, expected in wanted.items():
        staff_id = own if where == "own" else near.people[role]
        async with desk(near.stage, base, staff_id) as client:
            floor = far if where == "far" else near
            if expected == OK:
                answer = await ask(client, route, floor)
                assert answer.status_code == RULES[route].welcome, (where, answer.text)
                continue
            async with unchanged(near.stage):
                answer = await ask(client, route, floor)
            assert answer.status_code == expected, (where, answer.text)
            assert answer.json().keys() >= {"code", "sentence"}


@pytest.mark.parametrize("route", RULES)
async def test_nobody_who_is_signed_out_is_let_in(base: str, far: Floor, route: str):
    async with unchanged(far.stage), browser(base) as client:
        answer = await ask(client, route, far)
    assert (answer.status_code, answer.json()["code"]) == (401, "session.absent")


@pytest.mark.parametrize("route", [route for route in RULES if "{contact_id}" in route])
async def test_a_responder_sees_no_contact_that_is_not_escalated(base: str, still: Floor, route: str):
    path = route.replace("{contact_id}", str(still.ringing.id))
    method, _, address = path.partition(" ")
    stage = still.stage
    async with unchanged(stage), desk(stage, base, still.people[Role.RESPONDER]) as client:
        answer = await client.request(method, address, json=RULES[route].body)
    assert (answer.status_code, answer.json()["code"]) == (404, "contact.absent")


@pytest.mark.parametrize("route", [route for route in RULES if "_id}" in route])
async def test_what_does_not_exist_looks_like_what_one_may_not_see(base: str, still: Floor, route: str):
    method, _, path = route.partition(" ")
    nothing = path[: path.index("{")] + str(ids.new_id()) + path[path.index("}") + 1 :]
    async with desk(still.stage, base, still.people[Role.COUNSELOR]) as client:
        answer = await client.request(method, nothing, json=RULES[route].body)
        assert answer.status_code == 404
        if "offer_id" not in path and path not in FOR_ANY_COLLEAGUE:
            hidden = await ask(client, route, still)
            assert (hidden.status_code, hidden.json()) == (answer.status_code, answer.json())
