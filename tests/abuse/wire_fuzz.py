"""Sending what `fuzz` makes up: to each webhook, signed and unsigned, and over both sockets."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl

import httpx2
import orjson
from hypothesis import HealthCheck, Phase, given, seed as seeded, settings, strategies as some
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from hotline.base import ids
from hotline.practice.signing import sign
from tests.abuse import api, fuzz
from tests.abuse.floor import Ground, token_of
from tests.patience import PATIENCE_SECONDS
from tests.web.visitor import NOTICE

FORM: Final = "application/x-www-form-urlencoded"
DOORS: Final = ("arrive", "client", "plan", "digits", "wait", "room", "ended", "message")
FIELDS: Final = (
    "CallSid",
    "From",
    "To",
    "CallStatus",
    "Digits",
    "SequenceNumber",
    "FriendlyName",
    "StatusCallbackEvent",
    "ConferenceSid",
    "ReasonParticipantLeft",
    "QueueTime",
    "MessageSid",
    "MessageStatus",
    "ErrorCode",
    "DialCallStatus",
    "offer",
    "QueueSid",
    "CallDuration",
    "Timestamp",
    "ErrorUrl",
    "SipResponseCode",
    "AnsweredBy",
)
QUERIES: Final = ("leg", "step", "room", "key", "after", "silent", "x")
ANSWERS: Final = {200, 204, 403, 404, 409, 413, 422, 431, 400}
LOST: Final = 0
CHAT_KINDS: Final = ("resume", "say", "read", "typing", "leave", "beat")
CHAT_FIELDS: Final = ("token", "after", "place", "client_id", "words", "seq", "kind", "x")
LIVE_KINDS: Final = ("beat", "typing", "snapshot")
LIVE_FIELDS: Final = ("contact_id", "kind", "after", "x")
PATH_CHARACTERS_MAX: Final = 60_000
"""Longer ones the client itself refuses."""


@dataclass(slots=True)
class Tally:
    """What was sent, and what came of it."""

    sent: Counter[str] = field(default_factory=Counter[str])
    came: Counter[str] = field(default_factory=Counter[str])


def drawn(
    strategy: Any, send: Callable[[Any], Awaitable[None]], *, examples: int, seed: int, loop: Any
) -> None:
    """Let chance draw so often and send each in the loop; to be called in a thread of its own."""

    @seeded(seed)
    @settings(
        max_examples=examples, deadline=None, database=None, phases=[Phase.generate, Phase.shrink],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )  # fmt: skip
    @given(strategy)
    def one(made: Any) -> None:
        asyncio.run_coroutine_threadsafe(_sent(send, made), loop).result(2 * PATIENCE_SECONDS)

    one()


async def _sent(send: Callable[[Any], Awaitable[None]], made: Any) -> None:
    await send(made)


async def webhooks(ground: Ground, *, examples: int, seed: int, tally: Tally) -> None:
    """Forms to every webhook; most are signed, some twice, some not at all."""
    stage = ground.stage
    true = some.sampled_from(
        (
            "CA" + "1" * 32,
            "ringing",
            "completed",
            "participant-join",
            "participant-leave",
            "9",
            "1",
            "wait",
            "menu",
            stage.voice_line.address,
            "anonymous",
            f"client:u_{ground.floor.lin.hex}",
            str(ground.floor.offer),
            ground.floor.contact.room,
            str(ground.floor.contact.id),
        )
    )
    asks = some.tuples(
        fuzz.forms(QUERIES, true),
        fuzz.forms(FIELDS, true),
        some.sampled_from(("signed", "signed", "signed", "twice", "unsigned", "bytes")),
    )
    limits = httpx2.Limits(max_connections=4)
    async with httpx2.AsyncClient(
        base_url=ground.base, trust_env=False, timeout=PATIENCE_SECONDS, limits=limits
    ) as web:
        for door in DOORS:

            async def send(made: Any, door: str = door) -> None:
                query, form, how = made
                await _to_webhook(ground, web, (door, query[:3], form, how), tally)

            loop, share = asyncio.get_running_loop(), max(1, examples // len(DOORS))
            await asyncio.to_thread(drawn, asks, send, examples=share, seed=seed, loop=loop)


async def _to_webhook(
    ground: Ground, web: httpx2.AsyncClient, made: tuple[str, Any, Any, str], tally: Tally
) -> None:
    door, query, form, how = made
    path = f"/t/{door}" + (
        "?" + "&".join(f"{fuzz.written(n)}={fuzz.written(v)}" for n, v in query) if query else ""
    )
    path = path[:PATH_CHARACTERS_MAX]
    body = "&".join(f"{fuzz.written(name)}={fuzz.written(value)}" for name, value in form).encode()
    if how == "bytes":
        body = b"CallSid=\xff\xfe&" + body + b"&\x80=%ZZ&=&&==%"
    read = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    signature = "" if how == "unsigned" else sign(ground.secret, ground.public_base + path, read)
    for _ in range(2 if how == "twice" else 1):
        answer = await web.post(
            httpx2.URL(str(web.base_url).rstrip("/") + path), content=body,
            headers={"content-type": FORM, "x-twilio-signature": signature},
        )  # fmt: skip
        tally.sent[f"/t/{door}"] += 1
        tally.came[str(answer.status_code)] += 1
        assert answer.status_code in ANSWERS, (door, how, answer.status_code, answer.text)
        if how == "unsigned":
            assert answer.status_code in {403, 413, 422, 431}, answer.text


async def bodies(ground: Ground, *, examples: int, seed: int, tally: Tally) -> None:
    """JSON of any shape to every operation that takes some, with half characters in names and values."""
    cookies = {ground.cookie_name: await token_of(ground.stage.store, ground.floor.lin)}
    asked = [operation for operation in api.operations().values() if operation.body]
    known = api.things(ground)
    async with httpx2.AsyncClient(
        base_url=ground.base, cookies=cookies, trust_env=False, timeout=PATIENCE_SECONDS
    ) as web:
        for operation in asked:
            path = operation.path
            for name, things in known.items():
                path = path.replace(f"{{{name}}}", things[0])
            shape = operation.schema.raw_schema["components"]["schemas"][_shape_of(operation)]
            fields = some.sampled_from(sorted(shape["properties"]))
            fitting = some.builds(_spoiled, operation.as_strategy(), fields, fuzz.texts)
            odd = some.dictionaries(fields | fuzz.texts, fuzz.values, max_size=5)
            made = some.one_of(fitting, fitting, odd, fuzz.values)

            async def send(body: Any, method: str = operation.method, path: str = path) -> None:
                answer = await web.request(
                    method, path, content=fuzz.plain(body), headers={"content-type": "application/json"}
                )
                tally.sent["json"] += 1
                tally.came[f"json {answer.status_code}"] += 1
                assert answer.status_code < 500, (path, answer.text)
                if answer.content:
                    orjson.loads(answer.content)

            loop, share = asyncio.get_running_loop(), max(1, examples // len(asked))
            await asyncio.to_thread(drawn, made, send, examples=share, seed=seed, loop=loop)


def _spoiled(case: Any, name: str, text: str) -> dict[str, object]:
    """A body that fits, but for one of its fields."""
    return {**case.body, name: text}


def _shape_of(operation: Any) -> str:
    raw = operation.definition.raw["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    return str(raw).rsplit("/", 1)[1]


async def chats(ground: Ground, *, examples: int, seed: int, tally: Tally) -> None:
    """Rows of frames over chat sockets, most of which have resumed somebody's chat before."""
    token = await opened(ground)
    true = some.sampled_from((token, str(ids.new_id()), 0, 1, 5, "在吗", 2**31 - 1))
    rows = some.tuples(
        some.booleans(), some.lists(fuzz.frames(CHAT_KINDS, CHAT_FIELDS, true), min_size=1, max_size=8)
    )

    async def send(made: Any) -> None:
        resumes, row = made
        nonlocal token
        address = f"{ground.base.replace('http', 'ws', 1)}/api/chat/live"
        async with connect(address, proxy=None, compression=None, close_timeout=2, max_size=None) as socket:
            if resumes:
                row = [fuzz.plain({"kind": "resume", "token": token, "after": 0}), *row]
            await _over_socket("chat", socket, row, tally)

    await asyncio.to_thread(drawn, rows, send, examples=examples, seed=seed, loop=asyncio.get_running_loop())


async def screens(ground: Ground, *, examples: int, seed: int, tally: Tally) -> None:
    """Rows of frames over the console's socket, as a counselor and as nobody."""
    cookie = f"{ground.cookie_name}={await token_of(ground.stage.store, ground.floor.lin)}"
    true = some.sampled_from((str(ground.floor.contact.id), str(ids.new_id())))
    rows = some.tuples(
        some.sampled_from((cookie, cookie, "", "hotline=x")),
        some.lists(fuzz.frames(LIVE_KINDS, LIVE_FIELDS, true), min_size=1, max_size=8),
    )

    async def send(made: Any) -> None:
        cookie, row = made
        address = f"{ground.base.replace('http', 'ws', 1)}/api/live"
        async with connect(
            address, additional_headers={"cookie": cookie}, proxy=None, compression=None, close_timeout=2
        ) as socket:
            await _over_socket("live", socket, row, tally)

    await asyncio.to_thread(drawn, rows, send, examples=examples, seed=seed, loop=asyncio.get_running_loop())


async def _over_socket(name: str, socket: ClientConnection, row: list[str | bytes], tally: Tally) -> None:
    try:
        for frame in row:
            tally.sent[name] += 1
            await socket.send(frame)
        await socket.send('{"kind":"beat"}')
        async with asyncio.timeout(PATIENCE_SECONDS):
            async for answer in socket:
                kind = orjson.loads(answer)["kind"]
                tally.came[f"{name} {kind}"] += 1
                if kind == "beat" or (kind == "error" and b"resume_first" in _bytes(answer)):
                    return
    except ConnectionClosed as closed:
        code = closed.rcvd.code if closed.rcvd else LOST
        tally.came[f"{name} closed {code}"] += 1
        assert code != 1011, "a mistake of ours"


def _bytes(answer: str | bytes) -> bytes:
    return answer.encode() if isinstance(answer, str) else answer


async def opened(ground: Ground) -> str:
    """The token of a chat that somebody has opened just now."""
    async with httpx2.AsyncClient(base_url=ground.base, trust_env=False, timeout=PATIENCE_SECONDS) as web:
        answer = await web.post(
            f"/api/chat/{ground.stage.chat_line.address}/contacts",
            json={"language": "zh", "safe_now": "yes", "notice_version": NOTICE["version"]},
        )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["token"])
