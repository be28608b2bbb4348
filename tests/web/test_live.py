"""The console's socket: what a page says there reaches only those whom it concerns."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

import orjson
from websockets.asyncio.client import ClientConnection, connect

from hotline.base import clock, ids
from hotline.base.sensitive import Sensitive
from hotline.flow import sign_in
from hotline.policy.policies import Policies
from hotline.store import health, sign_in as store_sign_in
from hotline.store.signal import Signal
from hotline.store.unit import Store
from tests.journeys.drills import until
from tests.served import served
from tests.stage import Stage
from tests.web.desk import in_talk


class Ear(Signal):
    """Hears what would be passed on to callers' pages."""

    def __init__(self) -> None:
        super().__init__(None)
        self.heard: list[str] = []

    def hint(self, payload: dict[str, str]) -> None:
        self.heard.append(payload["contact_id"])


@asynccontextmanager
async def page_of(stage: Stage, base: str, staff_id: UUID) -> AsyncGenerator[ClientConnection]:
    """The person's open page."""
    token, now = Sensitive(ids.new_secret()), clock.now()
    async with stage.store.connection() as connection:
        await store_sign_in.add(
            connection, sign_in.token_hash(token), staff_id, now, now + timedelta(hours=1)
        )
    address = f"{base.replace('http', 'ws', 1)}/api/live"
    cookie = {"cookie": f"hotline={token.reveal()}"}
    async with connect(address, additional_headers=cookie, proxy=None) as socket:
        yield socket


async def types(page: ClientConnection, contact_id: UUID | str, times: int = 1) -> None:
    """Say so often that one is writing, and wait until all of it has been heard."""
    for _ in range(times):
        await page.send(orjson.dumps({"kind": "typing", "contact_id": str(contact_id)}).decode())
    await page.send('{"kind":"beat"}')
    while orjson.loads(await page.recv())["kind"] != "beat":
        pass


async def test_only_the_counselor_of_a_chat_is_seen_writing_in_it(stage: Stage, house_policies: Policies):
    lin, mei = await stage.hire("lin", ready=True), await stage.hire("mei")
    contact, _ = await in_talk(stage, lin)
    ear = Ear()
    async with (
        served(Store(stage.store.engine, stage.store.vault, ear), house_policies) as base,
        page_of(stage, base, mei) as hers,
        page_of(stage, base, lin) as his,
    ):
        await types(hers, contact.id)
        await types(his, ids.new_id())
        await types(his, "'; drop table contact")
        assert ear.heard == []
        await types(his, contact.id, times=20)
        assert ear.heard == [str(contact.id)]


async def test_every_page_is_told_with_its_beat_that_no_worker_is_there(
    stage: Stage, house_policies: Policies
):
    lin = await stage.hire("lin")
    async with stage.store.connection() as connection:
        await health.beat(connection, health.WORKERS)
    await stage.value("update pulse set at = now() - interval '30 seconds' where name = $1", health.WORKERS)
    async with served(stage.store, house_policies) as base, page_of(stage, base, lin) as page:
        await until(lambda: is_told_of_silence(page), "the page is told")
        async with stage.store.connection() as connection:
            await health.beat(connection, health.WORKERS)
        await until(lambda: is_told_of_workers(page), "the page is told that they are back")


async def is_told_of_silence(page: ClientConnection) -> bool:
    return 30 <= (await beaten(page) or 0) < 60


async def is_told_of_workers(page: ClientConnection) -> bool:
    return await beaten(page) is None


async def beaten(page: ClientConnection) -> int | None:
    """What the answer to a beat says of the workers."""
    await page.send('{"kind":"beat"}')
    while (frame := orjson.loads(await page.recv()))["kind"] != "beat":
        pass
    return frame["workers_silent_seconds"]
