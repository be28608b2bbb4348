"""The database is lost with its disk, and restored from a base backup and an archive to a chosen moment.

The log is archived all along; a base backup is taken while people are served. Two contacts are marked after
it, and the moment between them is the one to come back to. Then the server and its disk are gone. On the
restored one the first contact is there and the second is not, what was sealed opens with the key ring, and
the house goes on: calls that have ended in the meantime are found out by asking the network, and whoever
still waits is answered.
"""

import asyncio
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from hotline.base import clock, ids
from hotline.base.sensitive import Sensitive
from hotline.domain.contact import Contact
from hotline.flow import message
from hotline.store import message as store_message
from tests import database
from tests.drills import judged
from tests.drills.floor import Floor, Size as Crowd, floor, opens_chat
from tests.drills.ground import Ground
from tests.drills.servers import Server, a_server, base_backup, own_folder
from tests.journeys import drills
from tests.journeys.drills import until
from tests.stage import Stage

WORDS = Sensitive("请别告诉我妈妈")
ARCHIVED_SECONDS_MAX = 60.0
BACK_SECONDS_MAX = 60.0
OF_CALLS = """select {} from contact as c join leg as l on l.contact_id = c.id
  where l.sid = any($1) and l.role = 'caller'"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Who is there, and how long the house is without a database; of the callers one hangs up meanwhile."""

    crowd: Crowd
    away_seconds: float


FAST = Size(crowd=Crowd(callers=2, writers=2, counselors=3), away_seconds=1.0)
LONG = Size(crowd=Crowd(callers=10, writers=10, counselors=6, in_danger=2), away_seconds=30.0)


async def drill(ground: Ground, size: Size) -> None:
    """Backup, two marks, the loss, the restore."""
    async with a_server("archive_mode = on") as server:
        archive, backup = own_folder(server, "archive"), own_folder(server, "backup")
        await _archives(server, f"test ! -f {archive}/%f && cp %p {archive}/%f")
        async with floor(ground, size.crowd, standing_on=server.url) as busy:
            sids = await _served(busy)
            await base_backup(server, backup)
            ground.say("a base backup was taken")
            first = await _marked(busy.stage)
            moment = await _value(server, "select clock_timestamp()")
            second = await _marked(busy.stage)
            await _archived(server, archive)
            await server.die()
            await asyncio.to_thread(shutil.rmtree, server.folder)
            ground.say("the server and its disk are gone")
            await busy.exchange.post(f"/practice/calls/{sids[0]}/hangup")
            await asyncio.sleep(size.away_seconds)
            await _restore(server, backup, f"cp {archive}/%f %p", moment)
            ground.say("a server was restored")
            await _holds(busy, first, second)
            await _goes_on(busy, sids)


async def _value(server: Server, query: str) -> Any:
    line = await database.connected(server.url)
    try:
        return await line.fetchval(query)
    finally:
        await line.close()


async def _archives(server: Server, command: str) -> None:
    await _value(server, f"alter system set archive_command = '{command}'")
    await _value(server, "select pg_reload_conf()")


async def _served(busy: Floor) -> list[str]:
    """Help-seekers have written and pause, callers wait; nobody counsels yet. The calls."""
    for nth, writer in enumerate(busy.writers):
        await until(lambda one=writer: opens_chat(one), "a chat is opened")
        busy.crew.keep(f"writer {nth}", writer.write)
    for writer in busy.writers:
        await until(lambda one=writer: one.has_written_since(0), "messages are stored")
    sids: list[str] = []
    for caller in busy.callers:
        dialled = {"from": caller.number, "to": busy.house.number}
        sids.append((await busy.exchange.post("/practice/calls", json=dialled)).json()["sid"])
        await busy.exchange.post(f"/practice/calls/{sids[-1]}/digits", json={"digits": "1", "seconds": 10})
    await until(lambda: _all_are(busy.stage, sids, "waiting"), "callers wait")
    await busy.crew.stop()
    return sids


async def _marked(stage: Stage) -> Contact:
    """A chat with sealed words in it."""
    stage.now = clock.now()
    contact = await stage.chat()
    await message.say(stage.store, stage.policies, contact.id, ids.new_id(), words=WORDS, now=stage.now)
    return contact


async def _archived(server: Server, archive: Path) -> None:
    """Wait until the log up to now is in the archive."""
    name = await _value(server, "select pg_walfile_name(pg_switch_wal())")

    async def is_there() -> bool:
        return await asyncio.to_thread((archive / str(name)).exists)

    await until(is_there, "the log is archived", ARCHIVED_SECONDS_MAX)


async def _restore(server: Server, backup: Path, command: str, moment: datetime) -> None:
    """What the run book says: the backup in place, where to come back to, and start."""
    await asyncio.to_thread(backup.rename, server.folder)
    settings = server.folder / "postgresql.auto.conf"
    with settings.open("a") as file:
        file.write(f"restore_command = '{command}'\n")
        file.write(f"recovery_target_time = '{moment:%Y-%m-%d %H:%M:%S.%f%z}'\n")
        file.write("recovery_target_action = 'promote'\n")
    (server.folder / "recovery.signal").touch()
    await server.start()

    async def is_primary() -> bool:
        return not await _value(server, "select pg_is_in_recovery()")

    await until(is_primary, "the server is restored", BACK_SECONDS_MAX)


async def _holds(busy: Floor, first: Contact, second: Contact) -> None:
    """The first mark is there, with its words; the second is not."""
    ground, stage = busy.ground, busy.stage
    query = "select count(*) from contact where id = $1"
    there = [await _value_of(stage, query, contact.id) for contact in (first, second)]
    ground.wants("contacts of before and after the moment that are there", there, [1, 0])
    async with stage.store.connection() as connection:
        words = await store_message.after(connection, stage.store.vault, first.id, 0, 10)
    ground.wants("what was sealed opens", [each.words == WORDS for each in words], [True])
    for writer in busy.writers:
        await writer.holds(stage)
    ground.shows(
        "messages called stored before the backup, all there", sum(len(w.told) for w in busy.writers)
    )


async def _value_of(stage: Stage, query: str, *arguments: object) -> Any:
    """A value, as soon as the database answers."""

    async def look() -> list[Any]:
        return [await stage.value(query, *arguments)]

    return (await until(look, "the database answers", BACK_SECONDS_MAX))[0]


async def _goes_on(busy: Floor, sids: list[str]) -> None:
    """Whoever waits is answered; who has hung up meanwhile is found out; nothing disagrees."""
    ground, stage = busy.ground, busy.stage
    for nth, writer in enumerate(busy.writers):
        busy.crew.keep(f"writer {nth}", writer.write)
    for nth, counselor in enumerate(busy.counselors):
        busy.crew.keep(f"counselor {nth}", counselor.work)
    gone = await until(
        lambda: _all_are(stage, sids[:1], "abandoned"), "the survey finds out", BACK_SECONDS_MAX
    )
    ground.shows("a caller who hung up while nobody could hear it is known to be gone", gone)
    over = judged.ANSWERED_SECONDS_MAX
    await until(lambda: _is_nobody_left(stage, sids), "every caller is answered or known to be gone", over)
    await until(lambda: _are_answered(busy), "every help-seeker is answered", over)
    ground.shows("help-seekers who waited over it and were answered", len(busy.writers))
    answered = await stage.value(OF_CALLS.format("count(*) filter (where answered_at is not null)"), sids)
    ground.shows(
        "callers who waited over it: answered, and sent to the fallback",
        f"{answered}, {len(sids) - 1 - answered}",
    )
    await busy.crew.stop()
    await until(lambda: drills.orders_are_done(stage), "every order is carried out", BACK_SECONDS_MAX)
    for writer in busy.writers:
        await writer.holds(stage)
    await drills.is_sound(stage)
    ground.wants("processes that ended by themselves", busy.house.fallen, [])


async def _all_are(stage: Stage, sids: list[str], state: str) -> bool:
    query = OF_CALLS.format("count(*) filter (where c.state = $2) = cardinality($1::text[])")
    return bool(await stage.value(query, sids, state))


async def _is_nobody_left(stage: Stage, sids: list[str]) -> bool:
    """Who was sent to the fallback while nobody answered its telephone has to call again, and is known to."""
    query = OF_CALLS.format("bool_and(answered_at is not null or c.state = 'abandoned')")
    return bool(await stage.value(query, sids))


async def _are_answered(busy: Floor) -> bool:
    ids_of = [writer.visitor.contact_id for writer in busy.writers]
    query = "select bool_and(answered_at is not null) from contact where id = any($1)"
    return bool(await busy.stage.value(query, ids_of))
