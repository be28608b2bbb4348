"""Waiting: the order is band, then join time; ageing lifts a contact, and nothing ever sends it back."""

from datetime import UTC, datetime, timedelta
from typing import Final

from hypothesis import given, strategies as st

from hotline.domain import contact, queue
from hotline.domain.level import Level, band_of
from hotline.domain.queue import BAND_BEST, BAND_LAST, Need, QueuePolicy
from tests.domain.made import NOW, POLICY, a_contact, after

BANDS: Final = st.integers(BAND_BEST, BAND_LAST)
WAITED: Final = st.timedeltas(timedelta(seconds=-5), timedelta(hours=3))
POLICIES: Final = st.builds(QueuePolicy, ageing_seconds=st.integers(1, 3600))
SKILLS: Final = st.frozensets(st.sampled_from(["minors", "complex", "veteran"]))


@given(language=st.sampled_from(["zh", "en", "yue", "ug"]), skills=SKILLS)
def test_one_need_has_one_key_and_is_read_back_from_it(language: str, skills: frozenset[str]):
    need = Need(language=language, skills=skills)
    assert Need.from_key(need.key) == need
    assert need.key == Need(language=language, skills=frozenset(sorted(skills))).key


@given(band=BANDS, waited=WAITED, longer=st.timedeltas(timedelta(0), timedelta(hours=3)), policy=POLICIES)
def test_waiting_only_ever_moves_a_contact_forward(
    band: int, waited: timedelta, longer: timedelta, policy: QueuePolicy
):
    now = NOW + waited
    assert queue.rank(band, NOW, now + longer, policy) <= queue.rank(band, NOW, now, policy)
    assert BAND_BEST <= queue.effective_band(band, NOW, now, policy) <= band


@given(band=BANDS, earlier=WAITED, gap=st.timedeltas(timedelta(milliseconds=1), timedelta(hours=1)))
def test_in_one_band_whoever_joined_earlier_is_first(band: int, earlier: timedelta, gap: timedelta):
    now = NOW + timedelta(hours=5)
    first, second = NOW + earlier, NOW + earlier + gap
    assert queue.rank(band, first, now, POLICY) <= queue.rank(band, second, now, POLICY)


@given(band=BANDS, waited=WAITED, policy=POLICIES)
def test_whoever_is_in_no_crowd_stands_at_the_time_of_joining(
    band: int, waited: timedelta, policy: QueuePolicy
):
    rank = queue.rank(band, NOW, NOW + waited, policy)
    assert queue.behind_seconds(rank, NOW) == 0
    assert queue.behind_seconds(rank + policy.ageing_seconds * 1000, NOW) == policy.ageing_seconds


@given(
    grave=BANDS,
    ordinary=BANDS,
    joined=WAITED,
    other=WAITED,
    now=st.timedeltas(timedelta(0), timedelta(hours=3)),
)
def test_a_better_effective_band_is_before_any_join_time(
    grave: int, ordinary: int, joined: timedelta, other: timedelta, now: timedelta
):
    moment = NOW + now
    bands = [
        queue.effective_band(band, NOW + join, moment, POLICY)
        for band, join in ((grave, joined), (ordinary, other))
    ]
    ranks = [
        queue.rank(band, NOW + join, moment, POLICY) for band, join in ((grave, joined), (ordinary, other))
    ]
    assert [queue.band_of_rank(rank) for rank in ranks] == bands
    if bands[0] < bands[1]:
        assert ranks[0] < ranks[1]


@given(band=BANDS, waited=WAITED, policy=POLICIES, share=st.floats(0, 1, exclude_max=True))
def test_a_rank_has_to_be_worked_out_anew_exactly_when_the_band_changes(
    band: int, waited: timedelta, policy: QueuePolicy, share: float
):
    now = NOW + waited
    stands = queue.effective_band(band, NOW, now, policy)
    due = queue.ages_at(band, NOW, now, policy)
    if due is None:
        assert stands == BAND_BEST
        return
    assert due > now
    assert queue.effective_band(band, NOW, due, policy) == stands - 1
    meanwhile = min(now + (due - now) * share, due - timedelta(microseconds=1))
    assert queue.effective_band(band, NOW, meanwhile, policy) == stands


@given(level=st.sampled_from(Level), policy=POLICIES)
def test_a_sweep_at_each_due_time_keeps_the_stored_rank_true_until_the_best_band(
    level: Level, policy: QueuePolicy
):
    band = band_of(level)
    waiting = contact.join(a_contact("arriving", level=level), NOW, policy, earlier_join=None).row(
        contact.Contact
    )
    sweeps = 0
    while waiting.ages_at is not None:
        just_before = waiting.ages_at - timedelta(microseconds=1)
        assert waiting.rank == queue.rank(band, NOW, just_before, policy)
        waiting = contact.age(waiting, waiting.ages_at, policy).row(contact.Contact)
        sweeps += 1
    assert sweeps == band
    assert queue.band_of_rank(waiting.rank) == BAND_BEST


@given(
    band=BANDS,
    policy=POLICIES,
    later=st.timedeltas(timedelta(milliseconds=1), timedelta(hours=9)),
    other=BANDS,
    moment=st.timedeltas(timedelta(0), timedelta(hours=9)),
)
def test_past_the_bound_nobody_who_joins_later_is_ranked_before(
    band: int, policy: QueuePolicy, later: timedelta, other: int, moment: timedelta
):
    now = NOW + max(timedelta(seconds=queue.starvation_bound_seconds(band, policy)), later) + moment
    assert queue.rank(band, NOW, now, policy) <= queue.rank(other, NOW + later, now, policy)


def test_by_default_an_ordinary_contact_ranks_with_the_next_band_after_fifteen_minutes():
    bands = [
        queue.effective_band(3, NOW, after(60 * minutes), POLICY) for minutes in (0, 14, 15, 30, 45, 600)
    ]
    assert bands == [3, 3, 2, 1, 0, 0]
    assert queue.starvation_bound_seconds(3, POLICY) == 45 * 60


def test_a_rank_fits_the_column_that_stores_it():
    assert 0 < queue.rank(BAND_LAST, datetime(5000, 1, 1, tzinfo=UTC), NOW, POLICY) < 2**63


def test_a_clock_that_is_a_little_behind_neither_helps_nor_harms():
    assert queue.effective_band(3, after(2), NOW, POLICY) == 3
    assert queue.ages_at(3, after(2), NOW, POLICY) == after(2 + POLICY.ageing_seconds)
