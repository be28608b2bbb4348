"""Recovery: after imminent danger the counselor is offered nothing for a while."""

from uuid import UUID

from hotline.domain.contact import Contact
from hotline.domain.level import Level
from hotline.flow import duty
from tests.flow.aftercare import planned
from tests.stage import Stage


async def test_after_imminent_danger_the_counselor_is_offered_nothing_for_half_an_hour(stage: Stage):
    counselor, _, _ = await planned(stage, Level.IMMINENT)
    card = (await stage.screen()).cards[f"counselor:{counselor}"].card
    assert (card["state"], card["reason"]) == ("recovering", "after_grave_contact")
    contact = await stage.chat()
    stage.later(29 * 60)
    await keep_alive(stage, counselor, contact)
    assert await stage.dispatch() == {}
    stage.later(61)
    await keep_alive(stage, counselor, contact)
    assert await stage.dispatch() == {contact.id: counselor}


async def keep_alive(stage: Stage, counselor: UUID, contact: Contact) -> None:

    await duty.beat(stage.store, [counselor], stage.now)
    await duty.sweep(stage.store, stage.policies, stage.now, 100)
    await stage.value("update contact set seen_at = $2 where id = $1", contact.id, stage.now)


async def test_after_a_contact_at_high_the_counselor_rests_as_ever(stage: Stage):
    counselor, _, _ = await planned(stage, Level.HIGH)
    assert (await stage.screen()).cards[f"counselor:{counselor}"].card["state"] == "resting"
