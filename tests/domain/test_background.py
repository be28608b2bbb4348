from datetime import timedelta

import pytest

from hotline.domain.background import TRACES_MAX, Background, Memory, Past, ask, hour, remember
from tests.stage import NOON

MEMORY = Memory(lately_minutes=30, just_messages=3, often_messages=2)
EMPTY = Background(timezone="Asia/Shanghai")


def past(background: Background, minutes: float, seq: int) -> Past:
    at = int((NOON + timedelta(minutes=minutes)).timestamp())
    return Past(heard=background.heard, asked=background.asked, at=at, seq=seq)


def test_what_was_heard_is_kept_with_its_first_and_last_time_and_message():
    once = remember(EMPTY, {"distress"}, NOON, 1)
    twice = remember(once, {"distress", "means"}, NOON + timedelta(minutes=5), 4)
    start = int(NOON.timestamp())
    assert twice.heard == {"distress": (start, start + 300, 2, 4), "means": (start + 300, start + 300, 1, 4)}


def test_a_message_in_which_nothing_was_noticed_changes_nothing():
    assert remember(EMPTY, (), NOON, 1) is EMPTY
    assert ask(EMPTY, (), 1) is EMPTY


@pytest.mark.parametrize(("minutes", "is_lately"), [(30, True), (31, False)])
def test_lately_is_a_span_of_time(minutes: float, is_lately: bool):
    heard = past(remember(EMPTY, {"ideation"}, NOON, 1), minutes, 50)
    assert ("ideation" in heard.lately(MEMORY)) is is_lately
    assert heard.ever() == {"ideation"}
    assert heard.just(MEMORY) == frozenset()


def test_just_is_the_last_few_messages_and_often_a_number_of_them():
    background = remember(EMPTY, {"ideation"}, NOON, 1)
    assert past(background, 1, 4).just(MEMORY) == {"ideation"}
    assert past(background, 1, 5).just(MEMORY) == frozenset()
    assert past(background, 1, 5).often(MEMORY) == frozenset()
    assert past(remember(background, {"ideation"}, NOON, 2), 1, 5).often(MEMORY) == {"ideation"}


def test_a_question_is_open_for_a_few_messages_only():
    background = ask(EMPTY, {"suicide"}, 2)
    assert past(background, 1, 3).questions(MEMORY) == {"suicide"}
    assert past(background, 1, 6).questions(MEMORY) == frozenset()


def test_what_is_remembered_is_bounded_and_what_is_known_still_grows():
    full = remember(EMPTY, (f"c{nth}" for nth in range(TRACES_MAX + 5)), NOON, 1)
    assert len(full.heard) == TRACES_MAX
    known = next(iter(full.heard))
    more = remember(full, {"one_more", known}, NOON, 2)
    assert "one_more" not in more.heard
    assert more.heard[known][2] == 2


def test_the_hour_is_the_lines_own_and_unknown_without_a_time_zone():
    assert hour(EMPTY, NOON) == 12
    assert hour(Background(), NOON) is None
