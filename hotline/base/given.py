"""Numbers that are given on a command line: what cannot be meant is refused before anything begins.

Each is a `type` for argparse, whose message says what to give. Not a number, nothing at all or less than
nothing would else be found out much later, as a run that measured nothing and was called good.
"""

import math
from argparse import ArgumentTypeError
from collections.abc import Callable
from typing import TypeVar

Number = TypeVar("Number", int, float)


def count(least: int = 1) -> Callable[[str], int]:
    """Whole numbers from `least` on."""

    def read(text: str) -> int:
        number = _read(int, text)
        if number is None or number < least:
            raise ArgumentTypeError(f"{text!r} will not do; give a whole number, {least} or more")
        return number

    return read


def number(least: float = 0.0, most: float = math.inf) -> Callable[[str], float]:
    """Numbers from `least` to `most`."""

    def read(text: str) -> float:
        number = _read(float, text)
        if number is None or not (math.isfinite(number) and least <= number <= most):
            bound = f"from {least:g} to {most:g}" if math.isfinite(most) else f"{least:g} or more"
            raise ArgumentTypeError(f"{text!r} will not do; give a number, {bound}")
        return number

    return read


def above_zero(text: str) -> float:
    """A number above 0."""
    number = _read(float, text)
    if number is None or not (math.isfinite(number) and number > 0):
        raise ArgumentTypeError(f"{text!r} will not do; give a number above 0")
    return number


def several(each: Callable[[str], Number]) -> Callable[[str], list[Number]]:
    """Numbers with commas between them, one at least."""

    def read(text: str) -> list[Number]:
        return [each(part) for part in text.split(",")]

    return read


def _read(kind: Callable[[str], Number], text: str) -> Number | None:
    try:
        return kind(text)
    except ValueError:
        return None
