"""`scripts/bench`: measures the goals beside their floors, prints one table, and keeps everything as JSON."""

import argparse
import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

os.environ.setdefault("HOTLINE_TEST_HOME", str(Path(tempfile.gettempdir()) / "hotline-bench"))

from hotline.base import given, log
from hotline.store import embedded
from tests import database, ending
from tests.bench import databases, meter, registry, sampler, table
from tests.bench.goal import HOUSE, ROUNDS, Goal, Size
from tests.bench.meter import Measured

OWN_HOME = Path(tempfile.gettempdir()) / "hotline-bench"
QUICK_SECONDS = 2.0
"""Of load in a round of the quick ones."""


def main() -> int:
    """Run what was asked for; 0 when everything was measured."""
    asked = _arguments()
    every = registry.goals()
    names = [each.upper() for each in ([asked.profile] if asked.profile else asked.goals)]
    unknown = set(names) - {goal.id.upper() for goal in every}
    if unknown:
        sys.stderr.write(f"No such goal: {', '.join(sorted(unknown))}.\n")
        return 2
    chosen = [goal for goal in every if goal.id.upper() in names or not names]
    if asked.quick:
        chosen = [goal.judged() for goal in chosen if goal.is_quick or names]
    log.configure("error")
    size = Size(
        seconds=asked.seconds or (QUICK_SECONDS if asked.quick else Size().seconds), share=asked.share
    )
    with _server():
        if asked.profile:
            return ending.run(_profile(chosen[0], size))
        measured = ending.run(_all(chosen, size, asked.rounds, asked.extra))
    return _told(measured, is_strict=asked.strict)


@contextmanager
def _server() -> Generator[None]:
    """The bench's own server, for one bench at a time; stopped at the end, also by SIGTERM.

    One that a killed bench has left is not gone on with: who knows at what priority it runs.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    database.home().mkdir(parents=True, exist_ok=True)
    with database.alone("bench"):
        if _is_own():
            embedded.stop(database.home() / "pg")
        try:
            yield
        finally:
            if not os.environ.get("HOTLINE_TEST_DATABASE_URL"):
                embedded.stop(database.home() / "pg")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("goals", nargs="*", help="goals by their number, P6 for example; all without")
    parser.add_argument("--quick", action="store_true", help="what tells most in four minutes")
    parser.add_argument(
        "--extra", type=given.count(least=0), default=1, help="disturbed rounds repeated, for each wanted one"
    )
    parser.add_argument("--rounds", type=given.count(), default=ROUNDS, help="clean rounds of each side")
    parser.add_argument(
        "--seconds", type=given.above_zero, help=f"of load in a round; {Size().seconds:g} unless told"
    )
    parser.add_argument("--share", type=given.above_zero, default=1.0, help="of every count, 0.01 for a try")
    parser.add_argument("--profile", metavar="GOAL", help="where the house's CPU goes in one goal")
    parser.add_argument("--strict", action="store_true", help="a missed or undecided goal ends with 1")
    return parser.parse_args()


async def _all(goals: Sequence[Goal], size: Size, rounds: int, extra: int) -> list[Measured]:
    began = perf_counter()
    await _warmed()
    _say(f"The server is ready after {perf_counter() - began:.1f} s.")
    measured: list[Measured] = []
    for goal in goals:
        try:
            measured.append(await meter.measure(goal, size, rounds, _say, extra, databases.settle))
        except Exception as error:  # noqa: BLE001  one goal that breaks must not hide the others
            _say(f"{goal.id} broke:\n{''.join(traceback.format_exception(error))}")
            measured.append(Measured(goal, rounds, error=f"{type(error).__name__}: {error}"))
    set_up = sum(sum(each.set_up_seconds.values()) for each in measured)
    _say(f"{perf_counter() - began:.0f} s in all, {set_up:.0f} s of them to set up.")
    return measured


async def _profile(goal: Goal, size: Size) -> int:
    """The house's side of a goal for two rounds, sampled in this process and in those it starts."""
    await _warmed()
    with sampler.sampling() as samples:
        async with goal.sides[HOUSE](size) as measure:
            for _ in range(2):
                figures = await measure(meter.Watch())
                _say(", ".join(f"{name} {value:.4g}" for name, value in figures.items()))
    sys.stdout.write(sampler.report(samples()) + "\n")
    return 0


async def _warmed() -> None:
    """The server runs, without what a killed bench has left; the template of our migrations is there."""
    if _is_own():
        await databases.drop_leftovers()
    async with database.fresh() as url:
        connection = await database.connected(url)
        await connection.close()


def _is_own() -> bool:
    """Whether nobody but the bench uses its server."""
    return database.home() == OWN_HOME and not os.environ.get("HOTLINE_TEST_DATABASE_URL")


def _told(measured: Sequence[Measured], *, is_strict: bool) -> int:
    sys.stdout.write(f"\n{table.text(measured)}\n\n")
    loud = table.loud(measured)
    sys.stdout.writelines(f"{line}\n" for line in loud)
    sys.stdout.write(f"Everything: {table.save(measured)}\n")
    is_broken = any(each.error for each in measured)
    return 1 if is_broken or (is_strict and loud) else 0


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
