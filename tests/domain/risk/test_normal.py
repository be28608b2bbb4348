import pytest
from hypothesis import given, strategies as st

from tests.domain.risk.pieces import SPELLER

MIXED = st.text(
    alphabet=st.one_of(st.characters(), st.sampled_from("自殺想死 -.*aelk0k1!'，。！\u200b…")), max_size=80
)


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("他想自 殺", "他想自杀"),
        ("自-殺", "自杀"),
        ("自*杀", "自杀"),
        ("自.杀", "自杀"),
        ("自\u200b杀", "自杀"),
        ("\uff2b\uff2d\uff33", "kms"),
        ("I can't go ooon", "i cant go on"),
        ("i don t wanna", "i dont wana"),
        ("k1ll my self", "kil my self"),
        ("su*cide", "sucide"),
        ("s u i c i d e", "suicide"),
        ("d0nt w4nt t0", "dont want to"),
        ("a noose", "a noose"),
    ],
)
def test_hidden_words_come_out_in_plain_spelling(written: str, plain: str):
    assert SPELLER.plain(written).text == plain


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("I amgoing to", "i am going to"),
        ("talk toi amso tired", "talk to i am so tired"),
        ("i amazing, i american, i amused", "i amazing, i american, i amused"),
        ("hi am here, i am here", "hi am here, i am here"),
    ],
)
def test_what_haste_glues_to_i_am_comes_apart(written: str, plain: str):
    assert SPELLER.plain(written).text == plain


@pytest.mark.parametrize("written", ["好累 好想死", "我累了，想死了算了", "睡了。想不到吧"])
def test_clauses_are_not_run_together(written: str):
    plain = SPELLER.plain(written).text
    assert any(mark in plain for mark in ",.")


def test_a_place_in_the_plain_text_points_at_the_words_as_written():
    written = "求求你！我想自 殺，Kiiill  my self"
    plain = SPELLER.plain(written)
    for term, words in [("自杀", "自 殺"), ("kil my self", "Kiiill  my self")]:
        at = plain.text.index(term)
        start, end = plain.span(at, at + len(term))
        assert written[start:end] == words


@given(MIXED)
def test_every_plain_character_comes_from_somewhere_in_order(written: str):
    plain = SPELLER.plain(written)
    assert len(plain.text) == len(plain.starts) == len(plain.ends)
    assert all(0 <= start < end <= len(written) for start, end in zip(plain.starts, plain.ends, strict=True))
    assert list(plain.starts) == sorted(plain.starts)
    assert list(plain.ends) == sorted(plain.ends)


@given(MIXED)
def test_plain_spelling_is_not_spelled_any_plainer_by_case(written: str):
    assert SPELLER.plain(written.upper().lower()).text == SPELLER.plain(written.lower().upper().lower()).text


@given(st.text(alphabet="自杀想我你他不要去死", max_size=60))
def test_plain_chinese_stays_as_it_is(written: str):
    plain = SPELLER.plain(written)
    assert plain.text == written
    assert plain.span(0, len(written)) == (0, len(written)) if written else not plain.text
