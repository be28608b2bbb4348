"""The journal is read in the order of commits, and no row is lost to a slow writer."""

import asyncio

from hotline.base import ids
from hotline.store import journal
from hotline.store.driver import Connection
from hotline.store.journal import Cursor
from tests.stage import NOON, Stage

INSERT = """insert into journal (at, centre_id, staff_ids, kind, actor, body)
            values ($1, $2, '{}', $3, 'system:test', '{}')"""


async def write(connection: Connection, stage: Stage, kind: str) -> None:
    await connection.execute(INSERT, NOON, stage.centre.id, kind)


async def own(stage: Stage, cursor: Cursor) -> list[str]:
    async with stage.store.connection() as connection:
        read = await journal.after(connection, cursor)
    return [each.entry.kind for each in read if each.entry.centre_id == stage.centre.id]


async def start(stage: Stage) -> Cursor:
    async with stage.store.connection() as connection:
        return await journal.fence(connection)


async def test_a_row_that_commits_late_is_not_lost_behind_a_later_number(stage: Stage) -> None:
    """Two connections: the slow one takes its number first and commits last."""
    cursor = await start(stage)
    async with stage.store.connection() as slow, stage.store.connection() as quick:
        async with slow.transaction():
            await write(slow, stage, "slow")
            async with quick.transaction():
                await write(quick, stage, "quick")
            numbers = await quick.fetch("select seq, kind from journal where centre_id = $1", stage.centre.id)
            assert [row["kind"] for row in numbers] == ["quick"], (
                "a reader by number would now be past `slow`"
            )
            assert await own(stage, cursor) == [], "the fence holds `quick` back while `slow` is open"
        assert await own(stage, cursor) == ["slow", "quick"]


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
    cursor = await start(stage)
    count = 40

    async def writer(number: int) -> None:
        async with stage.store.connection() as connection, connection.transaction():
            await write(connection, stage, f"{number}")
            await asyncio.sleep(0.001 * (number % 5))

    async def tail() -> list[str]:
        seen: list[str] = []
        place = cursor
        while len(seen) < count:
            async with stage.store.connection() as connection:
                read = await journal.after(connection, place)
            place = read[-1].cursor if read else place
            seen.extend(each.entry.kind for each in read if each.entry.centre_id == stage.centre.id)
            await asyncio.sleep(0.002)
        return seen

    seen, *_ = await asyncio.gather(tail(), *(writer(number) for number in range(count)))
    assert sorted(seen, key=int) == [str(number) for number in range(count)]


async def test_the_journal_is_append_only(stage: Stage) -> None:
    async with stage.store.connection() as connection:
        await write(connection, stage, "kept")
        for forbidden in ("update journal set kind = 'x'", "delete from journal", "truncate journal"):
            try:
                await connection.execute(forbidden)
            except Exception as error:
                assert "append-only" in str(error)
            else:
                raise AssertionError(forbidden)


def test_a_cursor_travels_as_text() -> None:
    assert str(Cursor(xid=7, seq=9)) == "7-9"
    assert ids.new_id() != ids.new_id()
