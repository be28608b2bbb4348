"""Our own outage is nobody else's silence: talks go on, people stay on duty, chats keep their place."""

from datetime import datetime, timedelta

import pytest
import pytest_asyncio

from hotline.domain.staff import Device
from hotline.flow import duty, intake, offer, session
from hotline.store import health
from tests.flow.calls import Call, a_number
from tests.screen import follows
from tests.stage import NOON, Stage
from tests.still import unchanged

MOST = 1000


async def ears(stage: Stage, *, since: datetime, at: datetime, node: str = "stage") -> None:
    await stage.value(
        """insert into pulse (name, since, at) values ($1, $2, $3)
           on conflict (name) do update set since = excluded.since, at = excluded.at""",
        f"{health.EARS}:{node}",
        since,
        at,
    )


async def hears_since(stage: Stage) -> datetime | None:
    async with stage.store.connection() as connection:
        return await health.hears_since(connection, stage.now)


@pytest_asyncio.fixture(autouse=True)
async def only_the_stage_hears(stage: Stage) -> None:
    """Tests share a database; the nodes of one are not those of another."""
    await stage.value("delete from pulse")
    await ears(stage, since=NOON - timedelta(days=1), at=NOON + timedelta(days=1))


async def sweep(stage: Stage) -> tuple[int, int, int]:
    """Interrupted talks, people found silent, chats found left."""
    done = await session.sweep(stage.store, stage.policies, stage.now, MOST)
    people = await duty.sweep(stage.store, stage.policies, stage.now, MOST)
    left = await intake.sweep_silent(stage.store, stage.policies, stage.now, MOST)
    return done.interrupted, people, left


async def a_talk_and_a_waiting_chat(stage: Stage) -> None:
    counselor = await stage.hire("lin", ready=True)
    talking = await stage.chat()
    await stage.dispatch()
    await offer.accept(stage.store, await stage.pending_offer(talking.id), counselor, stage.now)
    waiting = await stage.chat()
    await intake.seen(stage.store, [talking.id, waiting.id], stage.now)


async def test_after_an_outage_of_ours_everybody_gets_the_time_to_be_heard_again(stage: Stage) -> None:
    await a_talk_and_a_waiting_chat(stage)
    back = stage.later(600)
    await ears(stage, since=back, at=back)
    assert await sweep(stage) == (0, 0, 0)
    stage.later(stage.policies.queue.caller_silent_seconds)
    await ears(stage, since=back, at=stage.now)
    assert await sweep(stage) == (1, 1, 2), "both help-seekers have been silent as well"


async def test_while_nobody_hears_nobody_is_silent(stage: Stage) -> None:
    await a_talk_and_a_waiting_chat(stage)
    began = stage.now
    stage.later(600)
    await ears(stage, since=began - timedelta(days=1), at=began)
    assert await sweep(stage) == (0, 0, 0)


async def test_whoever_signs_in_anew_after_an_outage_of_ours_is_as_ready_as_before(stage: Stage) -> None:
    counselor = await stage.hire("lin", ready=True)
    back = stage.later(600)
    await ears(stage, since=back, at=back)
    async with unchanged(stage):
        await stage.sign_in(counselor)


async def test_a_pulse_goes_on_through_a_short_pause_and_begins_again_after_a_long_one(stage: Stage) -> None:
    async with stage.store.connection() as connection:
        for paused, goes_on in ((health.PULSE_SECONDS_MAX - 3, True), (health.PULSE_SECONDS_MAX + 3, False)):
            await connection.execute(
                """insert into pulse (name, at, since)
                   values ('probe', now() - $1::interval, now() - interval '1 hour')
                   on conflict (name) do update set at = excluded.at, since = excluded.since""",
                timedelta(seconds=paused),
            )
            await health.beat(connection, "probe")
            hour_ago = "select since < now() - interval '59 minutes' from pulse where name = 'probe'"
            assert await connection.fetchval(hour_ago) is goes_on


async def test_a_slow_node_beside_one_that_is_in_time_loses_nobody(stage: Stage) -> None:
    await a_talk_and_a_waiting_chat(stage)
    slow = stage.later(600)
    await ears(stage, since=slow, at=slow, node="slow")
    assert await hears_since(stage) == slow
    assert await sweep(stage) == (0, 0, 0)


async def test_while_a_node_hesitates_nobody_is_silent(stage: Stage) -> None:
    await a_talk_and_a_waiting_chat(stage)
    stage.later(600)
    last = stage.now - timedelta(seconds=health.HESITATES_SECONDS + 1)
    await ears(stage, since=NOON - timedelta(days=1), at=last, node="stuck")
    assert await hears_since(stage) == stage.now
    assert await sweep(stage) == (0, 0, 0)


async def test_the_people_of_a_node_that_died_get_their_full_time_once_and_no_longer(stage: Stage) -> None:
    await a_talk_and_a_waiting_chat(stage)
    died = stage.later(600)
    await ears(stage, since=NOON - timedelta(days=1), at=died, node="dead")
    given_up = died + timedelta(seconds=health.PULSE_SECONDS_MAX)
    stage.later(health.PULSE_SECONDS_MAX + 1)
    assert await hears_since(stage) == given_up
    assert await sweep(stage) == (0, 0, 0)
    stage.now = given_up + timedelta(seconds=stage.policies.queue.caller_silent_seconds)
    assert all(await sweep(stage)), "the talk, the counselor, and those who wrote"


async def test_nodes_of_the_release_before_are_heard_by_their_common_name(stage: Stage) -> None:
    since = NOON - timedelta(minutes=5)
    await stage.value("update pulse set name = 'ears', since = $1", since)
    assert await hears_since(stage) == since


async def test_whoever_hears_late_has_heard_from_now_on_only(stage: Stage) -> None:
    async with stage.store.connection() as connection:
        name = health.ears_of(stage.centre.id)
        await health.beat(connection, name)
        await connection.execute("update pulse set since = now() - interval '1 hour' where name = $1", name)
        for says, is_new in ((health.beat, False), (health.begin_anew, True)):
            await says(connection, name)
            told = await connection.fetchval(
                "select since > now() - interval '1 minute' from pulse where name = $1", name
            )
            assert told is is_new


async def test_nodes_that_stopped_long_ago_are_forgotten_and_nobody_else(stage: Stage) -> None:
    names = {f"{health.EARS}:old": 61, f"{health.EARS}:young": 59, health.EARS: 999, health.WORKERS: 999}
    async with stage.store.connection() as connection:
        for name, minutes in names.items():
            await connection.execute(
                "insert into pulse (name, at, since) values ($1, now() - $2::interval, now())",
                name,
                timedelta(minutes=minutes),
            )
        await health.forget_gone(connection)
        left = {row["name"] for row in await connection.fetch("select name from pulse")}
    assert names.keys() - left == {f"{health.EARS}:old"}


@pytest.mark.parametrize("device", Device)
async def test_an_offer_that_ran_out_while_the_house_was_slow_blames_nobody(
    stage: Stage, device: Device
) -> None:
    yang = await stage.hire("yang", ready=True, device=device, telephone=a_number())
    call = await Call.waits(stage)
    assert await stage.dispatch() == {call.contact_id: yang}
    before = await stage.contact(call.contact_id)
    stage.later(1)
    await ears(stage, since=stage.now, at=NOON + timedelta(days=1))
    stage.later(stage.policies.queue.offer_seconds)
    async with follows(stage):
        await offer.miss_overdue(stage.store, stage.policies, stage.now, MOST)
    back = await stage.contact(call.contact_id)
    assert (back.state, back.joined_at, back.rank) == ("waiting", before.joined_at, before.rank)
    card = (await stage.screen()).cards[f"counselor:{yang}"].card
    assert (card["state"], card["reason"]) == ("ready", None)
    failed = "select body->>'reason' from journal where contact_id = $1 and kind = 'offer.failed'"
    assert await stage.value(failed, call.contact_id) == "house_slow"


async def test_after_a_slow_moment_the_caller_is_held_out_to_somebody_else_first(stage: Stage) -> None:
    first = await stage.hire("lin", ready=True)
    stage.later(1)
    second = await stage.hire("mei", ready=True)
    chat = await stage.chat()
    assert await stage.dispatch() == {chat.id: first}
    stage.later(stage.policies.queue.offer_seconds)
    await ears(stage, since=stage.now, at=NOON + timedelta(days=1))
    await offer.miss_overdue(stage.store, stage.policies, stage.now, MOST)
    assert await stage.dispatch() == {chat.id: second}
