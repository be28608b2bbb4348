"""P14: whole lives a second beside the job queue that a user would pick instead.

procrastinate drains jobs that do nothing, each with two durable steps; the house's life is P1's, four durable
steps with their rows, journal and guards.
"""

from tests.bench.floors import procrastinating
from tests.bench.goal import Bound, Goal
from tests.bench.goals import p01_life

GOAL = Goal(
    id="P14",
    sentence="Lives a second beside the jobs a second of procrastinate.",
    sides={"procrastinate": procrastinating.drain, "house": p01_life.side(is_whole=False)},
    bounds=(
        Bound("lives/s to jobs/s", "rate", against="procrastinate", passes=1.0, is_more_better=True),
        Bound("CPU", "cpu_ms", against="procrastinate", unit="ms"),
    ),
)
