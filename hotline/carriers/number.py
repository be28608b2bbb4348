"""Telephone numbers in one spelling, so that the same caller is known again and a line is found.

Networks say `+8613800000001`, `sip:+8613800000001@gateway`, a national number, a word, or a word keyed
in as digits when the caller hides the number. What cannot be called back is no number.
"""

from typing import Final

import phonenumbers

from hotline.base.sensitive import Sensitive

HOME_REGION: Final = "CN"
"""Where a number without a country belongs."""

GIVEN: Final = "given"
WITHHELD: Final = "withheld"
UNUSABLE: Final = "unusable"

_HIDDEN: Final = frozenset("anonymous restricted blocked unknown unavailable private withheld".split())
_PAD: Final = str.maketrans("abcdefghijklmnopqrstuvwxyz", "22233344455566677778889999")
_HIDDEN_AS_DIGITS: Final = frozenset(word.translate(_PAD) for word in _HIDDEN)
"""Networks that carry only digits spell the word on the key pad: 266696687 is ANONYMOUS."""


def normal(raw: str, region: str) -> tuple[Sensitive | None, str]:
    """The number in E.164 if it is one, and its quality: `given`, `withheld` or `unusable`."""
    text = _user_part(raw)
    if not text or text.lower() in _HIDDEN or text.lstrip("+") in _HIDDEN_AS_DIGITS:
        return None, WITHHELD
    spelled = _e164(text, region)
    return (Sensitive(spelled), GIVEN) if spelled else (None, UNUSABLE)


def line_address(raw: str, region: str) -> str:
    """A dialled number as lines are written down: E.164, or as it came for a short code."""
    text = _user_part(raw)
    return _e164(text, region) or text


def _user_part(raw: str) -> str:
    text = raw.strip()
    for scheme in ("sips:", "sip:", "tel:"):
        text = text.removeprefix(scheme)
    return text.partition("@")[0].partition(";")[0]


def _e164(text: str, region: str) -> str | None:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    fit = phonenumbers.is_possible_number_with_reason(number)
    if fit != phonenumbers.ValidationResult.IS_POSSIBLE or number.extension:
        return None  # a short code is possible only from its own town: it is no number to call back
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
