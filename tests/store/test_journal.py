"""The journal is read in the order of commits, and no row is lost to a slow writer."""

import asyncio

import asyncpg
import pytest

from hotline.base import ids
from hotline.store import journal
from hotline.store.driver import Connection
from hotline.store.journal import Cursor, Tail
from tests.patience import PATIENCE_SECONDS
from tests.stage import NOON, Stage

INSERT = """insert into journal (at, centre_id, staff_ids, kind, actor, body)
            values ($1, $2, '{}', $3, 'system:test', '{}')"""


async def write(connection: Connection, stage: Stage, kind: str) -> None:
    await connection.execute(INSERT, NOON, stage.centre.id, kind)


async def own(stage: Stage, tail: Tail) -> list[str]:
    async with stage.store.connection() as connection:
        read = await tail.read(connection)
    return [each.entry.kind for each in read if each.entry.centre_id == stage.centre.id]


async def start(stage: Stage) -> Tail:
    async with stage.store.connection() as connection:
        return Tail(await journal.fence(connection))


async def test_a_row_that_commits_late_is_not_lost_behind_a_later_number(stage: Stage) -> None:
    """Two connections: the slow one takes its number first and commits last."""
    tail = await start(stage)
    async with stage.store.connection() as slow, stage.store.connection() as quick:
        async with slow.transaction():
            await write(slow, stage, "slow")
            async with quick.transaction():
                await write(quick, stage, "quick")
            before = tail.cursor
            assert await own(stage, tail) == ["quick"], "nobody's screen waits for a slow transaction"
            assert tail.cursor == before, "but the place stays before it, because something may still come"
            assert await own(stage, tail) == []
        assert await own(stage, tail) == ["slow"]
        assert await own(stage, tail) == []


async def test_the_place_moves_on_once_nothing_can_come_before_it(stage: Stage) -> None:
    tail = await start(stage)
    async with stage.store.connection() as connection:
        await write(connection, stage, "one")
    assert await own(stage, tail) == ["one"]
    async with asyncio.timeout(PATIENCE_SECONDS):
        while tail.cursor.seq == 2**62 or tail.cursor.xid == 0:
            await own(stage, tail)
            await asyncio.sleep(0.01)
    fresh = Tail(tail.cursor)
    assert await own(stage, fresh) == []


async def test_a_full_batch_jumps_over_nothing(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "BATCH_MAX", 3)
    tail = await start(stage)
    async with stage.store.connection() as connection:
        for number in range(10):
            await write(connection, stage, f"{number}")
    seen: list[str] = []
    async with asyncio.timeout(PATIENCE_SECONDS):
        while len(seen) < 10:
            seen.extend(await own(stage, tail))
    assert seen == [f"{number}" for number in range(10)]


async def test_without_the_fence_the_slow_row_is_lost(stage: Stage) -> None:
    """The loss that the fence prevents, shown: a reader that remembers the last number misses a row."""
    async with stage.store.connection() as slow, stage.store.connection() as quick:
        last = await quick.fetchval("select coalesce(max(seq), 0) from journal")
        async with slow.transaction():
            await write(slow, stage, "slow")
            await write(quick, stage, "quick")
            first = await quick.fetch("select seq, kind from journal where seq > $1 order by seq", last)
        then = await quick.fetch(
            "select seq, kind from journal where seq > $1 order by seq", max(row["seq"] for row in first)
        )
    assert [row["kind"] for row in (*first, *then)] == ["quick"]


async def test_many_writers_and_one_tail_lose_and_double_nothing(stage: Stage) -> None:
    reader = await start(stage)
    count = 40

    async def writer(number: int) -> None:
        async with stage.store.connection() as connection, connection.transaction():
            await write(connection, stage, f"{number}")
            await asyncio.sleep(0.001 * (number % 5))

    async def tail() -> list[str]:
        seen: list[str] = []
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(seen) < count:
                seen.extend(await own(stage, reader))
                await asyncio.sleep(0.002)
        return seen

    seen, *_ = await asyncio.gather(tail(), *(writer(number) for number in range(count)))
    assert sorted(seen or (), key=int) == [str(number) for number in range(count)]


async def test_the_journal_is_append_only(stage: Stage) -> None:
    async with stage.store.connection() as connection:
        await write(connection, stage, "kept")
        for forbidden in ("update journal set kind = 'x'", "delete from journal", "truncate journal"):
            with pytest.raises(asyncpg.RaiseError, match="append-only"):
                await connection.execute(forbidden)


def test_a_cursor_travels_as_text() -> None:
    assert str(Cursor(xid=7, seq=9)) == "7-9"
    assert ids.new_id() != ids.new_id()
