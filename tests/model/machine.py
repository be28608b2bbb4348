"""The whole walk: people and callers of the other two parts, time, our own workers, and what goes astray."""

import asyncio
import os
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from hypothesis import HealthCheck, Phase, settings, strategies as st
from hypothesis.stateful import run_state_machine_as_test

from hotline.carriers.port import LegGone
from hotline.domain import contact, escalation, leg, offer, session
from hotline.domain.machine import Machine
from hotline.flow import escalation as climbing
from hotline.workers import dispatcher, keeper
from tests.model import compare, things
from tests.model.caller_rules import LATE, CallerRules
from tests.model.house import House, standing
from tests.model.staff_rules import StaffRules
from tests.model.things import Caller, End
from tests.model.walk import ANY, happening

HOURS_MAX: Final = 11
BATCH_MAX: Final = 200
SWEEP_SECONDS: Final = 4
"""So long after the last change, every end that is not at rest is looked at."""
ROUNDS_MAX: Final = 6
PASSING: Final = st.sampled_from([1, 6, 11, 16, 16, 25, 61, 95, 125, 305, 901])

RINGING: Final = ("taken", "at once", "busy", "failed", "no-answer")

MACHINES: Final[tuple[Machine, ...]] = (
    contact.MACHINE,
    offer.MACHINE,
    session.MACHINE,
    leg.MACHINE,
    escalation.MACHINE,
)
UNWALKED: Final = frozenset(
    {
        ("contact", "waiting", "divert"),  # no step of the flow diverts a caller who waits already
        ("contact", "offered", "divert"),
        ("escalation", "raised", "acknowledge"),  # the first rung is paged in the transaction that raises it
        ("escalation", "raised", "stand_down"),
    }
)
"""Moves that the tables allow and no step takes yet."""


class Model(StaffRules, CallerRules):
    """Everything that can happen, in any order."""

    # --- time

    @happening(lambda self: self.house.now.hour < 4 + HOURS_MAX, seconds=PASSING)
    def time_passes(self, seconds: float) -> None:
        """Pages that are open have given signs of life all along, and the chats of those who stay too."""
        self.begins("time passes")
        self.passes(seconds)

    def passes(self, seconds: float) -> None:
        """So much later."""
        self.house.later(seconds)
        self.model.now = self.house.now
        for staff_id in self.house.pages:
            self.model.beat(self.model.people[staff_id])
        self.house.run(self.house.beat())

    # --- our own workers

    @happening(lambda self: self.among("waiting"), weight=2)
    def dispatch(self) -> None:
        """One round of the dispatcher: the same people are offered the same callers."""
        self.begins("dispatch")
        self.dispatches()

    def dispatches(self) -> None:
        """One round; what a telephone needs to ring is learnt."""
        self.model.dispatch()
        self.house.run(dispatcher.once(self.house.store, self.house.policies))
        self.house.run(compare.seen(self.house, self.model))
        for caller in self.among("offered", channel="voice"):
            ringing = caller.ringing
            if ringing is None or any(end.offer == ringing.id for end in caller.ends):
                continue
            if self.model.people[ringing.at].has_phone:
                self._expects(caller)
        self.agree()

    def _expects(self, caller: Caller) -> None:
        ringing = caller.ringing
        assert ringing is not None
        leg_id = self.leg_of(ringing.id)
        assert leg_id is not None, "a counselor with a telephone has to be rung"
        end = End(
            id=leg_id, role="counselor", state="expected", staff=ringing.at, generation=caller.generation
        )
        end.offer = ringing.id
        caller.ends.append(end)

    def keep(self) -> None:
        """One round of the keeper."""
        self.begins("keeper")
        self.keeps()

    def keeps(self) -> None:
        """A look at everything whose time has come."""
        self.model.keep()
        self.house.run(keeper.once(self.house.store, self.house.policies, BATCH_MAX))

    def escalate_further(self) -> None:
        """One round of the escalator."""
        self.begins("escalator")
        self.model.climb()
        self.house.run(climbing.climb_due(self.house.store, self.house.policies, self.house.now, BATCH_MAX))

    def sweep(self) -> None:
        """A moment later, one round of the sweeper."""
        self.begins("sweeper")
        self.sweeps()

    def sweeps(self) -> None:
        """Four seconds and a look."""
        self.passes(SWEEP_SECONDS)
        self.model.settle()
        self.house.run(self.house.settle())

    def relay(self) -> None:
        """The orders that wait are carried out, and the network does what it is told."""
        self.begins("relay")
        self.carries_out()

    def carries_out(self) -> int:
        """How many orders there were."""
        orders = self.house.run(self.house.orders())
        ends = {end.id: (caller, end) for caller in self.among() for end in caller.ends}
        for order, subject in orders:
            if order == "send":
                self.house.run(self.house.carry_out(self.house.relay, order, subject))
            else:
                self._carries_out(order, *ends[subject])
        return len(orders)

    def _carries_out(self, order: str, caller: Caller, end: End) -> None:
        is_gone = end.sid in self.vanished
        if order == "steer" and is_gone:
            self.house.network.troubles[:] = [LegGone("telephony.gone", "It is over.")]
        told = self.house.run(self.house.carry_out(self.house.relay, order, end.id))
        self.house.network.troubles.clear()
        if order == "dial":
            sid = self.house.run(self.house.value("select sid from leg where id = $1", end.id))
            assert self.model.dials(caller, end, sid) == bool(told)
            if told and self.house.network.is_quick:
                self.model.picks_up(caller, end)
        elif order == "drop":
            self.model.drops(caller, end)
        else:
            assert self.model.is_steered(caller, end) == bool(told), (end, told)
            if told and is_gone:
                self.model.falls(caller, end, "gone")
            elif told:
                end.place, end.is_joined = "moving", False
                self.asks_plan(caller, end)

    @happening(
        lambda self: self.among(),
        weight=4,
        who=st.sampled_from(["relay", "relay", "keeper", "sweeper", "escalator"]),
        is_quick=st.booleans(),
    )
    def works(self, who: str, is_quick: bool) -> None:
        """One of our workers takes a turn; a telephone that is rung may be picked up at once."""
        self.house.network.is_quick = is_quick
        {"keeper": self.keep, "sweeper": self.sweep, "escalator": self.escalate_further, "relay": self.relay}[
            who
        ]()

    # --- what goes astray, and what goes well

    @happening(lambda self: self.told, which=ANY)
    def again(self, which: int) -> None:
        """The network or a page tells something a second time."""
        self.begins("again")
        self.pick(self.told, which)()

    @happening(lambda self: self.held_back, which=ANY)
    def at_last(self, which: int) -> None:
        """Something arrives late, after what came behind it."""
        self.begins("late")
        report = self.held_back.pop(which % len(self.held_back))
        self.tells(report)

    @happening(lambda self: self.among("waiting"), weight=3)
    def answer(self) -> None:
        """Everybody who can be offered is, and everybody takes it."""
        self.begins("answered")
        self.dispatches()
        for caller in self.among("offered"):
            assert caller.ringing is not None
            self.accepts(caller, self.model.people[caller.ringing.at])

    @happening(lambda self: self.among("connecting"), weight=6, which=ANY)
    def meet(self, which: int) -> None:
        """Both come into the room, as they nearly always do."""
        self.begins("they meet")
        caller = self.pick(self.among("connecting"), which)
        theirs = next((end for end in caller.ends if end.role == "caller" and not end.is_over), None)
        if theirs is None:
            return
        mine = self.calls_in(caller, f"CA{caller.id.hex}{self.next_number()}", len(caller.talks) - 1)
        self.asks_plan(caller, theirs)
        for end in (mine, theirs):
            self.joins(caller, end, caller.room, self.next_number())
        assert caller.state == "talking"

    @happening(lambda self: self.among("offered", "connecting"), weight=2)
    def unheard(self) -> None:
        """It rings in an empty room, or whoever has taken a call does not come, and the keeper finds out."""
        self.begins("unheard")
        self.passes(things.RING + 1)
        self.keeps()

    @happening(lambda self: self.among("talking"), which=ANY)
    def lose(self, which: int) -> None:
        """A counselor's page is gone in the middle of a talk, for too long."""
        self.begins("counselor lost")
        staff_id = self.pick(self.among("talking"), which).held_by
        assert staff_id is not None
        if self.model.people[staff_id].is_watching:
            self.loses_page(self.model.people[staff_id])
        self.passes(things.CHAT_LOST + 1)
        self.keeps()

    @happening(lambda self: self._to_telephones(), weight=16, why=st.sampled_from(RINGING), is_late=LATE)
    def rings_telephone(self, why: str, is_late: bool) -> None:
        """A counselor's telephone is rung: it is taken, busy, off, or nobody is there."""
        self.begins(f"telephone {why}")
        self.house.network.is_quick = why == "at once"
        self.carries_out()
        for caller, end in self._to_telephones():
            if end.state != "ringing":
                continue
            if why != "taken":
                self.tells(partial(self.is_told_over, caller, end, why, self.next_number()), is_late=is_late)
                continue
            self.tells(partial(self.asks_plan, caller, end))
            self.tells(partial(self.presses_keys, caller, end, "take", "1"), is_late=is_late)

    def _to_telephones(self) -> list[tuple[Caller, End]]:
        return [
            (caller, end)
            for caller in self.among("offered")
            for end in caller.ends
            if caller.ringing and end.offer == caller.ringing.id and end.state in {"expected", "ringing"}
        ]

    def teardown(self) -> None:
        """When nothing more happens, sweeps and orders bring every end to where it belongs."""
        if not self.is_in_step:
            for _ in range(ROUNDS_MAX):
                self.sweeps()
                if not self.carries_out():
                    break
            self.agree()
            astray = [
                (caller, end)
                for caller in self.among()
                for end in caller.ends
                if self._is_astray(caller, end)
            ]
            assert not astray, astray
        super().teardown()

    def _is_astray(self, caller: Caller, end: End) -> bool:
        if end.state != "live" or end.sid in self.vanished:
            return False
        return self.model.is_done_with(caller, end) or self.model.place(caller, end) != end.place


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How many walks of how many steps."""

    walks: int
    steps: int


FAST: Final = Size(walks=int(os.environ.get("HOTLINE_MODEL_EXAMPLES", "25")), steps=40)
LONG: Final = Size(walks=200, steps=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """What a run of walks has seen: rules taken by name, and moves of the machines; both counted."""

    steps: Counter[str] = field(default_factory=Counter[str])
    moves: Counter[tuple[str, str, str]] = field(default_factory=Counter[tuple[str, str, str]])

    @property
    def unwalked(self) -> list[tuple[str, str, str]]:
        """Moves of the domain's tables that no walk has taken, but for those that none can."""
        every = {(machine.name, *move) for machine in MACHINES for move in machine.moves}
        return sorted(every - self.moves.keys() - UNWALKED)

    def rarest(self, most: int) -> list[tuple[str, int]]:
        """The moves that were taken least often, and how often: what chance may miss the next time."""
        names = {machine.name for machine in MACHINES}
        taken = [(" ".join(move), count) for move, count in self.moves.items() if move[0] in names]
        return sorted(taken, key=lambda each: each[1])[:most]

    def told(self) -> str:
        """In a sentence."""
        every = sum(len(machine.moves) for machine in MACHINES)
        taken = len({move for move in self.moves if move[0] in {machine.name for machine in MACHINES}})
        return f"{self.steps.total()} steps walked, {taken} of {every} moves of the machines taken"


def walk(size: Size, seed: int | None) -> Walked:
    """Walk so often; without a seed always the same way.

    Raises:
        AssertionError: house and model disagree; Hypothesis prints the way to it, and with a seed it looks
            for the shortest, which takes minutes.
    """
    loop = asyncio.new_event_loop()
    opened = standing()
    house: House = loop.run_until_complete(opened.__aenter__())
    try:
        Model.house, Model.steps = house, Counter()
        chosen = settings(
            max_examples=size.walks,
            stateful_step_count=size.steps,
            deadline=None,
            derandomize=seed is None,
            database=None,
            print_blob=seed is not None,
            suppress_health_check=(
                HealthCheck.too_slow,
                HealthCheck.data_too_large,
                HealthCheck.filter_too_much,
            ),
            phases=[Phase.generate] if seed is None else [Phase.generate, Phase.shrink],
        )
        machine = Model if seed is None else _seeded(seed)
        run_state_machine_as_test(machine, settings=chosen)
        return Walked(steps=Model.steps, moves=house.walked)
    finally:
        loop.run_until_complete(opened.__aexit__(None, None, None))
        loop.close()


def _seeded(seed: int) -> type[Model]:
    """The machine, with dice of its own."""
    return type("Model", (Model,), {"_hypothesis_internal_use_seed": seed})
