"""The API's description is complete: the console's own types are generated from it."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

import pytest

from hotline.domain import session
from hotline.domain.level import Level
from hotline.policy.settings import Web
from hotline.web import app as web_app

REFUSAL: Final = {"$ref": "#/components/schemas/Refusal"}


@cache
def described() -> Mapping[str, Any]:
    return web_app.create(lambda: pytest.fail("nothing starts"), web=Web()).openapi()


def operations() -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for path, methods in described()["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


@pytest.mark.parametrize(
    ("method", "path", "operation"),
    [pytest.param(*each, id=f"{each[0]} {each[1]}") for each in operations()],
)
def test_every_answer_has_a_shape_and_every_route_a_sentence(
    method: str, path: str, operation: Mapping[str, Any]
):
    assert operation["description"], (method, path)
    done = {code: answer for code, answer in operation["responses"].items() if code.startswith("2")}
    assert len(done) == 1
    for code, answer in done.items():
        assert code == "204" or "schema" in answer["content"]["application/json"]
    for code in operation["responses"].keys() - done.keys():
        assert operation["responses"][code]["content"]["application/json"]["schema"] == REFUSAL, code
    assert operation["responses"].keys() >= {"422", "503"}
    assert ("401" in operation["responses"]) is (not path.startswith("/api/chat"))


def test_what_nobody_is_answered_is_not_described():
    assert not {"HTTPValidationError", "ValidationError"} & described()["components"]["schemas"].keys()


@pytest.mark.parametrize(
    ("shape", "field", "codes"),
    [
        ("LevelAsked", "level", {level.text for level in Level}),
        ("ScreeningAsked", "result", set(session.SCREENINGS)),
        ("ContactShown", "level", {level.text for level in Level}),
    ],
)
def test_codes_are_listed_as_the_domain_knows_them(shape: str, field: str, codes: set[str]):
    assert set(described()["components"]["schemas"][shape]["properties"][field]["enum"]) == codes


def test_no_shape_of_an_answer_is_left_open():
    for name, shape in described()["components"]["schemas"].items():
        for field, kind in shape.get("properties", {}).items():
            assert kind.keys() & {"type", "anyOf", "$ref", "allOf", "enum", "const"}, (name, field)
