"""The migrations from zero equal the metadata, and go back as far as they came."""

import asyncio

from hotline.base import ids
from hotline.base.places import migrations_dir
from hotline.domain import (
    abuse,
    contact,
    dispatch,
    escalation,
    followup,
    leg,
    number,
    offer,
    rulebook,
    session,
    task,
)
from hotline.store import migrate
from tests import database

MACHINES = {
    "contact": contact.MACHINE,
    "offer": offer.MACHINE,
    "session": session.MACHINE,
    "escalation": escalation.MACHINE,
    "leg": leg.MACHINE,
    "restriction": abuse.MACHINE,
    "task": task.MACHINE,
    "rulebook_change": rulebook.MACHINE,
    "rulebook_replay": rulebook.REPLAYS,
    "follow_up": followup.MACHINE,
    "dispatch": dispatch.MACHINE,
    "opening": number.MACHINE,
}


async def test_from_zero_to_the_newest_and_back() -> None:
    url = await asyncio.to_thread(database.server)
    name = f"migrations_{ids.new_id().hex}"
    admin = await database.connected(url)
    await admin.execute(f"create database {name}")
    try:
        fresh = database.of(url, name)
        waiting = await migrate.pending(fresh, migrations_dir())
        assert waiting[0] == "0001"
        await migrate.upgrade(fresh, migrations_dir())
        await migrate.check(fresh, migrations_dir())
        assert await migrate.pending(fresh, migrations_dir()) == ()
        await migrate.downgrade(fresh, migrations_dir(), "base")
        assert await migrate.pending(fresh, migrations_dir()) == waiting
        await migrate.upgrade(fresh, migrations_dir())
    finally:
        await admin.execute(f"drop database {name} with (force)")
        await admin.close()


async def test_the_tables_allow_exactly_the_states_of_the_machines(database_url: str) -> None:
    connection = await database.connected(database_url)
    try:
        for table, machine in MACHINES.items():
            text = await connection.fetchval(
                "select pg_get_constraintdef(oid) from pg_constraint where conname = $1", f"ck_{table}_state"
            )
            assert set(text.split("'")[1::2]) == set(machine.states)
    finally:
        await connection.close()


async def test_no_trigger_notifies_inside_a_business_transaction(database_url: str) -> None:
    connection = await database.connected(database_url)
    try:
        triggers = await connection.fetch(
            """select t.tgname as name, f.prosrc as body
               from pg_trigger as t join pg_proc as f on f.oid = t.tgfoid where not t.tgisinternal"""
        )
        assert {row["name"] for row in triggers} == {
            "journal_guard", "staff_kind", "presence_kind", "session_link", "action_link", "amendment_link",
            "rulebook_version_guard", "rulebook_activation_guard",
            "assessment_guard", "judgement_guard",
        }  # fmt: skip
        assert not [row["name"] for row in triggers if "notify" in row["body"].lower()]
    finally:
        await connection.close()
