"""The house's side: a store as it runs in production, people and waiting contacts by the thousand.

What is seeded is what the store itself would have written (names sealed, ranks worked out), in bulk and
analysed afterwards. Heartbeats and signs of life lie a day ahead, so that nobody is taken for gone.
"""

from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final, cast
from uuid import UUID

from hotline.base import clock, ids
from hotline.base.sensitive import Sensitive
from hotline.base.tasks import Crew
from hotline.domain import presence as presences
from hotline.domain.presence import Choice
from hotline.domain.queue import BAND_LAST, QueuePolicy, rank
from hotline.domain.staff import Role, Staff
from hotline.policy.policies import Policies
from hotline.store import engine, vault
from hotline.store.layouts import PRESENCE, STAFF
from hotline.store.signal import Signal
from hotline.store.unit import Store
from tests import stage as stages
from tests.stage import Stage

POOL: Final = 16
"""Connections, as config/hotline.toml has it."""
AHEAD: Final = timedelta(days=1)
NOW: Final = timedelta(0)
LONG: Final = timedelta(hours=1)
"""Long enough for every rule about waiting to apply: skills that nobody has are waived."""
PLAIN: Final = "zh"

WAITING: Final = """
insert into contact (id, centre_id, line_id, channel, state, since, arrived_at, language, skills,
                     need, joined_at, level, level_is_human, band, rank, generation, declined_by,
                     messages, number_quality, form, flags, ages_at, seen_at)
select gen_random_uuid(), $1, $2, 'chat', 'waiting', joined_at, joined_at, split_part(need, '|', 1),
       (string_to_array(need, '|'))[2:], need, joined_at, 'none_found', false, $6::int,
       $7::bigint + n, 0, '{}', 0, 'unknown', '{}', '{}', joined_at + interval '1 day', $3 + interval '1 day'
from (select n, $3::timestamptz - ($5::int - n) * interval '1 millisecond' as joined_at,
             ($4::text[])[1 + n % cardinality($4::text[])] as need
      from generate_series(1, $5::int) as n) as each"""

TIDY_SESSIONS: Final = """
update session as s set state = 'closed', closed_at = now() from contact as c
where c.id = s.contact_id and c.centre_id = $1 and c.state = 'wrapping' and s.state = 'wrapping'"""
TIDY_CONTACTS: Final = """
update contact set state = 'closed', counselor_id = null, chat_slot = null
where centre_id = $1 and state = 'wrapping'"""

TAKE_BACK: Final = """
with held as (
  select id from contact
  where state = 'offered' and id in (select contact_id from offer where state = 'pending')
  order by id for update
), over as (
  update offer as o set state = $1, decided_at = now() from held
  where o.contact_id = held.id and o.state = 'pending' returning o.contact_id
)
update contact as c set state = $2, counselor_id = null, chat_slot = null
from over where c.id = over.contact_id and c.state = 'offered'"""
"""Contacts are locked before their offers, as every step does it: a house that runs misses some meanwhile."""

IDLE_ANEW: Final = """
update presence set idle_since = now()
where id in (select staff_id from offer where state = 'pending')"""


@asynccontextmanager
async def opened(url: str) -> AsyncGenerator[Store]:
    """A store as the wiring makes it: pool, keys, and pokes that go through the database."""
    keys = vault.load(vault.text_of(vault.new_keys()))
    signal = Signal(engine.connect_arguments(url))
    store = Store(engine.make(url, pool_size=POOL, statement_timeout_ms=60_000), keys, signal)
    async with Crew() as crew:
        crew.keep("signal out", signal.send)
        crew.keep("signal in", signal.listen)
        try:
            yield store
        finally:
            await crew.stop()
            await store.engine.dispose()


async def founded(store: Store, policies: Policies) -> Stage:
    """A centre with its lines, in the present."""
    stage = await stages.found(store, policies)
    stage.now = clock.now()
    return stage


def hurried(policies: Policies) -> Policies:
    """The house's policies, but whoever has closed a record is free at once."""
    queue = policies.queue
    hurried: QueuePolicy = replace(queue, wrap_up_seconds_min=0)
    return replace(policies, queue=hurried)


async def hire(
    stage: Stage, count: int, *, skills: Iterable[str] = (), languages: Iterable[str] = ("zh", "en"),
    ready: bool = True,
) -> list[UUID]:  # fmt: skip
    """Counselors in bulk, ready or signed in and not ready; one chat at a time each."""
    now = clock.now()
    people = [
        Staff(
            id=ids.new_id(),
            centre_id=stage.centre.id,
            login=ids.new_id().hex,
            name=Sensitive(f"Counselor {nth}"),
            roles=frozenset({Role.COUNSELOR}),
            languages=frozenset(languages),
            skills=frozenset(skills),
            chat_capacity=1,
        )
        for nth in range(count)
    ]
    staff_rows = [STAFF.values(one, stage.store.vault) | {"password_hash": "none"} for one in people]
    chosen = {"choice": Choice.READY} if ready else {"choice": Choice.NOT_READY, "reason": "break"}
    presence_rows = [
        PRESENCE.values(
            replace(
                presences.first(one.id, one.centre_id, now),
                **cast("dict[str, Any]", chosen),
                is_connected=True,
                heartbeat_at=now + AHEAD,
                idle_since=now - timedelta(milliseconds=len(people) - nth),
            ),
            stage.store.vault,
        )
        for nth, one in enumerate(people)
    ]
    await copy(stage, "staff", staff_rows)
    await copy(stage, "presence", presence_rows)
    return [one.id for one in people]


async def copy(stage: Stage, table: str, rows: Sequence[dict[str, Any]]) -> None:
    """Rows by COPY, and the table's statistics made anew."""
    async with stage.store.connection() as connection:
        if rows:
            await cast("Any", connection).copy_records_to_table(
                table, records=[tuple(row.values()) for row in rows], columns=list(rows[0])
            )
        await connection.execute(f"analyze {table}")


async def wait(
    stage: Stage, count: int, needs: Sequence[str] = (PLAIN,), *, analyse: bool = True, since: timedelta = NOW
) -> None:
    """So many chats waiting, spread over the needs, the first the longest."""
    now = clock.now() - since
    first = now - timedelta(milliseconds=count)
    base = rank(BAND_LAST, first, now, stage.policies.queue)
    async with stage.store.connection() as connection:
        await connection.execute(
            WAITING, stage.centre.id, stage.chat_line.id, now, list(needs), count, BAND_LAST, base
        )
        if analyse:
            await connection.execute("analyze contact")


async def tidy(stage: Stage) -> None:
    """Close the records of all talks that are over, in bulk: paper work that is not measured."""
    async with stage.store.connection() as connection:
        await connection.execute(TIDY_SESSIONS, stage.centre.id)
        await connection.execute(TIDY_CONTACTS, stage.centre.id)


async def put_back(stage: Stage) -> None:
    """Every contact that is held out to somebody waits again, as if nothing had been offered."""
    async with stage.store.connection() as connection:
        await connection.execute(TAKE_BACK, "rescinded", "waiting")


async def be_over(stage: Stage) -> None:
    """Whoever is held out to somebody has been served, and who served them is idle anew."""
    async with stage.store.connection() as connection:
        await connection.execute(IDLE_ANEW)
        await connection.execute(TAKE_BACK, "accepted", "closed")


async def vacuum(stage: Stage) -> None:
    """Begin a round with tables as autovacuum would leave them."""
    async with stage.store.connection() as connection:
        await connection.execute("vacuum analyze contact, offer, presence, session, journal")
