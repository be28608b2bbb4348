"""What a replay found, in figures: confusion against the labels, recall, precision, latencies.

Labels are 0 none, 1 watch, 2 ideation or self-harm, 3 acute; the house's levels are put beside them by
`LABEL_OF`: low is 1, moderate 2, high and imminent 3. Recall and precision ask one question: would a
counselor have been shown at least moderate danger where the label says so? Every figure comes with the
counts that it is made of, because a share of nine cases says little.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

LABELS: Final = (0, 1, 2, 3)
LABELS_EXPLAINED: Final = "a level is 0 (none), 1 (watch), 2 (ideation or self-harm) or 3 (acute)"
GRAVE: Final = 2
"""From here on recall and precision count."""
LABEL_OF: Final[Mapping[str, int]] = {
    "none_found": 0,
    "unknown": 0,
    "low": 1,
    "moderate": 2,
    "high": 3,
    "imminent": 3,
}
LEVELS: Final = tuple(LABEL_OF)


@dataclass(frozen=True, slots=True)
class Share:
    """A share with what it is made of."""

    hits: int
    of: int

    def __str__(self) -> str:
        """As a percentage with its counts, or a dash where there is nothing to divide by."""
        return f"{self.hits / self.of:.1%} ({self.hits}/{self.of})" if self.of else "– (0/0)"


@dataclass(frozen=True, slots=True)
class Judgement:
    """Pairs of (label, found label), counted."""

    counts: Mapping[tuple[int, int], int]

    @property
    def recall(self) -> Share:
        """Of those labelled moderate or graver, how many were found moderate or graver."""
        return self._share(lambda label, _: label >= GRAVE)

    @property
    def precision(self) -> Share:
        """Of those found moderate or graver, how many were labelled so."""
        return self._share(lambda _, found: found >= GRAVE)

    def _share(self, is_counted: Callable[[int, int], bool]) -> Share:
        of = sum(count for pair, count in self.counts.items() if is_counted(*pair))
        hits = sum(
            count
            for (label, found), count in self.counts.items()
            if is_counted(label, found) and min(label, found) >= GRAVE
        )
        return Share(hits, of)

    def table(self) -> list[str]:
        """The confusion matrix as lines: a row per label, a column per found label."""
        head = "label \\ found " + "".join(f"{found:>7}" for found in LABELS)
        rows = [
            f"{label:>13} " + "".join(f"{self.counts.get((label, found), 0):>7}" for found in LABELS)
            for label in LABELS
        ]
        return [head, *rows]


def judge(pairs: Sequence[tuple[int, str]]) -> Judgement:
    """Count pairs of a given label and a level of the service."""
    counts: dict[tuple[int, int], int] = {}
    for label, level in pairs:
        pair = (label, LABEL_OF[level])
        counts[pair] = counts.get(pair, 0) + 1
    return Judgement(counts)


def percentile(values: Sequence[float], share: float) -> float | None:
    """The smallest value that at least this share (0 to 1) of all does not exceed; None without values."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def latencies(name: str, seconds: Sequence[float]) -> str:
    """One line: count, p50, p95, p99 and the largest, in milliseconds."""
    if not seconds:
        return f"{name}: nothing to measure"
    marks = [("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("max", 1.0)]
    spoken = "  ".join(f"{mark} {1000 * (percentile(seconds, share) or 0):.1f} ms" for mark, share in marks)
    return f"{name}: {spoken}  (n={len(seconds)})"


def cut(words: str, characters_max: int) -> list[str]:
    """A long text as messages of at most so many characters, cut at a space or a stop where one is near."""
    parts: list[str] = []
    rest = words
    while len(rest) > characters_max:
        head = rest[:characters_max]
        at = max(head.rfind(mark) for mark in ("\n", " ", "。", "！", "？", "，"))
        end = at + 1 if at >= characters_max // 2 else characters_max
        parts.append(rest[:end])
        rest = rest[end:]
    return [part for part in (*parts, rest) if part.strip()] or [words]
