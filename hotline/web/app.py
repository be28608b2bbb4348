"""The application: all routes together, errors in one shape, the console below all routes."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Final

from fastapi import FastAPI
from fastapi.responses import JSONResponse
from fastapi.telemetry import TelemetryConfig

from hotline.base.places import console_dist
from hotline.policy.settings import Web
from hotline.web import bounds, errors, headers, health, openapi, origin
from hotline.web.auth import Argon2
from hotline.web.chat import pace, routes as chat
from hotline.web.chat.pace import Door
from hotline.web.console import routes as console
from hotline.web.edge import Edge
from hotline.web.webhooks import page_call, twilio

Lifespan = Callable[[], AbstractAsyncContextManager[Edge]]

DRAFTS: Final = "/api/rulebook/changes/"
"""A file of a rulebook is a larger body than any other."""

SILENT: Final[TelemetryConfig] = {
    "auto_configure": False, "tracing": False, "metrics": False, "logs": False,
}  # fmt: skip
"""FastAPI would send what it sees of requests to whoever a variable of the environment names."""


def create(lifespan: Lifespan, *, web: Web, connects: tuple[str, ...] = ()) -> FastAPI:
    """An app whose edge is made by `lifespan` at start and let go of at the end.

    `connects` are origins that pages may speak to besides our own: the telephone network's.
    """

    @asynccontextmanager
    async def live(app: FastAPI) -> AsyncGenerator[None]:
        async with lifespan() as edge:
            app.state.edge = edge
            app.state.passwords = Argon2(web.sign_ins_waiting_max)
            app.state.chat_door = Door.of(web)
            app.state.chat_paces = pace.of_messages(web)
            yield

    app = FastAPI(
        title="hotline",
        summary="Call-centre backend for psychological-assistance lines",
        lifespan=live,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        telemetry=SILENT,
    )
    errors.install(app)
    app.add_middleware(
        bounds.BoundedBody,
        bytes_max=web.body_bytes_max,
        seconds_max=web.body_seconds_max,
        larger={DRAFTS: web.rulebook_body_bytes_max},
    )
    app.add_middleware(origin.SameOrigin)
    app.add_middleware(headers.PageHeaders, connects=connects)
    for part in (health, twilio, page_call, chat, console):
        app.router.routes.extend(part.router.routes)  # not included: see `console/routes.py`
    app.add_api_route(
        "/api/{rest:path}", _no_route, include_in_schema=False, methods=["GET", "POST", "PUT", "DELETE"]
    )
    built = console_dist()
    if built is not None:
        app.frontend("/", directory=str(built))
    openapi.describe(app)
    return app


async def _no_route(rest: str) -> JSONResponse:
    _ = rest
    return JSONResponse({"code": "route.absent", "sentence": "There is no such route."}, status_code=404)
