"""A caller's words in one plain spelling, with the way back to what was really written.

People in distress hide words on purpose (spaces, dots, zero-width characters, digits for letters) and by
haste (typos, repeated letters, no apostrophes). Terms are compared in a plain spelling in which most of
that is gone, and every character of it remembers where it came from, so a finding points at the caller's
own words. Each step is one substitution whose expression has no nested repetition: the work grows
linearly with the text.

The plain spelling holds lower-case letters without doubles ("kill" and "killl" are both "kil", but
"noose" is no "nose": e and o may stand twice), digits, Chinese characters in simplified form, single
spaces, and marks: `,` a pause, `.` an end, `?` a question, `《》` a title.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

_SOFT = frozenset(',，、;；:：…⋯—–()（）[]【】{}"“”「」『』<>〈〉=')
_HARD = frozenset(".。!！\n\r｡")
_QUESTION = frozenset("?？")
_APOSTROPHES = frozenset("'’‘`´ʼ")
_INNER = frozenset("-_·•・*~～^+|/\\&#%")
_TITLE = frozenset("《》")
_LEET = {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"}
_MANY = "\ue000"  # stands for a character that unfolds into none or several; never survives

_CJK = "\u3400-\u9fff"
_LATIN = re.compile("[a-z]")
_SIGN = re.compile("[-a-z '*.@$!]")
"""Every step after the letters looks for one of these; a message in Chinese often has none."""
_QUOTED_AWAY = re.compile("'")
_LEET_INSIDE = re.compile(r"(?<=[a-z])(?:[013457@$!](?=[a-z])|[013](?![a-z0-9]))")
_STAR_INSIDE = re.compile(r"(?<=[a-z])\*(?=[a-z])")
_SPELLED_OUT = re.compile(r"(?<![a-z])[a-z](?:[ \-.][a-z]){3,}(?![a-z])")
_SPELLING_GAP = re.compile(r"[ \-.]")
_SHORT_FORM = re.compile(r"(?<=[a-z]) (?=(?:t|s|m|d|ve|ll|re)(?![a-z]))")
_GLUED_AFTER = re.compile(r"(?<=i am)(?=[a-z])(?!az|us[ei]|en|b|p|ount|as[st]|ong|id|eri|y)")
_GLUED_BEFORE = re.compile(r"(?<=[a-z]{2})(?=i am(?![a-z]))")
_DOUBLE = re.compile(r"(?<=([a-df-np-z]))\1+|(?<=([eo]))\2{2,}")
_INSIDE_HAN = re.compile(f"(?<=[{_CJK}])[ *\\-]+(?=[{_CJK}])")
_DOT_INSIDE_HAN = re.compile(f"(?<=[{_CJK}])\\.(?=[{_CJK}])")
_LONG_GAP = re.compile(r"[ \-*]+")
_BARE_LEET = re.compile(r"[@$!]")


@dataclass(frozen=True, slots=True)
class Plain:
    """A text in plain spelling; `starts[i]` and `ends[i]` bound character i in the original."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where the plain characters from `start` up to `end` stand in the original text."""
        return self.starts[start], self.ends[end - 1]


@dataclass(frozen=True, slots=True)
class _Draft:
    """A spelling under way: replaced as a whole by each step, never changed in place."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def replace(self, pattern: re.Pattern[str], by: Callable[[re.Match[str]], str | None]) -> "_Draft":
        """Put nothing or one character in the place of each match; None leaves a match alone."""
        pieces: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        done = 0
        for match in pattern.finditer(self.text):
            new = by(match)
            if new is None:
                continue
            at, after = match.span()
            pieces += (self.text[done:at], new)
            starts += self.starts[done:at]
            ends += self.ends[done:at]
            if new:
                starts.append(self.starts[at])
                ends.append(self.ends[after - 1])
            done = after
        if not pieces:
            return self
        return _Draft(
            "".join((*pieces, self.text[done:])),
            [*starts, *self.starts[done:]],
            [*ends, *self.ends[done:]],
        )


class _Alphabet(dict[int, str]):
    """What each character looks like in plain spelling; worked out once per character ever met."""

    def __init__(self, variants: Mapping[str, str]) -> None:
        super().__init__()
        self._variants = variants

    def __missing__(self, code: int) -> str:
        plain = self.unfold(chr(code))
        self[code] = plain if len(plain) == 1 else _MANY
        return self[code]

    def unfold(self, char: str) -> str:
        """One character as none, one or several plain ones."""
        if (own := _mark(char)) is not None:
            return own
        folded = unicodedata.normalize("NFKC", char).casefold()
        return "".join(self._variants.get(part, part) for part in map(self._part, folded))

    def _part(self, char: str) -> str:
        if (own := _mark(char)) is not None:
            return own
        if char.isspace():
            return " "
        category = unicodedata.category(char)
        return "" if category in {"Cf", "Mn", "Me", "Cc", "Lm"} else char


def _mark(char: str) -> str | None:
    """The mark a punctuation character becomes, or None for anything else."""
    marks = (
        (_HARD, "!" if char in "!！" else "."),
        (_SOFT, ","),
        (_QUESTION, "?"),
        (_APOSTROPHES, "'"),
        (_INNER, "*" if char == "*" else "-"),
        (_TITLE, char),
    )
    return next((mark for group, mark in marks if char in group), None)


@dataclass(frozen=True, slots=True)
class Speller:
    """Turns texts into plain spelling; `variants` maps each traditional character to its simplified one."""

    variants: Mapping[str, str]
    _alphabet: _Alphabet = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_alphabet", _Alphabet(self.variants))

    def plain(self, text: str) -> Plain:
        """The plain spelling of a text, with offsets; linear in its length."""
        letters = text.translate(self._alphabet)
        if _MANY not in letters and not _SIGN.search(letters):
            return Plain(letters, range(len(letters)), range(1, len(letters) + 1))
        draft = self._letters(text)
        if "'" in draft.text:
            draft = draft.replace(_QUOTED_AWAY, lambda _: "")
        is_latin = _LATIN.search(draft.text) is not None
        if is_latin:
            draft = _join_latin(draft)
        draft = _join_han(draft)
        if is_latin:
            draft = draft.replace(_DOUBLE, lambda _: "")
        if _has(draft, " -*"):
            draft = draft.replace(_LONG_GAP, lambda match: None if match[0] == " " else " ")
        if _has(draft, "@$!"):
            draft = draft.replace(_BARE_LEET, lambda match: "." if match[0] == "!" else ",")
        return Plain(draft.text, draft.starts, draft.ends)

    def term(self, text: str) -> str:
        """A term of the rulebook in the same spelling as the texts it is looked for in."""
        return self.plain(text).text

    def _letters(self, text: str) -> _Draft:
        plain = text.translate(self._alphabet)
        if _MANY not in plain:
            return _Draft(plain, range(len(text)), range(1, len(text) + 1))
        unfolded = [(self._alphabet.unfold(char), at) for at, char in enumerate(text)]
        starts = [at for parts, at in unfolded for _ in parts]
        return _Draft("".join(parts for parts, _ in unfolded), starts, [at + 1 for at in starts])


def _has(draft: _Draft, signs: str) -> bool:
    """Whether a step has anything to do; looking is cheap."""
    return any(sign in draft.text for sign in signs)


def _join_latin(draft: _Draft) -> _Draft:
    """Undo what hides a word of Latin letters: digits and signs for letters, stars, gaps, short forms."""
    draft = draft.replace(_LEET_INSIDE, lambda match: _LEET[match[0]])
    draft = draft.replace(_STAR_INSIDE, lambda _: "")
    draft = _join_spelled_out(draft)
    if "i am" in draft.text:
        draft = _part_i_am(draft)
    return draft.replace(_SHORT_FORM, lambda _: "")


def _part_i_am(draft: _Draft) -> _Draft:
    """Put back the spaces that haste leaves out around "i am": "to youi amdone" is "to you i am done"."""
    draft = draft.replace(_GLUED_AFTER, lambda _: " ")
    return draft.replace(_GLUED_BEFORE, lambda _: " ")


def _join_spelled_out(draft: _Draft) -> _Draft:
    """Write "s u i c i d e" as one word: four letters or more, each alone."""
    inside = [match.span() for match in _SPELLED_OUT.finditer(draft.text)]
    if not inside:
        return draft
    begins = [start for start, _ in inside]

    def drop(match: re.Match[str]) -> str | None:
        place = bisect_right(begins, match.start()) - 1
        return "" if place >= 0 and match.start() < inside[place][1] else None

    return draft.replace(_SPELLING_GAP, drop)


def _join_han(draft: _Draft) -> _Draft:
    """Close the gaps inside a Chinese word, and leave those between clauses.

    A gap is inside a word if a single character stands on one side of it ("自 杀", "想 死"), or if it is made
    of signs nobody puts between clauses ("自-杀"). A space between two longer runs separates like a comma.
    """

    def close(match: re.Match[str]) -> str:
        text = match.string
        if "-" in match[0] or "*" in match[0]:
            return ""
        at, after = match.span()
        alone_before = at < 2 or text[at - 2] in " -,.?!"  # noqa: PLR2004 - the character before the neighbour
        alone_after = after + 1 >= len(text) or text[after + 1] in " -,.?!"
        return "" if alone_before or alone_after else ","

    if _has(draft, " -*"):
        draft = draft.replace(_INSIDE_HAN, close)
    return draft.replace(_DOT_INSIDE_HAN, _close_dot) if "." in draft.text else draft


def _close_dot(match: re.Match[str]) -> str | None:
    at, text = match.start(), match.string
    alone_before = at < 2 or text[at - 2] in ".,? "  # noqa: PLR2004 - the character before the neighbour
    alone_after = at + 2 >= len(text) or text[at + 2] in ".,? "
    return "" if alone_before and alone_after else None
