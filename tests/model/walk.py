"""A walk through the house: each step is done in the model and in the house, and then the two are compared.

Steps are kept as closures, so that the network can say the same again, or late, or out of order: what a
step told once it tells in the same words the second time.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Final, TypeVar
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from hypothesis.strategies import SearchStrategy

from tests.model import compare
from tests.model.calls import Calls
from tests.model.house import House
from tests.model.things import Caller, End, Person, Refuses
from tests.stage import NOON

STEP_SECONDS: Final = 0.2
KEPT_MAX: Final = 12
"""How many of the last reports may be heard again."""

ANY: Final = st.integers(0, 11)
"""Which one, of however many there are."""

Thing = TypeVar("Thing")
Verb = TypeVar("Verb", bound=Callable[..., None])


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that can happen when `may` says so, with what is drawn for it; `weight` is how often."""

    may: Callable[[Any], object]
    weight: int
    drawn: dict[str, SearchStrategy[Any]]


def happening(
    may: Callable[[Any], object] = lambda _: True, *, weight: int = 1, **drawn: SearchStrategy[Any]
) -> Callable[[Verb], Verb]:
    """Let this verb be something that happens.

    Hypothesis' own rules are switched off in half of all walks each, and a talk needs a dozen of them.
    """

    def marked(verb: Verb) -> Verb:
        verb.__dict__["happening"] = Happening(may, weight, drawn)
        return verb

    return marked


class Walk(RuleBasedStateMachine):
    """The model, the house, and what both were told; rules are added by the parts."""

    house: ClassVar[House]
    steps: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        """A fresh centre with its people; nothing has happened yet."""
        super().__init__()
        self.model = Calls(NOON)
        self.told: list[Callable[[], None]] = []
        self.held_back: list[Callable[[], None]] = []
        self.vanished: set[str] = set()
        self.serial = 0
        self.is_in_step = True

        self.stage, self.lines, people = self.house.run(self.house.founded())
        self.model.people = {person.id: person for person in people}

    def teardown(self) -> None:
        """Everybody goes home."""
        self.house.run(self.house.cleared())

    @rule(data=st.data())
    def happens(self, data: st.DataObject) -> None:
        """One of the things that can happen now."""
        kind = type(self)
        known = {
            name: each for name in dir(kind) if (each := getattr(getattr(kind, name), "happening", None))
        }
        often = sorted(known, key=lambda name: (-known[name].weight, name))
        names = [name for name in often if known[name].may(self) for _ in range(known[name].weight)]
        name = data.draw(st.sampled_from(names), label="what")
        drawn = {key: data.draw(strategy, label=key) for key, strategy in known[name].drawn.items()}
        getattr(self, name)(**drawn)

    # --- how a step is taken

    def begins(self, name: str) -> None:
        """A moment later, something happens."""
        self.steps[name] += 1
        self.is_in_step = True
        self.ticks(STEP_SECONDS)

    def ticks(self, seconds: float = 0.001) -> None:
        """No two things happen in the same moment, or chance would say whose turn it is."""
        self.house.later(seconds)
        self.model.now = self.house.now

    def tells(self, report: Callable[[], None], *, is_late: bool = False) -> None:
        """The network tells something now, or later; either way it may tell it again."""
        if is_late:
            self.held_back.append(report)
            return
        self.ticks()
        report()
        self.told = [*self.told[-KEPT_MAX + 1 :], report]

    def presses(
        self, person: Person, button: tuple[str, str], note: Callable[[], None], good: int = 204, **body: Any
    ) -> Any:
        """A button at somebody's console: what the model notes, and the status that must come."""
        status = good
        self.ticks()
        try:
            if not person.is_in:
                raise Refuses(401)
            note()
        except Refuses as refusal:
            status = refusal.status
        answer = self.house.run(self.house.ask(person.id, *button, **body))
        assert answer.status_code == status, (button, body, status, answer.status_code, answer.text)
        return answer.json() if answer.content else None

    def posts(self, path: str, **form: str) -> str:
        """The network asks or reports something; the text of the answer."""
        answer = self.house.run(self.house.post(path, **form))
        assert answer.status_code in {200, 204}, (path, answer.status_code, answer.text)
        return answer.text

    def next_number(self) -> int:
        """A number that the network has not used yet."""
        self.serial += 1
        return self.serial

    # --- whom a step is about

    @staticmethod
    def pick(things: list[Thing], which: int) -> Thing:
        """One of those there are."""
        return things[which % len(things)]

    def person(self, login: str) -> Person:
        """Somebody by the beginning of the login."""
        return next(each for each in self.model.people.values() if each.login.startswith(login))

    def staff(self) -> list[Person]:
        """Everybody."""
        return list(self.model.people.values())

    def among(self, *states: str, channel: str = "") -> list[Caller]:
        """Callers in these states, or in any."""
        return [
            caller
            for caller in self.model.callers.values()
            if (not states or caller.state in states) and channel in {"", caller.channel}
        ]

    def ends(self, *roles: str) -> list[tuple[Caller, End]]:
        """The ends of calls that the network knows, the newest first: they matter most."""
        known = [(caller, end) for caller in self.model.callers.values() for end in caller.ends if end.sid]
        return [(caller, end) for caller, end in reversed(known) if not roles or end.role in roles]

    # --- comparing

    @invariant()
    def agree(self) -> None:
        """Rows, then the screens, then every open page."""
        seen = self.house.run(compare.seen(self.house, self.model))
        compare.require_equal(compare.supposed(self.model), seen, "the rows")
        shot = self.house.run(compare.fresh(self.house, self.stage))
        wanted = compare.screen(self.model)
        compare.require_equal(wanted, compare.shown(shot, wanted), "the screens")
        for staff_id, page in self.house.pages.items():
            cards = compare.page_of(self.model.people[staff_id], shot)
            self.house.run(page.comes_to_show(cards))
        self.is_in_step = False

    def leg_of(self, offer_id: UUID | None) -> UUID | None:
        """The leg that was prepared for an offer to a telephone."""
        return self.house.run(self.house.value("select id from leg where offer_id = $1", offer_id))
