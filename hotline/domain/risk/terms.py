"""How a clinician writes down what to look for: phrases with choices, word lists and gaps.

    不想(活|活着)了?        one of several words; a `?` after a bracket makes it optional
    (真的|就)*想            none, one or up to three of several words, one after the other; `+`: one to three
    <want>死               any word of the list `want` of the same language
    从 …6 跳下             at most six characters (Chinese) or words (English) between, inside one clause
    pills …8+ die          the same, and commas may stand in the gap
    suicid*               the word may go on
    ^一起吗$               the message begins or ends here, marks aside: said alone, it means something else

A phrase becomes an expression without open-ended repetition: choices are laid out as a tree of letters,
gaps have a bound. So trying it at one place costs a bounded amount, and reading a text is linear in its
length. It also names its *key*, a set of literals one of which must stand in any text it fits, so that
one pass over the text tells which few phrases are worth trying at all.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import product

from hotline.domain.risk.keys import KEYS_MAX, bare, products, rarity, tree

GAP_MAX = 40
WORD_MAX = 20
MARKS_MAX = 8
REPEATS_MAX = 3
SLACK = 2
"""Characters more than a phrase can take: the blanks at the ends of a key, and the letter after the end."""
_TIMES = {"?": (0, 1), "*": (0, REPEATS_MAX), "+": (1, REPEATS_MAX)}

_TOKEN = re.compile(r"[()|?^$]|<\w+>|…\d*\+?|[^()|?^$<>…]+|.", re.DOTALL)
_GAP = re.compile(r"…(\d*)(\+?)")
_LETTER = re.compile("[a-z0-9]")
_EDGE = "(?:(?<![a-z0-9])|(?![a-z0-9]))"
_ONLY_LETTERS, _NO_LETTERS = frozenset({True}), frozenset({False})
_AHEAD = {_ONLY_LETTERS: "(?<![a-z0-9])", _NO_LETTERS: ""}
_BEHIND = {_ONLY_LETTERS: "(?![a-z0-9])", _NO_LETTERS: ""}
"""No Latin word is cut in two. Where a phrase begins or ends with Chinese there is none to cut: to look
would only keep the engine from skipping to the first letter."""

_BORDERS = {"^": rf"\A[ ,.?]{{0,{MARKS_MAX}}}", "$": rf"[ ,.?]{{0,{MARKS_MAX}}}\Z"}

_NOTHING = frozenset({""})

Fold = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How phrases of one language are written: their word lists, and whether gaps count words."""

    words: Mapping[str, Sequence[str]]
    spaced: bool


@dataclass(frozen=True)
class Phrase:
    """`before` and `after` are the most characters of a fitting stretch around where a key literal begins."""

    whole: "_Sequence"
    key: frozenset[str]
    before: int
    after: int

    @cached_property
    def fits(self) -> re.Pattern[str]:
        """The expression, written and compiled when its key is first met: most phrases never are in a day.

        It is put together from escaped letters and bounded gaps here, so there is none that does not compile;
        `hotline check` compiles them all.
        """
        begins, ends = _border(self.whole, first=True), _border(self.whole, first=False)
        return re.compile(_AHEAD.get(begins, _EDGE) + _pattern(self.whole) + _BEHIND.get(ends, _EDGE))


@dataclass(frozen=True, slots=True)
class Gap:
    """How much may stand between two things that belong together."""

    most: int
    commas: bool
    spaced: bool

    @property
    def pattern(self) -> str:
        """The gap as an expression. No character fits two of its parts, so there is one way to read it."""
        if self.spaced:
            blank = "[ ,]{1,3}" if self.commas else " "
            return f"(?:{blank}[^ ,.?]{{1,{WORD_MAX}}}){{0,{self.most}}}{blank}"
        return f"[^{'' if self.commas else ','}.?]{{0,{self.most}}}"

    @property
    def longest(self) -> int:
        """The most characters it can take."""
        return self.most * (WORD_MAX + 3) + 3 if self.spaced else self.most

    def holds(self, text: str, start: int, end: int) -> bool:
        """Whether the stretch between two places is short enough and stays inside its clause."""
        if not start <= end <= start + self.longest:
            return False
        between = text[start:end]
        if any(mark in between for mark in (".?" if self.commas else ",.?")):
            return False
        return (len(between.split()) if self.spaced else len(between)) <= self.most


@dataclass(frozen=True, slots=True)
class _Text:
    literal: str
    open_ended: bool = False


@dataclass(frozen=True, slots=True)
class _Border:
    """The beginning or the end of a message."""

    sign: str


@dataclass(frozen=True, slots=True)
class _Choice:
    """One of several branches, from `least` to `most` times."""

    branches: tuple["_Sequence", ...]
    least: int = 1
    most: int = 1


_Part = _Text | _Border | _Choice | Gap


@dataclass(frozen=True, slots=True)
class _Sequence:
    parts: tuple[_Part, ...]


def parse(written: str, dialect: Dialect, fold: Fold) -> Phrase:
    """Read one phrase as written in the rulebook.

    Raises:
        ValueError: the phrase cannot be read; the sentence says what to change.
    """
    reader = _Reader(written, dialect, fold)
    whole = reader.sequence()
    if reader.tokens:
        raise ValueError(f"{written!r} has a bracket that does not open, or a stray sign.")
    rarest = _key(whole)
    if rarest is None:
        raise ValueError(f"{written!r} has no fixed word; leave one part without a question mark.")
    before = _longest(_Sequence(whole.parts[: rarest.begin])) + SLACK
    after = _longest(_Sequence(whole.parts[rarest.begin :])) + SLACK
    return Phrase(whole, rarest.key, before, after)


@dataclass(slots=True)
class _Reader:
    """Reads a phrase from left to right; `tokens` holds what is left, last one first."""

    written: str
    dialect: Dialect
    fold: Fold
    tokens: list[str] = field(init=False)

    def __post_init__(self) -> None:
        squeezed = re.sub(r"\s*(…\d*\+?)\s*", r"\1", self.written.strip())
        self.tokens = _TOKEN.findall(squeezed)[::-1]

    def sequence(self) -> _Sequence:
        """Parts up to the end of the phrase or of the bracket."""
        parts: list[_Part] = []
        while self.tokens and self.tokens[-1] not in {")", "|"}:
            parts.append(self._part(self.tokens.pop()))
        return _Sequence(tuple(part for part in _one_blank(parts) if part != _Text("")))

    def _part(self, sign: str) -> _Part:
        if sign == "(":
            return self._choice()
        if sign.startswith("<"):
            return self._list(sign[1:-1])
        if sign in _BORDERS:
            return _Border(sign)
        if gap := _GAP.fullmatch(sign):
            return self._gap(gap)
        if sign in {"?", "<", ">", "…"}:
            raise ValueError(f"{self.written!r} has a stray {sign!r}; write ？ for a question mark.")
        return self._text(sign)

    def _choice(self) -> _Choice:
        branches = [self.sequence()]
        while self.tokens and self.tokens[-1] == "|":
            self.tokens.pop()
            branches.append(self.sequence())
        if not self.tokens:
            raise ValueError(f"{self.written!r} has a bracket that does not close.")
        self.tokens.pop()
        return _Choice(tuple(branches), *self._times())

    def _list(self, name: str) -> _Choice:
        if name not in self.dialect.words:
            raise ValueError(f"<{name}> is not a word list of this language; add it under `words`.")
        branches = tuple(_Sequence((self._text(word),)) for word in self.dialect.words[name])
        return _Choice(branches, *self._times())

    def _times(self) -> tuple[int, int]:
        """How often what was just read may stand: the signs ?, * and + after a bracket."""
        after = self.tokens.pop() if self.tokens else ""
        if (times := _TIMES.get(after[:1])) is None:
            self._put_back(after)
            return 1, 1
        self._put_back(after[1:])
        return times

    def _put_back(self, token: str) -> None:
        if token:
            self.tokens.append(token)

    def _gap(self, match: re.Match[str]) -> Gap:
        most = int(match[1]) if match[1] else 4
        if most > GAP_MAX:
            raise ValueError(f"the gap …{most} in {self.written!r} is too wide; {GAP_MAX} is the most.")
        return Gap(most, bool(match[2]), self.dialect.spaced)

    def _text(self, token: str) -> _Text:
        literal = self.fold(token.removesuffix("*"))
        literal = re.sub(" +", " ", literal) if self.dialect.spaced else literal.replace(" ", "")
        return _Text(literal, token.endswith("*"))


def _one_blank(parts: list[_Part]) -> list[_Part]:
    """Let "i (have)? took" mean one blank with or without the word: the word takes its blank along."""
    for at in range(len(parts) - 1):
        part, after = parts[at], parts[at + 1]
        begins = at == 0 or _ends_blank(parts[at - 1])
        if isinstance(part, _Choice) and not part.least and begins and isinstance(after, _Text):
            rest = after.literal.removeprefix(" ")
            if rest != after.literal:
                branches = tuple(_Sequence((*branch.parts, _Text(" "))) for branch in part.branches)
                parts[at] = _Choice(branches, 0, part.most)
                parts[at + 1] = _Text(rest, after.open_ended)
    return parts


def _ends_blank(part: _Part) -> bool:
    return isinstance(part, _Text) and part.literal.endswith(" ")


def _pattern(node: "_Sequence | _Part") -> str:
    match node:
        case _Text(literal, open_ended):
            return re.escape(literal) + (f"[a-z0-9]{{0,{WORD_MAX}}}" if open_ended else "")
        case _Border(sign):
            return _BORDERS[sign]
        case Gap():
            return node.pattern
        case _Sequence(parts):
            return "".join(map(_pattern, parts))
        case _Choice(branches, least, most):
            plain = {_literal(branch) for branch in branches}
            if None in plain:
                inner = "(?:" + "|".join(map(_pattern, branches)) + ")"
            else:
                inner = tree(sorted(literal for literal in plain if literal is not None))
            return inner if least == most else f"(?:{inner}){{{least},{most}}}"


def _literal(branch: _Sequence) -> str | None:
    """The one plain word a branch consists of, if it does."""
    match branch.parts:
        case ():
            return ""
        case (_Text(literal, False),):
            return literal
        case _:
            return None


def _border(node: "_Sequence | _Part", *, first: bool) -> frozenset[bool]:
    """Whether the first or last character is a Latin letter or digit: always, never, or (both) it depends."""
    kinds, may_be_empty = _outer(node, first=first)
    return kinds | _ONLY_LETTERS | _NO_LETTERS if may_be_empty else kinds


def _outer(node: "_Sequence | _Part", *, first: bool) -> tuple[frozenset[bool], bool]:
    """The kinds of characters that a part can begin or end with, and whether it can be nothing at all."""
    match node:
        case _Text(literal, open_ended):
            if not literal:
                return _ONLY_LETTERS | _NO_LETTERS, True
            own = frozenset({_LETTER.match(literal[0 if first else -1]) is not None})
            return (own | _ONLY_LETTERS if open_ended and not first else own), False
        case _Border() | Gap():
            return _ONLY_LETTERS | _NO_LETTERS, True
        case _Sequence(parts):
            kinds = frozenset[bool]()
            for part in parts if first else reversed(parts):
                more, may_be_empty = _outer(part, first=first)
                kinds |= more
                if not may_be_empty:
                    return kinds, False
            return kinds, True
        case _Choice(branches, least):
            inner = [_outer(branch, first=first) for branch in branches]
            kinds = frozenset[bool]().union(*(more for more, _ in inner))
            return kinds, not least or any(may_be_empty for _, may_be_empty in inner)


def _longest(node: "_Sequence | _Part") -> int:
    match node:
        case _Text(literal, open_ended):
            return len(literal) + (WORD_MAX if open_ended else 0)
        case _Border():
            return MARKS_MAX
        case Gap():
            return node.longest
        case _Sequence(parts):
            return sum(map(_longest, parts))
        case _Choice(branches, _, most):
            return most * max(map(_longest, branches), default=0)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Literals one of which must stand in a text, and the parts of the phrase that spell them."""

    key: frozenset[str]
    begin: int
    end: int


def _key(whole: _Sequence) -> _Stretch | None:
    """The literals to wait for: of all stretches that must be there, the one met most rarely."""
    usable = [
        replace(stretch, key=frozenset(bare(stretch.key)))
        for stretch in _stretches(whole)
        if all(map(str.strip, stretch.key))
    ]
    return max(usable, key=lambda stretch: rarity(stretch.key), default=None)


def _stretches(whole: _Sequence) -> Iterator[_Stretch]:
    """The longest runs of parts that can be spelled out, from left to right."""
    current, begin = _NOTHING, 0
    for at, part in enumerate(whole.parts):
        spelled = _spelled(part)
        if spelled is None or "" in spelled:
            yield _Stretch(current, begin, at)
            current, begin = _NOTHING, at + 1
            continue
        if len(current) * len(spelled) <= KEYS_MAX:
            current = frozenset(left + right for left, right in product(current, spelled))
        else:
            yield _Stretch(current, begin, at)
            current, begin = spelled, at
        if _goes_on(part):
            yield _Stretch(current, begin, at + 1)
            current, begin = _NOTHING, at + 1
    yield _Stretch(current, begin, len(whole.parts))


def _spelled(node: "_Sequence | _Part") -> frozenset[str] | None:
    """All literals a part can be; None if there are too many or it has a gap."""
    match node:
        case _Text(literal, open_ended):
            return None if open_ended and not literal else frozenset({literal})
        case _Border():
            return frozenset({""})
        case Gap():
            return None
        case _Sequence(parts):
            return None if any(map(_goes_on, parts[:-1])) else products(map(_spelled, parts))
        case _Choice(branches, least, most):
            inner = [_spelled(branch) for branch in branches]
            literals = frozenset[str]().union(*(one for one in inner if one is not None))
            if None in inner or len(literals) > KEYS_MAX or most > 1:
                return None
            return literals if least else literals | {""}


def _goes_on(node: "_Sequence | _Part") -> bool:
    """Whether a word may go on behind what is written, so that nothing can be joined to it."""
    match node:
        case _Text(_, open_ended):
            return open_ended
        case _Sequence(parts):
            return bool(parts) and _goes_on(parts[-1])
        case _Choice(branches):
            return any(map(_goes_on, branches))
        case _Border() | Gap():
            return False
