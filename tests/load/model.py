"""The floor computed instead of driven: the same comings, seats and rules, without a computer in the way.

An event at a time, M/G/n + M with what the formula leaves out: talks as they are drawn, callers who try
again and take back their old place, the crisis key that goes first, a ring before the answer in which
somebody may still hang up, chats that are left without a word. Many repetitions with other seeds say how
far a single run may lie from the mean by chance alone; outside of that band, the service is not the floor
that it claims to be.
"""

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from tests.load import kpi
from tests.load.arrivals import Coming, Demand
from tests.load.kpi import Figures, Passage, Span, Taken

BAND_CRISIS: Final = 0
BAND_LAST: Final = 3
SILENCE_SECONDS: Final = 60.0
"""A counselor who meets an empty chat waits so long for an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the house adds to every contact, in seconds of the model, and its own rules of waiting.

    `menu_seconds` from dialling to the queue; `decision_seconds` from the moment when both stand there to
    the ring, in which the seat is neither taken nor of use; `ring_seconds` what the ring lasts longer than
    the counselor's hand takes; `connect_seconds` from the acceptance until both hear each other;
    `talk_seconds` what talk and record take longer than planned; `release_seconds` from the closed record
    until the seat is free; `seats_away` how many were not ready or not connected on average.
    """

    seats: int
    connect_seconds: float
    release_seconds: float
    menu_seconds: float
    wrap_up_seconds_min: float
    return_within_seconds: float
    caller_silent_seconds: float
    decision_seconds: float = 0.0
    ring_seconds: float = 0.0
    talk_seconds: float = 0.0
    seats_away: float = 0.0


@dataclass(slots=True)
class _Waiting:
    """One attempt in the house; the earlier `joined_at` is, the earlier it is taken."""

    coming: Coming
    nth: int
    entered_at: float
    joined_at: float
    is_over: bool = False
    seat_since: float | None = None

    @property
    def is_present(self) -> bool:
        return not self.is_over


@dataclass(slots=True)
class Floor:
    """A run; `passages` and `taken` are what is left of it."""

    rules: Rules
    now: float = 0.0
    free: int = 0
    passages: list[Passage] = field(default_factory=list[Passage])
    taken: list[Taken] = field(default_factory=list[Taken])
    _queue: list[tuple[int, float, int, _Waiting]] = field(
        default_factory=list[tuple[int, float, int, _Waiting]]
    )
    _events: list[tuple[float, int, Callable[[], None]]] = field(
        default_factory=list[tuple[float, int, Callable[[], None]]]
    )
    _count: int = 0

    def run(self, comings: Sequence[Coming]) -> None:
        """Play the plan to its end."""
        self.free = round(self.rules.seats - self.rules.seats_away)
        for coming in comings:
            self._at(coming.at + self.rules.menu_seconds, lambda each=coming: self._enter(each, 0, None))
        while self._events:
            self.now, _, happen = heapq.heappop(self._events)
            happen()

    def _at(self, moment: float, happen: Callable[[], None]) -> None:
        self._count += 1
        heapq.heappush(self._events, (moment, self._count, happen))

    def _enter(self, coming: Coming, nth: int, joined_at: float | None) -> None:
        waiting = _Waiting(coming, nth, self.now, self.now if joined_at is None else joined_at)
        patience = coming.tries[nth].patience_seconds
        if coming.leaves_silently:
            self._at(self.now + patience + self.rules.caller_silent_seconds, lambda: self._leave(waiting))
        else:
            self._at(self.now + patience, lambda: self._leave(waiting))
        band = BAND_CRISIS if coming.presses_crisis_key else BAND_LAST
        self._count += 1
        heapq.heappush(self._queue, (band, waiting.joined_at, self._count, waiting))
        self._offer()

    def _leave(self, waiting: _Waiting) -> None:
        if waiting.is_over:
            return
        waiting.is_over = True
        self._pass(waiting, is_answered=False)
        pause = waiting.coming.tries[waiting.nth].again_seconds
        if pause is not None and waiting.nth + 1 < len(waiting.coming.tries):
            again_at = self.now + pause + self.rules.menu_seconds
            may_resume = not waiting.coming.is_chat and pause < self.rules.return_within_seconds
            joined_at = waiting.joined_at if may_resume else None
            self._at(again_at, lambda: self._enter(waiting.coming, waiting.nth + 1, joined_at))
        if waiting.seat_since is not None:
            self._release(waiting.seat_since)

    def _offer(self) -> None:
        while self.free and self._queue:
            waiting = heapq.heappop(self._queue)[3]
            if waiting.is_over:
                continue
            self.free -= 1
            waiting.seat_since = self.now + self.rules.decision_seconds
            connect = 0.0 if waiting.coming.is_chat else self.rules.connect_seconds
            ring = waiting.coming.reaction_seconds + self.rules.ring_seconds
            self._at(waiting.seat_since + ring + connect, lambda each=waiting: self._answer(each))

    def _answer(self, waiting: _Waiting) -> None:
        if waiting.is_over or waiting.seat_since is None:
            return
        waiting.is_over = True
        self._pass(waiting, is_answered=True)
        coming = waiting.coming
        talk = coming.talk_seconds
        gone_at = waiting.entered_at + coming.tries[waiting.nth].patience_seconds
        if coming.leaves_silently and gone_at <= self.now:
            talk = SILENCE_SECONDS
        after = max(coming.wrap_up_seconds, self.rules.wrap_up_seconds_min) + self.rules.release_seconds
        since = waiting.seat_since
        self._at(self.now + talk + self.rules.talk_seconds + after, lambda: self._release(since))

    def _release(self, since: float) -> None:
        if since < self.now:  # who leaves before the ring has cost the seat nothing
            self.taken.append(Taken(since=since, until=self.now))
        self.free += 1
        self._offer()

    def _pass(self, waiting: _Waiting, *, is_answered: bool) -> None:
        wait = self.now - waiting.entered_at
        self.passages.append(Passage(at=waiting.entered_at, wait_seconds=wait, is_answered=is_answered))


def repeat(demand: Demand, rules: Rules, span: Span, seeds: Sequence[int]) -> list[Figures]:
    """The figures of the same floor on other days."""
    found: list[Figures] = []
    for seed in seeds:
        floor = Floor(rules)
        floor.run(list(demand.comings(seed)))
        found.append(kpi.figures(floor.passages, floor.taken, span))
    return found
