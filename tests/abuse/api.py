"""Every operation of the API's description, asked as everybody, with what fits and with what does not.

Ids of the paths are often those of things that exist, so that what lies behind them is reached. Each
answer is held against the description: no status that is not in it, no shape but the one that is, and
never a status of ours for a mistake of ours.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

import requests
import schemathesis
import schemathesis.checks as tool
from hypothesis import HealthCheck, Phase, given, seed as seeded, settings, strategies as some
from hypothesis.errors import Unsatisfiable
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks

from hotline.base import ids
from hotline.policy.settings import Web
from hotline.web import app as web_app
from tests.abuse.floor import NOBODY, Ground

CHECKS: Final[list[Any]] = [
    tool.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
UNHURRIED: Final = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
SLOW: Final = {"POST /api/session"}
"""A password takes a third of a second to check."""
SLOW_SHARE: Final = 4
ANSWER_SECONDS_MAX: Final = 30.0
EVERYBODY: Final = ("counselor", "supervisor", "responder", "admin", "lin", "mei", NOBODY)


@dataclass(slots=True)
class Tally:
    """How often each operation was asked, and with what each was answered."""

    cases: Counter[str] = field(default_factory=Counter[str])
    answers: Counter[str] = field(default_factory=Counter[str])

    @property
    def total(self) -> int:
        """All cases."""
        return sum(self.cases.values())


@cache
def described() -> Any:
    """The description, as the tool reads it."""
    app = web_app.create(_never, web=Web())
    return schemathesis.openapi.from_dict(app.openapi())


def _never() -> Any:
    raise AssertionError("only described, never started")


@cache
def operations() -> dict[str, Any]:
    """The operations by `METHOD /path`."""
    found = (each.ok() for each in described().get_all_operations())
    return {operation.label: operation for operation in found}


def things(ground: Ground) -> Mapping[str, list[str]]:
    """For each name in a path, what exists: here, or nowhere."""
    floor, stage = ground.floor, ground.stage
    found = {name: [str(thing), str(ids.new_id())] for name, thing in floor.things.items()}
    found["contact_id"].append(str(floor.ringing.id))
    return found | {"slug": [stage.chat_line.address, "nowhere"]}


def walk(ground: Ground, operation: Any, *, examples: int, seed: int, tally: Tally) -> None:
    """Ask one operation so often; to be called in a thread of its own."""
    known, session = things(ground), requests.Session()
    session.trust_env = False
    cookies: dict[str, dict[str, str]] = {}
    most = max(2, examples // SLOW_SHARE) if operation.label in SLOW else examples

    def sign_in(who: str) -> dict[str, str]:
        if who not in cookies or operation.label == "DELETE /api/session":
            cookies[who] = ground.cookie(who)
        return cookies[who]

    def ask(case: Any, who: str, replaced: dict[str, str]) -> None:
        for name in set(replaced) & set(case.path_parameters or {}):
            case.path_parameters[name] = replaced[name]
        session.cookies.clear()
        headers = {"cookie": "; ".join(f"{name}={value}" for name, value in sign_in(who).items())}
        answer = case.call(ground.base, session, headers, timeout=ANSWER_SECONDS_MAX)
        tally.cases[operation.label] += 1
        tally.answers[str(answer.status_code)] += 1
        case.validate_response(answer, checks=CHECKS)

    for mode in GenerationMode:
        with suppress(Unsatisfiable):  # where any text will do, nothing is wrong
            _run(operation.as_strategy(generation_mode=mode), known, ask, most // 2, seed)


def _run(
    cases: Any,
    known: Mapping[str, list[str]],
    ask: Callable[[Any, str, dict[str, str]], None],
    examples: int,
    seed: int,
) -> None:
    replaced = some.fixed_dictionaries(
        {}, optional={name: some.sampled_from(values) for name, values in known.items()}
    )

    @seeded(seed)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate, Phase.shrink],
        suppress_health_check=UNHURRIED,
    )
    @given(case=cases, who=some.sampled_from(EVERYBODY), replaced=replaced)
    def one(case: Any, who: str, replaced: dict[str, str]) -> None:
        ask(case, who, replaced)

    one()
