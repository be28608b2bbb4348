"""The weights of the second opinion: the house's, or those that a line has trained on its notes.

A file is a table by language: `bias`, `watch`, and a number for each piece of text. What a line trains
lies under HOTLINE_HOME and stays there; it is used instead of ours where it is there. Whether it is
asked at all is a limit of the rulebook (`second_opinion`), so switching it on or off is a change that
two people make.
"""

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from hotline.base import places
from hotline.base.errors import Broken
from hotline.domain.risk.opinion import SIZES, Opinion, Weights

BYTES_MAX: Final = 300_000


class _Language(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    bias: float
    watch: Annotated[float, Field(gt=0, le=2)]
    pieces: dict[Annotated[str, Field(min_length=1, max_length=4)], float]


_FILE = TypeAdapter(dict[str, _Language])


def own_file() -> Path:
    """Where a line keeps the weights that it has trained itself."""
    return places.home() / "opinion.json"


@cache
def in_use() -> Opinion | None:
    """The opinion that this process asks; None where neither the house nor the line has one.

    Raises:
        Broken: a file of weights is there and cannot be used.
    """
    shipped = places.config_dir() / "opinion" / "weights.json"
    for path in (own_file(), shipped):
        if path.is_file():
            return load(path)
    return None


def load(path: Path) -> Opinion:
    """Read a file of weights.

    Raises:
        Broken: it is too large, or not of this form; the sentence says what.
    """
    text = path.read_text(encoding="utf-8")
    require_small(text)
    try:
        languages = _FILE.validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise Broken("opinion.form", f"{path.name}: {where}: {first['msg']}.") from None
    if astray := sorted(set(languages) - set(SIZES)):
        raise Broken("opinion.language", f"{path.name}: no language of ours: {', '.join(astray)}.")
    return Opinion(
        languages={
            name: Weights(bias=each.bias, watch=each.watch, pieces=each.pieces)
            for name, each in languages.items()
        },
        digest=hashlib.sha256(text.encode()).hexdigest(),
    )


def require_small(text: str) -> None:
    """Ask whether weights are as small as ours may be.

    Raises:
        Broken: they are larger.
    """
    size = len(text.encode())
    if size > BYTES_MAX:
        raise Broken(
            "opinion.size", f"The weights of the second opinion have {size} bytes; {BYTES_MAX} at most."
        )


def written(languages: Mapping[str, Weights]) -> str:
    """Weights as the text of a file."""
    rows = {
        name: {"bias": each.bias, "watch": each.watch, "pieces": dict(each.pieces)}
        for name, each in sorted(languages.items())
    }
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":")) + "\n"
