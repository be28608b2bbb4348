"""What the tests of this floor share: ids, words, an account, and a wire that answers as told."""

import asyncio
import socket
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from hotline.base.sensitive import Sensitive
from hotline.base.tasks import Crew
from hotline.carriers.twilio.rest import Account
from hotline.carriers.twilio.urls import Urls
from hotline.domain.leg import Prompt
from tests.practice.people import ACCOUNT, APP, KEY, LINE, SECRET

LEG = UUID("01900000-0000-7000-8000-000000000007")
PAGE = UUID("01900000-0000-7000-8000-000000000009")
BASE = "https://hotline.example"
URLS = Urls(base=BASE)
CALL = "CA" + "a" * 32
ROOM_SID = "CF" + "c" * 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One piece of speech."""

    text: str
    audio: str | None = None
    voice_language: str = "cmn-CN"


def say(prompt: Prompt) -> tuple[Words, ...]:
    """Each prompt is said as its key and what it is told."""
    told = " ".join(f"{name}={value}" for name, value in prompt.values)
    return (Words(text=f"{prompt.key} {prompt.language} {told}".strip()),)


def account(api_base: str | None, **changed: Any) -> Account:
    """The practice exchange's account, in a hurry."""
    known: dict[str, Any] = {
        "account": ACCOUNT,
        "key": KEY,
        "secret": Sensitive(SECRET),
        "caller_number": LINE,
        "sms_number": LINE,
        "application": APP,
        "api_base": api_base,
        "timeout_seconds": 2.0,
        "tries_max": 3,
        "pause_seconds": 0.001,
    }
    return Account(**known | changed)


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


@dataclass(slots=True)
class Wire:
    """The other end of the REST API: writes down what it is asked, answers what it is told to."""

    port: int = field(default_factory=free_port)
    asked: list[tuple[str, str, list[tuple[str, str]]]] = field(
        default_factory=list[tuple[str, str, list[tuple[str, str]]]]
    )
    answers: list[Response] = field(default_factory=list[Response])
    keeps_silent: asyncio.Event | None = None
    running: uvicorn.Server | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def answers_with(self, *answers: Response) -> None:
        """Forget what was asked; answer these in turn, the last one for ever."""
        self.asked = []
        self.answers = list(answers)
        self.keeps_silent = None

    async def start(self, crew: Crew) -> None:
        """Listen."""
        app = Starlette(routes=[Route("/{path:path}", self._answer, methods=["GET", "POST"])])
        options = uvicorn.Config(
            app, port=self.port, log_level="error", lifespan="off", timeout_graceful_shutdown=1
        )
        self.running = uvicorn.Server(options)
        crew.once("wire", self.running.serve())
        async with asyncio.timeout(10):
            while not self.running.started:
                await asyncio.sleep(0.01)

    def stop(self) -> None:
        """Stop listening."""
        if self.running is not None:
            self.running.should_exit = True

    async def _answer(self, request: Request) -> Response:
        query = request.scope["query_string"].decode()
        path = request.scope["raw_path"].decode() + (f"?{query}" if query else "")
        body = (await request.body()).decode()
        self.asked.append((request.method, path, parse_qsl(body, keep_blank_values=True)))
        if self.keeps_silent is not None:
            await self.keeps_silent.wait()
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def call_json(**changed: str | None) -> JSONResponse:
    """A call, as Twilio shows it."""
    shown = {"sid": CALL, "status": "queued", "direction": "outbound-api", "from": LINE, "to": "+86138"}
    return JSONResponse(shown | changed, status_code=201)


def refusal(status: int, code: int, message: str = "no") -> JSONResponse:
    """A refusal, as Twilio words it."""
    return JSONResponse({"code": code, "message": message, "status": status}, status_code=status)
