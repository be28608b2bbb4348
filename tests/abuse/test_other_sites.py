"""Other sites, odd methods, odd types, odd paths: nothing of ours is done for them or shown to them."""

from collections.abc import AsyncGenerator
from urllib.parse import quote

import httpx2
import orjson
import pytest
import pytest_asyncio
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from hotline.domain.staff import Role
from hotline.store.unit import Store
from tests.abuse.floor import COOKIE, Ground, ground, service, token_of, watched
from tests.abuse.raw import head, line
from tests.abuse.test_reach import CONSOLE, address_of, body_of
from tests.still import unchanged

ABROAD = (
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": "http://["},
    {"origin": ""},
    {"origin": "https://"},
    {"origin": "https://hotline.example.evil.example"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
)
UNSAFE = sorted(route for route in CONSOLE if not route.startswith("GET "))


@pytest_asyncio.fixture(scope="module")
async def here(store: Store) -> AsyncGenerator[Ground]:
    async with service(store) as base:
        yield await ground(store, base)


@pytest_asyncio.fixture(scope="module")
async def own(store: Store, here: Ground) -> AsyncGenerator[httpx2.AsyncClient]:
    """The browser of a supervisor who is signed in: what another site would love to use."""
    cookies = {COOKIE: await token_of(store, here.floor.people[Role.SUPERVISOR])}
    async with httpx2.AsyncClient(base_url=here.base, cookies=cookies, trust_env=False) as client:
        yield client


@pytest.mark.parametrize("abroad", ABROAD, ids=str)
async def test_no_other_site_can_do_anything_in_somebodys_name(
    here: Ground, own: httpx2.AsyncClient, abroad: dict[str, str]
):
    chat = f"/api/chat/{here.stage.chat_line.address}/contacts"
    async with watched(), unchanged(here.stage):
        for route in [*UNSAFE, "POST /api/session", f"POST {chat}", "POST /api/chat/departures"]:
            method, path = address_of(route, here.floor)
            answer = await own.request(method, path, json=body_of(route) or {}, headers=abroad)
            assert (answer.status_code, answer.json()["code"]) == (403, "request.cross_site"), route


@pytest.mark.parametrize("abroad", ABROAD, ids=str)
@pytest.mark.parametrize("path", ["/api/live", "/api/chat/live"])
async def test_no_other_site_can_open_a_socket(store: Store, here: Ground, path: str, abroad: dict[str, str]):
    cookie = f"{COOKIE}={await token_of(store, here.floor.lin)}"
    address = f"{here.base.replace('http', 'ws', 1)}{path}"
    async with watched():
        with pytest.raises((InvalidStatus, ConnectionClosed)) as refused:
            async with connect(
                address, additional_headers={**abroad, "cookie": cookie}, proxy=None
            ) as socket:
                await socket.recv()
    if isinstance(refused.value, InvalidStatus):
        assert refused.value.response.status_code == 403


async def test_a_form_of_another_kind_is_not_read_as_json(own: httpx2.AsyncClient, here: Ground):
    path, body = f"/api/escalations/{here.floor.escalation}/notes", orjson.dumps({"words": "x"})
    kinds = (
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "",
        "application/xml",
        "text/json",
        "application/jsonp",
        "application/json-seq",
        ";;;",
        "\x80",
        "application/x" * 500,
    )
    async with watched(), unchanged(here.stage):
        for kind in kinds:
            answer = await own.post(path, content=body, headers=[(b"content-type", kind.encode("latin-1"))])
            assert (answer.status_code, answer.json()["code"]) == (422, "request.malformed"), kind


async def test_a_webhook_is_read_as_a_form_only(here: Ground):
    async with watched(), httpx2.AsyncClient(base_url=here.base, trust_env=False) as client:
        for kind in ("application/json", "text/plain", "multipart/form-data; boundary=x", "text/xml"):
            answer = await client.post("/t/arrive", content=b"CallSid=CA1", headers={"content-type": kind})
            assert answer.status_code == 422, kind


async def test_other_methods_do_nothing(own: httpx2.AsyncClient, here: Ground):
    paths = [
        "/",
        "/chat/x",
        "/api/session",
        "/api/presence",
        "/t/arrive",
        f"/api/contacts/{here.floor.contact.id}",
        f"/api/contacts/{here.floor.contact.id}/hang-up",
        "/health/live",
        "/api/chat/live",
    ]
    override = {"x-http-method-override": "DELETE", "x-method-override": "DELETE", "x-http-method": "PUT"}
    async with watched(), unchanged(here.stage):
        for path in paths:
            for method in ("PATCH", "TRACE", "OPTIONS", "PROPFIND", "LOCK", "SEARCH"):
                answer = await own.request(method, path, headers=override)
                assert answer.status_code in {404, 405}, (method, path, answer.status_code)
                assert "evil" not in answer.text
            assert (await own.request("HEAD", path)).content == b""
        own_name = await own.get("/api/session", headers=override)
        assert own_name.status_code == 200, "the method is the one that was sent"


async def test_a_method_that_is_none_and_a_request_that_is_none_are_turned_away(here: Ground):
    asks = (
        b"FOO / HTTP/1.1\r\nhost: a\r\n\r\n",
        b"GET  HTTP/1.1\r\n\r\n",
        b"CONNECT evil.example:443 HTTP/1.1\r\nhost: a\r\n\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\nhost: a\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /health/live HTTP/1.1\r\nhost: a\r\nx\x00y: z\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\r\n" * 500,
        head("POST", "/api/session", [("content-length", "-1")]),
        head("POST", "/api/session", [("content-length", "1e3")]),
        head("POST", "/api/session", [("content-length", "9" * 40)]),
        head("GET", "http://evil.example/api/session"),
    )
    async with watched():
        for ask in asks:
            async with line(here.base) as client:
                await client.send(ask)
                client.writer.write_eof()
                assert await client.status() in {0, 400, 401, 403, 404, 405, 408, 413, 422}, ask


@pytest.mark.parametrize("top", ["/", "/assets/", "/chat/page/", "/chat/", "/api/chat/"])
async def test_no_path_leads_out_of_the_folder(here: Ground, top: str):
    ways = (
        "../",
        "..%2f",
        "%2e%2e/",
        "%2e%2e%2f",
        "..%5c",
        "..\\",
        "%252e%252e%252f",
        "....//",
        "%c0%ae%c0%ae/",
        "/",
        "//",
        "%00",
    )
    names = (
        "etc/passwd",
        "config/hotline.toml",
        "pyproject.toml",
        "hotline/web/chat/page.py",
        "package.json",
        "src/main.ts",
    )
    async with watched():
        for way in ways:
            for name in names:
                async with line(here.base) as client:
                    path = top + way * 6 + name
                    await client.send(head("GET", path.replace("\\", "%5c"), [("connection", "close")]))
                    answer = await client.everything()
                for inside in (
                    b"root:",
                    b"[web]",
                    b"[project]",
                    b"APIRouter",
                    b"devDependencies",
                    b"createApp(",
                ):
                    assert inside not in answer, path


async def test_every_answer_carries_the_headers_also_a_refusal(own: httpx2.AsyncClient, here: Ground):
    huge = {"content-type": "application/json", "content-length": "99999999"}
    asks: list[tuple[str, str, dict[str, str]]] = [
        ("GET", "/", {}),
        ("GET", "/api/session", {}),
        ("POST", "/api/session", {"origin": "https://evil.example"}),
        ("GET", "/chat/x", {}),
        ("POST", "/t/arrive", {}),
        ("GET", f"/{quote('病')}", {}),
    ]
    for method, path, headers in asks:
        answer = await own.request(method, path, headers=headers)
        assert answer.headers["x-frame-options"] == "DENY", path
        assert answer.headers["x-content-type-options"] == "nosniff", path
        assert answer.headers["referrer-policy"] == "no-referrer", path
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"], path
        assert "access-control-allow-origin" not in answer.headers, path
    async with line(here.base) as client:
        await client.send(head("POST", "/api/session", huge.items()))
        assert b"x-frame-options" in (await client.everything()).lower()


async def test_what_was_asked_for_is_not_kept_by_browsers_and_proxies(own: httpx2.AsyncClient, here: Ground):
    for path in (
        "/api/session",
        f"/api/contacts/{here.floor.contact.id}",
        f"/api/contacts/{here.floor.contact.id}/messages",
    ):
        assert (await own.get(path)).headers.get("cache-control") == "no-store", path
