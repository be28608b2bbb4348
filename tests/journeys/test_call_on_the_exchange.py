"""Whole calls: a real exchange, signed webhooks, orders over REST, and everything that goes wrong."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from hotline.base import clock
from hotline.carriers.twilio.client import TwilioTelephony
from hotline.carriers.twilio.urls import Urls
from hotline.domain.level import Level
from hotline.domain.staff import Device, Role
from hotline.flow import session
from hotline.web.webhooks.fallback import check_provider
from hotline.workers import auditor
from tests.flow.alarms import declare
from tests.flow.calls import a_number
from tests.journeys.exchange import Bot, Floor, standing
from tests.stage import Stage

pytestmark = pytest.mark.timeout(360)

ENDS = ("closed", "abandoned")


@pytest.fixture
async def floor(stage: Stage) -> AsyncIterator[Floor]:
    """The house, open."""
    async with standing(stage) as one:
        yield one


async def test_a_call_is_answered_talked_and_ended_by_the_caller(floor: Floor):
    lin = await floor.counselor("lin")
    sid = await floor.calls()
    contact_id, page = await floor.takes(lin)
    assert contact_id == await floor.contact_of(sid)
    await floor.is_now(contact_id, "talking")
    await floor.phone.hears(sid, "with: counselor")
    await floor.phone.hears(page, "with: caller")
    await floor.phone.control("POST", f"/calls/{sid}/hangup")
    await floor.is_now(contact_id, "wrapping")
    contact = await floor.stage.contact(contact_id)
    assert contact.end_reason == "caller"
    await floor.writes(contact_id, lin)
    await floor.is_quiet()
    assert await auditor.once(floor.stage.store) == {}


async def test_the_counselor_hangs_up_and_the_caller_hears_the_farewell(floor: Floor):
    lin = await floor.counselor("lin")
    sid = await floor.calls()
    contact_id, _ = await floor.takes(lin)
    await floor.is_now(contact_id, "talking")
    await session.hang_up(floor.stage.store, contact_id, lin, clock.now())
    await floor.phone.is_now(sid, "completed")
    heard = await floor.phone.control("GET", f"/calls/{sid}")
    said = [one["text"] for one in heard["transcript"] if one["kind"] == "say"]
    assert "再见" in said[-1] or "感谢" in said[-1] or "谢" in said[-1]
    await floor.is_quiet()


async def test_a_counselor_s_telephone_rings_and_a_key_takes_the_call(floor: Floor):
    telephone = a_number()
    await floor.counselor("yang", device=Device.PHONE, telephone=telephone)
    sid = await floor.calls()
    rings = await floor.phone.ringing()
    assert rings["to"] == telephone.reveal()
    await floor.phone.control("POST", f"/calls/{rings['sid']}/answer")
    await floor.phone.press(rings["sid"], "1")
    contact_id = await floor.contact_of(sid)
    await floor.is_now(contact_id, "talking")
    await floor.phone.control("POST", f"/calls/{rings['sid']}/hangup")
    await floor.is_now(contact_id, "wrapping")
    assert (await floor.stage.contact(contact_id)).end_reason == "counselor"
    await floor.is_quiet()


async def test_a_responder_without_a_console_takes_an_imminent_danger_by_pressing_1(floor: Floor):
    lin = await floor.counselor("lin")
    telephone = a_number()
    wu = await floor.stage.hire("wu", Role.RESPONDER, telephone=telephone)
    raised = await declare(floor.stage, await floor.stage.chat(), lin, Level.IMMINENT)
    rings = await floor.phone.ringing()
    assert rings["to"] == telephone.reveal()
    await floor.phone.control("POST", f"/calls/{rings['sid']}/answer")
    await floor.phone.press(rings["sid"], "5")
    await floor.phone.hears(rings["sid"], "生命危险")
    await floor.phone.press(rings["sid"], "1")
    await floor.phone.hears(rings["sid"], "已由您接手")

    async def owner() -> UUID | None:
        found: UUID | None = await floor.stage.value("select owner_id from escalation where id = $1", raised)
        return found

    assert await floor.until(owner) == wu
    await floor.phone.is_now(rings["sid"], "completed")
    await floor.is_quiet()


async def test_a_device_lost_in_mid_talk_costs_the_caller_nothing(floor: Floor):
    lin = await floor.counselor("lin")
    sid = await floor.calls()
    contact_id, page = await floor.takes(lin)
    await floor.is_now(contact_id, "talking")
    joined_at = (await floor.stage.contact(contact_id)).joined_at
    floor.silent.add(lin)
    await floor.phone.control("POST", f"/calls/{page}/lose", {"seconds": 3000})
    await floor.is_now(contact_id, "waiting")
    mei = await floor.counselor("mei")
    again, _ = await floor.takes(mei)
    assert again == contact_id
    await floor.is_now(contact_id, "talking")
    contact = await floor.stage.contact(contact_id)
    assert (contact.joined_at, contact.generation, contact.counselor_id) == (joined_at, 1, mei)
    await floor.phone.control("POST", f"/calls/{sid}/hangup")
    await floor.is_now(contact_id, "wrapping")
    await floor.is_quiet()


async def test_a_page_loaded_anew_talks_on(floor: Floor):
    lin = await floor.counselor("lin")
    sid = await floor.calls()
    contact_id, page = await floor.takes(lin)
    await floor.is_now(contact_id, "talking")
    await floor.phone.control("POST", f"/calls/{page}/lose", {"seconds": 3000})
    offer_id = await floor.stage.value("select id from offer where contact_id = $1", contact_id)
    anew = await floor.connects(lin, offer_id)
    await floor.phone.hears(anew, "with: caller")
    await floor.phone.is_now(page, "completed")
    assert (await floor.stage.contact(contact_id)).state == "talking"
    await floor.phone.control("POST", f"/calls/{sid}/hangup")
    await floor.is_now(contact_id, "wrapping")
    await floor.is_quiet()


async def test_a_caller_who_leaves_the_queue_is_gone_from_it(floor: Floor):
    sid = await floor.calls()
    contact_id = await floor.contact_of(sid)
    await floor.is_now(contact_id, "waiting")
    await floor.phone.control("POST", f"/calls/{sid}/hangup")
    await floor.is_now(contact_id, "abandoned")
    await floor.is_quiet()


async def test_the_provider_knows_our_addresses_but_has_no_fallback(floor: Floor):
    network = floor.telephony
    assert isinstance(network, TwilioTelephony)
    doors = await network.numbers()
    urls = Urls(base=doors[0].voice_url.removesuffix("/t/arrive"))
    [sentence] = await check_provider(network, urls, [floor.stage.voice_line])
    assert "no voice fallback URL" in sentence


CALM: dict[str, float] = {}
CALLBACKS = {"drop_share": 0.14, "duplicate_share": 0.13, "reorder_share": 0.13, "delay_seconds_max": 0.4,
             "document_retry_share": 0.1}  # fmt: skip
REST = {"rest_429_share": 0.15, "rest_500_share": 0.1, "rest_lost_share": 0.1}


@pytest.mark.parametrize("faults", [CALM, CALLBACKS, REST, CALLBACKS | REST],
                         ids=["calm", "callbacks", "orders", "both"])  # fmt: skip
async def test_whatever_goes_wrong_everybody_is_answered_and_nothing_is_left_over(
    floor: Floor, faults: dict[str, float]
):
    callers = 12
    staff = [await floor.counselor(name) for name in ("lin", "mei", "wang", "zhao")]
    for number, one in enumerate(staff):
        floor.crew.keep(f"bot {number}", Bot(floor, one).work)
    if faults:
        await floor.phone.control("PUT", "/faults", faults | {"seed": 7})
    sids = [await floor.calls(f"+86138000001{number:02d}") for number in range(callers)]
    contact_ids = [await floor.contact_of(sid) for sid in sids]
    floor.crew.keep("callers", lambda: _hang_up_in_the_end(floor, sids))
    reached = [await floor.is_now(each, *ENDS) for each in contact_ids]
    answered = await floor.stage.value(
        "select count(*) from contact where id = any($1) and answered_at is not null", contact_ids
    )
    assert answered == callers, reached
    await floor.phone.control("PUT", "/faults", {})
    await floor.is_quiet()
    assert await auditor.once(floor.stage.store) == {}


async def _hang_up_in_the_end(floor: Floor, sids: list[str]) -> None:
    """Callers who have talked for a second hang up, unless they were hung up on."""
    talked: set[str] = set()
    while True:
        for sid in sids:
            state = await floor.stage.value(
                "select c.state from contact as c join leg as l on l.contact_id = c.id where l.sid = $1", sid
            )
            if state == "talking" and sid in talked:
                await floor.phone.control("POST", f"/calls/{sid}/hangup")
            elif state == "talking":
                talked.add(sid)
        await asyncio.sleep(1.0)
