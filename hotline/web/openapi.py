"""What the API's description says of refusals, in one place: no route lists its own.

Which refusals a route may answer follows from what it is: whether somebody must be signed in, whether it
names a thing, takes a body, changes something. All have the one shape. A status that a route answers and
that is not described here is found by the tests of `tests/abuse`.
"""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI

from hotline.web.auth import COOKIE
from hotline.web.errors import Refusal

OPEN: Final = frozenset({("post", "/api/session")})
"""Routes of the console that nobody has to be signed in for; the chat's are open to everybody."""
CHAT: Final = "/api/chat"
_CHANGE: Final = "/api/rulebook/changes/{change_id}"
_TRIED: Final = ("check", "explanation", "replays", "proposal", "approval")
THROTTLED: Final = frozenset(
    {
        ("post", "/api/session"),
        *(("post", f"{_CHANGE}/{what}") for what in _TRIED),
        ("get", f"{_CHANGE}/difference"),
    }
)
NAMING: Final = frozenset({("post", "/api/teams"), ("post", "/api/watches")})
"""Routes whose body names a thing that may be out of reach, and so is absent."""
SECURITY: Final = "signed in"
SAFE: Final = "get"
_OURS: Final = ("HTTPValidationError", "ValidationError")
"""FastAPI's own shapes of a refusal, which nobody is answered."""


def describe(app: FastAPI) -> None:
    """Let the app describe itself with every refusal that its routes may answer."""
    plain = app.openapi

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _with_refusals(plain())
        return app.openapi_schema

    app.openapi = described


def is_open(method: str, path: str) -> bool:
    """Whether a route is for people who are not signed in."""
    return path.startswith(CHAT) or (method, path) in OPEN


def refusals(method: str, path: str, *, has_body: bool) -> Iterator[HTTPStatus]:
    """What a route may answer instead of what was asked for."""
    yield HTTPStatus.UNPROCESSABLE_ENTITY
    yield HTTPStatus.SERVICE_UNAVAILABLE
    if not is_open(method, path):
        yield from (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
    if "{" in path or path.startswith(CHAT) or (method, path) in NAMING:
        yield HTTPStatus.NOT_FOUND
    if method != SAFE:
        yield from (HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT)
    if has_body:
        yield from (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    if (method, path) in THROTTLED:
        yield from (HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS)


def _with_refusals(schema: dict[str, Any]) -> dict[str, Any]:
    parts = schema.setdefault("components", {})
    shapes = parts.setdefault("schemas", {})
    for name in _OURS:
        shapes.pop(name, None)
    shapes[Refusal.__name__] = Refusal.model_json_schema()
    parts["securitySchemes"] = {SECURITY: {"type": "apiKey", "in": "cookie", "name": COOKIE}}
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            answers = operation["responses"]
            for status in refusals(method, path, has_body="requestBody" in operation):
                answers[str(status.value)] = _refusal(status)
            operation["responses"] = dict(sorted(answers.items()))
            if not is_open(method, path):
                operation["security"] = [{SECURITY: []}]
    return schema


def _refusal(status: HTTPStatus) -> dict[str, Any]:
    shape = {"$ref": f"#/components/schemas/{Refusal.__name__}"}
    return {"description": f"{status.phrase}.", "content": {"application/json": {"schema": shape}}}
