"""Every machine is its table, tried out in full: each state with each step."""

import importlib
import pkgutil
from collections.abc import Iterable
from itertools import product
from typing import Final

import pytest

from hotline import domain
from hotline.base.errors import Refused
from hotline.domain import (
    abuse,
    assist,
    contact,
    dispatch,
    escalation,
    followup,
    leg,
    number,
    offer,
    rulebook,
    session,
    task,
)
from hotline.domain.machine import IllegalMove, Machine, mermaid

MACHINES: Final = {
    room.MACHINE.name: room.MACHINE
    for room in (
        contact,
        offer,
        session,
        escalation,
        leg,
        task,
        dispatch,
        number,
        followup,
        abuse,
        rulebook,
        assist,
    )
} | {
    rulebook.REPLAYS.name: rulebook.REPLAYS
}  # the five that a contact's journey is made of, and those of what is owed about it and after it
PAIRS: Final = [
    (name, state, step) for name, each in MACHINES.items() for state, step in product(each.states, each.steps)
]

every_machine = pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES)


def reached_from(machine: Machine, starts: Iterable[str]) -> set[str]:
    """The states that can follow, near or far, and the starting ones."""
    reached = set(starts)
    while more := {
        after for (state, _), after in machine.moves.items() if state in reached and after not in reached
    }:
        reached |= more
    return reached


def test_no_machine_of_the_domain_is_left_untried():
    rooms = [
        importlib.import_module(found.name)
        for found in pkgutil.walk_packages(domain.__path__, f"{domain.__name__}.")
    ]
    found = [each for room in rooms for each in vars(room).values() if isinstance(each, Machine)]
    assert {each.name for each in found} == set(MACHINES)


@pytest.mark.parametrize(("name", "state", "step"), sorted(PAIRS))
def test_a_step_is_in_the_table_or_refused(name: str, state: str, step: str):
    machine = MACHINES[name]
    if machine.allows(state, step):
        assert machine.after(state, step) == machine.moves[state, step]
    else:
        with pytest.raises(IllegalMove) as refused:
            machine.after(state, step)
        assert refused.value.code == f"{name}.{step}"
        assert state.replace("_", " ") in refused.value.sentence


def test_an_illegal_move_is_a_refusal_and_not_a_breakdown():
    assert issubclass(IllegalMove, Refused)


def test_a_step_that_no_table_names_is_refused():
    with pytest.raises(IllegalMove):
        contact.MACHINE.after("waiting", "vanish")


@every_machine
def test_nothing_leaves_an_end(machine: Machine):
    assert machine.ends
    assert not [(state, step) for state, step in machine.moves if state in machine.ends]


@every_machine
def test_only_the_declared_ends_are_without_a_way_on(machine: Machine):
    assert {state for state, _ in machine.moves} == machine.states - machine.ends


@every_machine
def test_every_state_can_be_reached_from_the_start(machine: Machine):
    assert reached_from(machine, {machine.start}) == machine.states


@every_machine
def test_every_state_can_reach_an_end(machine: Machine):
    for state in machine.states:
        assert reached_from(machine, {state}) & machine.ends, state


def test_a_caller_can_be_lost_only_before_the_answer():
    leaving = {state for state, step in contact.MACHINE.moves if step == "abandon"}
    assert leaving == contact.BEFORE_ANSWER


def test_the_record_of_an_answered_contact_is_closed_and_never_abandoned_or_diverted():
    unanswered = {**contact.MACHINE.moves}
    del unanswered["talking", "put_back"]
    machine = Machine(name="answered", start="talking", moves=unanswered, ends=contact.MACHINE.ends)
    assert reached_from(machine, {"talking"}) & machine.ends == {"closed"}


def test_an_escalation_ends_by_its_outcome_or_by_a_name_that_stands_it_down():
    steps = {
        step for (_, step), after in escalation.MACHINE.moves.items() if after in escalation.MACHINE.ends
    }
    assert steps == {"close", "stand_down"}
    assert {state for state, step in escalation.MACHINE.moves if step == "close"} == {"resolved"}
    assert not escalation.MACHINE.allows("paged", "resolve")


@every_machine
def test_the_picture_has_an_arrow_for_every_row_and_no_other(machine: Machine):
    first, start, *arrows = mermaid(machine).splitlines()
    assert first == "stateDiagram-v2"
    assert start.strip() == f"[*] --> {machine.start}"
    drawn: set[tuple[str, str, str]] = set()
    ends: set[str] = set()
    for arrow in arrows:
        left, right = arrow.strip().split(" --> ")
        if right == "[*]":
            ends.add(left)
            continue
        following, steps = right.split(": ")
        drawn |= {(left, step, following) for step in steps.split(", ")}
    assert drawn == {(state, step, following) for (state, step), following in machine.moves.items()}
    assert ends == machine.ends


def test_steps_to_one_state_share_an_arrow():
    door = Machine(
        name="door",
        start="open",
        moves={("open", "push"): "shut", ("open", "lock"): "shut"},
        ends=frozenset({"shut"}),
    )
    assert mermaid(door).splitlines()[2:] == ["    open --> shut: push, lock", "    shut --> [*]"]
