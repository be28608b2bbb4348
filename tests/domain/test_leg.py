"""What each end of a call experiences: always something, always from the rows, never a dead end."""

from dataclasses import replace
from itertools import product
from typing import Final
from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from hotline.domain import contact, leg
from hotline.domain.effects import Drop, Send, Steer
from hotline.domain.leg import Ask, Bye, Divert, Leg, Park, Plan, Prompt, Room, Scene
from tests.domain.made import LI, NOW, OFFER, WANG, a_contact, a_leg, a_line, after, an_offer

NAMES_A_WAY_ON: Final = {"caller": {"farewell", "emergency_numbers"}, "counselor": {"offer_over"}}
"""The only prompts that somebody is released with; each says where to turn to now."""

STATES: Final = sorted(contact.MACHINE.states)
OPEN: Final = a_line()
CLOSED: Final = a_line(opens_at=after(3600).time(), closes_at=after(7200).time(), timezone="UTC")
COUNSELOR_LEGS: Final = [
    None,
    a_leg("counselor"),
    a_leg("counselor", place="room"),
    a_leg("counselor", "ringing"),
    a_leg("counselor", "ended"),
]
SCENES: Final = [
    Scene(
        contact=a_contact(state, generation=generation),
        line=line,
        offer=an_offer() if state == "offered" else None,
        counselor=counselor,
        ahead=ahead,
    )
    for state, line, counselor, ahead, generation in product(
        STATES, (OPEN, CLOSED, replace(OPEN, overflow="+861012345678")), COUNSELOR_LEGS, (None, 0, 7), (0, 1)
    )
]
LEGS: Final = [
    a_leg(),
    a_leg(place="park", place_said=3),
    a_leg(place="room"),
    *(
        a_leg("counselor", offer_id=offer_id, staff_id=staff_id, generation=generation)
        for offer_id, staff_id, generation in product((None, OFFER), (LI, WANG), (0, 1))
    ),
]


def caller_plan(state: str, **scene: object) -> Plan:
    """What a caller experiences in a state."""
    return leg.plan(a_leg(), replace(Scene(contact=a_contact(state), line=OPEN), **scene), NOW)


@given(scene=st.sampled_from(SCENES), endpoint=st.sampled_from(LEGS))
def test_whatever_the_rows_are_everybody_experiences_something(scene: Scene, endpoint: Leg):
    plan = leg.plan(endpoint, scene, NOW)
    assert leg.place_of(plan) in {"ivr", "park", "room", "none"}
    if isinstance(plan, Bye):
        assert plan.prompt.key in NAMES_A_WAY_ON[endpoint.role]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("line", [OPEN, CLOSED])
def test_no_caller_who_can_still_be_helped_is_released(state: str, line: object):
    for scene in SCENES:
        if scene.contact.state == state and state not in contact.MACHINE.ends | {"wrapping"}:
            assert not isinstance(leg.plan(a_leg(), scene, NOW), Bye)


@given(scene=st.sampled_from(SCENES), endpoint=st.sampled_from(LEGS))
def test_only_the_caller_leaving_ends_the_room(scene: Scene, endpoint: Leg):
    plan = leg.plan(endpoint, scene, NOW)
    if isinstance(plan, Room):
        assert plan.is_anchor == (endpoint.role == "caller")
        assert plan.label.startswith(endpoint.role)
        assert plan.name == scene.contact.room


@given(scene=st.sampled_from(SCENES), endpoint=st.sampled_from(LEGS))
def test_the_same_rows_give_the_same_plan_however_often_they_are_asked(scene: Scene, endpoint: Leg):
    first = leg.plan(endpoint, scene, NOW)
    asked_again = replace(endpoint, sid="CA2", place_at=after(9))
    assert first == leg.plan(endpoint, scene, NOW) == leg.plan(asked_again, replace(scene), NOW)


@given(scene=st.sampled_from(SCENES), endpoint=st.sampled_from(LEGS))
def test_whoever_is_where_the_plan_says_is_left_in_peace(scene: Scene, endpoint: Leg):
    there = leg.moved(endpoint, leg.place_of(leg.plan(endpoint, scene, NOW)), NOW)
    assert not leg.wants_steering(there, scene, NOW)
    elsewhere = replace(there, place="somewhere")
    assert leg.wants_steering(elsewhere, scene, NOW) == elsewhere.is_live


# --- the caller's way


@pytest.mark.parametrize(("line", "key"), [(OPEN, "greeting"), (CLOSED, "closed")])
def test_an_arriving_caller_is_asked_also_when_the_line_is_closed(line: object, key: str):
    plan = caller_plan("arriving", line=line)
    assert isinstance(plan, Ask)
    assert (plan.prompt.key, plan.step) == (key, leg.MENU_STEP)
    assert ("languages", "zh+en") in plan.prompt.values


@pytest.mark.parametrize("state", ["waiting", "offered", "connecting"])
def test_a_waiting_caller_is_parked_and_hears_nothing_of_offers(state: str):
    assert caller_plan(state) == caller_plan("waiting")
    assert isinstance(caller_plan(state), Park)


@pytest.mark.parametrize(
    ("said", "ahead", "prompt"),
    [
        (None, None, Prompt(key="waiting", language="zh")),
        (None, 4, Prompt(key="waiting_place", language="zh", values=(("place", 5),))),
        (4, 2, Prompt(key="waiting_place", language="zh", values=(("place", 3),))),
        (4, 4, Prompt(key="waiting_place", language="zh", values=(("place", 5),))),
        (2, 4, Prompt(key="waiting", language="zh")),
        (2, None, Prompt(key="waiting", language="zh")),
    ],
)
def test_a_place_is_never_said_to_be_farther_back_than_before(
    said: int | None, ahead: int | None, prompt: Prompt
):
    scene = Scene(contact=a_contact("waiting"), line=OPEN, ahead=ahead)
    plan = leg.plan(a_leg(place_said=said), scene, NOW)
    assert isinstance(plan, Park)
    assert plan.prompt == prompt


def test_the_caller_enters_the_room_when_the_counselor_is_in_it_and_not_before():
    in_the_room = a_leg("counselor", place="room")
    assert caller_plan("connecting", counselor=in_the_room) == Room(
        name=a_contact("connecting").room, label="caller", is_anchor=True
    )
    for absent in (None, replace(in_the_room, place="none"), replace(in_the_room, state="ringing")):
        assert isinstance(caller_plan("connecting", counselor=absent), Park)


def test_a_caller_never_enters_the_room_of_an_earlier_engagement():
    scene = Scene(
        contact=a_contact("connecting", generation=1), line=OPEN, counselor=a_leg("counselor", place="room")
    )
    assert isinstance(leg.plan(a_leg(), scene, NOW), Park)


def test_the_diverted_are_connected_on_or_told_the_numbers_to_call():
    connected = caller_plan("diverted", line=replace(OPEN, overflow="+861012345678"))
    assert connected == Divert(to="+861012345678", prompt=Prompt(key="diverted", language="zh"))
    assert caller_plan("diverted") == Bye(prompt=Prompt(key="emergency_numbers", language="zh"))


# --- the counselor's way


def counselor_plan(state: str, endpoint: Leg, **changes: object) -> Plan:
    """What a counselor's end experiences while Li's offer or session is the present one."""
    scene = Scene(
        contact=a_contact(state, **changes), line=OPEN, offer=an_offer() if state == "offered" else None
    )
    return leg.plan(endpoint, scene, NOW)


def test_a_ringing_counselor_presses_a_key_so_that_no_voicemail_takes_a_caller():
    plan = counselor_plan("offered", a_leg("counselor", offer_id=OFFER))
    assert isinstance(plan, Ask)
    assert (plan.step, plan.prompt.key) == (leg.TAKE_STEP, "take")


@pytest.mark.parametrize("state", ["connecting", "talking"])
def test_the_counselor_who_took_the_contact_is_in_its_room_and_nobody_else(state: str):
    assert isinstance(counselor_plan(state, a_leg("counselor")), Room)
    for stranger in (a_leg("counselor", staff_id=WANG), a_leg("counselor", generation=1)):
        assert isinstance(counselor_plan(state, stranger), Bye)


@pytest.mark.parametrize("state", ["waiting", "wrapping", "closed", "abandoned", "diverted"])
def test_a_counselor_without_a_part_is_told_that_the_offer_is_over(state: str):
    assert counselor_plan(state, a_leg("counselor", offer_id=OFFER)) == Bye(
        prompt=Prompt(key="offer_over", language="zh")
    )


# --- what the network says, once, twice, late


@pytest.mark.parametrize("state", sorted(leg.MACHINE.states))
def test_what_is_said_twice_or_late_does_no_harm(state: str):
    endpoint = a_leg(state=state)
    for told in (
        leg.answered(endpoint, "CA1"),
        leg.ringing(endpoint, "CA1"),
        leg.ended(endpoint, NOW, "busy"),
    ):
        assert told == endpoint or leg.MACHINE.states >= {told.state}
    assert leg.answered(leg.answered(endpoint, "CA1"), "CA1") == leg.answered(endpoint, "CA1")
    assert leg.ringing(leg.ringing(endpoint, "CA1"), "CA1") == leg.ringing(endpoint, "CA1")
    over = leg.ended(endpoint, NOW, "completed")
    assert (over.state, over.place) == ("ended", endpoint.place if state == "ended" else "none")
    assert leg.ended(over, after(5), "busy") == over
    assert leg.answered(over, "CA1") == over
    assert leg.ringing(over, "CA1").state == "ended"


def test_ringing_after_the_answer_does_not_take_it_back():
    live = leg.answered(a_leg("counselor", "expected", sid=None), "CA7")
    assert (live.state, live.sid) == ("live", "CA7")
    assert leg.ringing(live, "CA7") == live


def test_the_same_place_again_keeps_its_time():
    parked = leg.moved(a_leg(), "park", NOW)
    assert (parked.place, parked.place_at) == ("park", NOW)
    assert leg.moved(parked, "park", after(60)) == parked
    assert leg.moved(parked, "room", after(60)).place_at == after(60)


@pytest.mark.parametrize(
    ("key", "language"), [("1", "zh"), ("2", "en"), ("3", None), ("9", None), ("", None)]
)
def test_a_menu_key_is_one_of_the_lines_languages_or_nothing(key: str, language: str | None):
    assert leg.language_of(OPEN, key) == language


@pytest.mark.parametrize("state", STATES)
def test_an_end_with_no_part_left_is_an_orphan(state: str):
    scene = Scene(contact=a_contact(state), line=OPEN, offer=an_offer())
    assert leg.is_orphan(a_leg(), scene) == (state in {"closed", "abandoned"})
    mine = a_leg("counselor", offer_id=OFFER)
    assert leg.is_orphan(mine, scene) == (state not in {"offered", "connecting", "talking"})
    assert not leg.is_orphan(replace(mine, state="ended"), scene)


def test_a_caller_hears_the_farewell_before_the_line_is_let_go():
    scene = Scene(contact=a_contact("closed"), line=OPEN)
    in_the_room = a_leg(place="room")
    assert leg.settle([in_the_room], scene, NOW) == (Steer(leg_id=in_the_room.id),)
    heard = leg.moved(in_the_room, "none", after(5))
    assert leg.settle([heard], scene, after(5)) == (Drop(leg_id=heard.id),)


# --- all ends of a call together

MINE: Final = a_leg("counselor", id=UUID(int=8))


@given(scene=st.sampled_from(SCENES), endpoints=st.lists(st.sampled_from(LEGS), max_size=3))
def test_settling_leaves_nothing_more_to_settle(scene: Scene, endpoints: list[Leg]):
    legs = [replace(each, id=UUID(int=number)) for number, each in enumerate(endpoints)]
    done: list[Leg] = []
    orders = {
        effect.leg_id: effect for effect in leg.settle(legs, scene, NOW) if not isinstance(effect, Send)
    }
    for each in legs:
        match orders.get(each.id):
            case Drop():
                done.append(leg.ended(each, NOW, "dropped"))
            case Steer():
                done.append(leg.moved(each, leg.place_of(leg.plan(each, scene, NOW)), NOW))
            case _:
                done.append(each)
    left_over = [effect for effect in leg.settle(done, scene, NOW) if not isinstance(effect, Drop)]
    assert left_over == []


def test_the_leg_whose_request_is_answered_gets_its_plan_with_the_answer():
    scene = Scene(contact=a_contact("waiting"), line=OPEN)
    assert leg.settle([a_leg()], scene, NOW) == (Steer(leg_id=a_leg().id),)
    assert leg.settle([a_leg()], scene, NOW, answering=a_leg().id) == ()


def test_the_two_are_together_when_the_network_has_said_so_of_both():
    talking, caller, mine = a_contact("connecting"), leg.joined(a_leg(), NOW), leg.joined(MINE, NOW)
    assert leg.are_together([caller, mine], talking)
    apart = {
        "only the counselor": [a_leg(place="room"), mine],
        "only the caller": [caller, MINE],
        "the caller has left": [leg.left(caller, after(1)), mine],
        "the caller has hung up": [leg.ended(caller, after(1), "completed"), mine],
        "the counselor has gone": [caller, leg.ended(mine, after(1), "completed")],
        "a counselor of before": [caller, replace(mine, generation=-1)],
        "a stranger": [caller, replace(mine, staff_id=WANG)],
        "nobody": [],
    }
    assert [why for why, legs in apart.items() if leg.are_together(legs, talking)] == []


def test_the_callers_end_is_the_one_that_is_up_or_else_the_last():
    first, second = leg.ended(a_leg(), NOW, "completed"), a_leg(id=UUID(int=9))
    assert leg.caller_of([first, second, MINE]) == second
    assert leg.caller_of([leg.ended(second, NOW, "busy"), first]) == first
    assert leg.caller_of([MINE]) is None


def test_being_in_the_room_counts_from_the_first_word_of_it():
    there = leg.joined(a_leg(place="room"), NOW)
    assert leg.joined(there, after(3)) == there
    assert leg.joined(leg.left(there, after(4)), after(5)).joined_at == after(5)


@given(places=st.lists(st.one_of(st.none(), st.integers(0, 9)), max_size=12))
def test_over_a_whole_wait_the_places_told_only_ever_grow_smaller(places: list[int | None]):
    caller, said = a_leg(), list[int | str]()
    for ahead in places:
        plan = leg.plan(caller, Scene(contact=a_contact("waiting"), line=OPEN, ahead=ahead), NOW)
        assert isinstance(plan, Park)
        assert plan.prompt is not None
        said += [value for name, value in plan.prompt.values if name == "place"]
        caller = leg.told(caller, plan)
    assert [int(place) for place in said] == sorted((int(place) for place in said), reverse=True)
