"""Our own outage is nobody else's silence: talks go on, people stay on duty, chats keep their place."""

from datetime import datetime, timedelta

from hotline.flow import duty, intake, offer, session
from hotline.store import health
from tests.stage import Stage

MOST = 1000


async def ears(stage: Stage, *, since: datetime, at: datetime) -> None:
    await stage.value("update pulse set since = $1, at = $2 where name = 'ears'", since, at)


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
