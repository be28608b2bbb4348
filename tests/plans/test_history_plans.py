"""A caller who comes again is found among very many contacts by reading their own only."""

import pytest

from hotline.base import ids
from hotline.store.statements import statement
from tests.plans.test_plans import assert_by_index, buffers, explain, read
from tests.stage import NOON, Stage

pytestmark = pytest.mark.plan

PART = 10_000
CALLERS = """
insert into contact (id, centre_id, line_id, channel, state, since, arrived_at, language, skills, need,
                     level, level_is_human, band, rank, generation, declined_by, messages, number_quality,
                     form, flags, caller_key, answered_at, ended_at)
select gen_random_uuid(), $1, $2, 'voice', 'closed', at, at, 'zh', '{}', 'zh', 'none_found', false, 3, 1, 0,
       '{}', 0, 'given', '{}', '{}', decode(md5((n % 25000)::text), 'hex'), at, at
from (
  select n, $3::timestamptz - n * interval '1 minute' as at
  from generate_series($4::int, $5::int) as n) as made"""


async def test_a_caller_among_a_hundred_thousand_contacts_is_found_by_their_own_alone(stage: Stage) -> None:
    async with stage.store.connection() as connection:
        for first in range(
            1, 100_000, PART
        ):  # in parts that a busy machine writes within the house's patience
            ends = (first, first + PART - 1)
            await connection.execute(CALLERS, stage.centre.id, stage.voice_line.id, NOON, *ends)
        await connection.execute("analyze contact")
        key = await connection.fetchval("select decode(md5('12345'), 'hex')")
    for name, more in (("history_earlier", (20,)), ("history_record", ())):
        asked = (key, stage.centre.id, NOON, ids.new_id(), *more)
        plan = await explain(stage, statement(name), *asked)
        assert_by_index(plan)
        assert read(plan, "contact") <= 4
        assert buffers(plan) < 60
