import pytest

from hotline.domain.risk.terms import Dialect, Phrase, parse
from tests.domain.risk.pieces import EN, SPELLER, ZH, en, zh


def fits(phrase: Phrase, text: str) -> bool:
    plain = SPELLER.plain(text).text
    found = phrase.fits.search(plain) is not None
    assert not found or any(key in plain for key in phrase.key), "a phrase fits only where its key stands"
    return found


@pytest.mark.parametrize(
    ("written", "heard", "passed_over"),
    [
        ("不想(活|活着)(了)?", ["不想活", "不想活着了"], ["不想", "想活"]),
        ("想<die>", ["想死", "想自杀"], ["想吃"]),
        ("从…4跳下", ["从楼上跳下", "从跳下"], ["从今天开始不再往下跳下", "从，跳下"]),
        ("从…4+跳下", ["从楼，跳下"], ["从楼。跳下"]),
        ("(好(想|要))死", ["好想死", "好要死"], ["好死"]),
        ("(真的|好)*想死", ["想死", "好想死", "真的真的好想死"], ["真的好"]),
        ("(真的|好)+想死", ["好想死", "真的好想死"], ["我想死"]),
        ("^一起(走)?吗$", ["一起吗", "一起走吗？", "……一起吗"], ["一起吃饭吗", "要一起吗", "一起吗，我请客"]),
    ],
)
def test_chinese_phrases_fit_what_they_say(written: str, heard: list[str], passed_over: list[str]):
    (phrase,) = zh(written)
    assert all(fits(phrase, text) for text in heard)
    assert not any(fits(phrase, text) for text in passed_over)


@pytest.mark.parametrize(
    ("written", "heard", "passed_over"),
    [
        ("kill <myself>", ["I'll KILL myself", "k1ll my self"], ["overkill myself", "kill myselfie"]),
        ("suicid*", ["suicide", "suicidal"], ["presuicidal"]),
        ("pills …3 die", ["pills and then die", "pills die"], ["pills one two three four die", "pills. die"]),
        ("want( so badly)? to die", ["want to die", "want so badly to die"], ["want so to die"]),
        ("i( just| really)* want out$", ["i want out", "i just really want out."], ["i want out of the car"]),
        ("(thought*|dream) of dying", ["thoughts of dying", "dream of dying"], ["thoughts of lunch"]),
    ],
)
def test_english_phrases_keep_to_whole_words(written: str, heard: list[str], passed_over: list[str]):
    (phrase,) = en(written)
    assert all(fits(phrase, text) for text in heard)
    assert not any(fits(phrase, text) for text in passed_over)


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("想(死", "does not close"),
        ("想死)", "does not open"),
        ("想<nobody>", "not a word list"),
        ("(死)?", "no fixed word"),
        ("想?死", "stray"),
        ("想…99死", "too wide"),
    ],
)
def test_a_phrase_that_cannot_be_read_is_refused_with_what_to_do(written: str, why: str):
    with pytest.raises(ValueError, match=why):
        parse(written, ZH, SPELLER.term)


def test_a_phrase_is_never_tried_farther_from_its_key_than_it_can_reach():
    (phrase,) = zh("从…10跳下(去)?")
    assert len("从一二三四五六七八九十") <= phrase.before < len("从一二三四五六七八九十跳下去")
    assert len("跳下去") < phrase.after < len("一二三四五六七八九十")


def test_many_choices_cost_no_more_than_their_letters():
    words = [f"w{number}" for number in range(500)]
    phrase = parse("<many> <many> <many> end", Dialect(words={"many": words}, spaced=True), SPELLER.term)
    assert phrase.key == {"end"} or len(phrase.key) <= 500
    assert fits(phrase, "w1 w20 w499 end")
    assert not fits(phrase, "w1 w20 end")


def test_both_languages_count_gaps_in_their_own_unit():
    assert EN.spaced
    assert not ZH.spaced
