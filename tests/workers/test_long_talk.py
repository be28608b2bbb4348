"""A talk may last: whatever looks after calls leaves one of an hour, or of three, alone."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

import pytest

from hotline.base import clock
from hotline.domain.session import ScreeningTimes
from hotline.domain.staff import Role
from hotline.flow import duty, escalation, screening
from hotline.policy.settings import Settings
from hotline.workers import keeper
from hotline.workers.sweeper import Sweeper
from tests.flow.calls import Call
from tests.screen import follows
from tests.stage import Stage
from tests.workers.network import Network

BATCH_MAX = 1000


@pytest.mark.parametrize(
    ("minutes", "told"),
    [
        (7, []),
        (9, ["session.screening_reminded"]),
        *((minutes, ["session.screening_overdue"]) for minutes in (10, 40, 60, 180)),
    ],
)
async def test_no_look_ends_a_long_talk_or_touches_either_end_of_it(
    stage: Stage, chosen: Settings, network: Network, minutes: int, told: list[str]
):
    """Requirements 20 and 52: that a screening is missing is told, and nothing more is done."""
    sweeper = Sweeper(settings=chosen, store=stage.store, policies=stage.policies, telephony=network)
    began = stage.now = clock.now() - timedelta(minutes=minutes, seconds=30)
    counselor = await stage.hire("lin", ready=True)
    await stage.hire("sun", Role.SUPERVISOR)
    call = await Call.talks(stage, counselor)
    await stage.value("update leg set state = 'ended' where contact_id <> $1", call.contact_id)
    before = await _told(stage, call.contact_id, but=())
    network.holds(call.sid, began, to=stage.voice_line.address)
    network.holds(call.counselor, began)
    network.seats((await stage.contact(call.contact_id)).room, call.sid, call.counselor)
    await duty.beat(stage.store, [counselor], clock.now())
    orders = await stage.value("select count(*) from pgqueuer.pgqueuer")
    async with follows(stage, silently=not told):
        await _look_at_everything(stage, chosen, sweeper)
    assert (await stage.contact(call.contact_id)).state == "talking"
    open_talks = "select count(*) from session where contact_id = $1 and ended_at is null"
    assert await stage.value(open_talks, call.contact_id) == 1
    assert [what for what in network.told if what[0] != "survey"] == []
    assert await stage.value("select count(*) from pgqueuer.pgqueuer") == orders
    assert await _told(stage, call.contact_id, but=before) == told


async def _look_at_everything(stage: Stage, chosen: Settings, sweeper: Sweeper) -> None:
    """Twice what the workers do all day: what is missing in one look only might be a lagging list."""
    times = ScreeningTimes(
        remind_seconds=chosen.web.screening_remind_seconds, due_seconds=chosen.web.screening_due_seconds
    )
    for _ in range(2):
        now = clock.now()
        await keeper.once(stage.store, stage.policies, BATCH_MAX)
        await screening.remind_due(stage.store, times, now, BATCH_MAX)
        await escalation.climb_due(stage.store, stage.policies, now, BATCH_MAX)
        await sweeper.settle(now)
        sweeper.surveyed_at = None
        await sweeper.look(now)


async def _told(stage: Stage, contact_id: UUID, but: Collection[str]) -> list[str]:
    """The kinds of the journal's entries about the contact, in order, without those there were before."""
    async with stage.store.connection() as connection:
        rows = await connection.fetch(
            "select kind from journal where contact_id = $1 order by xid, seq", contact_id
        )
    return [row["kind"] for row in rows if row["kind"] not in but]
