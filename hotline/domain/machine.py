"""A state machine is a table, and this is its only interpreter.

The table is data so that it can be read aloud, drawn in the README, turned into a CHECK constraint
and tried out in full by a test: every state with every step is in the table or refused, nothing
leaves an end, every state can reach an end.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from hotline.base.errors import Refused


class IllegalMove(Refused):
    """The thing is not in a state from which this step is possible."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """States and the steps between them; `ends` are the states that nothing leaves."""

    name: str
    start: str
    moves: Mapping[tuple[str, str], str]
    ends: frozenset[str]

    @property
    def states(self) -> frozenset[str]:
        """Every state that the table names."""
        return frozenset({self.start, *self.ends, *(state for state, _ in self.moves), *self.moves.values()})

    @property
    def steps(self) -> frozenset[str]:
        """Every step that the table names."""
        return frozenset(step for _, step in self.moves)

    def allows(self, state: str, step: str) -> bool:
        """Whether `step` may be taken from `state`."""
        return (state, step) in self.moves

    def after(self, state: str, step: str) -> str:
        """The state that follows.

        Raises:
            IllegalMove: the table has no such row; nothing has changed.
        """
        try:
            return self.moves[state, step]
        except KeyError:
            raise IllegalMove(
                f"{self.name}.{step}",
                f"This {self.name} is {_words(state)}: too late or too early to {_words(step)}; look again.",
            ) from None


def _words(code: str) -> str:
    return code.replace("_", " ")


def mermaid(machine: Machine) -> str:
    """The table as a Mermaid state diagram, in the table's own order; steps to one state share an arrow."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for (state, step), following in machine.moves.items():
        arrows.setdefault((state, following), []).append(step)
    return "\n".join(
        (
            "stateDiagram-v2",
            f"    [*] --> {machine.start}",
            *(f"    {start} --> {end}: {', '.join(steps)}" for (start, end), steps in arrows.items()),
            *(f"    {end} --> [*]" for end in sorted(machine.ends)),
        )
    )
