"""How PostgreSQL runs the hot statements on seeded tables: by index, and flat however many wait."""

from typing import Any, Final

import pytest

from hotline.base import ids
from hotline.store.statements import statement
from tests.stage import NOON, Stage

pytestmark = pytest.mark.plan

WAITING = 20_000
REACH: Final = ([True, False], ["zh"], [f"skill{nth}" for nth in range(30)], list[str](), list[str]())
"""Engaged or not; the languages and skills that somebody has; those that everybody has."""

SEED = """
insert into contact (id, centre_id, line_id, channel, state, since, arrived_at, language, skills,
                     need, joined_at, level, level_is_human, band, rank, generation, declined_by,
                     messages, number_quality, form, flags, ages_at, seen_at)
select gen_random_uuid(), $1, $2, 'chat', 'waiting', $3::timestamptz, $3, 'zh', '{}',
       'zh|skill' || (n % 30), $3, 'none_found', false, 3, 300000000000000 + n, 0, '{}',
       0, 'unknown', '{}', '{}', $3::timestamptz + interval '15 minutes', $3
from generate_series(1, $4) as n"""


async def seed(stage: Stage) -> None:
    async with stage.store.connection() as connection:
        if await connection.fetchval("select count(*) from contact") < WAITING:
            await connection.execute(SEED, stage.centre.id, stage.chat_line.id, NOON, WAITING)
            await connection.execute("analyze contact")


async def explain(stage: Stage, query: str, *arguments: object) -> dict[str, Any]:
    async with stage.store.connection() as connection, connection.transaction():
        plan = await connection.fetchval(f"explain (analyze, buffers, format json) {query}", *arguments)
    found: dict[str, Any] = plan[0]
    return found


def nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    inner = plan.get("Plans", [])
    return [plan, *(node for each in inner for node in nodes(each))]


def buffers(plan: dict[str, Any]) -> int:
    return int(plan["Plan"]["Shared Hit Blocks"]) + int(plan["Plan"]["Shared Read Blocks"])


def assert_by_index(plan: dict[str, Any]) -> None:
    scans = [node for node in nodes(plan["Plan"]) if node["Node Type"] == "Seq Scan"]
    assert not [node for node in scans if node.get("Relation Name") == "contact"]


async def test_the_heads_of_every_need_are_found_by_index_and_flat(stage: Stage) -> None:
    await seed(stage)
    centre = await stage.value(
        "select centre_id from contact group by centre_id order by count(*) desc limit 1"
    )
    plan = await explain(stage, statement("waiting_heads"), centre, 3, 200, NOON, *REACH)
    assert_by_index(plan)
    assert buffers(plan) < 1500


async def test_a_need_that_nobody_waits_with_costs_next_to_nothing(stage: Stage) -> None:
    await seed(stage)
    plan = await explain(stage, statement("waiting_heads"), ids.new_id(), 3, 200, NOON, *REACH)
    assert buffers(plan) < 20


async def test_locking_a_journey_reads_a_few_pages_however_many_contacts_there_are(stage: Stage) -> None:
    """A plan does not show what a function does inside; what it read does, the catalogue read before."""
    await seed(stage)
    contact = await stage.chat()
    async with stage.store.connection() as connection:
        await connection.fetch("select * from lock_journey($1, true)", contact.id)
    plan = await explain(stage, "select * from lock_journey($1, true)", contact.id)
    assert plan["Plan"]["Actual Rows"] == 1
    assert buffers(plan) < 50


@pytest.mark.parametrize(
    ("query", "arguments"),
    [
        (
            "select id from contact where state = 'waiting' and ages_at <= $1 order by ages_at limit $2",
            (NOON, 200),
        ),
        (statement("loads"), ([ids.new_id()],)),
        ("select contact_id from offer where state = 'pending' and deadline_at <= $1 limit 200", (NOON,)),
        (statement("journal_after"), ("1", 1, False, list[int](), 500)),
        (
            "select contact_id from escalation where next_rung_at <= $1 order by next_rung_at limit 200",
            (NOON,),
        ),
    ],
)
async def test_what_is_asked_all_the_time_never_reads_the_whole_of_the_contacts(
    stage: Stage, query: str, arguments: tuple[object, ...]
) -> None:
    await seed(stage)
    assert_by_index(await explain(stage, query, *arguments))
