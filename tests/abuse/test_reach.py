"""Every route of the whole application, for everybody, against the things of another centre.

The routes are read from the application itself. One without a rule fails the first test: nobody adds a
door without saying who may go through it. What is refused changes no row and tells nothing.
"""

import re
from collections.abc import AsyncGenerator, Iterable, Iterator
from typing import Any, Final

import httpx2
import orjson
import pytest
import pytest_asyncio
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from hotline.base import clock, ids
from hotline.base.sensitive import Sensitive
from hotline.domain.staff import Role
from hotline.flow import message
from hotline.policy.settings import Web
from hotline.store.unit import Store
from hotline.web import app as web_app
from tests import stage as stages
from tests.abuse.floor import COOKIE, Ground, ground, rules, service, token_of, watched
from tests.stage import Stage
from tests.still import unchanged
from tests.web.desk import Floor, at_work
from tests.web.test_console_access import RULES

WORDS: Final = "另一个中心的秘密：我在旧桥边"
"""Said in the other centre; nobody here may ever be shown it."""

ANYBODY: Final = {
    "GET /health/live", "GET /health/ready", "GET /api/openapi.json",
    "GET /chat/page/{name}", "GET /chat/{slug}", "GET /api/chat/{slug}",
    "POST /api/chat/{slug}/contacts", "POST /api/chat/departures", "WS /api/chat/live", "POST /api/session",
}  # fmt: skip
"""For people whom nobody knows. A chat's own token is asked for in bodies and frames."""
PAGES: Final = ("page", "page-keys", "page-ended")
SIGNED: Final = {
    f"POST /t/{name}"
    for name in ("arrive", "client", "plan", "digits", "wait", "room", "ended", "message", *PAGES)
}
"""For telephone networks that know our secret."""
SOCKET: Final = {"WS /api/live"}
NOWHERE: Final = {f"{method} /api/{{rest:path}}" for method in ("GET", "POST", "PUT", "DELETE")}
CONSOLE: Final = {f"{route.split()[0]} /api{route.split()[1]}" for route in RULES}
"""For people who are signed in; who of them, says the matrix of `tests/web/test_console_access.py`."""


def routes(known: Iterable[Any], prefix: str = "") -> Iterator[str]:
    """Every route of the app, also those that hide from its description."""
    for route in known:
        if hasattr(route, "original_router"):
            yield from routes(route.original_router.routes, prefix + route.include_context.prefix)
        elif getattr(route, "path", None) is not None:
            methods = set(getattr(route, "methods", None) or {"WS"}) - {"HEAD"}
            yield from (f"{method} {prefix}{route.path}" for method in methods)


def all_routes() -> set[str]:
    """The routes of the application as it is served."""

    def never() -> Any:
        raise AssertionError("only looked at, never started")

    return set(routes(web_app.create(never, web=Web()).routes))


@pytest_asyncio.fixture(scope="module")
async def base(store: Store) -> AsyncGenerator[str]:
    async with service(store) as url:
        yield url


@pytest_asyncio.fixture(scope="module")
async def far(store: Store) -> Floor:
    """Another centre at work, in which something has been said that is nobody's business here."""
    floor = await at_work(await stages.found(store, rules()))
    for contact_id in (floor.contact.id, floor.ringing.id):
        await message.say(
            store, rules(), contact_id, ids.new_id(), words=Sensitive(WORDS), now=clock.now()
        )  # fmt: skip
    return floor


@pytest_asyncio.fixture(scope="module")
async def here(store: Store, base: str) -> Ground:
    return await ground(store, base)


def marks_of(floor: Floor) -> set[str]:
    """What would give another centre's things away."""
    named = {floor.stage.centre.id, floor.contact.id, floor.session.id, floor.escalation, floor.offer}
    return {str(each) for each in named | {floor.ringing.id, floor.lin, floor.mei}} | {WORDS}


def address_of(route: str, floor: Floor) -> tuple[str, str]:
    """Method and path with the ids of a floor's things in it."""
    method, path = route.split()
    path = path.replace("{slug}", "x").replace("{version}", "0" * 64)
    path = path.replace("{name}", "rules.yaml" if "/rulebook/" in path else "x")
    path = path.replace("{rest:path}", "x/y")
    for name in re.findall(r"{(\w+)}", path):
        path = path.replace(f"{{{name}}}", str(floor.thing(name)))
    return method, path


def body_of(route: str) -> Any:
    method, path = route.split()
    rule = RULES.get(f"{method} {path.removeprefix('/api')}")
    return rule.body if rule else None


def test_every_route_of_the_application_has_a_rule():
    ruled = {route.partition("?")[0] for route in CONSOLE}
    assert all_routes() == ANYBODY | SIGNED | SOCKET | NOWHERE | ruled


@pytest.mark.parametrize("who", [*Role, "lin", "mei"])
async def test_nobody_reaches_into_another_centre(
    store: Store, base: str, here: Ground, far: Floor, who: str
):
    away = [route for route in sorted(CONSOLE) if "_id}" in route and "/rulebook/" not in route]
    """Rules are the whole house's: who may do what with them, test_console_access.py says."""
    cookies = {COOKIE: await token_of(store, here.people()[who])}
    async with watched(), httpx2.AsyncClient(base_url=base, cookies=cookies, trust_env=False) as client:
        async with unchanged(here.stage):
            for route in away:
                method, path = address_of(route, far)
                answer = await client.request(method, path, json=body_of(route))
                wanted = {403, 404, 409} if "offer_id" in route else {403, 404}
                assert answer.status_code in wanted, (route, answer.status_code, answer.text)
                sent_back = {mark for mark in marks_of(far) if mark in answer.text}
                assert not sent_back, (route, sent_back)
        assert len(away) >= 15


async def test_without_signing_in_there_is_nothing_but_the_way_in(base: str, here: Ground, far: Floor):
    async with watched(), unchanged(here.stage), httpx2.AsyncClient(base_url=base, trust_env=False) as client:
        for cookies in ({}, {COOKIE: "x" * 43}, {COOKIE: ""}, {"hotline": "x" * 43}):
            for route in sorted(CONSOLE):
                method, path = address_of(route, far)
                header = {"cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
                answer = await client.request(method, path, json=body_of(route), headers=header)
                assert (answer.status_code, answer.json()["code"]) == (401, "session.absent"), route


@pytest.mark.parametrize("signature", [None, "", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=", "é", "x" * 5000])
async def test_without_a_signature_no_webhook_does_anything(base: str, here: Ground, signature: str | None):
    headers = [(b"content-type", b"application/x-www-form-urlencoded")]
    if signature is not None:
        headers.append((b"x-twilio-signature", signature.encode("latin-1")))
    to = here.stage.voice_line.address
    async with watched(), unchanged(here.stage), httpx2.AsyncClient(base_url=base, trust_env=False) as client:
        for route in sorted(SIGNED):
            body = f"CallSid=CA1&From=anonymous&To={to.replace('+', '%2B')}&CallStatus=ringing"
            answer = await client.post(route.split()[1], content=body, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (403, "telephony.unsigned"), route


async def test_a_live_screen_shows_no_card_of_another_centre(
    store: Store, base: str, here: Ground, far: Floor
):
    for who in (*Role, "lin", "mei"):
        cookie = f"{COOKIE}={await token_of(store, here.people()[who])}"
        address = f"{base.replace('http', 'ws', 1)}/api/live"
        async with connect(address, additional_headers={"cookie": cookie}, proxy=None) as socket:
            for contact_id in (far.contact.id, far.ringing.id):
                await socket.send(orjson.dumps({"kind": "typing", "contact_id": str(contact_id)}).decode())
            await socket.send('{"kind":"beat"}')
            seen = ""
            while '"kind":"beat"' not in seen:
                seen += str(await socket.recv())
        assert not {mark for mark in marks_of(far) if mark in seen}, who


@pytest.mark.parametrize("cookie", ["", f"{COOKIE}=nobody", "hotline=nobody"])
async def test_a_live_screen_is_for_those_who_are_signed_in(base: str, cookie: str):
    address = f"{base.replace('http', 'ws', 1)}/api/live"
    async with connect(address, additional_headers={"cookie": cookie}, proxy=None) as socket:
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401


async def test_a_chat_is_shown_to_its_own_token_only(stage: Stage, base: str, far: Floor):
    address = f"{base.replace('http', 'ws', 1)}/api/chat/live"
    for token in (str(far.contact.id), (far.contact.token_hash or b"").hex(), "x" * 100):
        async with connect(address, proxy=None) as socket:
            await socket.send(orjson.dumps({"kind": "resume", "token": token, "after": 0}).decode())
            with pytest.raises(ConnectionClosed) as closed:
                await socket.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4401
