from dataclasses import replace

import pytest

from hotline.domain.risk.assess import SECOND_OPINION, Facts, Rulebook
from hotline.domain.risk.learning import (
    NEVER,
    PIECES_MAX,
    Sample,
    cross_validated,
    quality,
    threshold_for,
    train,
)
from hotline.domain.risk.levels import Level
from hotline.domain.risk.opinion import (
    CHARACTERS_MAX,
    Opinion,
    Weights,
    language_of,
    likelihood,
    pieces,
    places,
)
from hotline.domain.risk.rules import Speaker
from tests.domain.risk.pieces import rule, rulebook, says

TIRED = [f"{who}都不用再醒来{mark}了" for who in "我你他她它" for mark in ("", "吧", "呀", "啦")]
PLAIN = [f"{who}明天去吃{what}吧" for who in "我你他她它" for what in ("火锅", "面条", "米饭", "早点")]
SAMPLES = [
    *(Sample(plain=text, is_risk=True) for text in TIRED),
    *(Sample(plain=text, is_risk=False) for text in PLAIN),
]
WISH = rule("wish", Level.MODERATE, "ideation", "suicide")


def learned() -> Weights:
    return replace(train(SAMPLES, "zh"), watch=0.6)


def book(weights: Weights | None = None, language: str = "zh") -> Rulebook:
    plain = rulebook({WISH: says("ideation")})
    return replace(
        plain,
        limits=replace(plain.limits, second_opinion=True, opinion_characters_min=4),
        opinion=Opinion(languages={language: weights or learned()}, digest="f" * 64),
    )


def test_what_was_learned_tells_words_unseen_apart():
    weights = learned()
    assert likelihood(weights, "大家都不用再醒来了", "zh") > 0.6 > likelihood(weights, "咱们明天去吃饭", "zh")


def test_the_same_words_give_the_same_weights():
    assert train(SAMPLES, "zh") == train(SAMPLES, "zh")


def test_only_pieces_of_several_messages_are_kept():
    weights = train([*SAMPLES, Sample(plain="独一无二的秘密", is_risk=True)], "zh")
    assert len(weights.pieces) <= PIECES_MAX
    assert not any(piece in weights.pieces for piece in ("独", "秘密"))


def test_words_are_tried_by_weights_that_have_not_seen_them():
    told = cross_validated(SAMPLES, "zh")
    assert len(told) == len(SAMPLES)
    found = quality(told, threshold_for(told, 100))
    assert found.recall > 0.8
    assert found.quiet <= 100


def test_without_harmless_words_no_threshold_is_found():
    assert threshold_for([(0.9, True)], 10) == NEVER


def test_a_paraphrase_is_marked_below_the_flag_with_the_words_that_led_to_it():
    text = "大家都不用再醒来了"
    found = book().assess(Facts(text=text))
    assert (found.level, found.flags, found.unsure) == (Level.LOW, frozenset(), False)
    (mark,) = found.findings
    assert mark.rule.startswith(f"{SECOND_OPINION}:")
    assert mark.spans
    assert all(0 <= start < end <= len(text) for start, end in mark.spans)
    assert found.opinion >= 60


def test_it_never_goes_beyond_a_mark_however_sure_it_is():
    certain = Weights(bias=30.0, pieces={}, watch=0.5)
    assert book(certain).assess(Facts(text="今天天气真好")).level is Level.LOW


def test_what_the_rules_found_stands_and_it_is_not_asked():
    found = book(Weights(bias=-30.0, pieces={}, watch=0.5)).assess(Facts(text="我想死，真的想死"))
    assert (found.level, found.opinion) == (Level.MODERATE, 0)


@pytest.mark.parametrize(
    "facts",
    [
        Facts(text="醒来"),
        Facts(text="大家都不用再醒来了", speaker=Speaker.COUNSELOR),
        Facts(text="never wake up"),
    ],
)
def test_it_is_not_asked_about_a_word_a_counselor_or_another_language(facts: Facts):
    assert book().assess(facts).opinion == 0


def test_switched_off_it_says_nothing():
    quiet = book()
    off = replace(quiet, limits=replace(quiet.limits, second_opinion=False))
    assert off.assess(Facts(text="大家都不用再醒来了")).findings == ()


def test_a_long_text_costs_no_more_than_its_two_ends():
    assert len(pieces("ab " * 100_000, "en")) <= len(pieces("ab " * CHARACTERS_MAX, "en"))
    assert len(pieces("好" * 100_000, "zh")) < CHARACTERS_MAX


def test_languages_are_told_apart_by_their_script():
    assert (language_of("i am 累"), language_of("i am tired")) == ("zh", "en")


def test_the_places_are_where_the_heaviest_pieces_stand():
    weights = Weights(bias=0.0, pieces={"醒": 2.0, "来": 1.0, "吃": 5.0, "再": -1.0}, watch=0.5)
    assert list(places(weights, "不再醒来")) == [(2, 3), (3, 4)]
