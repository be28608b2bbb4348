"""Offers: taken, left, missed, lost; whatever happens, the caller's place is not touched."""

import asyncio
from uuid import UUID

import pytest

from hotline.base.errors import HotlineError, Refused
from hotline.domain.contact import Contact
from hotline.domain.session import Session
from hotline.domain.staff import Device
from hotline.flow import intake, offer
from tests.screen import follows
from tests.stage import Stage
from tests.still import unchanged

OFFER_SECONDS = 15


async def a_ringing_offer(stage: Stage) -> tuple[UUID, Contact, UUID]:
    """A counselor to whom a chat is held out."""
    counselor = await stage.hire("lin", ready=True)
    contact = await stage.chat()
    assert await stage.dispatch() == {contact.id: counselor}
    return counselor, contact, await stage.pending_offer(contact.id)


async def counselor_card(stage: Stage, staff_id: UUID) -> tuple[object, object]:
    card = (await stage.screen()).cards[f"counselor:{staff_id}"].card
    return card["state"], card["reason"]


async def decline(stage: Stage, offer_id: UUID, staff_id: UUID, reason: str | None = None) -> None:
    await offer.decline(stage.store, stage.policies, offer_id, staff_id, reason=reason, now=stage.now)


async def miss(stage: Stage) -> int:
    return await offer.miss_overdue(stage.store, stage.policies, stage.now, 1000)


async def test_an_offer_reserves_its_counselor_and_says_until_when(stage: Stage):
    counselor, contact, offer_id = await a_ringing_offer(stage)
    cards = (await stage.screen()).cards
    assert cards[f"counselor:{counselor}"].card["state"] == "reserved"
    assert cards[f"contact:{contact.id}"].card["offer_to"] == str(counselor)
    assert cards[f"offer:{offer_id}"].audiences == {f"desk:{counselor}"}
    assert await stage.value(
        "select extract(epoch from deadline_at - made_at) from offer where id = $1", offer_id
    ) == (OFFER_SECONDS)


async def test_a_declined_contact_waits_on_at_its_old_place_for_somebody_else(stage: Stage):
    counselor, contact, offer_id = await a_ringing_offer(stage)
    stage.later(5)
    async with follows(stage):
        await decline(stage, offer_id, counselor, "other_language")
    back = await stage.contact(contact.id)
    assert (back.state, back.joined_at, back.rank) == ("waiting", contact.joined_at, contact.rank)
    assert (back.counselor_id, back.chat_slot, back.declined_by) == (None, None, (counselor,))
    assert await counselor_card(stage, counselor) == ("ready", None)
    assert await stage.dispatch() == {}
    other = await stage.hire("mei", ready=True)
    async with follows(stage):
        assert await stage.dispatch() == {contact.id: other}


async def test_a_declined_contact_comes_back_to_the_only_counselor_after_two_minutes(stage: Stage):
    counselor, contact, offer_id = await a_ringing_offer(stage)
    await decline(stage, offer_id, counselor)
    stage.later(stage.policies.queue.declined_again_seconds - 1)
    assert await stage.dispatch() == {}
    stage.later(1)
    assert await stage.dispatch() == {contact.id: counselor}


async def test_a_missed_offer_costs_the_counselor_and_not_the_caller(stage: Stage):
    counselor, contact, offer_id = await a_ringing_offer(stage)
    stage.later(OFFER_SECONDS)
    async with follows(stage):
        await miss(stage)
    back = await stage.contact(contact.id)
    assert (back.state, back.joined_at, back.rank) == ("waiting", contact.joined_at, contact.rank)
    assert await counselor_card(stage, counselor) == ("not_ready", "missed")
    assert await stage.value("select state from offer where id = $1", offer_id) == "missed"
    assert await stage.dispatch() == {}
    await stage.ready(counselor)
    async with follows(stage):
        assert await stage.dispatch() == {contact.id: counselor}


async def test_an_offer_is_not_missed_a_moment_before_its_deadline(stage: Stage):
    await a_ringing_offer(stage)
    stage.later(OFFER_SECONDS - 0.001)
    async with unchanged(stage):
        assert await miss(stage) == 0


async def test_a_miss_is_counted_once(stage: Stage):
    await a_ringing_offer(stage)
    stage.later(OFFER_SECONDS)
    assert await miss(stage) > 0
    async with unchanged(stage):
        assert await miss(stage) == 0


async def test_a_contact_put_back_keeps_its_lead_over_those_who_came_later(stage: Stage):
    counselor, first, offer_id = await a_ringing_offer(stage)
    stage.later(3)
    second = await stage.chat()
    await decline(stage, offer_id, counselor)
    other = await stage.hire("mei", ready=True)
    assert (await stage.dispatch())[first.id] == other
    assert (await stage.contact(second.id)).counselor_id == counselor


async def test_an_offer_whose_caller_has_left_is_gone(stage: Stage):
    counselor, contact, offer_id = await a_ringing_offer(stage)
    async with follows(stage):
        await intake.leave_chat(stage.store, contact.id, stage.later(4))
    async with unchanged(stage), follows(stage, silently=True):
        with pytest.raises(Refused) as refused:
            await offer.accept(stage.store, offer_id, counselor, stage.later(1))
    assert refused.value.code == "offer.gone"
    assert await counselor_card(stage, counselor) == ("ready", None)
    assert await stage.kinds(contact.id) == [
        "contact.arrived", "contact.joined", "offer.made", "contact.abandoned", "offer.rescinded",
    ]  # fmt: skip


async def test_an_offer_past_its_deadline_is_gone_though_nobody_has_swept(stage: Stage):
    counselor, _, offer_id = await a_ringing_offer(stage)
    stage.later(OFFER_SECONDS + 0.001)
    async with unchanged(stage):
        with pytest.raises(Refused) as refused:
            await offer.accept(stage.store, offer_id, counselor, stage.now)
    assert refused.value.code == "offer.gone"


async def test_an_offer_belongs_to_the_one_it_is_made_to(stage: Stage):
    _, _, offer_id = await a_ringing_offer(stage)
    other = await stage.hire("mei", ready=True)
    async with unchanged(stage):
        for answer in (
            offer.accept(stage.store, offer_id, other, stage.now),
            decline(stage, offer_id, other),
        ):
            with pytest.raises(Refused) as refused:
                await answer
            assert refused.value.code == "offer.gone"


async def test_of_two_counselors_who_reach_for_a_contact_at_once_one_has_it(stage: Stage):
    counselor, contact, offer_id = await a_ringing_offer(stage)
    other = await stage.hire("mei", ready=True)
    async with follows(stage):
        answers = await asyncio.gather(
            *(offer.accept(stage.store, offer_id, each, stage.now) for each in (other, counselor)),
            return_exceptions=True,
        )
    assert isinstance(answers[0], Refused)
    assert isinstance(answers[1], Session)
    assert (await stage.contact(contact.id)).counselor_id == counselor


async def test_pressing_twice_at_once_begins_one_session(stage: Stage):
    counselor, contact, offer_id = await a_ringing_offer(stage)
    answers = await asyncio.gather(
        *(offer.accept(stage.store, offer_id, counselor, stage.now) for _ in range(3)), return_exceptions=True
    )
    assert sum(isinstance(each, Session) for each in answers) == 1
    assert {each.code for each in answers if isinstance(each, HotlineError)} == {"offer.gone"}
    assert await stage.value("select count(*) from session where contact_id = $1", contact.id) == 1


async def test_accepting_and_missing_at_once_come_to_one_of_the_two(stage: Stage):
    counselor, contact, offer_id = await a_ringing_offer(stage)
    stage.later(OFFER_SECONDS)
    async with follows(stage):
        begun, _ = await asyncio.gather(
            offer.accept(stage.store, offer_id, counselor, stage.now), miss(stage), return_exceptions=True
        )
    state = (await stage.contact(contact.id)).state
    assert state == ("talking" if isinstance(begun, Session) else "waiting")


async def test_one_counselor_is_never_offered_two_contacts_at_once(stage: Stage):
    counselor, contact, _ = await a_ringing_offer(stage)
    second = await stage.chat()
    rounds = await asyncio.gather(*(stage.dispatch() for _ in range(4)))
    assert all(made == {} for made in rounds)
    assert (await stage.contact(second.id)).state == "waiting"
    assert (await stage.contact(contact.id)).counselor_id == counselor


async def test_two_dispatchers_at_once_make_each_offer_once(stage: Stage):
    counselors = {await stage.hire(f"c{number}", ready=True) for number in range(3)}
    chats = {(await stage.chat()).id for _ in range(3)}
    async with follows(stage):
        rounds = await asyncio.gather(*(stage.dispatch() for _ in range(4)))
    made = {contact: staff for each in rounds for contact, staff in each.items()}
    assert sum(len(each) for each in rounds) == 3
    assert (set(made), set(made.values())) == (chats, counselors)


async def test_a_counselor_on_a_telephone_is_not_rung_for_a_chat(stage: Stage):
    before = await stage.effects()
    counselor = await stage.hire("lin", ready=True, device=Device.PHONE)
    contact = await stage.chat()
    assert await stage.dispatch() == {contact.id: counselor}
    assert await stage.effects() == before


async def test_every_counselor_has_a_reason_why_a_contact_waits(stage: Stage):
    lin, mei = await stage.hire("lin", ready=True), await stage.hire("mei", languages={"en"}, ready=True)
    off = await stage.hire("off")
    busy = await stage.chat()
    await stage.dispatch()
    contact = await stage.chat()
    explained = await offer.explain(stage.store, stage.policies, contact.id, stage.now)
    assert {staff_id: reason for staff_id, _, reason in explained.verdicts} == {
        lin: "chat_capacity",
        mei: "language",
        off: "signed_out",
    }
    assert explained.ahead == 1, f"{busy.id} is offered, and still ahead"
