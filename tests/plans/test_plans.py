"""How PostgreSQL runs the hot statements on seeded tables: by index, and flat however many wait."""

from datetime import timedelta
from typing import Any, Final

import pytest

from hotline.base import ids
from hotline.store import earlier, review
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


COUNSELORS = 3_000
KINDS = 3
HIRE = """
with hired as (
  insert into staff (id, centre_id, login, name, password_hash, roles, languages, skills, chat_capacity,
                     device, is_active)
  select gen_random_uuid(), $1, gen_random_uuid()::text, '', '', '{counselor}', '{zh}',
         array['skill' || n % $2], 2, 'browser', true
  from generate_series(1, $3::int) as n
  returning id
)
insert into presence (id, centre_id, choice, since, idle_since, is_connected, heartbeat_at)
select id, $1, 'ready', $4, $4, true, $4 from hired"""
ENGAGE = """
insert into contact (id, centre_id, line_id, channel, state, since, arrived_at, language, skills,
                     need, joined_at, level, level_is_human, band, rank, generation, declined_by,
                     messages, number_quality, form, flags, counselor_id)
select gen_random_uuid(), $1, $2, 'voice', 'talking', $3::timestamptz, $3, 'zh', '{}', 'zh', $3,
       'none_found', false, 3, 1, 0, '{}', 0, 'unknown', '{}', '{}', id
from (select id from presence where centre_id = $1 limit $4) as engaged"""


async def hire(stage: Stage, engaged: int) -> None:
    """A house full of counselors of a few kinds, so many of them in a talk; all have room for two chats."""
    async with stage.store.connection() as connection:
        await connection.execute(HIRE, stage.centre.id, KINDS, COUNSELORS, NOON)
        await connection.execute(ENGAGE, stage.centre.id, stage.voice_line.id, NOON, engaged)
        for table in ("staff", "presence", "contact"):
            await connection.execute(f"vacuum analyze {table}")


def read(plan: dict[str, Any], table: str) -> int:
    """How many rows of a table were looked at."""
    return sum(
        int(node["Actual Loops"] * (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)))
        for node in nodes(plan["Plan"])
        if node.get("Relation Name") == table
    )


async def explain(stage: Stage, query: str, *arguments: object) -> dict[str, Any]:
    """Run it by the plan that the house's connections run it by: made once, whatever is asked."""
    name = f"asked_{ids.new_id().hex}"
    async with stage.store.connection() as connection, connection.transaction():
        await connection.execute(f"prepare {name} as {query}")
        kinds = await connection.fetchval(
            "select parameter_types::text[] from pg_prepared_statements where name = $1", name
        )
        literals = [
            await connection.fetchval(f"select quote_nullable($1::{kind}::text)", argument)
            for kind, argument in zip(kinds, arguments, strict=True)
        ]
        given = f"({', '.join(literals)})" if literals else ""
        plan = await connection.fetchval(f"explain (analyze, buffers, format json) execute {name}{given}")
        await connection.execute(f"deallocate {name}")
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


async def test_of_needs_that_everybody_can_meet_the_first_few_in_all_are_read(stage: Stage) -> None:
    await seed(stage)
    centre = await stage.value(
        "select centre_id from contact group by centre_id order by count(*) desc limit 1"
    )
    engaged, languages, skills, *_ = REACH
    reach = (engaged, languages, skills, languages, skills)
    plan = await explain(stage, statement("waiting_heads"), centre, 16, 200, NOON, *reach)
    assert read(plan, "contact") <= 31 + len(engaged) * (30 + 16 * 17 // 2)


async def test_a_need_that_nobody_waits_with_costs_next_to_nothing(stage: Stage) -> None:
    await seed(stage)
    plan = await explain(stage, statement("waiting_heads"), ids.new_id(), 3, 200, NOON, *REACH)
    assert buffers(plan) < 20


@pytest.mark.parametrize("stands_before", [1, 500_000_000_000_000])
async def test_a_place_is_counted_up_to_what_is_told_however_many_wait(
    stage: Stage, stands_before: int
) -> None:
    await seed(stage)
    centre = await stage.value(
        "select centre_id from contact group by centre_id order by count(*) desc limit 1"
    )
    counted = await explain(stage, statement("queue_ahead"), centre, stands_before, ids.new_id(), 101)
    assert read(counted, "contact") <= 101
    front = await explain(stage, statement("queue_front"), centre, 101)
    assert read(front, "contact") <= 101


async def test_locking_a_journey_reads_a_few_pages_however_many_contacts_there_are(stage: Stage) -> None:
    """A plan does not show what a function does inside; what it read does, the catalogue read before."""
    await seed(stage)
    contact = await stage.chat()
    async with stage.store.connection() as connection:
        await connection.fetch("select * from lock_journey($1, true)", contact.id)
    plan = await explain(stage, "select * from lock_journey($1, true)", contact.id)
    assert plan["Plan"]["Actual Rows"] == 1
    assert buffers(plan) < 50


async def test_of_a_house_full_of_free_counselors_only_the_longest_idle_are_read(stage: Stage) -> None:
    await seed(stage)
    await hire(stage, 0)
    plan = await explain(stage, statement("candidates"), stage.centre.id, 16, 200)
    assert plan["Plan"]["Actual Rows"] == 16 * KINDS
    assert_by_index(plan)
    assert read(plan, "presence") < 4 * 16 * KINDS
    assert read(plan, "staff") < 4 * 16 * KINDS


async def test_in_a_house_full_of_talks_everybody_is_passed_over_once(stage: Stage) -> None:
    await seed(stage)
    await hire(stage, COUNSELORS - 10)
    plan = await explain(stage, statement("candidates"), stage.centre.id, 16, 200)
    assert plan["Plan"]["Actual Rows"] == 10
    assert_by_index(plan)
    assert "hashed SubPlan" in str(plan)
    assert read(plan, "contact") < 3 * COUNSELORS
    assert read(plan, "presence") < 3 * COUNSELORS


async def test_what_those_on_duty_can_do_is_told_by_one_of_each_kind(stage: Stage) -> None:
    await hire(stage, 0)
    plan = await explain(stage, statement("repertoires"), stage.centre.id)
    assert plan["Plan"]["Actual Rows"] == KINDS
    assert read(plan, "presence") + read(plan, "staff") < 4 * KINDS


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
        (statement("history_earlier"), (b"k", ids.new_id(), NOON, ids.new_id(), 20)),
        (statement("history_record"), (b"k", ids.new_id(), NOON, ids.new_id())),
        (statement("outreach_waiting"), ([ids.new_id()], NOON, 200)),
        (statement("due_escalations"), (NOON, 200)),
    ],
)
async def test_what_is_asked_all_the_time_never_reads_the_whole_of_the_contacts(
    stage: Stage, query: str, arguments: tuple[object, ...]
) -> None:
    await seed(stage)
    assert_by_index(await explain(stage, query, *arguments))


CALLERS = """
update contact set caller_key = decode(md5((rank % 500)::text), 'hex'),
                   background = jsonb_build_object('opinion', (rank % 100)::int)
where caller_key is null and channel = 'chat' and state = 'waiting'"""


async def test_a_callers_history_and_what_is_to_be_looked_at_again_are_read_by_index(stage: Stage) -> None:
    await seed(stage)
    async with stage.store.connection() as connection:
        await connection.execute(CALLERS)
        await connection.execute("vacuum analyze contact")
    key = await stage.value("select caller_key from contact where caller_key is not null limit 1")
    centre = await stage.value("select centre_id from contact where caller_key is not null limit 1")
    since = NOON - timedelta(days=30)
    history = (key, centre, since, since, since, since, ["in_progress"])
    assert_by_index(await explain(stage, earlier.EARLIER, *history))
    doubted = await explain(stage, review.DOUBTED, [ids.new_id()], since, 50)
    assert_by_index(doubted)
    assert read(doubted, "contact") == 0
