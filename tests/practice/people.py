"""The two sides of the exchange, as tests see them: a scripted product, and people with telephones."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import httpx2
import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from twilio.request_validator import RequestValidator

from tests.patience import PATIENCE_SECONDS

ACCOUNT = "AC" + "0" * 32
TOKEN = "practice-auth-token-0123456789ab"
KEY = "SK" + "1" * 32
SECRET = "practice-key-secret-0123456789ab"
APP = "AP" + "2" * 32
LINE = "+861012356001"
CALLER = "+8613800000001"

Answer = str | Response | Callable[["Asked"], "str | Response | Awaitable[str | Response]"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request that the product received, its signature already checked."""

    path: str
    form: dict[str, str]
    headers: dict[str, str]
    signed: bool


@dataclass(slots=True)
class Product:
    """Webhooks that answer from a script: path -> TwiML, an answer, or a function of the request."""

    base: str = ""
    script: dict[str, Answer] = field(default_factory=dict[str, Answer])
    asked: list[Asked] = field(default_factory=list[Asked])
    more: asyncio.Event = field(default_factory=asyncio.Event)

    def url(self, path: str) -> str:
        """Where a path of the script lives."""
        return self.base + path

    def server(self) -> uvicorn.Server:
        """The web server that answers from the script."""
        app = Starlette(routes=[Route("/{path:path}", self._answer, methods=["GET", "POST"])])
        return uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", timeout_graceful_shutdown=1))

    def begin(self, **script: Answer) -> None:
        """Forget the last script and what it was asked."""
        self.asked = []
        self.script = {}
        self.says(**script)

    def says(self, **script: Answer) -> None:
        """Answer each path like this; `a__b` stands for a/b."""
        self.script |= {name.replace("__", "/"): answer for name, answer in script.items()}

    def at(self, path: str, **fields: str) -> list[Asked]:
        """The requests at a path that carried these fields."""
        return [one for one in self.asked if one.path == path and fields.items() <= one.form.items()]

    async def got(self, path: str, times: int = 1, **fields: str) -> list[Asked]:
        """Wait until a path was asked so many times with these fields."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(found := self.at(path, **fields)) < times:
                await self.more.wait()
        return found

    async def _answer(self, request: Request) -> Response:
        form = await request.form()
        path = request.path_params["path"]
        asked = Asked(
            path=path,
            form={name: str(value) for name, value in form.multi_items()} | dict(request.query_params),
            headers=dict(request.headers),
            signed=_is_signed(request, form),
        )
        self.asked.append(asked)
        self.more.set()
        self.more = asyncio.Event()
        answer = self.script.get(path, Response(status_code=204))
        if callable(answer) and not isinstance(answer, Response):
            answer = answer(asked)
        if isinstance(answer, Awaitable):
            answer = await answer
        if isinstance(answer, str):
            return Response(f"<Response>{answer}</Response>", media_type="text/xml")
        return answer


def _is_signed(request: Request, form: FormData) -> bool:
    path = request.scope["raw_path"].decode()
    query = request.scope["query_string"].decode()
    url = f"http://{request.headers['host']}{path}" + (f"?{query}" if query else "")
    validator: Any = RequestValidator(TOKEN)  # the library is untyped
    posted = form if request.method == "POST" else FormData()
    return bool(validator.validate(url, posted, request.headers["x-twilio-signature"]))


class Phone:
    """The control API and the REST API of one exchange."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._web = httpx2.AsyncClient(base_url=url, timeout=PATIENCE_SECONDS + 15, trust_env=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._web.aclose()

    async def clear(self) -> None:
        """Hang up and forget everything."""
        await self._web.delete("/practice/state")

    async def dial(self, to: str = LINE, frm: str = CALLER) -> str:
        """Call a number; the call's identifier."""
        return (await self.control("POST", "/calls", {"from": frm, "to": to}))["sid"]

    async def control(self, method: str, path: str, body: object = None) -> Any:
        """The control API, which must say yes."""
        answer = await self._web.request(method, f"/practice{path}", json=body)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    async def ask(self, method: str, path: str, body: object = None) -> httpx2.Response:
        """The control API, which may say no."""
        return await self._web.request(method, f"/practice{path}", json=body)

    async def press(self, sid: str, digits: str) -> None:
        """Press keys as soon as somebody listens."""
        await self.control("POST", f"/calls/{sid}/digits", {"digits": digits, "seconds": PATIENCE_SECONDS})

    async def hears(self, sid: str, text: str) -> Any:
        """Wait until a text has been heard."""
        return await self.control("GET", f"/calls/{sid}?heard={quote(text)}&seconds={PATIENCE_SECONDS}")

    async def is_now(self, sid: str, status: str) -> Any:
        """Wait until a call has this status."""
        return await self.control("GET", f"/calls/{sid}?status={status}&seconds={PATIENCE_SECONDS}")

    async def ringing(self) -> Any:
        """Wait until a phone rings, and which one it is."""
        return (await self.control("GET", f"/ringing?seconds={PATIENCE_SECONDS}"))[0]

    async def api(self, method: str, path: str, **form: str | list[str]) -> httpx2.Response:
        """The REST API."""
        return await self._web.request(
            method,
            f"/2010-04-01/Accounts/{ACCOUNT}{path}",
            data=form or None,
            auth=(ACCOUNT, TOKEN),
        )
