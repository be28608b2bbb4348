"""What the tests of this floor share: ids, words, an account, and a wire that answers as told."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
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
from tests.patience import PATIENCE_SECONDS
from tests.ports import free_port
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


def listener(app: Starlette, port: int) -> uvicorn.Server:
    """A server on this machine that is not started yet."""
    options = uvicorn.Config(app, port=port, log_level="error", lifespan="off", timeout_graceful_shutdown=1)
    return uvicorn.Server(options)


@asynccontextmanager
async def serving(server: uvicorn.Server) -> AsyncGenerator[None]:
    """Run a server in this loop, and let it close its doors in the end."""
    closed = asyncio.Event()

    async def run() -> None:
        try:
            await server.serve()
        finally:
            closed.set()

    async with Crew() as crew:
        crew.once("server", run())
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not server.started:  # noqa: ASYNC110  uvicorn has no event for it
                await asyncio.sleep(0.01)
        yield
        server.should_exit = True
        await closed.wait()


@dataclass(slots=True)
class Wire:
    """The other end of the REST API: writes down what it is asked, answers what it is told to."""

    port: int = field(default_factory=free_port)
    asked: list[tuple[str, str, list[tuple[str, str]]]] = field(
        default_factory=list[tuple[str, str, list[tuple[str, str]]]]
    )
    answers: list[Response] = field(default_factory=list[Response])
    keeps_silent: asyncio.Event | None = None
    open_now: int = 0
    open_most: int = 0
    more: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def answers_with(self, *answers: Response) -> None:
        """Forget what was asked; answer these in turn, the last one for ever."""
        self.asked = []
        self.answers = list(answers)
        self.keeps_silent = None
        self.open_most = 0

    async def heard(self, times: int) -> None:
        """Wait until so much has been asked."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(self.asked) < times:
                await self.more.wait()

    def server(self) -> uvicorn.Server:
        """The server, not started yet."""
        app = Starlette(routes=[Route("/{path:path}", self._answer, methods=["GET", "POST"])])
        return listener(app, self.port)

    async def _answer(self, request: Request) -> Response:
        query = request.scope["query_string"].decode()
        path = request.scope["raw_path"].decode() + (f"?{query}" if query else "")
        body = (await request.body()).decode()
        self.asked.append((request.method, path, parse_qsl(body, keep_blank_values=True)))
        self.open_now += 1
        self.open_most = max(self.open_most, self.open_now)
        self.more.set()
        self.more = asyncio.Event()
        if self.keeps_silent is not None:
            await self.keeps_silent.wait()
        self.open_now -= 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def call_json(**changed: str | None) -> JSONResponse:
    """A call, as Twilio shows it."""
    shown = {"sid": CALL, "status": "queued", "direction": "outbound-api", "from": LINE, "to": "+86138"}
    return JSONResponse(shown | changed, status_code=201)


def refusal(status: int, code: int, message: str = "no") -> JSONResponse:
    """A refusal, as Twilio words it."""
    return JSONResponse({"code": code, "message": message, "status": status}, status_code=status)
