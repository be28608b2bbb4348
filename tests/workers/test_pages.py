"""Pages by webhook and e-mail: signed, sent at least once, lost in no outage, acted on once by their key."""

import asyncio
import heapq
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import pytest
from pgqueuer.domain.errors import RetryRequested
from pgqueuer.domain.models import Job
from pydantic import SecretStr

from hotline.base import clock
from hotline.base.errors import HotlineError, Refused, Unreachable
from hotline.base.sensitive import Sensitive
from hotline.base.tasks import Crew
from hotline.carriers import pager
from hotline.domain.ladder import Rung
from hotline.domain.level import Level
from hotline.domain.staff import Role
from hotline.policy.phrases import Phrases
from hotline.policy.settings import Pages, Settings
from hotline.workers import relay
from tests.flow.alarms import declare
from tests.journeys.drills import until
from tests.stage import Stage
from tests.workers.network import Network

SECRET = Sensitive("a secret between us and the receiver")
SECONDS = 60.0
OUTAGE_SECONDS = 600.0


@dataclass
class Receiver:
    """A receiver of webhooks that can be stopped and started again; it acts once on every key."""

    port: int = 0
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list[tuple[dict[str, str], bytes]])
    acted_on: list[str] = field(default_factory=list[str])
    answers: list[int] = field(default_factory=list[int])
    server: asyncio.Server | None = None

    @property
    def is_there(self) -> bool:
        return self.server is not None

    async def start(self) -> None:
        self.server = await asyncio.start_server(self._answer, "127.0.0.1", self.port)
        self.port = self.server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self.server is not None:
            self.server.close()
            await self.server.wait_closed()
            self.server = None

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {key.lower(): value for key, _, value in (line.partition(": ") for line in head[1:])}
        body = await reader.readexactly(int(headers["content-length"]))
        self.got.append((headers, body))
        key = headers["idempotency-key"]
        status = self.answers.pop(0) if self.answers else 200
        if key not in self.acted_on:
            self.acted_on.append(key)
        writer.write(f"HTTP/1.1 {status} x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()


@asynccontextmanager
async def receiving() -> AsyncGenerator[Receiver]:
    receiver = Receiver()
    await receiver.start()
    try:
        yield receiver
    finally:
        await receiver.stop()


def by_webhook(stage: Stage) -> None:
    """The ladder of `high` calls by webhook too."""
    ladder = stage.policies.ladders.default[Level.HIGH]
    rung = Rung(who="responders", channels=("console", "webhook"), seconds=300)
    default = {**stage.policies.ladders.default, Level.HIGH: replace(ladder, rungs=(rung,))}
    book = replace(stage.policies.ladders, default=default)
    stage.policies = replace(stage.policies, ladders=book)


def to_receiver(chosen: Settings, receiver: Receiver) -> Settings:
    pages = Pages(
        webhooks={"*": f"http://127.0.0.1:{receiver.port}/pages"},
        webhook_secret=SecretStr(SECRET.reveal()),
        seconds=5.0,
    )
    return chosen.model_copy(update={"pages": pages})


async def states(stage: Stage, raised: UUID) -> list[str]:
    async with stage.store.connection() as connection:
        rows = await connection.fetch(
            "select state from page where escalation_id = $1 and channel = 'webhook' order by id", raised
        )
    return [row["state"] for row in rows]


async def until_sent(stage: Stage, raised: UUID) -> None:
    async def are_sent() -> bool:
        return set(await states(stage, raised)) == {"sent"}

    await until(are_sent, "every page is sent", SECONDS)


async def test_a_receiver_that_is_away_for_a_while_loses_no_page_and_acts_on_none_twice(
    stage: Stage, chosen: Settings, words: Phrases
):
    by_webhook(stage)
    stage.now = clock.now()
    people = [await stage.hire(login, Role.RESPONDER) for login in ("wu", "zhou", "qian")]
    async with receiving() as receiver, Crew() as crew:
        house = to_receiver(chosen, receiver)
        await receiver.stop()
        counselor = await stage.hire("lin", ready=True)
        raised = await declare(stage, await stage.chat(), counselor, Level.HIGH)
        crew.keep("relay", lambda: relay.run(house, words, stage.store, stage.policies, Network()))
        await asyncio.sleep(2)
        assert receiver.got == []
        receiver.answers = [500, 429]
        await receiver.start()
        await until_sent(stage, raised)
        bodies = [json.loads(body) for _, body in receiver.got]
        assert {body["staff"] for body in bodies} == {str(each) for each in people}
        assert len(receiver.acted_on) == len(set(receiver.acted_on)) == len(people)
        for headers, body in receiver.got:
            timestamp = headers["hotline-timestamp"]
            assert headers["hotline-signature"] == pager.signature(SECRET, timestamp, body)
            assert json.loads(body)["page"] == headers["idempotency-key"]
            assert "要" not in body.decode()


async def jobs_of(stage: Stage, raised: UUID) -> list[Job]:
    """The orders to send the escalation's pages by webhook."""
    async with stage.store.connection() as connection:
        rows = await connection.fetch(
            """select q.* from pgqueuer.pgqueuer as q join page as p on p.id = encode(q.payload, 'hex')::uuid
               where p.escalation_id = $1 and p.channel = 'webhook' order by q.id""",
            raised,
        )
    return [Job.model_validate(dict(row)) for row in rows]


async def tried(by: relay.Relay, job: Job) -> float | None:
    """Try an order as the queue does; the seconds until it is to be tried again, None when it is done."""
    try:
        await by.guarded("send", by.send, job)
    except RetryRequested as again:
        return again.delay.total_seconds()
    return None


async def test_a_receiver_that_is_away_for_ten_minutes_loses_no_page_and_acts_on_none_twice(
    stage: Stage, chosen: Settings, words: Phrases
):
    """Requirement 34. The clock is that of the orders themselves: each is tried at the moment it asks for."""
    by_webhook(stage)
    people = [await stage.hire(login, Role.RESPONDER) for login in ("wu", "zhou", "qian")]
    raised = await declare(stage, await stage.chat(), await stage.hire("lin", ready=True), Level.HIGH)
    async with receiving() as receiver:
        await receiver.stop()
        by = relay.Relay(
            settings=to_receiver(chosen, receiver), phrases=words, store=stage.store, policies=stage.policies,
            telephony=Network(),
        )  # fmt: skip
        due = [(0.0, nth, job) for nth, job in enumerate(await jobs_of(stage, raised))]
        assert len(due) == len(people)
        sent_at: list[float] = []
        while due:
            at, nth, job = heapq.heappop(due)
            if at >= OUTAGE_SECONDS and not receiver.is_there:
                assert set(await states(stage, raised)) == {"failed"}  # so somebody picks up a telephone
                assert receiver.got == []
                receiver.answers = [500, 429]  # a receiver may act and then fail to say so
                await receiver.start()
            again = await tried(by, job)
            if again is None:
                sent_at.append(at)
            else:
                assert 0 < again <= relay.PAUSE_SECONDS_MAX
                job.attempts += 1
                heapq.heappush(due, (at + again, nth, job))
    assert set(await states(stage, raised)) == {"sent"}
    assert len(receiver.acted_on) == len(set(receiver.acted_on)) == len(people) == len(receiver.got) - 2
    assert (
        max(sent_at) <= OUTAGE_SECONDS + 2 * relay.PAUSE_SECONDS_MAX
    )  # one of them was not believed at first


@pytest.mark.parametrize(
    ("status", "kind"), [(404, Refused), (410, Refused), (500, Unreachable), (429, Unreachable)]
)
async def test_what_a_receiver_answers_says_whether_to_try_again(status: int, kind: type[HotlineError]):
    async with receiving() as receiver:
        receiver.answers = [status]
        to = pager.Hook(url=f"http://127.0.0.1:{receiver.port}/", secret=SECRET, seconds=5.0)
        with pytest.raises(kind):
            await pager.hook(to, UUID(int=7), {}, clock.now())


async def test_without_a_secret_or_an_address_nothing_goes_out():
    for url, secret in (("", SECRET), ("http://127.0.0.1:1/", Sensitive(""))):
        with pytest.raises(Refused):
            await pager.hook(pager.Hook(url=url, secret=secret, seconds=1.0), UUID(int=7), {}, clock.now())


def a_post(**changes: Any) -> pager.Post:
    whole = pager.Post(
        host="127.0.0.1", port=1, sender="hotline@localhost", login="", password=Sensitive(""), is_tls=False,
        seconds=5.0,
    )  # fmt: skip
    return replace(whole, **changes)


async def test_a_page_by_mail_carries_its_own_id_and_is_tried_again_while_the_server_is_away():
    taken: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        while line := await reader.readline():
            if line.upper().startswith(b"DATA"):
                writer.write(b"354 go on\r\n")
                taken.append(await reader.readuntil(b"\r\n.\r\n"))
            if line.upper().startswith(b"QUIT"):
                writer.write(b"221 bye\r\n")
                break
            writer.write(b"250 fine\r\n")
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    to = Sensitive("wu@example.org")
    async with server:
        await pager.mail(a_post(port=port), UUID(int=9), to, "[Hotline] High risk: http://x/escalations")
    (text,) = taken
    assert f"<{UUID(int=9)}@hotline>".encode() in text
    with pytest.raises(Unreachable):
        await pager.mail(a_post(port=port), UUID(int=9), to, "x")
    with pytest.raises(Refused):
        await pager.mail(a_post(host=""), UUID(int=9), to, "x")
