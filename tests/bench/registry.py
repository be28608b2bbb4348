"""Finds the goals: every module of `tests/bench/goals` holds one or more."""

import importlib
import re
from pathlib import Path

from tests.bench.goal import Goal

_FOLDER = Path(__file__).parent / "goals"


def goals() -> list[Goal]:
    """Every goal, in the order of its number."""
    modules = [
        importlib.import_module(f"tests.bench.goals.{path.stem}") for path in sorted(_FOLDER.glob("*.py"))
    ]
    found: list[Goal] = [
        goal for module in modules for goal in (getattr(module, "GOALS", None) or (module.GOAL,))
    ]
    return sorted(found, key=lambda goal: [_part(each) for each in re.findall(r"\d+|\D+", goal.id)])


def _part(text: str) -> tuple[int, str]:
    return (int(text), "") if text.isdigit() else (0, text)
