"""Whoever sends slowly, much, or half of something is cut off, and takes nothing from others."""

import asyncio
import gzip
import zlib
from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio

from hotline.store.unit import Store
from tests.abuse.floor import service, watched
from tests.abuse.raw import a_good_client_is_served, head, line
from tests.patience import PATIENCE_SECONDS

HEAD_SECONDS, BODY_SECONDS, ANSWER_SECONDS, HALF_OPEN = 2.0, 2.0, 1.0, 40
HEAD_BYTES, BODY_BYTES = 8192, 65_536
JSON = ("content-type", "application/json")


@pytest_asyncio.fixture(scope="module")
async def base(store: Store) -> AsyncGenerator[str]:
    async with service(
        store,
        head_seconds_max=HEAD_SECONDS,
        body_seconds_max=BODY_SECONDS,
        head_bytes_max=HEAD_BYTES,
        half_open_max=HALF_OPEN,
        answer_seconds_max=ANSWER_SECONDS,
    ) as url:
        yield url


async def test_a_head_that_trickles_is_cut_off(base: str):
    async with watched(), line(base) as slow:
        began = asyncio.get_running_loop().time()
        trickle = asyncio.gather(
            slow.send(*([b"GET /health/live HTTP/1.1\r\n"] + [b"x: y\r\n"] * 200), pause_seconds=0.1)
        )
        status = await slow.status()
        took = asyncio.get_running_loop().time() - began
        trickle.cancel()
    assert status == 408
    assert took < HEAD_SECONDS + 5


async def test_a_connection_that_says_nothing_is_let_go_of(base: str):
    async with line(base) as idle:
        assert await idle.status() == 408


async def test_the_second_request_of_a_connection_has_its_own_time(base: str):
    async with line(base) as twice:
        await twice.send(head("GET", "/health/live"))
        assert await twice.status() == 200
        await twice.send(b"GET /health")
        rest = await twice.everything()
    assert b"408 Request Timeout" in rest


@pytest.mark.parametrize("path", ["/api/session", "/t/arrive", "/api/chat/departures"])
async def test_a_body_that_trickles_is_answered_that_it_is_late(base: str, path: str):
    kind = ("content-type", "application/x-www-form-urlencoded") if path.startswith("/t/") else JSON
    async with watched(), line(base) as slow:
        await slow.send(head("POST", path, [kind, ("content-length", "100")]), b"{")
        assert await slow.status() == 408
        assert b'"http.408"' in await slow.everything()


async def test_many_half_open_connections_take_nothing_from_others(base: str):
    async with watched():
        lines = [line(base) for _ in range(3 * HALF_OPEN)]
        opened = [await each.__aenter__() for each in lines]
        for half in opened:
            await half.send(b"GET / HTTP/1.1\r\nhost: a\r\n")
        await a_good_client_is_served(base)
        for each in lines:
            await each.__aexit__(None, None, None)


async def test_the_oldest_half_open_connection_gives_way(base: str):
    async with line(base) as oldest:
        await oldest.send(b"GET ")
        others = [line(base) for _ in range(HALF_OPEN)]
        for each in others:
            await each.__aenter__()
        began = asyncio.get_running_loop().time()
        assert await oldest.status() == 408
        assert asyncio.get_running_loop().time() - began < HEAD_SECONDS
        for each in others:
            await each.__aexit__(None, None, None)


@pytest.mark.parametrize(
    "request_head",
    [
        head("GET", "/health/live", [("x-long", "x" * 2 * HEAD_BYTES)]),
        head("GET", "/" + "x" * 2 * HEAD_BYTES),
        head("GET", "/health/live", [("cookie", f"c{number}=v") for number in range(2000)]),
        head("GET", "/health/live", [(f"x-{number}", "v") for number in range(3000)]),
        b"GET /health/live HTTP/1.1\r\nx-endless: " + b"x" * 400_000,
    ],
    ids=["header", "address", "cookies", "many headers", "no end"],
)
async def test_a_head_that_is_too_large_is_not_taken(base: str, request_head: bytes):
    async with watched(), line(base) as greedy:
        await greedy.send(request_head)
        assert await greedy.status() in {431, 0}
        await a_good_client_is_served(base)


async def test_many_cookies_within_bounds_are_no_matter(base: str):
    async with line(base) as client:
        await client.send(
            head("GET", "/api/session", [("cookie", "; ".join(f'c{n}="\\303"' for n in range(400)))])
        )
        assert await client.status() == 401


async def test_a_body_that_is_too_large_is_refused_announced_or_not(base: str):
    async with watched(), line(base) as announced:
        await announced.send(head("POST", "/api/session", [JSON, ("content-length", str(10**12))]))
        assert await announced.status() == 413
        assert b'"request.too_large"' in await announced.everything()
    chunk = b"1000\r\n" + b"x" * 0x1000 + b"\r\n"
    async with watched(), line(base) as chunked:
        sending = asyncio.gather(chunked.send(
            head("POST", "/api/session", [JSON, ("transfer-encoding", "chunked")]), *[chunk] * 200
        ))  # fmt: skip
        assert await chunked.status() in {413, 0}
        sending.cancel()


async def test_chunks_without_end_and_trailers_without_end_are_cut(base: str):
    start = head("POST", "/api/session", [JSON, ("transfer-encoding", "chunked")])
    for endless in (b"1;" + b"x" * 1000, b"1\r\nx\r\n0\r\nx-trailer: y" + b"y" * 1000):
        async with line(base) as client:
            sending = asyncio.gather(client.send(start, endless, *[b"z" * 60_000] * 30))
            assert await client.status() in {0, 408, 413, 422}
            sending.cancel()
    await a_good_client_is_served(base)


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(b'{"login": "' + b"x" * 5_000_000 + b'"}')),
        ("deflate", zlib.compress(b'{"login": "' + b"x" * 5_000_000 + b'"}')),
        ("br", b"\x0b\x02\x80\x03"),
    ],
    ids=["gzip", "deflate", "brotli"],
)
async def test_a_packed_body_is_never_unpacked(base: str, encoding: str, body: bytes):
    assert len(body) < BODY_BYTES
    async with watched(), line(base) as client:
        packed = [
            JSON,
            ("content-encoding", encoding),
            ("content-length", str(len(body))),
            ("connection", "close"),
        ]
        await client.send(head("POST", "/api/session", packed), body)
        answer = await client.everything()
    assert b" 422 " in answer.splitlines()[0]
    assert b'"request.malformed"' in answer


async def test_sockets_are_never_packed(base: str):
    upgrade = [
        ("connection", "upgrade"), ("upgrade", "websocket"), ("sec-websocket-version", "13"),
        ("sec-websocket-key", "AAAAAAAAAAAAAAAAAAAAAA=="),
        ("sec-websocket-extensions", "permessage-deflate; client_max_window_bits"),
    ]  # fmt: skip
    for path in ("/api/live", "/api/chat/live"):
        async with line(base) as client:
            await client.send(head("GET", path, upgrade))
            async with asyncio.timeout(PATIENCE_SECONDS):
                answer = (await client.reader.readuntil(b"\r\n\r\n")).lower()
            assert b" 101 " in answer
            assert b"sec-websocket-extensions" not in answer


async def test_requests_sent_in_one_go_are_answered_in_their_order(base: str):
    ask = [
        head("GET", "/health/live"),
        head("GET", "/api/session"),
        head("GET", "/api/nowhere", [("connection", "close")]),
    ]
    async with watched(), line(base) as client:
        await client.send(b"".join(ask))
        answers = await client.everything()
    assert [answers.find(code) for code in (b"200 OK", b"401 ", b"404 ")] == sorted(
        answers.find(code) for code in (b"200 OK", b"401 ", b"404 ")
    )
    assert min(answers.find(code) for code in (b"200 OK", b"401 ", b"404 ")) >= 0
    async with watched(), line(base) as flood:
        await flood.send(head("GET", "/health/live") * 500)
        await a_good_client_is_served(base)


async def test_two_lengths_are_no_way_to_smuggle_a_second_request(base: str):
    hidden = b"0\r\n\r\nGET /health/ready HTTP/1.1\r\nhost: a\r\n\r\n"
    both = [JSON, ("content-length", "6"), ("transfer-encoding", "chunked")]
    twice = [JSON, ("content-length", "6"), ("content-length", "60")]
    for headers in (both, twice):
        async with watched(), line(base) as client:
            await client.send(head("POST", "/api/session", headers), hidden)
            assert await client.status() == 400


async def test_a_client_that_takes_no_answer_is_let_go_of(base: str):
    asked = 3000
    async with watched(), line(base) as deaf:
        deaf.reader._transport.pause_reading()  # type: ignore[attr-defined]
        asking = asyncio.gather(deaf.send(*[head("GET", "/chat/anything")] * asked))
        await asyncio.sleep(ANSWER_SECONDS + 1)
        await a_good_client_is_served(base)
        deaf.reader._transport.resume_reading()  # type: ignore[attr-defined]
        answers = await deaf.everything()
        asking.cancel()
    assert answers.count(b"HTTP/1.1 200") < asked
