"""The end of a run: one table to read, one JSON file with everything beside it."""

import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import orjson
import psutil

from hotline.base import clock, places
from tests.bench.goal import State, Verdict, judge
from tests.bench.meter import Measured

PACKAGES: Final = (
    "asyncpg",
    "fastapi",
    "orjson",
    "procrastinate",
    "sqlalchemy",
    "starlette",
    "uvicorn",
    "uvloop",
)
HEAD: Final = ("goal", "what", "floor", "the floor's", "ours", "ratio", "wanted / stretch", "verdict")


def rows(measured: Iterable[Measured]) -> list[tuple[str, ...]]:
    """One row a bound; the goal's id stands on its first."""
    found: list[tuple[str, ...]] = []
    for each in measured:
        if each.error:
            found.append((each.goal.id, each.error[:60], "", "", "", "", "", "BROKEN"))
        first = each.goal.id
        for verdict in verdicts(each):
            found.append((first, *_cells(verdict)))
            first = ""
    return found


def verdicts(measured: Measured) -> list[Verdict]:
    """The verdicts of a goal; none when a side broke."""
    return [] if measured.error else judge(measured.goal.bounds, measured.rounds, measured.asked)


def text(measured: Sequence[Measured]) -> str:
    """The table, aligned, with each goal's sentence beneath it."""
    lines = [HEAD, *rows(measured)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]
    body = [_aligned(line, widths) for line in lines]
    body.insert(1, "-" * len(body[0]))
    told = [f"{each.goal.id:4} {each.goal.sentence}" for each in measured]
    return "\n".join([*told, "", *body])


def loud(measured: Sequence[Measured]) -> list[str]:
    """What nobody may overlook: goals missed, left undecided, or broken."""
    said = [f"BROKEN {each.goal.id}: {each.error}" for each in measured if each.error]
    for each in measured:
        said += [
            f"{one.state.value.upper()} {each.goal.id} {one.bound.name}: {_number(one.value)}, wanted "
            f"{'>=' if one.bound.is_more_better else '<='} {_number(one.bound.passes)}"
            for one in verdicts(each)
            if one.state in {State.MISSED, State.INCONCLUSIVE}
        ]
    return said


def save(measured: Sequence[Measured]) -> Path:
    """Everything as JSON under the house's folder for working files; the file."""
    folder = places.home() / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    now = clock.now()
    path = folder / f"{now:%Y%m%d-%H%M%S}.json"
    path.write_bytes(orjson.dumps(_everything(measured, now.isoformat()), option=orjson.OPT_INDENT_2))
    return path


def _everything(measured: Sequence[Measured], at: str) -> Mapping[str, Any]:
    return {
        "at": at,
        "machine": {
            "cores": os.cpu_count(),
            "memory_bytes": psutil.virtual_memory().total,
            "system": platform.platform(),
            "python": platform.python_version(),
        },
        "versions": {name: version(name) for name in PACKAGES},
        "goals": [
            {
                "id": each.goal.id,
                "sentence": each.goal.sentence,
                "error": each.error,
                "set_up_seconds": each.set_up_seconds,
                "measuring_seconds": each.measuring_seconds,
                "verdicts": [asdict(one) for one in verdicts(each)],
                "rounds": [asdict(one) | {"is_clean": one.is_clean} for one in each.rounds],
            }
            for each in measured
        ],
    }


def _cells(verdict: Verdict) -> tuple[str, ...]:
    bound = verdict.bound
    unit = f" {bound.unit}" if bound.unit else ""
    wanted = "" if bound.passes is None else ("≥ " if bound.is_more_better else "≤ ") + _number(bound.passes)
    if bound.stretch is not None:
        wanted += f" / {_number(bound.stretch)}"
    ratio = _number(verdict.value) + " x" if bound.against and verdict.value is not None else ""
    return (
        bound.name if bound.side == "house" else f"{bound.name} ({bound.side})",
        bound.against,
        _number(verdict.floor) + unit if bound.against else "",
        _number(verdict.house) + unit,
        ratio,
        wanted,
        verdict.state.value,
    )


def _number(value: float | None) -> str:
    if value is None:
        return "?"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _aligned(line: Sequence[str], widths: Sequence[int]) -> str:
    left = {0, 1, 2, 7}
    return "  ".join(
        cell.ljust(width) if column in left else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(line, widths, strict=True))
    ).rstrip()
