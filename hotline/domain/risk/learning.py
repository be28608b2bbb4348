"""How the weights of the second opinion are learned from labelled words, and how good they are.

Logistic regression over short pieces of text, trained one message at a time with a step that shrinks
for pieces often met. No chance is involved: the same words give the same weights on every machine.
Words are only counted here; what is handed back are pieces that occur in several messages, with one
number each.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from hotline.domain.risk.opinion import Weights, likelihood, pieces

EPOCHS: Final = 12
STEP: Final = 0.5
SHRINK: Final = 2e-4
"""By so much a weight is drawn to zero whenever its piece is met."""
MESSAGES_MIN: Final = 3
"""A piece in fewer messages is left out: it would be somebody's words, not a way of speaking."""
PIECES_MAX: Final = 6_000
FOLDS: Final = 5
NEVER: Final = 2.0
"""A likelihood that no text reaches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Words in plain spelling and whether they are a wish to die or to harm oneself (level 2 or more)."""

    plain: str
    is_risk: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """How good likelihoods are at a threshold: recall and precision, and wrong ones per 1000 harmless."""

    threshold: float
    recall: float
    precision: float
    quiet: float


_Text = tuple[tuple[str, ...], float, bool]


def train(samples: Sequence[Sample], language: str) -> Weights:
    """Weights for a language; the likelihood from which they mark a message is still to be chosen."""
    counted = Counter(piece for sample in samples for piece in pieces(sample.plain, language))
    known = {piece for piece, times in counted.items() if times >= MESSAGES_MIN}
    texts = [
        (tuple(sorted(pieces(each.plain, language) & known)), _scale(each, language), each.is_risk)
        for each in samples
    ]
    weights, bias = _fitted(texts)
    heaviest = sorted(weights.items(), key=lambda item: (-abs(item[1]), item[0]))[:PIECES_MAX]
    return Weights(
        bias=round(bias, 3),
        pieces={piece: round(weight, 2) for piece, weight in sorted(heaviest) if round(weight, 2)},
        watch=NEVER,
    )


def _scale(sample: Sample, language: str) -> float:
    return 1.0 / math.sqrt(max(1, len(pieces(sample.plain, language))))


def _fitted(texts: Sequence[_Text]) -> tuple[dict[str, float], float]:
    """Weights and bias; risk is weighed up so that both sides count alike."""
    risky = sum(1 for *_, is_risk in texts if is_risk) or 1
    pull = {True: min(8.0, (len(texts) - risky) / risky), False: 1.0}
    weights: dict[str, float] = {}
    met: dict[str, float] = {}
    bias, bias_met = 0.0, 1.0
    for _ in range(EPOCHS):
        for known, scale, is_risk in _shuffled(texts):
            worth = bias + scale * sum(weights.get(piece, 0.0) for piece in known)
            error = (1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, worth)))) - is_risk) * pull[is_risk]
            bias_met += error * error
            bias -= STEP * error / math.sqrt(bias_met)
            slope = error * scale
            for piece in known:
                old = weights.get(piece, 0.0)
                bend = slope + SHRINK * old
                met[piece] = met.get(piece, 1e-3) + bend * bend
                weights[piece] = old - STEP * bend / math.sqrt(met[piece])
    return weights, bias


def _shuffled(items: Sequence[_Text]) -> Iterator[_Text]:
    """All items in an order that mixes them, the same each time: steps of a number that shares no factor."""
    count = len(items)
    step = next(
        each for each in range(max(1, int(count * 0.618)), 2 * count + 2) if math.gcd(each, count) == 1
    )
    yield from (items[(at * step) % count] for at in range(count))


def cross_validated(samples: Sequence[Sample], language: str) -> list[tuple[float, bool]]:
    """The likelihood of every sample by weights that have not seen it, and what it is."""
    told: list[tuple[float, bool]] = []
    for fold in range(FOLDS):
        unseen = [each for at, each in enumerate(samples) if at % FOLDS == fold]
        weights = train([each for at, each in enumerate(samples) if at % FOLDS != fold], language)
        told += [(likelihood(weights, each.plain, language), each.is_risk) for each in unseen]
    return told


def threshold_for(told: Iterable[tuple[float, bool]], quiet_max: float) -> float:
    """The least likelihood at which at most `quiet_max` of 1000 harmless messages are marked."""
    harmless = sorted((score for score, is_risk in told if not is_risk), reverse=True)
    if not harmless:
        return NEVER
    allowed = int(len(harmless) * quiet_max / 1000)
    return min(0.999, round(harmless[allowed] + 0.001, 3)) if allowed < len(harmless) else 0.5


def quality(told: Sequence[tuple[float, bool]], threshold: float) -> Quality:
    """Recall, precision and wrong marks per 1000 harmless messages at a threshold."""
    hits = sum(1 for score, is_risk in told if is_risk and score >= threshold)
    wrong = sum(1 for score, is_risk in told if not is_risk and score >= threshold)
    risky = sum(1 for _, is_risk in told if is_risk)
    return Quality(
        threshold=threshold,
        recall=hits / risky if risky else 0.0,
        precision=hits / (hits + wrong) if hits + wrong else 0.0,
        quiet=1000 * wrong / max(1, len(told) - risky),
    )
