"""The control API: hands and ears for people, tests and drills. JSON, loopback only, no sign-in.

Calls and what they hear
    POST   /practice/calls {from, to}                       dial one of our numbers -> the call
    GET    /practice/calls?live=true                        every call, newest first
    GET    /practice/calls/{sid}                            one call: status, hears, transcript, listens
           ?heard=TEXT&status=S&listens=true&seconds=5      ... once TEXT was heard, S is its status, keys are
                                                            waited for; 408 with the call if that does not
                                                            come about within `seconds` (real ones)
    POST   /practice/calls/{sid}/digits {digits, seconds}   press keys; waits up to `seconds` (5) for a
                                                            Gather, 409 when none listens
    POST   /practice/calls/{sid}/hangup                     the person hangs up
    POST   /practice/calls/{sid}/lose {seconds}             the device is gone without a word; the network
                                                            notices after `seconds` (30, times pace)
Phones that ring because of us
    GET    /practice/ringing?seconds=0                      ringing outbound legs, oldest first; waits
                                                            `seconds` for the first one
    POST   /practice/calls/{sid}/answer                     take it; 409 when it does not ring
    POST   /practice/calls/{sid}/decline {status}           busy (default), no-answer or failed
Browsers: what the voice SDK would do for a counselor's page
    POST   /practice/clients/{identity}/connect {params, application, token}
                                                            device.connect -> the call; with a token its
                                                            grants are checked and name the application
    POST   /practice/clients/{identity}/hangup              end this identity's live calls
    POST   /practice/clients/{identity}/lose {seconds}      lose this identity's device
The rest
    GET    /practice/state                                  live calls, rooms, queues, numbers, callers
    GET    /practice/messages                               text messages, newest first
    GET    /practice/faults, PUT /practice/faults {...}     misfortune on order, see `chance.Faults`
    GET    /practice/happenings?after=N                     what happened after number N
    GET    /practice/events?after=N                         the same as server-sent events, as it comes
    DELETE /practice/state                                  hang up and forget everything; faults are reset

A call is shown as {sid, direction, from, to, status, parent, created_at, hears: {at, kind, text}, listens,
rings, lost, room, label, queue, transcript: [{at, kind, text}]}. `kind` is ringing, say, play, tones,
silence, music, room, hold, talk, recording, error or ended; for a room the text reads "in room NAME with:
caller, counselor".
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from ipaddress import ip_address
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from hotline.base.clock import now
from hotline.practice.book import Call
from hotline.practice.chance import Faults
from hotline.practice.rest.answers import Json, message_json
from hotline.practice.shown import call_shown, state_shown
from hotline.practice.switchboard import Switchboard
from hotline.practice.tokens import granted_application

WAIT_SECONDS_MAX = 60.0
DIGITS_PATTERN = r"^[0-9*#]{1,40}$"


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class Dialled(_Body):
    """Who calls, and which number."""

    frm: str = Field(alias="from", min_length=1, max_length=64)
    to: str = Field(max_length=64)


class Pressed(_Body):
    """Keys, and how long to wait for somebody who listens (real seconds)."""

    digits: str = Field(pattern=DIGITS_PATTERN)
    seconds: float = Field(default=5.0, ge=0, le=WAIT_SECONDS_MAX)


class Declined(_Body):
    """How a ringing phone is not taken."""

    status: Literal["busy", "no-answer", "failed"] = "busy"


class Lost(_Body):
    """After how many seconds (times pace) the network notices; absent means as configured."""

    seconds: float | None = Field(default=None, ge=0, le=3600)


class Connected(_Body):
    """What `device.connect` is given."""

    params: dict[str, str] = Field(default_factory=dict[str, str])
    application: str = ""
    token: str = ""


class Awaited(_Body):
    """What to wait for before a call is shown; nothing means at once."""

    heard: str = ""
    status: str = ""
    listens: bool = False
    seconds: float = Field(default=5.0, ge=0, le=WAIT_SECONDS_MAX)


def control(board: Switchboard) -> APIRouter:
    """The routes described above."""
    router = APIRouter(prefix="/practice", dependencies=[Depends(_Loopback(board))])
    _add_calls(router, board)
    _add_hands(router, board)
    _add_phones(router, board)
    _add_clients(router, board)
    _add_room_of_machines(router, board)
    return router


class _Loopback:
    """Lets in this machine only, unless the exchange was told otherwise."""

    def __init__(self, board: Switchboard) -> None:
        self._is_open = board.desk.config.control_from_anywhere

    def __call__(self, request: Request) -> None:
        host = request.client.host if request.client else ""
        if not self._is_open and not (host == "testclient" or ip_address(host).is_loopback):
            raise HTTPException(403, "the control API answers to this machine only")


def _add_calls(router: APIRouter, board: Switchboard) -> None:
    @router.post("/calls", status_code=201)
    async def place(body: Dialled) -> Json:
        return call_shown(board.place_inbound(body.frm, body.to))

    @router.get("/calls")
    async def calls(*, live: bool = False) -> list[Json]:
        found = board.desk.book.live_calls() if live else list(board.desk.book.calls.values())
        return [call_shown(call) for call in reversed(found)]

    @router.get("/calls/{sid}")
    async def call(sid: str, awaited: Annotated[Awaited, Depends()]) -> JSONResponse:
        found = _call(board, sid)
        met = await _until(board, sid, awaited.seconds, lambda: _is_met(found, awaited))
        return JSONResponse(call_shown(found), status_code=200 if met else 408)


def _add_hands(router: APIRouter, board: Switchboard) -> None:
    @router.post("/calls/{sid}/digits")
    async def press(sid: str, body: Pressed) -> Json:
        found = _call(board, sid)
        await _until(board, sid, body.seconds, lambda: found.keypad is not None or found.is_over)
        if not board.press(found, body.digits):
            raise HTTPException(409, "nobody listens for keys")
        return call_shown(found)

    @router.post("/calls/{sid}/hangup")
    async def hang_up(sid: str) -> Json:
        found = _call(board, sid)
        board.hang_up(found)
        return call_shown(found)

    @router.post("/calls/{sid}/lose")
    async def lose(sid: str, body: Lost | None = None) -> Json:
        found = _call(board, sid)
        board.lose(found, _lost_seconds(board, body))
        return call_shown(found)


def _add_phones(router: APIRouter, board: Switchboard) -> None:
    @router.get("/ringing")
    async def ringing(seconds: Annotated[float, Query(ge=0, le=WAIT_SECONDS_MAX)] = 0) -> list[Json]:
        await _until(
            board, "", seconds, lambda: any(call.is_ringing_out for call in board.desk.book.live_calls())
        )
        return [call_shown(call) for call in board.desk.book.live_calls() if call.is_ringing_out]

    @router.post("/calls/{sid}/answer")
    async def answer(sid: str) -> Json:
        return _decided(sid, "answer")

    @router.post("/calls/{sid}/decline")
    async def decline(sid: str, body: Declined | None = None) -> Json:
        return _decided(sid, (body or Declined()).status)

    def _decided(sid: str, decision: str) -> Json:
        found = _call(board, sid)
        if not board.decide(found, decision):
            raise HTTPException(409, "this phone does not ring")
        return call_shown(found)


def _add_clients(router: APIRouter, board: Switchboard) -> None:
    @router.post("/clients/{identity}/connect", status_code=201)
    async def connect(identity: str, body: Connected) -> Json:
        application = body.application
        if body.token:
            application = granted_application(body.token, identity, board.desk.config.api_keys, now())
        return call_shown(board.connect_client(identity, application, body.params))

    @router.post("/clients/{identity}/hangup")
    async def hang_up(identity: str) -> list[Json]:
        found = _calls_of(identity)
        for call in found:
            board.hang_up(call)
        return [call_shown(call) for call in found]

    @router.post("/clients/{identity}/lose")
    async def lose(identity: str, body: Lost | None = None) -> list[Json]:
        found = _calls_of(identity)
        for call in found:
            board.lose(call, _lost_seconds(board, body))
        return [call_shown(call) for call in found]

    def _calls_of(identity: str) -> list[Call]:
        name = f"client:{identity}"
        return [call for call in board.desk.book.live_calls() if name in {call.frm, call.to}]


def _add_room_of_machines(router: APIRouter, board: Switchboard) -> None:
    @router.get("/state")
    async def state() -> Json:
        return state_shown(board)

    @router.delete("/state", status_code=204)
    async def clear() -> None:
        board.desk.post.set_faults(Faults())
        board.clear()

    @router.get("/messages")
    async def messages() -> list[Json]:
        account = board.desk.config.account
        return [message_json(account, one) for one in reversed(board.desk.book.messages.values())]

    @router.get("/faults")
    async def faults() -> Faults:
        return board.desk.post.faults

    @router.put("/faults")
    async def set_faults(body: Faults) -> Faults:
        board.desk.post.set_faults(body)
        board.desk.feed.tell("faults", "", **body.model_dump())
        return body

    @router.get("/happenings")
    async def happenings(after: int = 0) -> list[Json]:
        return [one.shown() for one in board.desk.feed.since(after)]

    @router.get("/events")
    async def events(after: int = 0) -> StreamingResponse:
        return StreamingResponse(_stream(board, after), media_type="text/event-stream")


async def _stream(board: Switchboard, after: int) -> AsyncIterator[str]:
    yield ": hello\n\n"
    async for one in board.desk.feed.follow(after):
        yield f"id: {one.number}\ndata: {json.dumps(one.shown(), ensure_ascii=False, default=str)}\n\n"


def _call(board: Switchboard, sid: str) -> Call:
    found = board.desk.book.calls.get(sid)
    if found is None:
        raise HTTPException(404, f"there is no call {sid}")
    return found


def _lost_seconds(board: Switchboard, body: Lost | None) -> float:
    given = body.seconds if body is not None else None
    return board.desk.config.lost_seconds if given is None else given


def _is_met(call: Call, awaited: Awaited) -> bool:
    return (
        (not awaited.heard or any(awaited.heard in one.text for one in call.heard))
        and (not awaited.status or call.status == awaited.status)
        and (not awaited.listens or call.keypad is not None)
    )


async def _until(board: Switchboard, call: str, seconds: float, is_met: Callable[[], bool]) -> bool:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while not is_met() and not board.desk.feed.is_over:
                await board.desk.feed.change(call)
    return is_met()
