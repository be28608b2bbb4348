"""How long rounds take is seen from outside, also of one that is stuck."""

import pytest

from hotline.base import laps
from hotline.base.laps import Laps


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The present moment, in hand."""
    now = [0.0]
    monkeypatch.setattr(laps, "monotonic", lambda: now[0])
    return now


def test_the_longest_round_counts_until_somebody_asks(watch: list[float]) -> None:
    rounds = Laps()
    for seconds in (1.0, 3.0, 2.0):
        with rounds.lap():
            watch[0] += seconds
    watch[0] += 10
    assert rounds.take_longest_seconds() == 3
    assert rounds.take_longest_seconds() == 0


def test_a_round_that_is_stuck_counts_as_long_as_it_has_taken(watch: list[float]) -> None:
    rounds = Laps()
    with rounds.lap():
        watch[0] += 5
        assert rounds.take_longest_seconds() == 5
        watch[0] += 5
        assert rounds.take_longest_seconds() == 10
    assert rounds.take_longest_seconds() == 10


def test_a_round_that_failed_counts_as_well(watch: list[float]) -> None:
    rounds = Laps()
    with pytest.raises(OSError, match="away"), rounds.lap():
        watch[0] += 4
        raise OSError("away")
    assert rounds.take_longest_seconds() == 4
