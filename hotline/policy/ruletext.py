"""The files of the rulebook as written: strict models of every entry, put together as one document.

A folder holds any number of YAML files. A file with a `language` carries word lists, signals and masks
of that language; the others carry limits, categories and rules. Unknown fields, doubled keys and words
of a wrong kind are faults with the name of their file. Nothing is compiled here.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from hotline.domain.background import Memory
from hotline.domain.risk.assess import Facts, Limits
from hotline.domain.risk.levels import Level
from hotline.domain.risk.lexicon import How
from hotline.domain.risk.rules import Answer, Form, History, Speaker
from hotline.domain.routes import FLAGS

FILES_MAX = 64
FILE_BYTES_MAX = 1_000_000
UNREAD = "\ufffd"
"""What stands where bytes were no UTF-8."""

Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,59}$")]


def _flag(value: str) -> str:
    if value not in FLAGS:
        raise ValueError(f"{value!r} is no flag; use one of: {', '.join(FLAGS)}")
    return value


Flag = Annotated[str, AfterValidator(_flag)]


def _level(value: object) -> object:
    return Level.parse(value) if isinstance(value, str) else value


def _answer(value: object) -> object:
    """YAML reads a bare yes or no as a truth value; people who write rules mean the word."""
    return {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value


LevelText = Annotated[Level, BeforeValidator(_level)]
AnswerText = Annotated[Answer, BeforeValidator(_answer)]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Both(_Row):
    """A sentence in both languages of the house."""

    zh: str
    en: str


class FormRow(_Row):
    safe_now: AnswerText = Answer.NOT_ASKED
    thoughts_now: AnswerText = Answer.NOT_ASKED
    attempted_before: AnswerText = Answer.NOT_ASKED
    age_band: str = ""


class HistoryRow(_Row):
    recent_high: bool | None = False
    recent_attempt: bool | None = False
    abandoned_recently: bool | None = False
    frequent: bool | None = False


class BeforeRow(_Row):
    """An earlier message of an example: the caller's, or the counselor's question."""

    text: str = ""
    speaker: Speaker = Speaker.CALLER

    @model_validator(mode="before")
    @classmethod
    def _bare_text(cls, value: Any) -> Any:
        return {"text": value} if isinstance(value, str) else value


class ExampleRow(_Row):
    """A made-up message, or other facts, for which an entry must or must not speak up.

    `before` are the messages that came before it in the same contact, a minute apart; `hour` is the line's.
    """

    text: str = ""
    before: tuple[BeforeRow, ...] = ()
    hour: int | None = Field(default=12, ge=0, le=23)
    channel: str = "chat"
    keys: tuple[str, ...] = ()
    form: FormRow = FormRow()
    history: HistoryRow = HistoryRow()
    speaker: Speaker = Speaker.CALLER
    level: LevelText = Level.NONE_FOUND

    @model_validator(mode="before")
    @classmethod
    def _bare_text(cls, value: Any) -> Any:
        return {"text": value} if isinstance(value, str) else value

    def facts(self) -> Facts:
        """The example as the facts it stands for."""
        return Facts(
            text=self.text,
            channel=self.channel,
            keys=frozenset(self.keys),
            form=Form(**self.form.model_dump()),
            history=History(**self.history.model_dump()),
            speaker=self.speaker,
            level=self.level,
            hour=self.hour,
        )

    def shown(self) -> str:
        """What to show in a fault: the text, or whatever else was given."""
        return self.text or str(self.model_dump(exclude_defaults=True))


class HitOrMiss(_Row):
    hit: tuple[ExampleRow, ...] = ()
    miss: tuple[ExampleRow, ...] = ()


class QuietOrHeard(_Row):
    quiet: tuple[ExampleRow, ...] = ()
    heard: tuple[ExampleRow, ...] = ()


class RuleExamples(_Row):
    hit: tuple[ExampleRow, ...] = Field(min_length=1)
    miss: tuple[ExampleRow, ...] = Field(min_length=1)


class NearRow(_Row):
    categories: tuple[str, ...] = Field(min_length=1)
    within: int = Field(ge=1, le=200)


class SignalRow(_Row):
    id: Id
    name: Both
    category: str
    terms: tuple[str, ...] = ()
    whole: tuple[str, ...] = ()
    near: NearRow | None = None
    examples: HitOrMiss = HitOrMiss()


class MaskRow(_Row):
    id: Id
    why: Both
    terms: tuple[str, ...] = Field(min_length=1)
    unless: tuple[str, ...] = ()
    how: How = How.INSIDE
    hides: tuple[str, ...] = Field(min_length=1)
    reach: int = Field(default=6, ge=0, le=40)
    over_commas: bool = False
    becomes: str | None = None
    examples: QuietOrHeard = QuietOrHeard()


class RuleRow(_Row):
    id: Id
    when: str = Field(min_length=1, max_length=600)
    level: LevelText
    flags: tuple[Flag, ...] = ()
    reason: Both
    examples: RuleExamples


class LimitsRow(_Row):
    text_characters_max: int = Field(ge=200, le=20_000)
    places_max: int = Field(ge=100, le=20_000)
    lately_minutes: int = Field(default=30, ge=1, le=1_440)
    just_messages: int = Field(default=6, ge=1, le=50)
    often_messages: int = Field(default=3, ge=2, le=50)
    night_from: int = Field(default=23, ge=0, le=23)
    night_to: int = Field(default=6, ge=0, le=23)
    second_opinion: bool = False
    opinion_characters_min: int = Field(default=8, ge=1, le=1_000)

    def limits(self) -> Limits:
        """The limits as the domain takes them."""
        return Limits(
            text_characters_max=self.text_characters_max,
            places_max=self.places_max,
            memory=Memory(
                lately_minutes=self.lately_minutes,
                just_messages=self.just_messages,
                often_messages=self.often_messages,
            ),
            night_from=self.night_from,
            night_to=self.night_to,
            second_opinion=self.second_opinion,
            opinion_characters_min=self.opinion_characters_min,
        )


class LanguageFile(_Row):
    language: Literal["zh", "en"]
    words: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    signals: tuple[SignalRow, ...] = ()
    masks: tuple[MaskRow, ...] = ()


class RulesFile(_Row):
    """Of the files with rules exactly one holds the limits; categories may stand in any of them, once."""

    limits: LimitsRow | None = None
    categories: dict[Id, Both] = Field(default_factory=dict)
    rules: tuple[RuleRow, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """All files of a folder as one; each entry stands beside the name of its file."""

    digest: str
    limits: LimitsRow
    categories: Mapping[str, Both]
    languages: Mapping[str, str]
    words: Mapping[str, Mapping[str, Sequence[str]]]
    signals: Sequence[tuple[str, SignalRow]]
    masks: Sequence[tuple[str, MaskRow]]
    rules: Sequence[tuple[str, RuleRow]]


@dataclass(slots=True)
class _Shelf:
    """Files read so far."""

    languages: dict[str, LanguageFile] = field(default_factory=dict)
    rules: dict[str, RulesFile] = field(default_factory=dict)


Files = Mapping[str, str]
"""A rulebook as its authors keep it: the text of each file by its name."""


def files_of(folder: Path) -> dict[str, str]:
    """The files of a folder, in plain form; `read` refuses more of them, or longer ones, than the limits."""
    paths = sorted(folder.glob("*.yaml"))[: FILES_MAX + 1]
    return {
        path.name: plain(path.read_bytes()[: FILE_BYTES_MAX + 1].decode("utf-8", errors="replace"))
        for path in paths
    }


def plain(text: str) -> str:
    """A text whose lines end alike: what nobody sees makes no other version."""
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


def digest_of(files: Files) -> str:
    """The hash that names these files, as appraisals keep it; the same in any order and on any machine."""
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(f"{name}\n{plain(files[name])}".encode())
    return digest.hexdigest()


def read(files: Files, faults: list[str]) -> Document:
    """Read the files; what cannot be read is added to `faults`, and the rest is still read."""
    faults += _too_much(files)
    shelf = _Shelf()
    for name in sorted(files):
        _read_file(name, plain(files[name]), shelf, faults)
    if not faults:
        faults += _doubts(shelf)
    return _document(digest_of(files), shelf)


def _too_much(files: Files) -> list[str]:
    """What is beyond the limits: nothing is cut off silently, a rule that is not read never hits."""
    long = [name for name, text in sorted(files.items()) if len(text.encode()) > FILE_BYTES_MAX]
    faults = [f"{name}: a file has {FILE_BYTES_MAX} bytes at most: part it." for name in long]
    if len(files) > FILES_MAX:
        faults.append(f"A rulebook has {FILES_MAX} files at most: put some together.")
    return faults


def _doubts(shelf: _Shelf) -> list[str]:
    """What is wrong with the files of rules taken together."""
    limits = [name for name, file in shelf.rules.items() if file.limits]
    named = Counter(name for file in shelf.rules.values() for name in file.categories)
    doubts = [
        f"the category {name!r} stands in two files: leave it in one." for name in named if named[name] > 1
    ]
    if len(limits) != 1:
        doubts.append(f"There must be exactly one file of rules with `limits`, found {len(limits)}.")
    return doubts


def _document(digest: str, shelf: _Shelf) -> Document:
    limits = next((file.limits for file in shelf.rules.values() if file.limits), None)
    words: dict[str, dict[str, Sequence[str]]] = {"zh": {}, "en": {}}
    for file in shelf.languages.values():
        words[file.language].update(file.words)
    return Document(
        digest=digest,
        limits=limits or LimitsRow(text_characters_max=4_000, places_max=2_000),
        categories={name: both for file in shelf.rules.values() for name, both in file.categories.items()},
        languages={name: file.language for name, file in shelf.languages.items()},
        words=words,
        signals=[(name, row) for name, file in shelf.languages.items() for row in file.signals],
        masks=[(name, row) for name, file in shelf.languages.items() for row in file.masks],
        rules=[(name, row) for name, file in shelf.rules.items() for row in file.rules],
    )


def _read_file(name: str, text: str, shelf: _Shelf, faults: list[str]) -> None:
    if (unread := text.find(UNREAD)) >= 0:
        line = text.count("\n", 0, unread) + 1
        faults.append(f"{name}: line {line} is not UTF-8; save the file in that encoding.")
        return
    content: object = None
    try:
        content = yaml.load(text, Loader=_StrictLoader)  # noqa: S506 - a SafeLoader that refuses doubled keys
        if isinstance(content, dict) and "language" in content:
            shelf.languages[name] = LanguageFile.model_validate(content)
        else:
            shelf.rules[name] = RulesFile.model_validate(content)
    except ValidationError as error:
        faults += [f"{name}: {_place(content, one['loc'])}: {one['msg']}." for one in error.errors()]
    except yaml.YAMLError as error:
        faults.append(f"{name}: this is not readable YAML: {' '.join(str(error).split())}.")


def _place(content: Any, loc: tuple[int | str, ...]) -> str:
    """Where a fault is, in names a clinician knows: the id of the entry instead of its number."""
    named: list[str] = []
    rest = content
    for part in loc:
        rest = _within(rest, part)
        own = _within(rest, "id")
        named.append(repr(own) if isinstance(own, str) else str(part))
    return " ".join(named)


def _within(content: Any, part: int | str) -> Any:
    try:
        return content[part]
    except (KeyError, IndexError, TypeError):
        return None


class _StrictLoader(yaml.CSafeLoader):
    """YAML in which a key that stands twice is a fault: the first one would vanish unseen."""


def _mapping(loader: _StrictLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    keys = [loader.construct_object(key, deep=True) for key, _ in node.value]
    doubled = [key for at, key in enumerate(keys) if key in keys[:at]]
    if doubled:
        raise yaml.constructor.ConstructorError(
            None, None, f"the key {doubled[0]!r} stands there twice", node.start_mark
        )
    return loader.construct_mapping(node, deep=True)


_StrictLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)
