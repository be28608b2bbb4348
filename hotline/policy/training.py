"""Training a second opinion on labelled words: a line's own notes, or the house's open sets.

Rows are JSON, one a line, with `text` and `level` (0 none, 1 watch, 2 ideation or self-harm, 3 acute).
The words are read here, counted, and forgotten: nothing of them is written but pieces of at most four
characters that occur in several of them. New weights are tried on words that they have not seen, beside
those that are in use, and are not kept where they are worse.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hotline.base.errors import Broken, Refused
from hotline.domain.risk import learning
from hotline.domain.risk.learning import Quality, Sample
from hotline.domain.risk.normal import Plain
from hotline.domain.risk.opinion import Opinion, Weights, language_of, likelihood

ROWS_MAX: Final = 200_000
RISKY_MIN: Final = 40
"""With fewer messages of danger in a language nothing can be said of how good it is."""
QUIET_MAX: Final = 10.0
"""Of 1000 harmless messages so many may be marked for a look."""
FLAG: Final = 2


class _Row(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    text: str
    level: Annotated[int, Field(ge=0, le=3)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """New weights of a language, how good they are on words unseen, and how good those in use are there."""

    language: str
    messages: int
    risky: int
    weights: Weights
    quality: Quality
    before: Quality | None

    @property
    def is_better(self) -> bool:
        """Whether it finds more, at no more wrong marks than are allowed."""
        return self.before is None or self.quality.recall > self.before.recall


def read(path: Path, spell: Callable[[str], Plain]) -> dict[str, list[Sample]]:
    """The labelled rows of a file by language; rows without a level are left out.

    Raises:
        Broken: a row is none; the sentence names its line and not its words.
    """
    samples: dict[str, list[Sample]] = {}
    for plain, level in _rows(path, spell):
        samples.setdefault(language_of(plain), []).append(Sample(plain=plain, is_risk=level >= FLAG))
    return samples


def _rows(path: Path, spell: Callable[[str], Plain]) -> Iterator[tuple[str, int]]:
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if number > ROWS_MAX:
                raise Broken("opinion.rows", f"{path.name} has more than {ROWS_MAX} rows.")
            if not line.strip():
                continue
            try:
                row = _Row.model_validate(json.loads(line))
            except (ValidationError, json.JSONDecodeError):
                raise Broken(
                    "opinion.row", f"{path.name}: line {number} needs `text` and `level` 0 to 3."
                ) from None
            if row.level is not None and row.text.strip():
                yield spell(row.text).text, row.level


def train(samples: Mapping[str, list[Sample]], in_use: Opinion | None) -> list[Trained]:
    """Weights for every language with enough labelled danger.

    Raises:
        Refused: there is no such language.
    """
    trained = [
        _trained(language, rows, in_use)
        for language, rows in sorted(samples.items())
        if sum(each.is_risk for each in rows) >= RISKY_MIN
    ]
    if not trained:
        raise Refused(
            "opinion.few", f"There must be {RISKY_MIN} messages of level {FLAG} or more in a language."
        )
    return trained


def _trained(language: str, rows: list[Sample], in_use: Opinion | None) -> Trained:
    told = learning.cross_validated(rows, language)
    threshold = learning.threshold_for(told, QUIET_MAX)
    old = in_use.languages.get(language) if in_use else None
    return Trained(
        language=language,
        messages=len(rows),
        risky=sum(each.is_risk for each in rows),
        weights=replace(learning.train(rows, language), watch=threshold),
        quality=learning.quality(told, threshold),
        before=_quality_of(old, language, rows) if old else None,
    )


def _quality_of(weights: Weights, language: str, rows: Iterable[Sample]) -> Quality:
    """How good weights are on these words, at the threshold that lets as few harmless ones through."""
    told = [(likelihood(weights, each.plain, language), each.is_risk) for each in rows]
    return learning.quality(told, max(weights.watch, learning.threshold_for(told, QUIET_MAX)))


def kept(trained: Iterable[Trained], in_use: Opinion | None) -> dict[str, Weights]:
    """The weights that are to be used from now on: what is in use, and what is better.

    Raises:
        Refused: nothing is better; nothing changes.
    """
    better = {each.language: each.weights for each in trained if each.is_better}
    if not better:
        raise Refused("opinion.worse", "What was trained finds less than what is in use; it is not kept.")
    return {**(in_use.languages if in_use else {}), **better}
