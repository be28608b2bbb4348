"""The door to the REST API: who may come in, which parameters are known, and bad days.

A request is let in with the account's identifier and token, or with an API key and its secret. On a bad
day (`Faults`) some are refused with 429 or 500, and some are carried out and answered with 500 all the same:
that is the answer that got lost.
"""

import asyncio
import base64
import binascii
import hmac
from collections.abc import Mapping
from functools import partial

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from hotline.practice import recordings
from hotline.practice.parameters import Form, check_body, check_query
from hotline.practice.rest import accounts, calls, conferences, queues
from hotline.practice.rest.answers import root
from hotline.practice.rest.asking import Ask, Handler
from hotline.practice.switchboard import Switchboard
from hotline.practice.wrong import AUTHENTICATE, SERVER_ERROR, TOO_MANY_REQUESTS, RestError, not_found

HANDLERS: Mapping[tuple[str, str], Handler] = {
    **calls.HANDLERS,
    **queues.HANDLERS,
    **conferences.HANDLERS,
    **accounts.HANDLERS,
}


def api(board: Switchboard) -> list[BaseRoute]:
    """Every route of the API for this account."""
    base = root(board.desk.config.account)
    routes: list[BaseRoute] = [
        Route(base + template, partial(_answer, board, method, template), methods=[method])
        for method, template in HANDLERS
    ]
    routes += [
        Route(f"{base}/Recordings/{{Sid}}{ending}", partial(_sound, board)) for ending in (".wav", ".mp3", "")
    ]
    routes.append(
        Route("/2010-04-01/{rest:path}", partial(_nothing, board), methods=["GET", "POST", "DELETE", "PUT"])
    )
    return routes


async def _answer(board: Switchboard, method: str, template: str, request: Request) -> Response:
    post = board.desk.post
    faults = post.faults
    board.desk.address = str(request.base_url).rstrip("/")
    await asyncio.sleep(faults.rest_delay_seconds)
    try:
        _let_in(board, request)
        if post.dice.hits(faults.rest_429_share):
            raise RestError(429, TOO_MANY_REQUESTS, "Too Many Requests")
        if post.dice.hits(faults.rest_500_share):
            raise RestError(500, SERVER_ERROR, "Internal Server Error")
        reply = await HANDLERS[method, template](await _ask(board, method, template, request))
        if post.dice.hits(faults.rest_lost_share):
            raise RestError(500, SERVER_ERROR, "Internal Server Error")
    except RestError as error:
        return _refusal(board, request, error)
    board.desk.feed.tell("rest", request.path_params.get("Sid", ""), method=method, path=request.url.path)
    if reply.body is None:
        return Response(status_code=reply.status)
    return JSONResponse(reply.body, status_code=reply.status)


async def _ask(board: Switchboard, method: str, template: str, request: Request) -> Ask:
    check_query(method, template, request.query_params.keys())
    pairs: list[tuple[str, str]] = []
    if method == "POST":
        async with request.form() as body:
            pairs = [(name, value) for name, value in body.multi_items() if isinstance(value, str)]
    form = check_body(method, template, pairs) if method == "POST" else Form(())
    return Ask(
        board=board,
        account=board.desk.config.account,
        path=request.url.path,
        parts=request.path_params,
        query=request.query_params,
        form=form,
    )


async def _sound(board: Switchboard, request: Request) -> Response:
    try:
        _let_in(board, request)
        recording = board.desk.book.recordings.get(request.path_params["Sid"])
        if recording is None or recording.is_deleted or recording.ended_at is None:
            raise not_found(request.url.path)
    except RestError as error:
        return _refusal(board, request, error)
    channels = int(request.query_params.get("RequestedChannels", "1"))
    return Response(recordings.sound(min(channels, recording.channels)), media_type="audio/x-wav")


async def _nothing(board: Switchboard, request: Request) -> Response:
    return _refusal(board, request, not_found(request.url.path))


def _let_in(board: Switchboard, request: Request) -> None:
    config = board.desk.config
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    try:
        user, _, given = base64.b64decode(credentials, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        user, given = "", ""
    wanted = (config.api_keys | {config.account: config.auth_token}).get(user)
    if (
        scheme.lower() != "basic"
        or wanted is None
        or not hmac.compare_digest(wanted.encode(), given.encode())
    ):
        raise RestError(401, AUTHENTICATE, "Authenticate")


def _refusal(board: Switchboard, request: Request, error: RestError) -> Response:
    board.desk.feed.tell("rest refused", "", method=request.method, path=request.url.path, code=error.code)
    body = {
        "code": error.code,
        "message": error.message,
        "more_info": f"https://www.twilio.com/docs/errors/{error.code}",
        "status": error.status,
    }
    return JSONResponse(body, status_code=error.status)
