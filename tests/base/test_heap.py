"""A process that is ready leaves what it has loaded alone, and still finds circles."""

import gc
import weakref
from collections.abc import Generator
from typing import Any

import pytest

from hotline.base import heap


@pytest.fixture(autouse=True)
def _as_before() -> Generator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


class Knot:
    """Holds itself."""

    def __init__(self) -> None:
        self.myself = self


def test_what_is_there_is_looked_at_no_more() -> None:
    heap.settle()
    assert gc.get_freeze_count() > 0


def test_circles_that_come_later_are_found_without_being_asked() -> None:
    heap.settle()
    ended = weakref.ref(Knot())
    kept: list[Any] = []
    while ended() is not None and len(kept) < 2 * heap.YOUNG_OBJECTS:
        kept.append([])
    assert ended() is None
