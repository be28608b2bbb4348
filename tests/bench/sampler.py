"""Where the CPU goes: every few milliseconds of CPU the stack is looked at; no tracing, so no distortion.

Only while a `Watch` runs, so that no start and no seeding is in it. Processes that the bench starts by
`children` look at themselves in the same way, if the variable `HOTLINE_BENCH_SAMPLES` names a folder, and
leave their counts there when they end. What C code takes is put down to the Python function that goes on
after it.
"""

import os
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Final

import orjson

VARIABLE: Final = "HOTLINE_BENCH_SAMPLES"
EVERY_SECONDS: Final = 0.002
ROWS: Final = 35
_FLAG: Final = "counting"

Stacks = Counter[str]
"""Semicolon-separated functions, outermost first -> how often seen."""


@contextmanager
def sampling() -> Generator[Callable[[], Mapping[str, Stacks]]]:
    """Sample this process and its children; the result gives the stacks by process, after the block."""
    with tempfile.TemporaryDirectory(prefix="hotline-samples-") as folder:
        os.environ[VARIABLE] = folder
        found: dict[str, Stacks] = {}
        try:
            with _looking(found.setdefault("bench", Stacks())):
                yield lambda: found
        finally:
            del os.environ[VARIABLE]
            for path in Path(folder).glob("*.json"):
                found[path.stem] = Stacks(orjson.loads(path.read_bytes()))


@contextmanager
def sampled(name: str) -> Generator[None]:
    """In a child: sample, if asked for, and leave the counts behind."""
    folder = os.environ.get(VARIABLE)
    if not folder:
        yield
        return
    stacks = Stacks()
    try:
        with _looking(stacks):
            yield
    finally:
        Path(folder, f"{name}-{os.getpid()}.json").write_bytes(orjson.dumps(dict(stacks)))


def counting(*, is_on: bool) -> None:
    """Whether samples count from now on, here and in every child."""
    folder = os.environ.get(VARIABLE)
    if folder and is_on:
        Path(folder, _FLAG).touch()
    elif folder:
        Path(folder, _FLAG).unlink(missing_ok=True)


@contextmanager
def _looking(stacks: Stacks) -> Generator[None]:
    flag = Path(os.environ[VARIABLE], _FLAG)

    def look(_signal: int, frame: FrameType | None) -> None:
        if not flag.exists():
            return
        names: list[str] = []
        while frame is not None:
            names.append(_name(frame))
            frame = frame.f_back
        stacks[";".join(reversed(names))] += 1

    signal.signal(signal.SIGPROF, look)
    signal.siginterrupt(signal.SIGPROF, False)
    signal.setitimer(signal.ITIMER_PROF, EVERY_SECONDS, EVERY_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _name(frame: FrameType) -> str:
    code = frame.f_code
    path = code.co_filename
    short = path.rpartition("site-packages/")[2] if "site-packages/" in path else path
    for root in sys.path:
        if root and short.startswith(f"{root}/"):
            short = short[len(root) + 1 :]
            break
    return f"{short.removesuffix('.py')}:{code.co_qualname}"


def report(by_process: Mapping[str, Stacks]) -> str:
    """For each process: functions by their own share, and by the share of all beneath them."""
    return "\n\n".join(_one(name, stacks) for name, stacks in by_process.items() if stacks)


def _one(name: str, stacks: Stacks) -> str:
    total = sum(stacks.values())
    own, within = Counter[str](), Counter[str]()
    for stack, count in stacks.items():
        functions = stack.split(";")
        own[functions[-1]] += count
        for function in set(functions):
            within[function] += count
    lines = [f"== {name}: {total * EVERY_SECONDS:.1f} s of CPU", "   own    all  function (by own share)"]
    lines += [_line(each, own, within, total) for each, _ in own.most_common(ROWS)]
    lines.append("   own    all  function (by all beneath it)")
    lines += [_line(each, own, within, total) for each, _ in within.most_common(2 * ROWS)]
    return "\n".join(lines)


def _line(function: str, own: Counter[str], within: Counter[str], total: int) -> str:
    return f"{own[function] / total:6.1%} {within[function] / total:6.1%}  {function}"
