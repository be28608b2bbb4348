"""The relay: every order is carried out, at least once and not needlessly, or held where people see it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from hotline.base import clock
from hotline.base.errors import Broken, HotlineError, Refused, Unreachable
from hotline.base.sensitive import Sensitive
from hotline.base.tasks import Crew
from hotline.carriers.port import LegGone, Unknown
from hotline.domain.level import Level
from hotline.domain.staff import Device, Role
from hotline.policy.phrases import Phrases
from hotline.policy.settings import Settings
from hotline.store import health, jobs
from hotline.store.driver import Connection
from hotline.workers import relay
from tests.flow.alarms import acknowledge, declare
from tests.flow.calls import CRISIS, Call, a_number
from tests.patience import PATIENCE_SECONDS
from tests.stage import Stage
from tests.workers.network import Network

BUSY = Unreachable("telephony.unreachable", "no answer")


@pytest.fixture
async def at_work(
    stage: Stage, chosen: Settings, words: Phrases, network: Network, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Crew]:
    """The relay running on the stage's database, in a hurry and in the present."""
    monkeypatch.setattr(relay, "PAUSE_SECONDS_MIN", 0.01)
    stage.now = clock.now()
    async with stage.store.unit() as unit:
        await unit.connection.execute("delete from pgqueuer.pgqueuer")
    async with Crew() as crew:
        crew.keep("relay", lambda: relay.run(chosen, words, stage.store, stage.policies, network))
        yield crew


async def until(stage: Stage, query: str, *arguments: object) -> None:
    """Wait until a question to the database is answered with yes."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await stage.value(query, *arguments):  # noqa: ASYNC110  only the database knows
            await asyncio.sleep(0.02)


async def idle(stage: Stage) -> None:
    """Wait until no order waits or is being carried out."""
    await until(stage, "select not exists (select 1 from pgqueuer.pgqueuer where status <> 'failed')")


async def held(stage: Stage) -> int:
    """How many orders health shows as given up."""
    async with stage.store.connection() as connection:
        return (await health.read(connection)).held_effects


async def late(stage: Stage) -> int:
    """How many orders health shows as waiting for too long."""
    async with stage.store.connection() as connection:
        return (await health.read(connection)).late_effects


async def about_to_meet(stage: Stage) -> Call:
    """A counselor is in the room, and the caller is to be brought there."""
    lin = await stage.hire("lin", ready=True)
    one = await Call.accepted(stage, lin)
    await one.calls_in(lin)
    return one


async def held_out(stage: Stage, telephone: Sensitive | None) -> tuple[Call, UUID]:
    """A caller is held out to a counselor with a telephone."""
    yang = await stage.hire("yang", ready=True, device=Device.PHONE, telephone=telephone)
    one = await Call.waits(stage)
    await stage.dispatch()
    return one, yang


async def dialled_leg(stage: Stage, one: Call) -> Any:
    """The counselor's leg as it stands."""
    async with stage.store.connection() as connection:
        return await connection.fetchrow(
            "select * from leg where contact_id = $1 and role = 'counselor'", one.contact_id
        )


async def test_a_caller_is_sent_for_once(stage: Stage, at_work: Crew, network: Network):
    one = await about_to_meet(stage)
    await idle(stage)
    assert network.told == [("steer", one.sid)]
    assert (await one.leg()).place == "moving"


async def test_an_order_about_a_call_that_is_gone_ends_it(stage: Stage, at_work: Crew, network: Network):
    network.troubles = [LegGone("telephony.leg_gone", "over")]
    one = await about_to_meet(stage)
    await until(stage, "select state = 'abandoned' from contact where id = $1", one.contact_id)
    await idle(stage)
    assert (await one.leg()).end_reason == "gone"
    assert ("drop", one.counselor) in network.told


async def test_a_network_that_does_not_answer_is_asked_again(stage: Stage, at_work: Crew, network: Network):
    network.troubles = [BUSY]
    one = await about_to_meet(stage)
    await idle(stage)
    assert network.told == [("steer", one.sid)] * 2
    assert await held(stage) == 0


async def test_past_its_tries_an_order_is_held_and_seen(stage: Stage, at_work: Crew, network: Network):
    network.troubles = [Broken("telephony.credentials", "nobody knows this account")] * 3
    one = await about_to_meet(stage)
    await until(stage, "select exists (select 1 from pgqueuer.pgqueuer where status = 'failed')")
    assert network.told == [("steer", one.sid)] * 3
    assert await held(stage) == 1


async def test_an_outage_of_the_network_however_long_costs_no_order(
    stage: Stage, at_work: Crew, network: Network, chosen: Settings
):
    asked = 3 * chosen.work.relay_tries_max
    network.troubles = [BUSY] * asked
    one = await about_to_meet(stage)
    await idle(stage)
    assert network.told == [("steer", one.sid)] * (asked + 1)
    assert await held(stage) == 0


async def test_a_database_that_is_away_when_an_order_is_begun_costs_no_order(
    stage: Stage, at_work: Crew, network: Network, monkeypatch: pytest.MonkeyPatch
):
    away = [Unreachable("store.unreachable", "away")] * 3
    real = jobs.begin

    async def begin(connection: Connection, job_id: int) -> int:
        if away:
            raise away.pop()
        return await real(connection, job_id)

    monkeypatch.setattr(jobs, "begin", begin)
    one = await about_to_meet(stage)
    await idle(stage)
    assert away == []
    assert network.told == [("steer", one.sid)]
    assert await held(stage) == 0


async def test_an_outage_that_cannot_be_noted_costs_no_order(
    stage: Stage, at_work: Crew, network: Network, monkeypatch: pytest.MonkeyPatch
):
    unnoted = list[int]()

    async def excuse(_connection: Connection, job_id: int) -> None:
        unnoted.append(job_id)
        raise RuntimeError("nobody thought of this")

    monkeypatch.setattr(jobs, "excuse", excuse)
    network.troubles = [BUSY]
    one = await about_to_meet(stage)
    await idle(stage)
    assert len(unnoted) == 1
    assert network.told == [("steer", one.sid)] * 2
    assert await held(stage) == 0


async def test_a_mistake_of_ours_costs_no_order_the_first_time(stage: Stage, at_work: Crew, network: Network):
    mistakes: list[Exception] = [KeyError("nobody thought of this")]
    network.before = lambda: raises(mistakes)
    one = await about_to_meet(stage)
    await idle(stage)
    assert network.told == [("steer", one.sid)]
    assert await held(stage) == 0


def raises(mistakes: list[Exception]) -> None:
    """One after the other, until there are none left."""
    if mistakes:
        raise mistakes.pop()


async def test_a_relay_that_is_stopped_finishes_the_order_in_its_hands(
    stage: Stage, at_work: Crew, chosen: Settings, words: Phrases
):
    asked, answered = asyncio.Event(), asyncio.Event()

    class Slow(Network):
        async def steer(self, sid: str, leg_id: UUID) -> None:
            asked.set()
            await answered.wait()

    await at_work.stop()
    await about_to_meet(stage)
    async with Crew() as crew, asyncio.timeout(PATIENCE_SECONDS):
        crew.keep("relay", lambda: relay.run(chosen, words, stage.store, stage.policies, Slow()))
        await asked.wait()
        async with asyncio.TaskGroup() as both:
            both.create_task(crew.stop())
            both.create_task(_later(answered))
    assert await stage.value("select count(*) from pgqueuer.pgqueuer") == 0


async def _later(event: asyncio.Event) -> None:
    """When everybody else has had a turn."""
    await asyncio.sleep(0)
    event.set()


async def test_an_order_that_waits_for_a_minute_is_seen_as_late(stage: Stage, at_work: Crew):
    await at_work.stop()
    await about_to_meet(stage)
    assert await late(stage) == 0
    async with stage.store.connection() as connection:
        await connection.execute("update pgqueuer.pgqueuer set created = now() - interval '61 seconds'")
    assert await late(stage) > 0


async def test_a_page_that_does_not_go_out_shows_as_failed_and_is_sent_when_the_network_is_back(
    stage: Stage, at_work: Crew, network: Network, chosen: Settings
):
    network.troubles = [BUSY] * chosen.work.relay_tries_max
    await stage.hire("wu", Role.RESPONDER, telephone=a_number())
    one = await Call.waits(stage, a_number())
    await one.press("wait", CRISIS)
    await idle(stage)
    assert [what for what, _ in network.told] == ["sms"] * (chosen.work.relay_tries_max + 1)
    known = await stage.value(
        """select array_agg(j.kind order by j.seq) from journal as j
           join escalation as e on e.id = j.escalation_id
           where e.contact_id = $1 and j.kind like 'page.%'""",
        one.contact_id,
    )
    assert known == ["page.failed", "page.sent"]


async def test_an_order_that_has_killed_its_workers_is_not_begun_for_ever(
    stage: Stage, at_work: Crew, network: Network, chosen: Settings, words: Phrases
):
    await at_work.stop()
    one = await about_to_meet(stage)
    async with stage.store.connection() as connection:
        await connection.execute("update pgqueuer.pgqueuer set headers = '{\"starts\": 3}'")
    at_work.keep("relay", lambda: relay.run(chosen, words, stage.store, stage.policies, network))
    await until(stage, "select exists (select 1 from pgqueuer.pgqueuer where status = 'failed')")
    assert network.told == []
    assert (await one.contact()).state == "connecting"


async def test_a_leg_without_a_part_is_ended_and_known_to_be(stage: Stage, at_work: Crew, network: Network):
    one = await about_to_meet(stage)
    await idle(stage)
    await one.ends()
    await idle(stage)
    assert network.told[-1] == ("drop", one.counselor)
    assert (await one.leg(one.counselor)).end_reason == "dropped"


async def test_a_telephone_is_rung_and_its_call_is_known(stage: Stage, at_work: Crew, network: Network):
    telephone = a_number()
    one, _ = await held_out(stage, telephone)
    await until(stage, "select state = 'ringing' from leg where contact_id = $1 and role = 'counselor'",
                one.contact_id)  # fmt: skip
    assert network.told == [("dial", telephone.reveal())]


async def test_nobody_knows_whether_it_rings_so_it_is_not_rung_again(
    stage: Stage, at_work: Crew, network: Network
):
    network.troubles = [Unknown("telephony.unknown", "who knows")]
    one, _ = await held_out(stage, a_number())
    await idle(stage)
    leg = await dialled_leg(stage, one)
    assert (leg["state"], leg["place"], leg["sid"]) == ("expected", "dialled", None)
    assert [what for what, _ in network.told] == ["dial"]


async def test_a_telephone_that_certainly_did_not_ring_is_rung_again(
    stage: Stage, at_work: Crew, network: Network
):
    network.troubles = [BUSY]
    await held_out(stage, a_number())
    await idle(stage)
    assert [what for what, _ in network.told] == ["dial", "dial"]


@pytest.mark.parametrize("why", ["refused", "no telephone"])
async def test_a_telephone_that_cannot_be_rung_gives_the_caller_back(
    stage: Stage, at_work: Crew, network: Network, why: str
):
    network.troubles = [Refused("telephony.refused", "no")] if why == "refused" else []
    one, yang = await held_out(stage, a_number() if why == "refused" else None)
    await idle(stage)
    assert (await one.contact()).state == "waiting"
    assert await one.presence(yang) == ("not_ready", "device")


@pytest.mark.parametrize("trouble", [None, BUSY, Refused("telephony.no_sms", "no")])
async def test_a_responder_is_paged_and_learns_nothing_about_the_caller(
    stage: Stage, at_work: Crew, network: Network, trouble: HotlineError | None
):
    network.troubles = [trouble] if trouble else []
    telephone = a_number()
    await stage.hire("wu", Role.RESPONDER, telephone=telephone)
    number = a_number()
    one = await Call.waits(stage, number)
    await one.press("wait", CRISIS)
    await idle(stage)
    pages = [about for what, about in network.told if what == "sms"]
    assert len(pages) == (2 if trouble is BUSY else 1)
    assert all(page.startswith(telephone.reveal()) and "/escalations" in page for page in pages)
    assert not any(number.reveal() in page for page in pages)
    state = await stage.value(
        """select p.state from page as p join escalation as e on e.id = p.escalation_id
           where e.contact_id = $1 and p.channel = 'sms'""",
        one.contact_id,
    )
    assert state == ("failed" if isinstance(trouble, Refused) else "sent")


@pytest.mark.parametrize("trouble", [None, BUSY, Refused("telephony.refused", "no")])
async def test_a_telephone_rings_at_once_for_an_imminent_danger_or_shows_that_it_cannot(
    stage: Stage, at_work: Crew, network: Network, trouble: HotlineError | None
):
    telephone = a_number()
    network.troubles = [trouble] * 2 if trouble else []
    await stage.hire("wu", Role.RESPONDER, telephone=telephone)
    counselor = await stage.hire("lin", ready=True)
    raised = await declare(stage, await stage.chat(), counselor, Level.IMMINENT)
    await idle(stage)
    assert ("ring", telephone.reveal()) in network.told
    state = await stage.value("select state from page where escalation_id = $1 and channel = 'voice'", raised)
    assert state == ("failed" if isinstance(trouble, Refused) else "sent")
    await acknowledge(stage, raised, counselor, clock.now())


def test_pauses_grow_and_end():
    pauses = [relay.pause(asked) for asked in (*range(1, 12), 10_000)]
    assert pauses == sorted(pauses)
    assert pauses[-1] == timedelta(seconds=relay.PAUSE_SECONDS_MAX)
