"""Signals, and the masks that keep everyday speech from looking like one.

A *signal* is a thing said ("a method is named", "a farewell"). A *mask* is a phrase that takes a signal
away ("笑死", "I'm dead lol") or turns it into another one (a denial, an old story, a question about
somebody else): what it turns into stays visible, so nothing a caller said about dying disappears without
a mark. One pass over the text finds all phrases of both kinds; masks are then laid over signals here,
where it can be read and tested.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from hotline.domain.risk.normal import Plain
from hotline.domain.risk.terms import Gap, Phrase

Scan = Callable[[str], Iterable[tuple[int, int, int]]]
"""All places of all literals in a text, overlapping ones too: (index of the literal, start, end)."""


WHOLE_MAX = 40
"""Characters of a message that may be an answer as a whole."""

_MARKS = re.compile(r"[\s,.?!\-]+")


def unmarked(plain: str) -> str:
    """A plain text without blanks and marks, by which messages are compared as a whole."""
    return _MARKS.sub("", plain)


class How(Enum):
    """Where a signal must lie for a mask to reach it."""

    INSIDE = "inside"  # wholly within the mask's own words
    TOUCHING = "touching"  # shares at least one character with them
    AFTER = "after"  # begins soon after them, in the same clause
    BEFORE = "before"  # ends shortly before them, in the same clause
    SENTENCE = "sentence"  # in the same sentence, on either side
    MESSAGE = "message"  # anywhere in the message


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """A signal that counts only close to another category ("tonight" near a wish to die)."""

    categories: frozenset[str]
    within: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """`whole` are messages, in plain spelling without marks, that are this signal by saying nothing else."""

    id: str
    category: str
    phrases: tuple[Phrase, ...]
    whole: frozenset[str] = frozenset()
    near: Near | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mask:
    """`hides` lists categories; `becomes` names the signal that takes the hidden one's place, if any."""

    id: str
    phrases: tuple[Phrase, ...]
    exceptions: tuple[Phrase, ...]
    how: How
    hides: frozenset[str]
    reach: Gap
    becomes: str | None = None


class Hit(NamedTuple):
    """A signal at a place of the plain text."""

    signal: str
    category: str
    start: int
    end: int


class Hidden(NamedTuple):
    """A hit that a mask took away."""

    hit: Hit
    mask: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What was noticed in a text: the hits that stand and those that masks took away."""

    kept: tuple[Hit, ...]
    hidden: tuple[Hidden, ...]
    complete: bool = True


class _Place(NamedTuple):
    owner: int
    start: int
    end: int


class Finder:
    """Finds phrases of many owners; owners are numbered as they are handed in.

    One pass finds the key literals; only phrases whose key is there are tried, and only around it.
    """

    def __init__(self, phrases: Sequence[tuple[int, Phrase]], scan_for: Callable[[list[str]], Scan]) -> None:
        self._phrases = tuple(phrases)
        waiting: dict[str, list[int]] = defaultdict(list)
        for number, (_, phrase) in enumerate(self._phrases):
            for literal in phrase.key:
                waiting[literal].append(number)
        self._waiting = tuple(map(tuple, waiting.values()))
        self._scan = scan_for(list(waiting))

    def find(self, text: str, places_max: int) -> tuple[list[_Place], bool]:
        """All phrases in a plain text, and whether that is all: past the bound the rest stays unread."""
        around: dict[int, tuple[int, int]] = {}
        count = 0
        for literal, start, end in self._scan(text):
            count += 1
            if count > places_max:
                break
            for number in self._waiting[literal]:
                first, last = around.get(number, (start, end))
                around[number] = (min(first, start), max(last, end))
        places = [
            _Place(self._phrases[number][0], *match.span())
            for number, (first, last) in around.items()
            for match in self._tried(text, self._phrases[number][1], first, last)
        ]
        return places, count <= places_max

    @staticmethod
    def _tried(text: str, phrase: Phrase, first: int, last: int) -> Iterable[re.Match[str]]:
        """A phrase tried where its key was found, as far as it can reach from there."""
        return phrase.fits.finditer(text, max(0, first - phrase.reach), last + phrase.reach)


class Lexicon:
    """All signals and masks of a rulebook, ready to read plain texts."""

    def __init__(
        self, signals: Sequence[Signal], masks: Sequence[Mask], scan_for: Callable[[list[str]], Scan]
    ) -> None:
        self.signals = tuple(signals)
        self.masks = tuple(masks)
        self._by_id = {signal.id: signal for signal in signals}
        owners: list[tuple[int, Phrase]] = []
        for number, signal in enumerate(signals):
            owners += [(number, phrase) for phrase in signal.phrases]
        for number, mask in enumerate(masks, start=len(signals)):
            owners += [(number, phrase) for phrase in mask.phrases]
            owners += [(number + len(masks), phrase) for phrase in mask.exceptions]
        self._finder = Finder(owners, scan_for)
        self._whole: dict[str, list[Signal]] = defaultdict(list)
        for signal in signals:
            for text in signal.whole:
                self._whole[text].append(signal)

    def read(self, plain: Plain, places_max: int) -> Reading:
        """Notice signals, lay the masks over them, and drop signals whose company is missing."""
        places, complete = self._finder.find(plain.text, places_max)
        answers = self._answers(plain.text)
        if not places:
            return Reading(answers, (), complete)
        border = len(self.signals)
        hits = sorted({self._hit(place) for place in places if place.owner < border}, key=_order)
        masks = self._masks([place for place in places if place.owner >= border])
        kept: list[Hit] = []
        hidden: list[Hidden] = []
        for hit in hits:
            covering = next((mask for mask, at in masks if _covers(plain.text, mask, at, hit)), None)
            if covering is None:
                kept.append(hit)
                continue
            hidden.append(Hidden(hit, covering.id))
            if covering.becomes is not None:
                target = self._by_id[covering.becomes]
                kept.append(Hit(target.id, target.category, hit.start, hit.end))
        return Reading((*self._in_company(kept), *answers), tuple(hidden), complete)

    def _answers(self, text: str) -> tuple[Hit, ...]:
        """The signals that the message as a whole is: "yes", "tonight", "I took them"."""
        if len(text) > WHOLE_MAX:
            return ()
        found = self._whole.get(unmarked(text), ())
        return tuple(Hit(signal.id, signal.category, 0, len(text)) for signal in found)

    def _hit(self, place: _Place) -> Hit:
        signal = self.signals[place.owner]
        return Hit(signal.id, signal.category, place.start, place.end)

    def _masks(self, places: list[_Place]) -> list[tuple[Mask, _Place]]:
        """The masks that stand, in the order of the file."""
        border = len(self.signals) + len(self.masks)
        exceptions: dict[int, list[_Place]] = defaultdict(list)
        for place in places:
            if place.owner >= border:
                exceptions[place.owner - border].append(place)
        masks: list[tuple[Mask, _Place]] = []
        for place in sorted(place for place in places if place.owner < border):
            number = place.owner - len(self.signals)
            if not _is_voided(self.masks[number].how, place, exceptions[number]):
                masks.append((self.masks[number], place))
        return masks

    def _in_company(self, hits: list[Hit]) -> tuple[Hit, ...]:
        return tuple(hit for hit in hits if _has_company(hit, self._by_id[hit.signal].near, hits))


def _order(hit: Hit) -> tuple[int, int, str]:
    return hit.start, hit.end, hit.signal


def _is_voided(how: How, at: _Place, exceptions: list[_Place]) -> bool:
    """A mask of a few words yields to an exception that touches it, a wide one to any in the message."""
    if how in {How.SENTENCE, How.MESSAGE}:
        return bool(exceptions)
    return any(other.start < at.end and at.start < other.end for other in exceptions)


def _covers(text: str, mask: Mask, at: _Place, hit: Hit) -> bool:
    if hit.category not in mask.hides:
        return False
    match mask.how:
        case How.INSIDE:
            return at.start <= hit.start and hit.end <= at.end
        case How.TOUCHING:
            return at.start < hit.end and hit.start < at.end
        case How.AFTER:
            return at.start < hit.start and mask.reach.holds(text, min(at.end, hit.start), hit.start)
        case How.BEFORE:
            return hit.end < at.end and mask.reach.holds(text, hit.end, max(hit.end, at.start))
        case How.SENTENCE:
            between = text[min(hit.end, at.end) : max(hit.start, at.start)]
            return not ("." in between or "?" in between)
        case How.MESSAGE:
            return True


def _has_company(hit: Hit, near: Near | None, hits: list[Hit]) -> bool:
    if near is None:
        return True
    return any(
        other.category in near.categories
        and other.start - near.within <= hit.end
        and hit.start <= other.end + near.within
        for other in hits
        if other is not hit
    )
