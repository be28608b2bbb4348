"""The exchange as a web application: Twilio's API, the control API, and a page with a telephone on it."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from hotline.base.tasks import Crew
from hotline.practice.config import PracticeConfig
from hotline.practice.control import control
from hotline.practice.feed import Feed
from hotline.practice.rest.door import api
from hotline.practice.switchboard import Switchboard
from hotline.practice.wrong import RestError

PAGE = Path(__file__).parent / "page"
BIN = "/bins/{number}"
SHARED = ("/practice/clients", "/practice/calls", "/practice/events")
"""What a counselor's page, served from another port of this machine, may ask for."""
LOOPBACK_ORIGIN = r"https?://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?"
SHUTDOWN_SECONDS_MAX = 1
START_SECONDS_MAX = 10


class SharedWithLoopback:
    """Cross-origin rules for `SHARED` paths only; everything else keeps the browser's default."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap the application twice, and choose by path."""
        self._app = app
        self._shared = CORSMiddleware(
            app,
            allow_origin_regex=LOOPBACK_ORIGIN,
            allow_methods=["GET", "POST"],
            allow_headers=["content-type"],
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path = scope.get("path", "")
        chosen = self._shared if path.startswith(SHARED) else self._app
        await chosen(scope, receive, send)


def create_app(config: PracticeConfig) -> FastAPI:
    """An exchange with its own memory; `app.state.board` is its switchboard once it runs."""
    crew = Crew()
    board = Switchboard(config, crew)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        async with crew:
            yield
        await board.desk.post.close()

    app = FastAPI(title="Practice exchange", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.state.board = board
    app.add_middleware(SharedWithLoopback)
    app.router.routes.extend(api(board))
    app.add_exception_handler(RestError, _refused)
    app.include_router(control(board))
    app.add_api_route(BIN, partial(_bin, Path(config.bins)), methods=["GET", "POST"], include_in_schema=False)
    app.mount("/", StaticFiles(directory=PAGE, html=True))
    return app


async def _bin(folder: Path, number: str) -> Response:
    """A document that the provider keeps for a number; it goes on when the house is down."""
    file = folder / f"{number}.xml"
    if not number.isdigit() or not file.is_file():
        raise RestError(404, 20404, f"No document is kept for {number}.")
    return Response(file.read_bytes(), media_type="text/xml")


async def _refused(request: Request, error: Exception) -> JSONResponse:
    """The control API says no with the exchange's own sentence; the REST API answers in Twilio's form."""
    del request
    status = error.status if isinstance(error, RestError) else 500
    return JSONResponse({"detail": str(error)}, status_code=status)


class _Server(uvicorn.Server):
    """Closes the feed before it waits for requests to end: who waits for news would hold it up."""

    def __init__(self, config: uvicorn.Config, feed: Feed) -> None:
        super().__init__(config)
        self._feed = feed

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._feed.close()
        await super().shutdown(sockets)


def server(config: PracticeConfig) -> uvicorn.Server:
    """A server that is not started yet, for whoever needs to stop it."""
    app = create_app(config)
    options = uvicorn.Config(
        app,
        host=config.host,
        port=config.port,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS_MAX,
    )
    return _Server(options, app.state.board.desk.feed)


async def serve(config: PracticeConfig) -> None:
    """Run until told to stop."""
    await server(config).serve()


@asynccontextmanager
async def running(server: uvicorn.Server) -> AsyncGenerator[str]:
    """Serve while the context lasts; yields the URL, also when port 0 left the choice to the system."""
    stopped = asyncio.Event()
    async with Crew() as crew:
        crew.once("server", _until_stopped(server, stopped))
        async with asyncio.timeout(START_SECONDS_MAX):
            while not server.started:  # noqa: ASYNC110  uvicorn tells it no other way
                await asyncio.sleep(0.01)
        host, port = server.servers[0].sockets[0].getsockname()[:2]
        try:
            yield f"http://{host}:{port}"
        finally:
            server.should_exit = True
            await stopped.wait()


async def _until_stopped(server: uvicorn.Server, stopped: asyncio.Event) -> None:
    try:
        await server.serve()
    finally:
        stopped.set()
