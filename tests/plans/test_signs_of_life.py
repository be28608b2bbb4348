"""Thousands of signs of life in three seconds: each stays on its page, and silence is found all the same."""

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import pytest

from hotline.domain.presence import NEVER
from hotline.store import contact as store_contact, presence as store_presence
from hotline.store.driver import Connection
from hotline.store.statements import statement
from tests.plans.test_plans import HIRE, KINDS, SEED, WAITING, assert_by_index, read
from tests.stage import NOON, Stage

pytestmark = pytest.mark.plan

MOST: Final = 200
GATHERINGS: Final = 15
"""Everybody beats once in so many gatherings."""
ROUNDS: Final = 3


async def crowd(stage: Stage, chats: int, people: int) -> None:
    """So many chats that wait, and so many counselors on duty."""
    async with stage.store.connection() as connection:
        await connection.execute("truncate contact cascade")
        await connection.execute(SEED, stage.centre.id, stage.chat_line.id, NOON, chats)
        await connection.execute(HIRE, stage.centre.id, KINDS, people, NOON)


async def beaten(connection: Connection, table: str, how: str, ids: list[UUID]) -> tuple[int, int]:
    """One gathering of beats in one commit: how many rows were noted, and how many stayed on their page."""
    async with connection.transaction():
        noted = await connection.fetch(statement(how), ids, NOON + timedelta(seconds=3))
        stayed = await connection.fetchval(
            "select pg_stat_get_xact_tuples_hot_updated($1::text::regclass)", table
        )
    return len(noted), stayed


OURS: Final = {
    "presence": "select id from presence where centre_id = $1",
    "contact": "select id from contact where centre_id = $1",
}


async def ours(stage: Stage, table: str) -> list[UUID]:
    async with stage.store.connection() as connection:
        return [row["id"] for row in await connection.fetch(OURS[table], stage.centre.id)]


@pytest.mark.parametrize(("table", "how"), [("presence", "beat"), ("contact", "seen")])
async def test_a_sign_of_life_stays_on_its_page_and_touches_no_index(
    stage: Stage, table: str, how: str
) -> None:
    await crowd(stage, 1500, 1500)
    ids = await ours(stage, table)
    async with stage.store.connection() as connection:
        done = [
            await beaten(connection, table, how, ids[nth::GATHERINGS])
            for _ in range(ROUNDS)
            for nth in range(GATHERINGS)
        ]
    noted, stayed = (sum(each) for each in zip(*done, strict=True))
    assert noted == ROUNDS * 1500
    assert stayed > 0.99 * noted


SILENT: Final = """explain (analyze, buffers, format json)
select id from contact where channel = 'chat' and state in ('arriving', 'waiting', 'offered')
  and seen_at < $1 order by seen_at limit 200"""
OVER: Final = """update contact set state = 'abandoned'
where id not in (select id from contact where state = 'waiting' order by id limit $1)"""


async def test_chats_that_were_left_are_read_from_those_not_yet_answered(stage: Stage) -> None:
    await crowd(stage, WAITING, 1)
    left = 500
    async with stage.store.connection() as connection:
        await connection.execute(OVER, left)
        await connection.execute("vacuum analyze contact")
        told = await connection.fetchval(SILENT, NOON + timedelta(minutes=1))
    plan: dict[str, Any] = told[0]
    assert_by_index(plan)
    assert read(plan, "contact") <= 2 * left, "a bitmap counts its rows twice"


async def test_whoever_has_been_silent_for_longest_is_found_first(stage: Stage) -> None:
    await crowd(stage, 3, 3)
    people, chats = await ours(stage, "presence"), await ours(stage, "contact")
    async with stage.store.connection() as connection:
        for nth, (person, chat) in enumerate(zip(people, chats, strict=True)):
            at = NOON - timedelta(minutes=nth)
            await store_presence.beat(connection, [person], at)
            await connection.fetch(statement("seen"), [chat], at)
        silent = await store_presence.silent(connection, NOON, MOST)
        left = await store_contact.silent_chats(connection, NOON, MOST)
        assert [each for each in silent if each in people] == people[:0:-1]
        assert left == chats[:0:-1]
        assert await store_presence.silent(connection, NEVER, MOST) == []
