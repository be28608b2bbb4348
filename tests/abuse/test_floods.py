"""Floods of chats and of words: slowed, never refused, and never in front of those who are in need."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import httpx2
import orjson
import pytest
import pytest_asyncio
from websockets.asyncio.client import connect

from hotline.base import clock, ids
from hotline.domain import contact as contacts, queue
from hotline.domain.contact import CROWDED, Contact
from hotline.domain.level import Level
from hotline.store.unit import Store
from hotline.web.chat.pace import BUCKETS_MAX, Door, Pace
from tests import stage as stages
from tests.abuse.floor import rules, service, watched
from tests.abuse.raw import a_good_client_is_served
from tests.patience import PATIENCE_SECONDS
from tests.stage import Stage
from tests.web.visitor import NOTICE

BURST, PER_SECOND, SLOW_SECONDS, WAITING = 5, 2.0, 1.0, 10
FLOOD = 40
SHARED, ELSEWHERE = "8.8.8.8", "9.9.9.9"


@pytest_asyncio.fixture(scope="module")
async def base(store: Store) -> AsyncGenerator[str]:
    async with service(
        store,
        chat_opens_burst_max=BURST,
        chat_opens_per_second=PER_SECOND,
        chat_opens_slow_seconds_max=SLOW_SECONDS,
        chat_opens_waiting_max=WAITING,
        chat_messages_burst_max=5,
        chat_messages_per_second=20.0,
        chat_slow_seconds_max=0.2,
    ) as url:
        yield url


@pytest.fixture
async def house(store: Store) -> Stage:
    made = await stages.found(store, rules())
    made.now = clock.now()
    return made


class Street:
    """Everybody out there; each comes from an address, as a proxy on this machine tells it."""

    def __init__(self, client: httpx2.AsyncClient, stage: Stage) -> None:
        self.client = client
        self.stage = stage
        self.tokens: dict[UUID, str] = {}

    async def opens(self, address: str, **answers: object) -> UUID:
        body = {"language": "zh", "safe_now": "yes", "notice_version": NOTICE["version"], **answers}
        answer = await self.client.post(
            f"/api/chat/{self.stage.chat_line.address}/contacts",
            json=body,
            headers={"x-forwarded-for": address},
        )
        assert answer.status_code == 201, "nobody is ever turned away"
        contact_id = UUID(answer.json()["contact_id"])
        self.tokens[contact_id] = answer.json()["token"]
        return contact_id

    async def opens_in(self, address: str, **answers: object) -> tuple[float, UUID]:
        loop = asyncio.get_running_loop()
        began = loop.time()
        contact_id = await self.opens(address, **answers)
        return loop.time() - began, contact_id


@pytest.fixture
async def street(base: str, house: Stage) -> AsyncGenerator[Street]:
    limits = httpx2.Limits(max_connections=None)
    async with httpx2.AsyncClient(base_url=base, trust_env=False, timeout=60, limits=limits) as client:
        yield Street(client, house)


async def order(stage: Stage) -> list[UUID]:
    """Who will be answered, first to last."""
    async with stage.store.connection() as connection:
        rows = await connection.fetch(
            "select id from contact where centre_id = $1 and state = 'waiting' order by rank", stage.centre.id
        )
    return [row["id"] for row in rows]


async def test_a_flood_from_one_address_is_let_in_and_stands_behind_those_who_come_later(
    street: Street, house: Stage
):
    address = "8.8.8.1"
    async with watched():
        flood = await asyncio.gather(*(street.opens(address) for _ in range(FLOOD)))
        later = await street.opens(ELSEWHERE)
    crowd = [each for each in flood if CROWDED in (await house.contact(each)).flags]
    assert FLOOD - BURST - 2 <= len(crowd) <= FLOOD - BURST
    standing = await order(house)
    assert len(standing) == FLOOD + 1
    assert standing.index(later) == FLOOD - len(crowd), "behind those within the limit, before the crowd"


@pytest.mark.parametrize(
    "urgent", [{"safe_now": "no"}, {"safe_now": "unsure"}, {"age_band": "10-13"}, {"attempted_before": True}]
)
async def test_danger_and_youth_are_let_in_at_once_and_are_no_crowd(
    street: Street, house: Stage, urgent: dict[str, object]
):
    flooding = asyncio.gather(*(street.opens(SHARED) for _ in range(FLOOD)))
    _, contact_id = await street.opens_in(SHARED, **urgent)
    contact = await house.contact(contact_id)
    flood = await flooding
    assert CROWDED not in contact.flags
    standing = await order(house)
    assert standing.index(contact_id) == 0, "ahead of everybody who is in no danger"
    assert len(standing) == len(flood) + 1


async def test_others_do_not_wait_at_the_door_while_one_address_floods(street: Street):
    flooding = asyncio.gather(*(street.opens("8.8.8.2") for _ in range(FLOOD)))
    await asyncio.sleep(0.05)
    async with watched():
        others = [await street.opens_in(f"7.7.7.{number}") for number in range(3)]
    await flooding
    assert min(took for took, _ in others) < SLOW_SECONDS


async def test_an_address_that_may_be_a_whole_house_is_never_slowed(street: Street, house: Stage):
    for address in ("127.0.0.1", "10.0.0.1", "192.168.1.9", "fd00::1", "unknown"):
        opened = await asyncio.gather(*(street.opens(address) for _ in range(BURST + 3)))
        assert [CROWDED in (await house.contact(each)).flags for each in opened] == [False] * len(opened)


async def test_a_network_of_the_newer_kind_is_one_address_at_the_door(street: Street, house: Stage):
    opened = await asyncio.gather(*(street.opens(f"2a00:1450:4001:81a::{n:x}") for n in range(BURST + 8)))
    crowded = [CROWDED in (await house.contact(each)).flags for each in opened]
    assert any(crowded)


async def test_nobody_waits_longer_than_said_and_only_so_many_wait_at_once():
    door = Door(Pace(burst_max=1, per_second=10.0, slow_seconds_max=0.1), waiting_max=3)
    loop = asyncio.get_running_loop()
    began = loop.time()
    coming = [asyncio.ensure_future(door.come_in("8.8.8.8", is_urgent=False)) for _ in range(50)]  # noqa: TID251
    await asyncio.sleep(0)
    assert door.waiting == 3
    assert (await asyncio.gather(*coming)).count(True) == 49
    assert loop.time() - began < 5
    assert door.waiting == 0


async def test_the_door_forgets_addresses_and_keeps_no_more_than_it_may():
    door = Door(Pace(burst_max=1, per_second=1.0, slow_seconds_max=0.0), waiting_max=0)
    for number in range(BUCKETS_MAX + 10):
        await door.come_in(str(number), is_urgent=True)
    assert len(door._paces._buckets) <= BUCKETS_MAX


async def test_a_crowd_waits_a_bounded_time_and_danger_ends_it(house: Stage):
    policy, now = rules().queue, clock.now()
    calm = await house.chat()
    crowded = contacts.age(replace(calm, flags=(CROWDED,)), now, policy).row(Contact)
    assert calm.joined_at is not None
    assert crowded.joined_at == calm.joined_at, "the join time never changes"
    assert queue.band_of_rank(crowded.rank) == queue.band_of_rank(calm.rank)
    for seconds, is_ahead in ((policy.ageing_seconds - 1, False), (policy.ageing_seconds + 1, True)):
        later = calm.joined_at + timedelta(seconds=seconds)
        assert (crowded.rank < queue.rank(calm.band, later, later, policy)) is is_ahead
    risen = contacts.raise_level(crowded, Level.HIGH, now, policy, actor="rule").row(Contact)
    assert risen.rank == queue.rank(1, calm.joined_at, now, policy)


async def test_a_page_that_writes_very_fast_is_slowed_and_loses_no_word(street: Street, base: str):
    contact_id = await street.opens(ELSEWHERE)
    many, stored = 150, 0
    address = f"{base.replace('http', 'ws', 1)}/api/chat/live"
    resume = {"kind": "resume", "token": street.tokens[contact_id], "after": 0}
    async with watched(), connect(address, proxy=None, max_size=None) as socket:
        await socket.send(orjson.dumps(resume).decode())
        for number in range(many):
            say = {"kind": "say", "client_id": str(ids.new_id()), "words": f"{number} " + "很难受" * 100}
            await socket.send(orjson.dumps(say).decode())
        await a_good_client_is_served(base)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while stored < many:
                frame = orjson.loads(await socket.recv())
                assert frame["kind"] != "error", frame
                stored += frame["kind"] == "stored"
    count = "select messages from contact where id = $1"
    assert await street.stage.value(count, contact_id) == many


async def test_many_pages_that_say_nothing_hold_nobody_up(base: str):
    address = f"{base.replace('http', 'ws', 1)}/api/chat/live"
    async with watched():
        mute = await asyncio.gather(*(connect(address, proxy=None) for _ in range(60)))
        await a_good_client_is_served(base)
        await asyncio.gather(*(each.close() for each in mute))
