"""Errors on their way out: the only file that knows HTTP status codes.

Every answer to a failed request has one shape: `{"code", "sentence"}`, the code stable for machines
and translations, the sentence saying what to do.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
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
    return _answer(status_of(error), error.code, error.sentence, fields=error.fields)


async def _on_malformed(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101  registered for this class only
    faults = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
    return _answer(HTTPStatus.UNPROCESSABLE_ENTITY, "request.malformed", f"Cannot be read: {faults}.")


async def _on_http(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101  registered for this class only
    status = HTTPStatus(error.status_code)
    if status is HTTPStatus.BAD_REQUEST:
        return _answer(
            HTTPStatus.UNPROCESSABLE_ENTITY, "request.malformed", "The body cannot be read as JSON."
        )
    return _answer(status, f"http.{status.value}", f"{status.phrase}.", error.headers)


async def _on_bug(request: Request, error: Exception) -> JSONResponse:
    _log.error("bug", path=request.url.path, kind=type(error).__name__, exc_info=error)
    return _answer(HTTPStatus.INTERNAL_SERVER_ERROR, "bug", "This is our mistake; an engineer has been told.")


def _answer(
    status: HTTPStatus,
    code: str,
    sentence: str,
    headers: "Mapping[str, str] | None" = None,
    fields: tuple[str, ...] = (),
) -> JSONResponse:
    kept = dict(headers or {})
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        kept["retry-after"] = "1"
    named = {"fields": list(fields)} if fields else {}
    return JSONResponse({"code": code, "sentence": sentence, **named}, status_code=status, headers=kept)
