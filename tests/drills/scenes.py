"""The list of scenes: for each step of the house the moment before it, and what trying it twice may do."""

import ast
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import hotline.flow
from tests.stage import Stage

Act = Callable[[Stage], Awaitable[object]]
"""Takes the step, on the store of the stage that it is given."""
Prepare = Callable[[Stage], Awaitable[Act]]

Again = Literal["nothing", "refused", "more"]
"""Of a step that was done and is tried again, because its answer was lost: it changes nothing; it is refused
or has nothing to be done on any more; it adds what a person can tell apart (a second note, a second look)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A step by its name, `room.verb`."""

    step: str
    prepare: Prepare
    again: Again


SCENES: Final[dict[str, Scene]] = {}


def scene(step: str, again: Again = "nothing") -> Callable[[Prepare], Prepare]:
    """Put a scene on the list."""

    def put(prepare: Prepare) -> Prepare:
        assert step not in SCENES, step
        SCENES[step] = Scene(step=step, prepare=prepare, again=again)
        return prepare

    return put


def steps_of_the_house() -> frozenset[str]:
    """Every public function of `hotline.flow` that opens a unit, itself or through another of its module."""
    folder = Path(next(iter(hotline.flow.__path__)))
    return frozenset(
        f"{path.stem}.{name}" for path in folder.glob("*.py") for name in _steps(ast.parse(path.read_text()))
    )


def _steps(module: ast.Module) -> frozenset[str]:
    functions = {each.name: each for each in module.body if isinstance(each, ast.AsyncFunctionDef)}
    opening = {name for name, function in functions.items() if _opens_unit(function)}
    while more := {name for name, each in functions.items() if _names(each) & opening} - opening:
        opening |= more
    return frozenset(name for name in opening if not name.startswith("_"))


def _opens_unit(function: ast.AsyncFunctionDef) -> bool:
    doors = {"unit", "arrival"}
    return any(isinstance(each, ast.Attribute) and each.attr in doors for each in ast.walk(function))


def _names(function: ast.AsyncFunctionDef) -> set[str]:
    return {each.id for each in ast.walk(function) if isinstance(each, ast.Name)}
