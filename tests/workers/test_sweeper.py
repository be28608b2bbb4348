"""The sweeper: what was never told is found by looking, and nothing is concluded too early."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from hotline.base import clock
from hotline.base.errors import Unreachable
from hotline.base.sensitive import Sensitive
from hotline.carriers.port import Unknown
from hotline.domain.level import Level
from hotline.domain.staff import Device, Role
from hotline.flow import order, page_call
from hotline.policy.settings import Settings
from hotline.workers.sweeper import Sweeper
from tests.flow.alarms import declare
from tests.flow.calls import Call, a_number, legs_of, new_sid
from tests.stage import Stage
from tests.workers.network import Network

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def sweeper(stage: Stage, chosen: Settings, network: Network) -> Sweeper:
    """A sweeper over the stage alone, which plays a minute ago, so that nothing is too young."""
    stage.now = clock.now() - MINUTE
    async with stage.store.connection() as connection:
        await connection.execute("update leg set state = 'ended'")
        await connection.execute("delete from pgqueuer.pgqueuer")
    return Sweeper(
        settings=chosen,
        store=stage.store,
        policies=stage.policies,
        telephony=network,
        surveyed_at=stage.now,
    )


def line(stage: Stage) -> Sensitive:
    """The number of the stage's line."""
    return Sensitive(stage.voice_line.address)


async def contact_of(stage: Stage, sid: str) -> UUID | None:
    """The contact that a call became."""
    found: UUID | None = await stage.value("select contact_id from leg where sid = $1", sid)
    return found


async def rung_and_unknown(stage: Stage, telephone: Sensitive) -> Call:
    """A telephone of which nobody knows whether it rings."""
    await stage.hire("yang", ready=True, device=Device.PHONE, telephone=telephone)
    one = await Call.waits(stage)
    await stage.dispatch()
    leg_id: UUID = await stage.value(
        "select id from leg where contact_id = $1 and role = 'counselor'", one.contact_id
    )
    assert await order.ring(stage.store, leg_id, stage.now)
    return one


# --- settling


async def test_a_caller_who_did_not_come_is_sent_for_again(stage: Stage, sweeper: Sweeper):
    lin = await stage.hire("lin", ready=True)
    one = await Call.accepted(stage, lin)
    await one.calls_in(lin)
    await one.orders()
    await sweeper.settle(stage.now)
    assert await one.orders() == [], "the order was given this moment"
    await sweeper.settle(stage.later(3))
    assert await one.orders() == ["steer caller"]


async def test_calls_at_rest_are_left_alone(stage: Stage, sweeper: Sweeper, network: Network):
    lin = await stage.hire("lin", ready=True)
    talking, waiting, arriving = (
        await Call.talks(stage, lin),
        await Call.waits(stage),
        await Call.rings(stage),
    )
    everybody = (talking, waiting, arriving)
    for one in everybody:
        network.holds(one.sid, stage.now, to=line(stage))
        await one.orders()
    network.holds(talking.counselor, stage.now)
    network.seats((await talking.contact()).room, talking.sid, talking.counselor)
    before = [await one.standing() for one in everybody]
    for _ in range(3):
        await sweeper.survey()
    await sweeper.settle(stage.later(30))
    assert [await one.standing() for one in everybody] == before
    assert {what for what, _ in network.told} == {"survey"}


async def test_a_caller_left_alone_is_found_by_the_sweep(stage: Stage, sweeper: Sweeper):
    lin = await stage.hire("lin", ready=True)
    one = await Call.talks(stage, lin)
    await one.ends(one.counselor)
    await sweeper.settle(stage.later(5))
    assert (await one.contact()).state == "waiting"


# --- surveys


async def test_a_call_that_ended_unsaid_is_over_when_it_is_missed_twice(
    stage: Stage, sweeper: Sweeper, network: Network
):
    one = await Call.waits(stage)
    await sweeper.survey()
    assert (await one.contact()).state == "waiting", "what moves while it is listed is missed once"
    await sweeper.survey()
    assert ((await one.contact()).state, (await one.leg()).end_reason) == ("abandoned", "lost")
    assert network.told == [("survey", "")] * 2


async def test_a_call_seen_again_was_never_lost(stage: Stage, sweeper: Sweeper, network: Network):
    one = await Call.waits(stage)
    await sweeper.survey()
    network.holds(one.sid, stage.now)
    await sweeper.survey()
    network.calls = []
    await sweeper.survey()
    assert (await one.contact()).state == "waiting"


async def test_what_has_just_come_is_not_missed(stage: Stage, sweeper: Sweeper, network: Network):
    stage.now = clock.now()
    one = await Call.waits(stage)
    await sweeper.survey()
    await sweeper.survey()
    assert (await one.contact()).state == "waiting"


async def test_half_an_answer_ends_nobodys_call(stage: Stage, sweeper: Sweeper, network: Network):
    one = await Call.waits(stage)
    network.troubles = [Unreachable("telephony.unreachable", "no answer"), Unknown("telephony.unknown", "?")]
    for _ in network.troubles.copy():
        sweeper.surveyed_at = None
        await sweeper.look(clock.now())
    assert (await one.contact()).state == "waiting"


async def test_a_caller_whom_nobody_announced_is_taken_in_and_greeted(
    stage: Stage, sweeper: Sweeper, network: Network
):
    sid = new_sid()
    number = a_number()
    network.holds(sid, stage.now, to=line(stage), origin=number)
    await sweeper.survey()
    contact_id = await contact_of(stage, sid)
    assert contact_id is not None
    contact = await stage.contact(contact_id)
    assert (contact.state, contact.number) == ("arriving", number)
    assert ("steer", sid) in network.told
    late = await Call.rings(stage, sid=sid)
    assert late.contact_id == contact_id, "the announcement that comes at last makes no second contact"


@pytest.mark.parametrize("why", ["rings still", "young", "another line", "far end of a diversion"])
async def test_others_calls_are_left_alone(stage: Stage, sweeper: Sweeper, network: Network, why: str):
    sid = new_sid()
    traits: dict[str, object] = {"to": line(stage)}
    since: datetime = stage.now
    match why:
        case "rings still":
            traits["status"] = "ringing"
        case "young":
            since = clock.now()
        case "another line":
            traits["to"] = Sensitive("+4930123456")
        case _:
            traits |= {"parent_sid": "CA1", "is_inbound": False}
    network.holds(sid, since, **traits)
    await sweeper.survey()
    assert network.told == [("survey", "")]
    assert await contact_of(stage, sid) is None


async def test_a_call_that_pages_somebody_is_left_to_ring(stage: Stage, sweeper: Sweeper, network: Network):
    counselor, sid = await stage.hire("lin", ready=True), new_sid()
    await stage.hire("wu", Role.RESPONDER, telephone=a_number())
    raised = await declare(stage, await stage.chat(), counselor, Level.IMMINENT)
    page_id = await stage.value("select id from page where escalation_id = $1 and channel = 'voice'", raised)
    await page_call.ringing(stage.store, page_id, sid, stage.now)
    ours = Sensitive(sweeper.settings.telephony.from_number)
    network.holds(sid, stage.now, is_inbound=False, origin=ours)
    await sweeper.survey()
    assert network.told == [("survey", "")]


async def test_a_stray_softphone_is_let_go(stage: Stage, sweeper: Sweeper, network: Network):
    sid = new_sid()
    network.holds(sid, stage.now, origin=Sensitive("client:u_0f"))
    await sweeper.survey()
    assert ("drop", sid) in network.told


async def test_a_leg_that_is_over_for_us_and_up_there_is_ended_there(
    stage: Stage, sweeper: Sweeper, network: Network
):
    lin = await stage.hire("lin", ready=True)
    one = await Call.talks(stage, lin)
    await one.ends()
    await one.ends(one.counselor)
    network.holds(one.counselor, stage.now)
    network.holds(one.sid, stage.now)
    await sweeper.survey()
    assert ("drop", one.counselor) in network.told
    assert ("steer", one.sid) in network.told, "a caller who is still there hears where to turn to"
    assert ("drop", one.sid) not in network.told


async def test_lost_words_about_the_room_are_made_good(stage: Stage, sweeper: Sweeper, network: Network):
    lin = await stage.hire("lin", ready=True)
    one = await Call.accepted(stage, lin)
    await one.calls_in(lin)
    await one.asks()
    network.holds(one.sid, stage.now)
    network.holds(one.counselor, stage.now)
    network.seats((await one.contact()).room, one.sid, one.counselor)
    await sweeper.survey()
    assert (await one.contact()).state == "talking"
    network.rooms = []
    async with stage.store.connection() as connection:
        await connection.execute(
            "update leg set joined_at = $2, place_at = $2 where contact_id = $1", one.contact_id, stage.now
        )
    await one.orders()
    await sweeper.survey()
    assert ((await one.leg()).place, (await one.leg()).joined_at) == ("none", None)
    assert "steer caller" in await one.orders()


async def test_a_telephone_of_which_nobody_knew_whether_it_rings_is_found_by_its_number(
    stage: Stage, sweeper: Sweeper, network: Network
):
    telephone, sid = a_number(), new_sid()
    one = await rung_and_unknown(stage, telephone)
    network.holds(one.sid, stage.now)
    network.holds(sid, stage.now, is_inbound=False, to=telephone, status="ringing",
                  origin=Sensitive("+861012356001"))  # fmt: skip
    await sweeper.survey()
    assert await contact_of(stage, sid) == one.contact_id
    assert await legs_of(stage, one.contact_id) == [("caller", "live"), ("counselor", "ringing")]
    assert ("drop", sid) not in network.told


async def test_a_telephone_that_never_rang_is_forgotten(stage: Stage, sweeper: Sweeper, network: Network):
    one = await rung_and_unknown(stage, a_number())
    network.holds(one.sid, stage.now)
    await sweeper.survey()
    assert await legs_of(stage, one.contact_id) == [("caller", "live"), ("counselor", "ended")]


async def test_the_network_is_asked_early_when_there_are_doubts(
    stage: Stage, sweeper: Sweeper, network: Network
):
    now = stage.now
    sweeper.surveyed_at = None
    await sweeper.look(now)
    await sweeper.look(now + timedelta(seconds=5))
    assert len(network.told) == 1, "at the start, and then not for a minute"
    stage.now = now + timedelta(seconds=5)
    lin = await stage.hire("lin", ready=True)
    one = await Call.accepted(stage, lin)
    await one.calls_in(lin)
    await one.asks()
    await sweeper.look(now + timedelta(seconds=7))
    assert len(network.told) == 1
    await sweeper.look(now + timedelta(seconds=12))
    assert len(network.told) == 2
    await one.joins(one.sid)
    await one.joins(one.counselor)
