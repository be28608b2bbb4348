"""A unit of work saves everything or nothing, and lets nothing stand together that may not."""

from dataclasses import replace
from typing import Any

import pytest

from hotline.base import ids
from hotline.base.errors import Absent, Broken, Refused
from hotline.domain import contact as contacts, offer as offers
from hotline.domain.contact import Caller, Contact, Form
from hotline.domain.effects import Send
from hotline.domain.joint import Journey
from hotline.domain.offer import Pairing
from hotline.domain.outcome import Outcome
from hotline.store import contact as store_contact
from tests.stage import Stage


async def test_rows_entries_and_effects_are_saved_together(stage: Stage) -> None:
    contact = await stage.chat()
    before = len(await stage.effects())
    async with stage.store.unit() as unit:
        journey = await store_contact.lock_journey(unit, contact.id)
        outcome = contacts.abandon(journey.contact, stage.now) + Outcome(
            effects=(Send(page_id=ids.new_id()),)
        )
        await unit.save(outcome, stage.now, journey)
    assert (await stage.contact(contact.id)).state == "abandoned"
    assert (await stage.kinds(contact.id))[-1] == "contact.abandoned"
    assert len(await stage.effects()) == before + 1


async def test_an_error_after_saving_leaves_nothing(stage: Stage) -> None:
    contact = await stage.chat()
    jobs, kinds = await stage.effects(), await stage.kinds(contact.id)
    with pytest.raises(LookupError):
        async with stage.store.unit() as unit:
            journey = await store_contact.lock_journey(unit, contact.id)
            outcome = contacts.abandon(journey.contact, stage.now) + Outcome(
                effects=(Send(page_id=ids.new_id()),)
            )
            await unit.save(outcome, stage.now, journey)
            raise LookupError
    assert (await stage.contact(contact.id)).state == "waiting"
    assert (await stage.effects(), await stage.kinds(contact.id)) == (jobs, kinds)


async def test_states_that_may_not_stand_together_are_not_written(stage: Stage) -> None:
    counselor = await stage.hire("lin", ready=True)
    contact = await stage.chat()
    with pytest.raises(Broken, match="offered_iff_one_pending_offer"):
        async with stage.store.unit() as unit:
            journey = await store_contact.lock_journey(unit, contact.id)
            lonely = replace(journey.contact, state="offered", counselor_id=counselor, chat_slot=1)
            await unit.save(Outcome(rows=(lonely,)), stage.now, journey)
    assert (await stage.contact(contact.id)).state == "waiting"


async def test_the_index_is_the_last_word_on_two_pending_offers(stage: Stage) -> None:
    """Without the journey's check, one counselor still cannot be rung for two contacts."""
    counselor = await stage.hire("lin", ready=True)
    first, second = await stage.chat(), await stage.chat()
    with pytest.raises(Refused, match="first"):
        async with stage.store.unit() as unit:
            for slot, contact_id in enumerate((first.id, second.id), start=1):
                journey = await store_contact.lock_journey(unit, contact_id)
                pairing = Pairing(contact_id=contact_id, staff_id=counselor, chat_slot=slot, reasons=())
                made = offers.make(journey.contact, pairing, ids.new_id(), stage.now, stage.policies.queue)
                await unit.save(made, stage.now, Journey(contact=journey.contact))
    assert (await stage.contact(first.id)).state == "waiting"


async def test_only_what_changed_is_written(stage: Stage) -> None:
    """A row that somebody else has moved on is noticed by the guard, not overwritten."""
    contact = await stage.chat()
    with pytest.raises(Broken, match="changed by somebody else"):
        async with stage.store.unit() as unit:
            journey = await store_contact.lock_journey(unit, contact.id)
            await unit.connection.execute("update contact set state = 'abandoned' where id = $1", contact.id)
            await unit.save(contacts.divert(journey.contact, stage.now, reason="closed"), stage.now, journey)


async def test_what_is_sealed_is_not_readable_in_the_table(stage: Stage) -> None:
    person = await stage.hire("zhao")
    name = await stage.value("select name from staff where id = $1", person)
    assert b"Zhao" not in name


async def test_an_arrival_adds_with_its_effects_or_not_at_all(stage: Stage) -> None:
    """The effects are a second statement, so the two stand in a transaction."""
    arrived = _arrived(stage)
    unheard_of: Any = object()
    with pytest.raises(TypeError):
        async with stage.store.arrival() as unit:
            await unit.save(arrived + Outcome(effects=(unheard_of,)), stage.now)
    with pytest.raises(Absent):
        await stage.contact(arrived.row(Contact).id)
    async with stage.store.arrival() as unit:
        await unit.save(arrived + Outcome(effects=(Send(page_id=ids.new_id()),)), stage.now)
    assert (await stage.contact(arrived.row(Contact).id)).state == "arriving"


async def test_an_arrival_whose_fact_is_known_adds_nothing(stage: Stage) -> None:
    key = f"arrived:{ids.new_id()}"
    first, again = _arrived(stage), _arrived(stage)
    async with stage.store.arrival() as unit:
        await unit.save(first, stage.now, fact=key)
    with pytest.raises(Refused):
        async with stage.store.arrival() as unit:
            await unit.save(again, stage.now, fact=key)
    with pytest.raises(Absent):
        await stage.contact(again.row(Contact).id)


async def test_an_arrival_only_adds_and_only_once(stage: Stage) -> None:
    arrived = _arrived(stage)
    with pytest.raises(Broken):
        async with stage.store.arrival() as unit:
            await unit.save(arrived, stage.now)
            await unit.save(Outcome(rows=(replace(arrived.row(Contact), language="en"),)), stage.now)
    assert (await stage.contact(arrived.row(Contact).id)).language == "zh"


def _arrived(stage: Stage) -> Outcome:
    return contacts.arrive(ids.new_id(), stage.chat_line, stage.now, caller=Caller(), form=Form())
