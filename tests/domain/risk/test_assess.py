import pytest

from hotline.domain.risk.assess import SPANS_MAX, Facts
from hotline.domain.risk.levels import Level, Verdict
from hotline.domain.risk.rules import Speaker
from tests.domain.risk.pieces import rule, rulebook, says

WISH = rule("wish", Level.MODERATE, "ideation", "suicide")
WATCH = rule("watch", Level.LOW, "ideation", "seen")
BOOK = rulebook({WISH: says("ideation"), WATCH: says("ideation")})


def test_the_highest_rule_decides_and_every_rule_that_hit_is_kept():
    found = BOOK.assess(Facts(text="我想死"))
    assert found.level is Level.MODERATE
    assert [finding.rule for finding in found.findings] == ["wish", "watch"]
    assert found.flags == {"suicide", "seen"}
    assert (found.unsure, found.rulebook) == (False, "d1")


def test_spans_point_at_the_callers_own_words():
    text = "唉……我 想 死，真的想自殺"
    (wish, _) = BOOK.assess(Facts(text=text)).findings
    assert [text[start:end] for start, end in wish.spans] == ["想 死", "想自殺"]


def test_finding_nothing_is_nothing_found_and_leaves_no_mark():
    found = BOOK.assess(Facts(text="今天下雨"))
    assert (found.level, found.findings, found.unsure) == (Level.NONE_FOUND, (), False)


@pytest.mark.parametrize("speaker", [Speaker.COUNSELOR, Speaker.SYSTEM])
def test_what_others_say_is_no_evidence_about_the_caller(speaker: Speaker):
    assert BOOK.assess(Facts(text="你想死吗", speaker=speaker)).findings == ()


def test_an_overlong_text_is_read_at_both_ends_and_is_unsure():
    found = BOOK.assess(Facts(text="好" * 100))
    assert found.unsure
    assert found.level is Level.UNKNOWN
    assert {finding.verdict for finding in found.findings} == {Verdict.UNSURE}


@pytest.mark.parametrize("text", ["我想死" + "好" * 100, "好" * 100 + "我想死"])
def test_words_at_either_end_of_an_overlong_text_still_count(text: str):
    found = BOOK.assess(Facts(text=text))
    assert found.level is Level.MODERATE
    (start, end) = found.findings[0].spans[0]
    assert text[start:end] == "想死"


def test_no_phrase_is_made_up_across_the_unread_middle():
    text = "好" * 19 + "想" + "好" * 100 + "死" + "好" * 19
    assert all(one.verdict is Verdict.UNSURE for one in BOOK.assess(Facts(text=text)).findings)


def test_unsure_never_lowers_what_another_rule_found():
    undecided = rule("undecided", Level.IMMINENT, "place", "suicide")
    book = rulebook({WISH: says("ideation"), undecided: lambda _: Verdict.UNSURE})
    found = book.assess(Facts(text="我想死"))
    assert (found.level, found.unsure) == (Level.MODERATE, True)
    assert [(one.rule, one.verdict) for one in found.findings] == [
        ("wish", Verdict.HIT),
        ("undecided", Verdict.UNSURE),
    ]


def test_a_finding_shows_a_bounded_number_of_places():
    found = BOOK.assess(Facts(text="想死 " * (SPANS_MAX + 2)))
    assert len(found.findings[0].spans) == SPANS_MAX


def test_an_explanation_says_what_was_noticed():
    told = BOOK.explain(Facts(text="我想死"))
    assert told.hits == (("wish", (1, 3)),)
    assert told.hidden == ()
    assert told.assessment == BOOK.assess(Facts(text="我想死"))
