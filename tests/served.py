"""The real application in the test's own loop, on a loopback port of its own."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import uvicorn

from hotline.base.places import config_dir
from hotline.base.tasks import Crew
from hotline.carriers.nothing import NoTelephony
from hotline.carriers.port import Telephony
from hotline.policy import phrases, settings
from hotline.policy.policies import Policies
from hotline.policy.settings import Settings, Web
from hotline.policy.workbench import Workbench
from hotline.store.unit import Store
from hotline.web import app as web_app, protocol
from hotline.web.ears import Ears
from hotline.web.edge import Edge
from hotline.web.followers import Followers
from hotline.web.hub import Hub
from hotline.web.line import ServerLine
from hotline.web.living import Living


@asynccontextmanager
async def served(
    store: Store,
    policies: Policies,
    *,
    chosen: Settings | None = None,
    telephony: Telephony | None = None,
    port: int = 0,
    hears: bool = True,
) -> AsyncGenerator[str]:
    """The base URL of the running app; it shares the test's store.

    Whoever stands at a time of their own has ears of that time, and leaves out ours, which are of today.
    """
    kept = chosen or settings.load(config_dir())

    @asynccontextmanager
    async def lifespan() -> AsyncGenerator[Edge]:
        hub, living = Hub(store, tail_seconds=0.05), Living(store)
        async with Crew() as crew:
            crew.keep("hub", hub.run)
            crew.keep("days", hub.count)
            crew.keep("signs of life", living.run)
            followers = Followers(store, hub)
            crew.keep("chat pages", followers.run)
            silent_max = kept.web.workers_silent_seconds_max
            ears = Ears(store, hub, living, workers_silent_seconds_max=silent_max)
            if hears:
                crew.keep("pulse", ears.run)
            yield Edge(
                settings=kept,
                policies=policies,
                phrases=phrases.load(config_dir() / "phrases", kept.web.emergency_numbers, "zh"),
                store=store,
                telephony=telephony or NoTelephony(),
                hub=hub,
                living=living,
                ears=ears,
                followers=followers,
                workbench=Workbench(kept.rulebook),
            )

    app = web_app.create(lifespan, web=kept.web)
    async with running(app, port=port, web=kept.web) as base:
        yield base


@asynccontextmanager
async def running(app: object, *, port: int = 0, web: Web | None = None) -> AsyncGenerator[str]:
    """Any ASGI app on uvicorn in this loop, with the house's limits on connections; its base URL."""
    config = uvicorn.Config(
        app,  # type: ignore[arg-type]
        host="127.0.0.1",
        port=port,
        log_level="warning",
        http=protocol.bounded(web or Web()),
        ws=ServerLine,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    task = asyncio.get_running_loop().create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
        if task.done():
            task.result()
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await task
