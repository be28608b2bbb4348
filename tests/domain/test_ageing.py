"""Nobody waits for ever: a line under a rush that never lets up, played through second by second."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count

from hypothesis import given, settings, strategies as st

from hotline.domain import queue
from hotline.domain.queue import QueuePolicy
from hotline.domain.routing import match
from tests.domain.made import after, candidate, waiting


@dataclass(frozen=True, kw_only=True)
class Rush:
    """A line with one counselor, and callers in danger who keep coming as fast as they are answered.

    One contact of `band` joins at the beginning, behind others in the bands `before`.
    """

    band: int
    before: tuple[int, ...]
    ageing_seconds: int
    service_seconds: int
    gap_seconds: int

    @property
    def policy(self) -> QueuePolicy:
        """The policy of the line."""
        return QueuePolicy(ageing_seconds=self.ageing_seconds)

    def seconds_until_offered(self) -> int:
        """How long the contact waits."""
        ours = 0
        joined: dict[int, tuple[int, int]] = {ours: (self.band, 0)}
        joined |= {number: (band, -number) for number, band in enumerate(self.before, 1)}
        arrivals = count(len(joined))
        seconds, arrives_at = 0, 0
        while True:
            while arrives_at <= seconds:
                joined[next(arrivals)] = (0, arrives_at)
                arrives_at += self.gap_seconds
            number = self._next(joined, seconds)
            if number == ours:
                return seconds
            del joined[number]
            seconds += self.service_seconds

    def _next(self, joined: Mapping[int, tuple[int, int]], seconds: int) -> int:
        now = after(seconds)
        crowd = [
            waiting(
                number,
                rank=queue.rank(band, after(at), now, self.policy),
                joined_at=after(at),
                since=after(at),
            )
            for number, (band, at) in joined.items()
        ]
        (pairing,) = match(crowd, [candidate(1)], self.policy, now).pairings
        return pairing.contact_id.int - waiting(0).id.int


@st.composite
def rushes(draw: st.DrawFn) -> Rush:
    """Rushes that never let up: somebody in danger is always there when the counselor is free."""
    service = draw(st.integers(10, 60))
    return Rush(
        band=draw(st.integers(0, 3)),
        before=tuple(draw(st.lists(st.integers(0, 3), max_size=5))),
        ageing_seconds=draw(st.integers(20, 120)),
        service_seconds=service,
        gap_seconds=draw(st.integers(service // 2, service)),
    )


@settings(max_examples=30)
@given(rush=rushes())
def test_under_endless_arrivals_in_danger_an_ordinary_contact_is_offered_within_the_bound(rush: Rush):
    bound = queue.starvation_bound_seconds(rush.band, rush.policy)
    those_before = rush.service_seconds * (len(rush.before) + 1)
    assert rush.seconds_until_offered() <= bound + those_before


@settings(max_examples=10)
@given(rush=rushes())
def test_and_until_then_those_in_danger_are_answered_first(rush: Rush):
    assert rush.seconds_until_offered() >= queue.starvation_bound_seconds(rush.band, rush.policy)
