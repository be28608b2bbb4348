"""A call as a whole: after a step, every other end is brought to where it belongs."""

from typing import Final
from uuid import UUID

from hotline.domain import contact, offer, session
from hotline.domain.call import Call
from hotline.domain.effects import Drop, Steer
from hotline.domain.joint import Journey
from hotline.domain.leg import Leg
from hotline.domain.outcome import NOTHING, Outcome
from tests.domain.made import NOW, OFFER, POLICY, a_contact, a_leg, a_line, a_session, after, an_offer

CALLER: Final = a_leg(place="park")
RINGING: Final = a_leg("counselor", "ringing", id=UUID(int=8), offer_id=OFFER)


def a_call(journey: Journey, leg: Leg, *others: Leg) -> Call:
    """A locked call, seen from one of its legs."""
    return Call(journey=journey, line=a_line(), leg=leg, others=others)


def test_when_the_caller_leaves_the_counselors_telephone_stops_ringing():
    journey = Journey(contact=a_contact("offered"), offer=an_offer())
    left = offer.abandon(journey.contact, journey.offer, after(5))
    settled = a_call(journey, CALLER, RINGING).settled(left, after(5), answering=CALLER.id)
    assert settled.effects == (Drop(leg_id=RINGING.id),)
    assert settled.rows == left.rows


def test_when_the_counselor_is_in_the_room_the_caller_is_brought_there():
    journey = Journey(contact=a_contact("connecting"), session=a_session("connecting"))
    there = a_leg("counselor", id=UUID(int=8), place="room")
    call = a_call(journey, there, CALLER)
    assert call.settled(NOTHING, NOW, answering=there.id).effects == (Steer(leg_id=CALLER.id),)


def test_a_plan_goes_by_the_rows_as_the_step_leaves_them():
    journey = Journey(contact=a_contact("connecting"), session=a_session("connecting"))
    there = a_leg("counselor", id=UUID(int=8), place="room")
    call = a_call(journey, CALLER, there)
    failed = session.fail(journey.contact, a_session("connecting"), NOW, POLICY, reason="no_answer")
    assert call.scene(NOTHING).counselor == there
    assert call.scene(failed).counselor is None
    assert call.scene(failed).contact == failed.row(contact.Contact)
    assert call.settled(failed, NOW, answering=None).effects == (Drop(leg_id=there.id),)


def test_a_leg_that_the_step_has_moved_is_taken_as_moved():
    journey = Journey(contact=a_contact("waiting"))
    moved = a_leg(place="ivr")
    call = a_call(journey, CALLER)
    assert call.leg_after(Outcome(rows=(moved,))) == moved
    assert call.leg_after(NOTHING) == CALLER
    assert call.settled(Outcome(rows=(moved,)), NOW, answering=None).effects == (Steer(leg_id=moved.id),)


def test_an_offer_that_is_decided_is_no_part_of_the_scene():
    journey = Journey(contact=a_contact("offered"), offer=an_offer())
    declined = offer.decline(journey.contact, an_offer(), NOW, POLICY, reason=None)
    assert a_call(journey, CALLER).scene(NOTHING).offer == an_offer()
    assert a_call(journey, CALLER).scene(declined).offer is None
