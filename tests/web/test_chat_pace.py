"""The token bucket that slows a flood."""

from hypothesis import given, strategies as some

from hotline.base import ids
from hotline.web.chat.pace import BUCKETS_MAX, Pace, Paces

PACE = Pace(burst_max=5, per_second=2.0, slow_seconds_max=3.0)


def test_a_burst_passes_and_what_follows_waits_for_its_token():
    bucket = Paces(PACE).of(ids.new_id(), 0.0)
    assert [bucket.take(0.0) for _ in range(7)] == [0, 0, 0, 0, 0, 0.5, 1.0]


def test_silence_fills_the_bucket_again():
    bucket = Paces(PACE).of(ids.new_id(), 0.0)
    for _ in range(5):
        bucket.take(0.0)
    assert bucket.delay_seconds(0.0) == 0.5
    assert bucket.delay_seconds(0.5) == 0
    assert bucket.delay_seconds(2.5) == 0
    assert bucket.is_full(2.5)


def test_looking_takes_nothing():
    bucket = Paces(PACE).of(ids.new_id(), 0.0)
    assert bucket.delay_seconds(0.0, ahead=4) == 0
    assert bucket.delay_seconds(0.0, ahead=5) == 0.5
    assert bucket.is_full(0.0)


@given(some.lists(some.floats(0, 100), min_size=1, max_size=60))
def test_no_message_ever_waits_longer_than_the_bound(moments: list[float]):
    bucket = Paces(PACE).of(ids.new_id(), 0.0)
    for moment in sorted(moments):
        assert 0 <= bucket.take(moment) <= PACE.slow_seconds_max


def test_the_buckets_of_those_who_are_calm_are_let_go_of():
    paces = Paces(PACE)
    flooding = ids.new_id()
    for _ in range(20):
        paces.of(flooding, 100.0).take(100.0)
    for _ in range(BUCKETS_MAX):
        paces.of(ids.new_id(), 100.0)
    assert len(paces._buckets) < BUCKETS_MAX
    assert paces.of(flooding, 100.0).delay_seconds(100.0) > 0
