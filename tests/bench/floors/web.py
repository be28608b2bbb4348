"""The floors of HTTP: bare FastAPI routes over raw asyncpg, in a process of their own.

`/w0` answers an empty POST. `/w1` reads a form, checks its signature by HMAC-SHA1 over address and sorted
fields, writes one contact and one event in one commit, and answers a document that is a constant. The four
routes of a life run the thirteen statements of `raw`, with no logic.
"""

import base64
import hashlib
import hmac
import socket
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any, Final, cast

import asyncpg
import uvicorn
import uvloop
from fastapi import FastAPI, Request, Response

from hotline.store.engine import connect_arguments
from tests.bench import children, databases, sampler
from tests.bench.children import Child
from tests.bench.floors import raw

BASE: Final = "http://bench"
CONNECTIONS: Final = 16
DOCUMENT: Final = (
    '<?xml version="1.0" encoding="UTF-8"?><Response><Gather numDigits="1" action="/t/digits"><Say '
    'language="zh-CN">您好，这里是心理援助热线。</Say></Gather><Redirect>/t/digits</Redirect></Response>'
)


def app_on(pool: Any, token: str) -> FastAPI:
    """Every floor in one app."""
    app = FastAPI()

    @app.post("/w0")
    async def w0() -> Response:
        return Response(status_code=204)

    @app.post("/w1")
    async def w1(request: Request) -> Response:
        form = await request.form()
        text = f"{BASE}/w1" + "".join(f"{name}{form[name]}" for name in sorted(form))
        digest = base64.b64encode(hmac.digest(token.encode(), text.encode(), hashlib.sha1)).decode()
        if not hmac.compare_digest(digest, request.headers["x-twilio-signature"]):
            return Response(status_code=403)
        async with pool.acquire() as connection, connection.transaction():
            made = await connection.fetchval(raw.ENQUEUE, 1)
            await connection.execute(raw.EVENT, made, "enqueued", raw.BODY)
        return Response(DOCUMENT, media_type="text/xml")

    _add_life(app, pool)
    return app


def _add_life(app: FastAPI, pool: Any) -> None:
    @app.post("/contacts", status_code=201)
    async def enqueue() -> dict[str, int]:
        async with pool.acquire() as connection, connection.transaction():
            made = await connection.fetchval(raw.ENQUEUE, 1)
            await connection.execute(raw.EVENT, made, "enqueued", raw.BODY)
        return {"contact": made}

    @app.post("/offers", status_code=201)
    async def offer() -> dict[str, int]:
        while True:
            async with pool.acquire() as connection, connection.transaction():
                contact = await connection.fetchval(raw.CLAIM)
                if contact is None:
                    continue
                counselor = await connection.fetchval(raw.CLAIM_COUNSELOR, contact)
                made = await connection.fetchval(raw.OFFER, contact, counselor)
                await connection.execute(raw.EVENT, contact, "offered", raw.BODY)
            return {"contact": contact, "counselor": counselor, "offer": made}

    @app.post("/contacts/{contact}/acceptance", status_code=204)
    async def accept(contact: int, counselor: int, offer: int) -> None:
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute(raw.ACCEPT_OFFER, offer)
            await connection.execute(raw.ACCEPT, contact, counselor)
            await connection.execute(raw.ENGAGE, counselor)
            await connection.execute(raw.EVENT, contact, "accepted", raw.BODY)

    @app.post("/contacts/{contact}/end", status_code=204)
    async def complete(contact: int, counselor: int) -> None:
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute(raw.COMPLETE, contact)
            await connection.execute(raw.FREE, counselor)
            await connection.execute(raw.EVENT, contact, "completed", raw.BODY)


async def _no_reset(_connection: object) -> None:
    """Nothing: a floor trusts itself."""


async def _serve(what: dict[str, Any]) -> None:
    made = cast("Any", asyncpg.create_pool)(
        **connect_arguments(what["url"]), min_size=CONNECTIONS, max_size=CONNECTIONS, reset=_no_reset
    )
    async with made as pool:
        async with pool.acquire() as connection:
            await raw.founded(connection)
        config = uvicorn.Config(
            app_on(pool, what["token"]),
            log_level="warning",
            access_log=False,
            http="httptools",
            lifespan="off",
        )
        server = uvicorn.Server(config)
        door = socket.socket()
        door.bind(("127.0.0.1", 0))
        door.listen()
        children.say({"port": door.getsockname()[1]})  # who connects before the server runs waits at the door
        await server.serve(sockets=[door])


_lent: list[Child] = []


@contextmanager
def lending(app: Child) -> Generator[None]:
    """Whoever asks for the floors gets these: for small tries."""
    _lent.append(app)
    try:
        yield
    finally:
        _lent.remove(app)


@asynccontextmanager
async def floors(token: str) -> AsyncGenerator[Child]:
    """The floors on a database of their own, on the servers' core; `ready["port"]` is where."""
    if _lent:
        yield _lent[-1]
        return
    async with databases.bare() as url:
        what = {"url": url, "token": token}
        async with children.child("floors.web", what, core=children.SERVER_CORE) as child:
            yield child


def main() -> None:
    """Serve until the bench is done."""
    what = children.told()
    children.end_with_input()
    with sampler.sampled("floor"), suppress(KeyboardInterrupt):
        uvloop.run(_serve(what))


if __name__ == "__main__":
    main()
