"""The house's clock: set by somebody else's, it counts by itself and does not follow the machine's."""

from datetime import UTC, datetime, timedelta

import pytest

from hotline.base import clock

SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that has just begun."""
    monkeypatch.setattr(clock, "_setting", clock._Setting())


@pytest.fixture
def counter(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What the machine counts; the first item is the reading."""
    seconds = [100.0]
    monkeypatch.setattr(clock, "monotonic", lambda: seconds[0])
    return seconds


NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_until_it_is_set_the_clock_is_the_machine_s():
    assert abs(clock.machine_ahead_seconds()) < 1


def test_once_set_it_counts_on_whatever_the_machine_s_wall_clock_says(counter: list[float]):
    clock.set_to(NOON, within_seconds=0)
    counter[0] += 3600
    assert clock.now() == NOON + timedelta(hours=1)
    off = (datetime.now(UTC) - clock.now()).total_seconds()  # noqa: TID251  the machine's own
    assert abs(clock.machine_ahead_seconds() - off) < 1


def test_a_reading_that_may_be_right_moves_nothing_and_one_that_cannot_be_moves_it(counter: list[float]):
    clock.set_to(NOON, within_seconds=0)
    clock.set_to(NOON + SECOND, within_seconds=1)
    assert clock.now() == NOON
    clock.set_to(NOON + 2 * SECOND, within_seconds=1)
    assert clock.now() == NOON + 2 * SECOND
    clock.set_to(NOON - SECOND, within_seconds=1)
    assert clock.now() == NOON - SECOND
