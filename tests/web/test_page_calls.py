"""Webhooks of calls that page somebody: what is heard, by a person and by a mailbox, and what a key does."""

from collections.abc import AsyncIterator
from uuid import UUID

import httpx2
import pytest

from hotline.base import ids
from hotline.domain.level import Level
from hotline.domain.staff import Role
from hotline.policy.policies import Policies
from hotline.store.unit import Store
from tests.flow.alarms import declare
from tests.flow.calls import a_number, new_sid
from tests.served import served
from tests.stage import Stage
from tests.web.test_webhooks import Twilio, house, spoken, tags


@pytest.fixture
async def twilio(store: Store, house_policies: Policies) -> AsyncIterator[Twilio]:
    """The network, which knows our secret."""
    async with (
        served(store, house_policies, chosen=house()) as base,
        httpx2.AsyncClient(base_url=base, trust_env=False, timeout=20) as web,
    ):
        yield Twilio(web)


async def a_page_call(stage: Stage) -> tuple[UUID, UUID]:
    """A page by telephone call to a responder, and the escalation that it is about."""
    wu = await stage.hire("wu", Role.RESPONDER, telephone=a_number())
    counselor = await stage.hire("lin", ready=True)
    raised = await declare(stage, await stage.chat(), counselor, Level.IMMINENT)
    page_id: UUID = await stage.value(
        "select id from page where escalation_id = $1 and staff_id = $2 and channel = 'voice'", raised, wu
    )
    return page_id, raised


async def test_somebody_who_is_rung_up_hears_what_it_is_after_a_key_and_takes_it_by_1(
    stage: Stage, twilio: Twilio
):
    page_id, raised = await a_page_call(stage)
    sid = new_sid()
    for status in ("ringing", "in-progress"):
        report = await twilio.posts(f"/t/page-ended?key={page_id}", CallSid=sid, CallStatus=status)
        assert report.status_code == 204
    document = await twilio.hears(f"/t/page?key={page_id}", CallSid=sid, CallStatus="in-progress")
    assert tags(document) == ["Gather", "Redirect"]
    assert "值班消息" in spoken(document)
    assert not any(word in spoken(document) for word in ("热线", "危", "1"))
    document = await twilio.hears(f"/t/page-keys?key={page_id}&step=hello", CallSid=sid, Digits="3")
    assert "生命危险" in spoken(document)
    for _ in range(2):
        document = await twilio.hears(f"/t/page-keys?key={page_id}&step=take", CallSid=sid, Digits="1")
        assert tags(document) == ["Say", "Hangup"]
        assert "已由您接手" in spoken(document)
    assert await stage.value("select state from escalation where id = $1", raised) == "acknowledged"


async def test_a_mailbox_hears_that_there_is_a_message_and_no_more(stage: Stage, twilio: Twilio):
    page_id, raised = await a_page_call(stage)
    sid = new_sid()
    heard = await twilio.hears(f"/t/page?key={page_id}", CallSid=sid, CallStatus="in-progress")
    rest = await twilio.hears(f"/t/page-keys?key={page_id}&step=hello&silent=1", CallSid=sid)
    assert tags(rest) == ["Say", "Hangup"]
    for document in (heard, rest):
        assert not any(word in spoken(document) for word in ("热线", "危", "1"))
    assert await stage.value("select state from escalation where id = $1", raised) == "paged"


async def test_a_call_that_nobody_took_up_is_marked_and_one_about_nothing_ends_in_a_sentence(
    stage: Stage, twilio: Twilio
):
    page_id, _ = await a_page_call(stage)
    await twilio.posts(f"/t/page-ended?key={page_id}", CallSid=new_sid(), CallStatus="no-answer")
    assert await stage.value("select state from page where id = $1", page_id) == "failed"
    nobody, sid = ids.new_id(), new_sid()
    for path in (f"/t/page?key={nobody}", f"/t/page-keys?key={nobody}&step=take", "/t/page?key=x"):
        document = await twilio.hears(path, CallSid=sid, CallStatus="in-progress", Digits="1")
        assert tags(document) == ["Say", "Hangup"]
    report = await twilio.posts(f"/t/page-ended?key={nobody}", CallSid=sid, CallStatus="completed")
    assert report.status_code == 204
    twilio.token = "somebody-elses-token-0123456789"
    forged = await twilio.posts(f"/t/page-keys?key={page_id}&step=take", CallSid=sid, Digits="1")
    assert forged.status_code == 403
