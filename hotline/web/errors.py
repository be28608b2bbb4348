"""Errors on their way out: the only file that knows HTTP status codes.

Every answer to a failed request has one shape: `{"code", "sentence"}`, the code stable for machines
and translations, the sentence saying what to do.
"""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from hotline.base import log
from hotline.base.errors import (
    Absent,
    Broken,
    Forbidden,
    HotlineError,
    Malformed,
    Refused,
    TooMany,
    Unauthenticated,
    Unreachable,
)

FAULTS_SHOWN_MAX: Final = 10
PLACE_CHARACTERS_MAX: Final = 100
"""A fault is said by its place; a place can be a name that the sender made up, of any length."""

STATUS: Final[tuple[tuple[type[HotlineError], HTTPStatus], ...]] = (
    (Unauthenticated, HTTPStatus.UNAUTHORIZED),
    (Forbidden, HTTPStatus.FORBIDDEN),
    (Refused, HTTPStatus.CONFLICT),
    (Absent, HTTPStatus.NOT_FOUND),
    (Malformed, HTTPStatus.UNPROCESSABLE_ENTITY),
    (TooMany, HTTPStatus.TOO_MANY_REQUESTS),
    (Unreachable, HTTPStatus.SERVICE_UNAVAILABLE),
    (Broken, HTTPStatus.INTERNAL_SERVER_ERROR),
)

_log = log.get("web")


class Refusal(BaseModel):
    """What every request that is not carried out is answered: a code for machines, a sentence for people.

    `fields` names what is missing or wrong, where it is the parts of a form.
    """

    code: str
    sentence: str
    fields: list[str] = []


def status_of(error: HotlineError) -> HTTPStatus:
    """The status of an error: that of the first class in the table that it belongs to."""
    return next(
        (status for kind, status in STATUS if isinstance(error, kind)), HTTPStatus.INTERNAL_SERVER_ERROR
    )


def install(app: FastAPI) -> None:
    """Answer every error in the one shape."""
    app.add_exception_handler(HotlineError, _on_error)
    app.add_exception_handler(RequestValidationError, _on_malformed)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(Exception, _on_bug)


async def _on_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HotlineError)  # noqa: S101  registered for this class only
    if isinstance(error, Broken):
        _log.error("broken", code=error.code, path=request.url.path)
    return answer(status_of(error), error.code, error.sentence, fields=error.fields)


async def _on_malformed(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101  registered for this class only
    found = error.errors()
    faults = "; ".join(f"{_place(each['loc'])}: {each['msg']}" for each in found[:FAULTS_SHOWN_MAX])
    more = f"; and {len(found) - FAULTS_SHOWN_MAX} more" if len(found) > FAULTS_SHOWN_MAX else ""
    return answer(HTTPStatus.UNPROCESSABLE_ENTITY, "request.malformed", f"Cannot be read: {faults}{more}.")


async def _on_http(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101  registered for this class only
    status = HTTPStatus(error.status_code)
    if status is HTTPStatus.BAD_REQUEST:
        return answer(
            HTTPStatus.UNPROCESSABLE_ENTITY, "request.malformed", "The body cannot be read as JSON."
        )
    return answer(status, f"http.{status.value}", f"{status.phrase}.", error.headers)


async def _on_bug(request: Request, error: Exception) -> JSONResponse:
    _log.error("bug", path=request.url.path, kind=type(error).__name__, exc_info=error)
    return answer(HTTPStatus.INTERNAL_SERVER_ERROR, "bug", "This is our mistake; an engineer has been told.")


def answer(
    status: HTTPStatus,
    code: str,
    sentence: str,
    headers: Mapping[str, str] | None = None,
    fields: tuple[str, ...] = (),
) -> JSONResponse:
    """The one shape of everything that was not carried out."""
    kept = dict(headers or {})
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        kept["retry-after"] = "1"
    named = {"fields": list(fields)} if fields else {}
    return JSONResponse({"code": code, "sentence": sentence, **named}, status_code=status, headers=kept)


def _place(place: Iterable[object]) -> str:
    """Where a fault is, fit to be sent: a made-up name may hold half a character."""
    text = ".".join(map(str, place)).encode("utf-8", "replace").decode()
    return text if len(text) <= PLACE_CHARACTERS_MAX else f"{text[:PLACE_CHARACTERS_MAX]}…"
