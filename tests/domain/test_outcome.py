"""Outcomes add up: the later row stands, nothing said is lost, nothing is done twice."""

from uuid import UUID

from hotline.domain.contact import Contact
from hotline.domain.effects import Drop, Steer
from hotline.domain.journal import Entry
from hotline.domain.outcome import NOTHING, Outcome
from hotline.domain.session import Session
from tests.domain.made import CENTRE, a_contact, a_session

FIRST = Entry(kind="first", centre_id=CENTRE, actor="caller")
SECOND = Entry(kind="second", centre_id=CENTRE, actor="caller")
STEER = Steer(leg_id=UUID(int=1))


def test_where_both_hold_the_same_row_the_later_one_stands_in_its_old_place():
    before = Outcome(rows=(a_contact("connecting"), a_session("connecting")), entries=(FIRST,))
    both = before + Outcome(rows=(a_contact("talking"),), entries=(SECOND,))
    assert [type(row) for row in both.rows] == [Contact, Session]
    assert both.row(Contact).state == "talking"
    assert both.entries == (FIRST, SECOND)


def test_an_effect_is_set_going_once():
    both = Outcome(effects=(STEER,)) + Outcome(effects=(STEER, Drop(leg_id=UUID(int=1))))
    assert both.effects == (STEER, Drop(leg_id=UUID(int=1)))


def test_nothing_adds_nothing():
    outcome = Outcome(rows=(a_contact("waiting"),), entries=(FIRST,), effects=(STEER,))
    assert outcome + NOTHING == NOTHING + outcome == outcome
