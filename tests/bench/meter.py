"""The meter: floor and house in turn, in the same run, and whose CPU it was.

For every round three sums are kept: ours (this process and everything it has started), PostgreSQL's (the
postmaster of the bench's own server and its backends), and foreign: whatever else the machine did, also what
its hypervisor took away. Processes that have ended are counted by their parents.
"""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self, cast

import psutil

from tests import database
from tests.bench import sampler
from tests.bench.goal import Figures, Goal, Measure, Round, Size, is_enough

EXTRA_ROUNDS_PER_ROUND = 1
"""A round that was disturbed is repeated; never more than twice as many in all."""

DOWN_SECONDS_MAX = 120.0
"""How long the sides of a goal may take to come down: one that never does must not keep the next goals."""

Seen = dict[str, Figures]


@dataclass(frozen=True, slots=True)
class _Moment:
    at: float
    busy: float
    own: float
    postgres: float
    by_pid: Mapping[int, float]


class Watch:
    """A stop-watch for wall clock and CPU; entered once or several times within a round, it adds up."""

    def __init__(self, seen: Mapping[str, Figures] | None = None) -> None:
        """`seen`: the latest figures of the sides measured before."""
        self.seen = seen or {}
        self.seconds = 0.0
        self.busy_seconds = 0.0
        self.own_seconds = 0.0
        self.postgres_seconds = 0.0
        self._by_pid: dict[int, float] = {}
        self._began: _Moment | None = None

    def __enter__(self) -> Self:
        """Begin."""
        self._began = _moment()
        sampler.counting(is_on=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End, and add to the sums."""
        sampler.counting(is_on=False)
        ended_at = time.perf_counter()
        began, ended = self._began, _moment()
        assert began is not None
        self.seconds += ended_at - began.at
        self.busy_seconds += ended.busy - began.busy
        self.own_seconds += ended.own - began.own
        self.postgres_seconds += ended.postgres - began.postgres
        for pid, seconds in ended.by_pid.items():
            self._by_pid[pid] = self._by_pid.get(pid, 0.0) + seconds - began.by_pid.get(pid, 0.0)

    @property
    def cpu_ms(self) -> float:
        """Milliseconds of CPU: ours and PostgreSQL's."""
        return 1000 * (self.own_seconds + self.postgres_seconds)

    @property
    def postgres_ms(self) -> float:
        """Milliseconds of CPU in PostgreSQL."""
        return 1000 * self.postgres_seconds

    def process_ms(self, pid: int) -> float:
        """Milliseconds of CPU of one of our processes, without PostgreSQL's."""
        return 1000 * self._by_pid.get(pid, 0.0)

    def served_ms(self, pids: Iterable[int]) -> float:
        """Milliseconds of CPU of these processes and in PostgreSQL: what serving costs, not its clients."""
        return sum(self.process_ms(pid) for pid in pids) + self.postgres_ms

    @property
    def foreign_share(self) -> float:
        """The share of the whole machine that others used meanwhile."""
        ours = self.own_seconds + self.postgres_seconds
        whole = self.seconds * (os.cpu_count() or 1)
        return max(0.0, self.busy_seconds - ours) / whole if whole else 0.0


@dataclass
class Measured:
    """A goal and its rounds; `error` when a side broke. All seconds are wall clock."""

    goal: Goal
    asked: int
    rounds: list[Round] = field(default_factory=list[Round])
    error: str = ""
    set_up_seconds: dict[str, float] = field(default_factory=dict[str, float])
    """Of each side, before its first round."""
    measuring_seconds: float = 0.0
    """Of all rounds, with what had to be made ready between them."""

    def in_short(self) -> str:
        """Where the time went."""
        metered = sum(each.seconds for each in self.rounds)
        sides = ", ".join(f"{name} {seconds:.1f}" for name, seconds in self.set_up_seconds.items())
        return (
            f"set up in {sum(self.set_up_seconds.values()):.1f} s ({sides}); "
            f"{self.measuring_seconds:.1f} s of rounds, {metered:.1f} s of them measured"
        )


async def nothing() -> None:
    """For who needs no peace before the first round."""


async def measure(
    goal: Goal,
    size: Size,
    rounds: int,
    say: Callable[[str], None],
    extra: int = EXTRA_ROUNDS_PER_ROUND,
    settle: Callable[[], Awaitable[None]] = nothing,
) -> Measured:
    """Every side in turn, `rounds` times cleanly, or until there have been too many that were not.

    `settle` is called once everything has been set up.
    """
    asked = min(goal.rounds or rounds, rounds)
    measured = Measured(goal, asked)
    async with _Sides() as sides:
        measures = {
            name: await _opened(measured, sides, name, made(size)) for name, made in goal.sides.items()
        }
        await settle()
        began = time.perf_counter()
        for nth in range(asked * (1 + extra)):
            await _once_around(measures, measured.rounds)
            say(f"{goal.id} round {nth + 1}: {_in_short(measured.rounds[-len(measures) :])}")
            if is_enough(tuple(measures), measured.rounds, asked):
                break
        measured.measuring_seconds = time.perf_counter() - began
    say(f"{goal.id} {measured.in_short()}")
    return measured


class _Sides(AsyncExitStack):
    """What has been set up for a goal; it comes down in time, or the goal is broken."""

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> bool:
        """Take everything down.

        Raises:
            TimeoutError: something of it did not come down.
        """
        async with asyncio.timeout(DOWN_SECONDS_MAX):
            return bool(await super().__aexit__(kind, error, trace))


async def _opened(
    measured: Measured, sides: AsyncExitStack, name: str, side: AbstractAsyncContextManager[Measure]
) -> Measure:
    began = time.perf_counter()
    measure = await sides.enter_async_context(side)
    measured.set_up_seconds[name] = time.perf_counter() - began
    return measure


async def _once_around(measures: Mapping[str, Measure], rounds: list[Round]) -> None:
    seen: Seen = {each.side: dict(each.figures) for each in rounds}
    for name, one in measures.items():
        watch = Watch(seen)
        figures = await one(watch)
        seen[name] = figures
        rounds.append(
            Round(
                side=name,
                figures=figures,
                seconds=watch.seconds,
                own_seconds=watch.own_seconds,
                postgres_seconds=watch.postgres_seconds,
                foreign_share=watch.foreign_share,
            )
        )


def _in_short(rounds: Sequence[Round]) -> str:
    return "; ".join(
        f"{each.side} "
        + ", ".join(f"{name} {value:.4g}" for name, value in each.figures.items())
        + ("" if each.is_clean else f" (disturbed: {each.foreign_share:.0%})")
        for each in rounds
    )


def _moment() -> _Moment:
    postgres = _tree(_postmaster())
    own = {pid: spent for pid, spent in _tree(os.getpid()).items() if pid not in postgres}
    times = cast("Mapping[str, float]", psutil.cpu_times()._asdict())
    still = {"idle", "iowait", "guest", "guest_nice"}
    return _Moment(
        busy=sum(spent for name, spent in times.items() if name not in still),
        own=sum(own.values()),
        postgres=sum(postgres.values()),
        by_pid=own,
        at=time.perf_counter(),
    )


def _postmaster() -> int:
    file = database.home() / "pg" / "postmaster.pid"
    return int(file.read_text().split()[0]) if file.exists() else 0


def _tree(root: int) -> dict[int, float]:
    """CPU seconds of a process and of each below it; who has ended is counted with the parent."""
    try:
        top = psutil.Process(root) if root else None
    except psutil.NoSuchProcess:
        top = None
    if top is None:
        return {}
    spent: dict[int, float] = {}
    for each in (top, *top.children(recursive=True)):
        try:
            times = each.cpu_times()
        except psutil.NoSuchProcess:
            continue
        spent[each.pid] = times.user + times.system + times.children_user + times.children_system
    return spent
