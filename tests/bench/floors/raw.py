"""The floor of a contact's life: asyncpg, prepared statements, a connection each, and no house at all.

`raw13` is thirteen statements in four transactions, each with its event: enqueue (2), offer (4), accept (4),
complete (3). `raw4` is the same life in four statements. A thousand counselors, five hundred waiting.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from time import perf_counter
from typing import Any, Final

from tests import database
from tests.bench import databases
from tests.bench.figures import in_ms
from tests.bench.goal import Figures, Measure, Size
from tests.bench.meter import Watch

AT_ONCE: Final = 16
COUNSELORS: Final = 1000
BACKLOG: Final = 500

SCHEMA: Final = """
create table contact (id bigint generated always as identity primary key, status smallint not null,
  priority smallint not null, enqueued_at timestamptz not null default now(), counselor_id int,
  answered_at timestamptz, ended_at timestamptz) with (fillfactor = 80);
create index contact_wait on contact (priority desc, enqueued_at, id) where status = 0;
create table counselor (id int primary key, status smallint not null,
  idle_since timestamptz not null default now(), contact_id bigint) with (fillfactor = 80);
create index counselor_idle on counselor (idle_since, id) where status = 0;
create table offer (id bigint generated always as identity primary key, contact_id bigint not null,
  counselor_id int not null, status smallint not null, made_at timestamptz not null default now(),
  decided_at timestamptz);
create table event (id bigint generated always as identity primary key, contact_id bigint not null,
  kind text not null, at timestamptz not null default now(), body jsonb not null);
"""

ENQUEUE: Final = "insert into contact (status, priority) values (0, $1) returning id"
EVENT: Final = "insert into event (contact_id, kind, body) values ($1, $2, $3)"
CLAIM: Final = """update contact as c set status = 1 from (select id from contact where status = 0
  order by priority desc, enqueued_at, id for update skip locked limit 1) as s
  where c.id = s.id returning c.id"""
CLAIM_COUNSELOR: Final = """update counselor as c set status = 1, contact_id = $1
  from (select id from counselor where status = 0 order by idle_since, id for update skip locked limit 1) as s
  where c.id = s.id returning c.id"""
OFFER: Final = "insert into offer (contact_id, counselor_id, status) values ($1, $2, 0) returning id"
ACCEPT_OFFER: Final = "update offer set status = 1, decided_at = now() where id = $1 and status = 0"
ACCEPT: Final = "update contact set status = 2, counselor_id = $2, answered_at = now() where id = $1"
ENGAGE: Final = "update counselor set status = 2 where id = $1"
COMPLETE: Final = "update contact set status = 3, ended_at = now() where id = $1"
FREE: Final = "update counselor set status = 0, idle_since = now(), contact_id = null where id = $1"

STATEMENTS: Final = (
    ENQUEUE, EVENT, CLAIM, CLAIM_COUNSELOR, OFFER, ACCEPT_OFFER, ACCEPT, ENGAGE, COMPLETE, FREE
)  # fmt: skip
BODY: Final = '{"a": 1, "why": "longest_idle"}'

ENQUEUE_4: Final = f"""with c as ({ENQUEUE})
  insert into event (contact_id, kind, body) select id, 'enqueued', '{BODY}' from c returning contact_id"""  # noqa: S608
OFFER_4: Final = f"""with c as ({CLAIM}),
  a as (update counselor as k set status = 1, contact_id = (select id from c) from (select id from counselor
    where status = 0 order by idle_since, id for update skip locked limit 1) as s
    where k.id = s.id and exists (select 1 from c) returning k.id),
  o as (insert into offer (contact_id, counselor_id, status) select c.id, a.id, 0 from c, a
    returning id, contact_id, counselor_id),
  e as (insert into event (contact_id, kind, body) select contact_id, 'offered', '{BODY}' from o)
  select id, contact_id, counselor_id from o"""  # noqa: S608  constants of this file
ACCEPT_4: Final = f"""with o as ({ACCEPT_OFFER} returning id),
  c as (update contact set status = 2, counselor_id = $3, answered_at = now() where id = $2),
  k as (update counselor set status = 2 where id = $3)
  insert into event (contact_id, kind, body) values ($2, 'accepted', '{BODY}')"""  # noqa: S608
COMPLETE_4: Final = f"""with c as ({COMPLETE}),
  k as (update counselor set status = 0, idle_since = now(), contact_id = null where id = $2)
  insert into event (contact_id, kind, body) values ($1, 'completed', '{BODY}')"""  # noqa: S608

Life = Callable[[], Coroutine[Any, Any, None]]


async def founded(connection: Any) -> None:
    """Tables, counselors and a backlog."""
    await connection.execute(SCHEMA)
    await connection.execute(
        "insert into counselor (id, status) select n, 0 from generate_series(1, $1::int) as n", COUNSELORS
    )
    await connection.execute(
        "insert into contact (status, priority) select 0, n % 4 from generate_series(1, $1::int) as n",
        BACKLOG,
    )
    await connection.execute("vacuum analyze")


async def raw13(connection: Any) -> Life:
    """The life in thirteen statements, on a connection of one's own."""
    prepared = {text: await connection.prepare(text) for text in STATEMENTS}

    async def run(text: str, *arguments: Any) -> Any:
        return await prepared[text].fetchval(*arguments)

    async def offered() -> tuple[int, int, int]:
        while True:
            await connection.execute("begin")
            contact = await run(CLAIM)
            counselor = await run(CLAIM_COUNSELOR, contact) if contact else None
            if contact is None or counselor is None:  # nothing seen is not nothing there: look again
                await connection.execute("rollback")
                continue
            offer = await run(OFFER, contact, counselor)
            await run(EVENT, contact, "offered", BODY)
            await connection.execute("commit")
            return contact, counselor, offer

    async def life() -> None:
        await connection.execute("begin")
        made = await run(ENQUEUE, 1)
        await run(EVENT, made, "enqueued", BODY)
        await connection.execute("commit")
        contact, counselor, offer = await offered()
        await connection.execute("begin")
        await run(ACCEPT_OFFER, offer)
        await run(ACCEPT, contact, counselor)
        await run(ENGAGE, counselor)
        await run(EVENT, contact, "accepted", BODY)
        await connection.execute("commit")
        await connection.execute("begin")
        await run(COMPLETE, contact)
        await run(FREE, counselor)
        await run(EVENT, contact, "completed", BODY)
        await connection.execute("commit")

    return life


async def raw4(connection: Any) -> Life:
    """The life in four statements."""
    prepared = [await connection.prepare(text) for text in (ENQUEUE_4, OFFER_4, ACCEPT_4, COMPLETE_4)]
    enqueue, offer, accept, complete = prepared

    async def life() -> None:
        await enqueue.fetchval(1)
        while not (row := await offer.fetchrow()):
            pass
        await accept.fetchval(row["id"], row["contact_id"], row["counselor_id"])
        await complete.fetchval(row["contact_id"], row["counselor_id"])

    return life


def side(make: Callable[[Any], Coroutine[Any, Any, Life]]) -> Callable[[Size], Any]:
    """A side of a goal: so many lives as there is time for, `AT_ONCE` at once."""

    @asynccontextmanager
    async def opened(size: Size) -> AsyncGenerator[Measure]:
        async with databases.bare() as url:
            connections = [await database.connected(url) for _ in range(AT_ONCE)]
            try:
                await founded(connections[0])
                lives = [await make(connection) for connection in connections]
                await lived(lives, size.warm_seconds)

                async def measure(watch: Watch) -> Figures:
                    await connections[0].execute("vacuum analyze")
                    with watch:
                        took = await lived(lives, size.seconds)
                    return {"rate": len(took) / watch.seconds, "cpu_ms": watch.cpu_ms / len(took),
                            "postgres_ms": watch.postgres_ms / len(took), **in_ms(took)}  # fmt: skip

                yield measure
            finally:
                for connection in connections:
                    await connection.close()

    return opened


async def lived(lives: Sequence[Life], seconds: float) -> list[float]:
    """Each again and again until the time is over; how long every life took."""
    took = list[float]()
    ends_at = perf_counter() + seconds

    async def live(life: Life) -> None:
        while (since := perf_counter()) < ends_at:
            await life()
            took.append(perf_counter() - since)

    await asyncio.gather(*(live(life) for life in lives))
    return took
