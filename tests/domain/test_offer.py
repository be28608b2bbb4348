"""An offer: taken, or the caller stands where the caller stood."""

from collections.abc import Callable
from typing import Final

import pytest

from hotline.base.errors import Refused
from hotline.domain import offer
from hotline.domain.contact import Contact
from hotline.domain.machine import IllegalMove
from hotline.domain.offer import Offer, Pairing
from hotline.domain.outcome import Outcome
from hotline.domain.presence import Choice, Presence
from tests.domain.made import CONTACT, LI, NOW, OFFER, POLICY, WANG, a_contact, a_presence, after, an_offer

PAIRING: Final = Pairing(contact_id=CONTACT, staff_id=LI, chat_slot=2, reasons=("longest_idle",))
DECIDED: Final = sorted(offer.MACHINE.ends)


def test_an_offer_holds_the_contact_out_to_one_person_until_a_deadline():
    outcome = offer.make(a_contact("waiting"), PAIRING, OFFER, NOW, POLICY)
    held, made = outcome.row(Contact), outcome.row(Offer)
    assert (held.state, held.counselor_id, held.chat_slot) == ("offered", LI, 2)
    assert (made.state, made.staff_id, made.deadline_at) == ("pending", LI, after(15))
    assert outcome.entries[0].body["reasons"] == ["longest_idle"]


@pytest.mark.parametrize("state", ["arriving", "offered", "connecting", "talking", "closed"])
def test_only_a_waiting_contact_is_offered(state: str):
    with pytest.raises(IllegalMove):
        offer.make(a_contact(state), PAIRING, OFFER, NOW, POLICY)


@pytest.mark.parametrize(("seconds", "is_over"), [(0, False), (15, False), (15.001, True)])
def test_an_offer_can_be_taken_up_to_its_deadline(seconds: float, is_over: bool):
    if is_over:
        with pytest.raises(Refused) as refused:
            offer.accept(a_contact("offered"), an_offer(), after(seconds))
        assert refused.value.code == "offer.gone"
    else:
        outcome = offer.accept(a_contact("offered"), an_offer(), after(seconds))
        assert (outcome.row(Contact).state, outcome.row(Offer).state) == ("connecting", "accepted")


@pytest.mark.parametrize("state", DECIDED)
def test_an_offer_is_decided_once(state: str):
    contact, decided = a_contact("offered"), an_offer(state)
    for again in (
        lambda: offer.accept(contact, decided, NOW),
        lambda: offer.decline(contact, decided, NOW, POLICY, reason=None),
        lambda: offer.miss(contact, decided, a_presence(), NOW, POLICY),
        lambda: offer.fail(contact, decided, NOW, POLICY, reason="busy"),
        lambda: offer.rescind(decided, NOW, reason="caller_left"),
    ):
        with pytest.raises(Refused):
            again()


BACK: Final[dict[str, Callable[[Contact], Outcome]]] = {
    "declined": lambda held: offer.decline(held, an_offer(), after(5), POLICY, reason="too_close"),
    "missed": lambda held: offer.miss(held, an_offer(), a_presence(), after(15), POLICY),
    "failed": lambda held: offer.fail(held, an_offer(), after(5), POLICY, reason="busy"),
}


@pytest.mark.parametrize("how", BACK)
def test_a_contact_that_was_not_taken_is_back_at_its_old_place(how: str):
    outcome = BACK[how](a_contact("offered", joined_at=after(-500)))
    back = outcome.row(Contact)
    assert (back.state, back.joined_at, back.counselor_id) == ("waiting", after(-500), None)
    assert outcome.row(Offer).state == how
    assert outcome.entries[0].kind == f"offer.{how}"
    assert outcome.entries[0].staff_ids == (LI,)


def test_the_one_who_missed_pays_and_not_the_caller():
    outcome = BACK["missed"](a_contact("offered"))
    presence = outcome.row(Presence)
    assert (presence.choice, presence.reason) == (Choice.NOT_READY, "missed")
    assert outcome.row(Contact).declined_by == ()


@pytest.mark.parametrize("how", ["declined", "failed"])
def test_saying_no_or_a_busy_telephone_leaves_a_person_ready(how: str):
    assert not [row for row in BACK[how](a_contact("offered")).rows if isinstance(row, Presence)]


@pytest.mark.parametrize("was_heard", [True, False])
def test_an_offer_that_ran_out_is_missed_only_if_the_house_was_in_time(was_heard: bool):
    waited = a_presence(idle_since=after(-600))
    outcome = offer.lapse(a_contact("offered"), an_offer(), waited, after(15), POLICY, was_heard=was_heard)
    presence = outcome.row(Presence)
    assert outcome.row(Contact).state == "waiting"
    assert outcome.row(Offer).state == ("missed" if was_heard else "failed")
    assert presence.choice is (Choice.NOT_READY if was_heard else Choice.READY)
    assert presence.idle_since == (after(-600) if was_heard else after(15))
    if not was_heard:
        assert outcome.entries[0].body["reason"] == "house_slow"


def test_who_declined_is_remembered_beside_earlier_ones():
    back = BACK["declined"](a_contact("offered", declined_by=(WANG,))).row(Contact)
    assert back.declined_by == (WANG, LI)


@pytest.mark.parametrize(("seconds", "is_overdue"), [(14.9, False), (15, True), (600, True)])
def test_an_offer_is_overdue_from_its_deadline_on(seconds: float, is_overdue: bool):
    assert offer.is_overdue(an_offer(), after(seconds)) == is_overdue
    assert not offer.is_overdue(an_offer("accepted"), after(seconds))


def test_when_the_caller_leaves_the_page_stops_ringing():
    outcome = offer.abandon(a_contact("offered"), an_offer(), after(4))
    assert (outcome.row(Contact).state, outcome.row(Offer).state) == ("abandoned", "rescinded")
    assert LI in outcome.entries[1].staff_ids


def test_a_caller_who_was_offered_to_nobody_leaves_alone():
    outcome = offer.abandon(a_contact("waiting"), None, after(4))
    assert [type(row) for row in outcome.rows] == [Contact]
