"""Signals, and the masks that keep everyday speech from looking like one.

A *signal* is a thing said ("a method is named", "a farewell"). A *mask* is a phrase that takes a signal
away ("笑死", "I'm dead lol") or turns it into another one (a denial, an old story, a question about
somebody else): what it turns into stays visible, so nothing a caller said about dying disappears without
a mark. One pass over the text finds all phrases of both kinds; masks are then laid over signals here,
where it can be read and tested.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from hotline.domain.risk.normal import Plain
from hotline.domain.risk.terms import Gap, Phrase

Scan = Callable[[str], Iterable[tuple[int, int, int]]]
"""All places of all literals in a text, overlapping ones too, in the order of their ends: (index of the
literal, start, end)."""


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


Around = dict[int, tuple[int, int]]
"""By number of a phrase, the first and the last place where a literal of its key stands."""


class Finder:
    """Finds phrases; they are numbered as they are handed in.

    One pass finds the key literals; only phrases whose key is there are tried, and only around it.
    """

    def __init__(self, phrases: Sequence[Phrase], scan_for: Callable[[list[str]], Scan]) -> None:
        self._phrases = tuple(phrases)
        waiting: dict[str, list[int]] = defaultdict(list)
        for number, phrase in enumerate(self._phrases):
            for literal in phrase.key:
                waiting[literal].append(number)
        self._waiting = tuple(map(tuple, waiting.values()))
        self._scan = scan_for(list(waiting))

    def around(self, text: str, places_max: int) -> tuple[Around, bool]:
        """Where it pays to try which phrase; and whether all was read, or the bound was met."""
        around: Around = {}
        count = 0
        for literal, start, end in self._scan(text):
            count += 1
            if count > places_max:
                break
            for number in self._waiting[literal]:
                if (known := around.get(number)) is None or start < known[0]:
                    around[number] = (start, end)
                else:
                    around[number] = (known[0], end)
        return around, count <= places_max

    def fitting(self, text: str, number: int, around: tuple[int, int]) -> list[tuple[int, int]]:
        """The stretches that one phrase fits, as far as it can reach from its key."""
        phrase = self._phrases[number]
        first, last = around
        before = phrase.before
        found = phrase.fits.finditer(text, first - before if first > before else 0, last + phrase.after)
        return [match.span() for match in found]


class Lexicon:
    """All signals and masks of a rulebook, ready to read plain texts.

    A text is read in three steps, each only as far as the one before it found something: the signals, the
    masks that hide what was found, the exceptions of masks that stand.
    """

    def __init__(
        self, signals: Sequence[Signal], masks: Sequence[Mask], scan_for: Callable[[list[str]], Scan]
    ) -> None:
        self.signals = tuple(signals)
        self.masks = tuple(masks)
        self._by_id = {signal.id: signal for signal in signals}
        of_signals = [(at, one) for at, signal in enumerate(signals) for one in signal.phrases]
        of_masks = [(at, one) for at, mask in enumerate(masks) for one in mask.phrases]
        of_exceptions = [(at, one) for at, mask in enumerate(masks) for one in mask.exceptions]
        every = [*of_signals, *of_masks, *of_exceptions]
        self._owners = tuple(owner for owner, _ in every)
        self._masks_from = len(of_signals)
        self._exceptions_from = len(of_signals) + len(of_masks)
        self._finder = Finder([phrase for _, phrase in every], scan_for)
        self._whole: dict[str, list[Signal]] = defaultdict(list)
        for signal in signals:
            for text in signal.whole:
                self._whole[text].append(signal)

    def read(self, plain: Plain, places_max: int) -> Reading:
        """Notice signals, lay the masks over them, and drop signals whose company is missing."""
        around, complete = self._finder.around(plain.text, places_max)
        hits = sorted(self._hits(plain.text, around), key=_order)
        answers = self._answers(plain.text)
        if not hits:
            return Reading(answers, (), complete)
        masks = self._masks(plain.text, around, frozenset(hit.category for hit in hits))
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

    def _hits(self, text: str, around: Around) -> set[Hit]:
        return {
            Hit(signal.id, signal.category, start, end)
            for number, near in around.items()
            if number < self._masks_from
            for signal in (self.signals[self._owners[number]],)
            for start, end in self._finder.fitting(text, number, near)
        }

    def _masks(self, text: str, around: Around, found: frozenset[str]) -> list[tuple[Mask, _Place]]:
        """The masks that stand and hide anything that was found, in the order of the file."""
        places: set[_Place] = set()
        for number, near in around.items():
            owner = self._owners[number]
            if self._masks_from <= number < self._exceptions_from and not found.isdisjoint(
                self.masks[owner].hides
            ):
                places.update(
                    _Place(owner, start, end) for start, end in self._finder.fitting(text, number, near)
                )
        exceptions = self._exceptions(text, around, {place.owner for place in places})
        return [
            (self.masks[place.owner], place)
            for place in sorted(places)
            if not _is_voided(self.masks[place.owner].how, place, exceptions[place.owner])
        ]

    def _exceptions(self, text: str, around: Around, masks: set[int]) -> Mapping[int, list[_Place]]:
        exceptions: dict[int, list[_Place]] = defaultdict(list)
        for number, near in around.items():
            if number >= self._exceptions_from and (owner := self._owners[number]) in masks:
                exceptions[owner] += [
                    _Place(owner, start, end) for start, end in self._finder.fitting(text, number, near)
                ]
        return exceptions

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
