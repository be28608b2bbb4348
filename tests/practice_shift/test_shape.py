"""The shape of a day: callers come as the hours say, and talk and wait as drawn."""

import math
import random
from itertools import takewhile
from statistics import fmean, pstdev

import pytest

from hotline.practice import shape
from hotline.practice.shape import HOUR_WEIGHTS, PARTS, Day


def arrivals(day: Day, seconds: float, seed: int = 7) -> list[float]:
    return list(takewhile(lambda at: at < seconds, day.arrivals(random.Random(seed))))


def test_the_hours_weigh_a_day_and_the_parts_make_a_whole():
    assert len(HOUR_WEIGHTS) == 24
    assert sum(HOUR_WEIGHTS) == pytest.approx(24, abs=0.05)
    assert HOUR_WEIGHTS.index(max(HOUR_WEIGHTS)) in {19, 20}
    assert sum(part.share for part in PARTS) == pytest.approx(1)


def test_a_whole_day_brings_its_callers_whatever_the_speed():
    for speed in (1.0, 60.0):
        day = Day(per_day=4000, speed=speed, starts_at_hour=3)
        assert len(arrivals(day, shape.DAY_SECONDS / speed)) == pytest.approx(4000, rel=0.06)


def test_the_evening_is_busier_than_the_night_by_its_weight():
    day = Day(per_day=24_000, speed=24.0, starts_at_hour=0)
    hour = shape.HOUR_SECONDS / day.speed
    came = arrivals(day, 24 * hour)
    by_hour = [sum(start * hour <= at < (start + 1) * hour for at in came) for start in range(24)]
    assert by_hour[20] / by_hour[5] == pytest.approx(HOUR_WEIGHTS[20] / HOUR_WEIGHTS[5], rel=0.25)


def test_the_day_begins_at_its_hour_and_goes_round():
    day = Day(per_day=100, speed=12, starts_at_hour=23.5)
    assert day.hour(0) == 23.5
    assert day.hour(300) == pytest.approx(0.5)


def test_the_same_seed_brings_the_same_callers():
    day = Day(per_day=1000, speed=12, starts_at_hour=17)
    assert arrivals(day, 600, seed=3) == arrivals(day, 600, seed=3)
    assert arrivals(day, 600, seed=3) != arrivals(day, 600, seed=4)
    assert day.visit(random.Random(5)) == day.visit(random.Random(5))


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_talks_are_as_long_as_their_part_says(part: shape.Part):
    chance = random.Random(11)
    lengths = [part.draw(chance) for _ in range(20_000)]
    assert max(lengths) <= part.seconds_max
    assert fmean(lengths) == pytest.approx(part.seconds_mean, rel=0.05)
    assert pstdev(lengths) == pytest.approx(part.seconds_sd, rel=0.25)


def test_talks_shrink_with_the_speed_and_waiting_with_its_root():
    slow, fast = (Day(per_day=100, speed=speed, starts_at_hour=0) for speed in (1.0, 16.0))
    one, other = slow.visit(random.Random(2)), fast.visit(random.Random(2))
    assert one.kind == other.kind
    assert one.talk_seconds / other.talk_seconds == pytest.approx(16)
    assert one.patience_seconds / other.patience_seconds == pytest.approx(4)
    assert Day(per_day=1, speed=0.25, starts_at_hour=0).waited(10) == 10, "waiting is never stretched"


def test_about_half_of_those_who_gave_up_try_again_within_minutes():
    day = Day(per_day=100, speed=1, starts_at_hour=0)
    chance = random.Random(4)
    pauses = [day.redial_seconds(chance) for _ in range(4000)]
    again = [pause for pause in pauses if pause is not None]
    assert len(again) / len(pauses) == pytest.approx(shape.REDIAL_CHANCE, abs=0.03)
    assert all(60 <= pause <= 300 for pause in again)


def test_patience_has_its_mean():
    day = Day(per_day=100, speed=1, starts_at_hour=0)
    chance = random.Random(6)
    waits = [visit.patience_seconds for visit in (day.visit(chance) for _ in range(8000))]
    expected = 0.96 * shape.PATIENCE_SECONDS_MEAN + 0.04 * shape.PATIENCE_CRISIS_SECONDS_MEAN
    assert fmean(waits) == pytest.approx(expected, rel=0.06)
    assert math.isfinite(max(waits))
