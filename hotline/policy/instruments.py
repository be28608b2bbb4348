"""From the files of `config/instruments` to instruments that can be asked, or to all that is wrong with them.

A clinician writes one file for each instrument; this module reads it strictly, brings it into the plain form
that is kept in the database, takes the hash of that form as the version, and runs every example of the file.
Examples are not part of the version: more of them make no other instrument. A scale whose weights are not
complete is no fault: it is off, and says why.
"""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Final, Literal

import orjson
import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from hotline.base.errors import Broken, Refused
from hotline.domain.level import Level
from hotline.domain.risk import instruments
from hotline.domain.risk.instruments import Instrument

FILES_MAX: Final = 64
FILE_BYTES_MAX: Final = 200_000
ITEMS_MAX: Final = 100
VERSION_CHARACTERS: Final = 16

Instruments = Mapping[str, Instrument]


class InstrumentsError(Broken):
    """The files in `config/instruments` have faults; nobody is asked by them until they are mended."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        self.faults = faults
        listed = "\n".join(f"- {fault}" for fault in faults)
        super().__init__("instruments_broken", f"The instruments have {len(faults)} fault(s):\n{listed}")


def _word(value: object) -> object:
    """YAML reads a bare yes or no as a truth value; people who write answers mean the word."""
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value


def _yes_no(value: object) -> object:
    if value != "yes_no":
        return value
    return [{"id": "no", "zh": "否", "en": "no"}, {"id": "yes", "zh": "是", "en": "yes"}]


def _level(value: object) -> object:
    return Level.parse(value).text if isinstance(value, str) else value


Id = Annotated[str, BeforeValidator(_word), Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
Given = Annotated[Id | int, BeforeValidator(_word)]
Sheet = dict[Id, Given]
LevelText = Annotated[str, BeforeValidator(_level)]
Weight = Annotated[int, Field(ge=0, le=100)]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Both(_Row):
    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)


class _Choice(_Both):
    id: Id
    weight: Weight | None = None


class _Counted(_Row):
    at: int
    weight: Weight


class _Number(_Row):
    least: int
    most: int
    graver: Literal["up", "down"]
    weights: tuple[_Counted, ...] = ()


class _Item(_Row):
    id: Id
    ask: _Both
    answers: Annotated[tuple[_Choice, ...], BeforeValidator(_yes_no)] = ()
    number: _Number | None = None
    ask_if: Sheet = {}
    group: _Both | None = None


class _Criterion(_Row):
    level: LevelText
    at_least: Sheet = Field(min_length=1)
    why: _Both


class _Cut(_Row):
    start: int = Field(alias="from", ge=0)
    level: LevelText


class _Scale(_Row):
    most: int = Field(ge=1)
    cuts: tuple[_Cut, ...] = Field(min_length=1)


class _Example(_Row):
    """Answers that must come to a level, or be refused with a code."""

    answers: Sheet
    level: LevelText | None = None
    score: int | None = None
    refused: str | None = None


class _File(_Row):
    id: Id
    use: Literal["screener", "criteria", "scale", "checklist", "ratings"]
    name: _Both
    source: str = Field(min_length=1)
    may_stay_open: bool = False
    items: tuple[_Item, ...] = Field(min_length=1, max_length=ITEMS_MAX)
    criteria: tuple[_Criterion, ...] = ()
    scale: _Scale | None = None
    examples: tuple[_Example, ...]


def load(folder: Path) -> Instruments:
    """Read every instrument of a folder, and run its examples.

    Raises:
        InstrumentsError: with every fault found, not only the first.
    """
    paths = sorted(folder.glob("*.yaml"))
    if not paths or len(paths) > FILES_MAX:
        raise InstrumentsError((f"{folder.name} holds {len(paths)} instruments; 1 to {FILES_MAX} are read.",))
    found: dict[str, Instrument] = {}
    faults: list[str] = []
    for path in paths:
        try:
            file = _read(path)
        except ValueError as error:
            faults.append(f"{path.name}: {error}")
            continue
        if file.id in found:
            faults.append(f"{path.name}: the id {file.id!r} stands in another file too.")
        instrument = _made(file)
        found[file.id] = instrument
        faults += [f"{path.name}: {fault}" for fault in _faults(instrument, file)]
    if faults:
        raise InstrumentsError(tuple(faults))
    return found


def _read(path: Path) -> _File:
    if path.stat().st_size > FILE_BYTES_MAX:
        raise ValueError(f"it is larger than {FILE_BYTES_MAX} bytes.")
    try:
        return _File.model_validate(yaml.safe_load(path.read_text("utf-8")))
    except yaml.YAMLError as error:
        raise ValueError(f"it is not YAML: {error}") from None
    except ValidationError as error:
        told = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise ValueError(told) from None


def _made(file: _File) -> Instrument:
    document = file.model_dump(mode="json", by_alias=True, exclude={"examples"})
    text = orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
    version = hashlib.sha256(text).hexdigest()[:VERSION_CHARACTERS]
    draft = instruments.made(document, version)
    return instruments.made(document, version, off=instruments.unweighed(draft))


def _faults(instrument: Instrument, file: _File) -> Iterator[str]:
    wrong = list(instruments.faults(instrument))
    wrong += [
        f"{item.id!r} needs either answers or a number."
        for item in file.items
        if bool(item.answers) == bool(item.number)
    ]
    if wrong:
        yield from wrong
        return
    if instrument.off is None and not file.examples:
        yield "it has no example; each instrument that is asked carries some that must come out."
    if instrument.off is None:
        for example in file.examples:
            yield from _example_faults(instrument, example)


def _example_faults(instrument: Instrument, example: _Example) -> Iterator[str]:
    answers = example.answers
    shown = ", ".join(f"{name}: {answer}" for name, answer in answers.items())
    try:
        instruments.check(instrument, answers)
    except Refused as refused:
        if refused.code != example.refused:
            yield f"the example {{{shown}}} is refused ({refused.code}): {refused.sentence}"
        return
    if example.refused is not None:
        yield f"the example {{{shown}}} should be refused ({example.refused}) and is not."
        return
    result = instruments.result(instrument, answers)
    came_to = result.level.text if result.level is not None else None
    if came_to != example.level:
        yield f"the example {{{shown}}} should come to {example.level} and comes to {came_to}."
    if example.score is not None and example.score != result.score:
        yield f"the example {{{shown}}} should score {example.score} and scores {result.score}."
