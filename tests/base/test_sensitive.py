"""What must not be shown by accident, and what nobody could see at all."""

import pytest

from hotline.base.sensitive import PLACEHOLDER, Sensitive


@pytest.mark.parametrize("text", ["", " \n\t", "\u200b", "\u3000\ufeff", "\x00\u2060 "])
def test_what_nobody_can_see_is_blank(text: str):
    assert Sensitive(text).is_blank


@pytest.mark.parametrize("text", ["。", "a\u200b", "🆘", "已联系", " .\n"])
def test_a_sign_or_a_picture_is_a_word_too(text: str):
    assert not Sensitive(text).is_blank


def test_it_hides_itself_wherever_it_is_printed():
    assert {f"{Sensitive('x')}", repr(Sensitive("x")), str(Sensitive("x"))} == {PLACEHOLDER}
