from hotline.domain.risk.lexicon import How, Lexicon, Near, Signal
from tests.domain.risk.pieces import SPELLER, en, lexicon, mask, noticed, slow_scan, zh


def test_a_signal_is_noticed_with_the_words_as_written():
    assert noticed("我 想 自 殺") == [("wish", "想 自 殺")]
    assert noticed("gonna KILL  my self") == [("wish", "KILL  my self")]


def test_an_idiom_takes_only_what_lies_inside_it():
    idiom = mask(How.INSIDE, *zh("想死你"))
    assert noticed("想死你了", idiom) == []
    assert noticed("想死你了，我想死", idiom) == [("wish", "想死")]


def test_a_touching_mask_takes_what_shares_a_word_with_it():
    assert noticed("kill myself laughing", mask(How.TOUCHING, *en("myself laughing"))) == []


def test_a_denial_reaches_forward_within_its_clause_only():
    denial = mask(How.AFTER, *zh("没有"))
    assert noticed("我没有想死", denial) == []
    assert noticed("没有，我想死", denial) == [("wish", "想死")]
    assert noticed("没有一二三四五想死", denial) == [("wish", "想死")]
    assert noticed("我想死，没有办法", denial) == [("wish", "想死")]


def test_a_mask_may_stand_behind_what_it_takes():
    assert noticed("想死是不可能的", mask(How.BEFORE, *zh("是不可能"))) == []


def test_a_denial_stays_visible_as_what_it_is():
    denial = mask(How.AFTER, *zh("没有"), becomes="said_no")
    assert noticed("我没有想死", denial) == [("said_no", "想死")]


def test_a_double_negation_is_no_denial():
    denial = mask(How.AFTER, *zh("没"), unless=zh("不是没"))
    assert noticed("我没想死", denial) == []
    assert noticed("我不是没想死", denial) == [("wish", "想死")]


def test_a_plot_hides_its_own_sentence_only():
    plot = mask(How.SENTENCE, *zh("电影"))
    assert noticed("电影里他想死。我也想死", plot) == [("wish", "想死")]


def test_a_wide_mask_yields_to_an_exception_anywhere():
    plot = mask(How.MESSAGE, *zh("电影"), unless=zh("我也"))
    assert noticed("电影里他想死。真的", plot) == []
    assert noticed("电影里他想死。我也", plot) == [("wish", "想死")]


def test_a_word_of_time_counts_only_in_company():
    wish = Signal(id="wish", category="ideation", phrases=zh("想死"))
    tonight = Signal(
        id="tonight",
        category="now",
        phrases=zh("今晚"),
        near=Near(categories=frozenset({"ideation"}), within=5),
    )
    read = Lexicon([wish, tonight], [], slow_scan).read

    def heard(text: str) -> list[str]:
        return [hit.signal for hit in read(SPELLER.plain(text), 100).kept]

    assert heard("今晚吃面") == []
    assert heard("今晚我想死") == ["tonight", "wish"]
    assert heard("今晚吃了面看了电影又散了步想死") == ["wish"]


def test_a_text_with_too_many_places_is_read_in_part_and_says_so():
    reading = lexicon().read(SPELLER.plain("想死" * 20), 5)
    assert not reading.complete
    assert reading.kept
