"""What is said and written to people, in every language of the house, from `config/phrases/*.yaml`.

A caller must never hear silence because one language lacks one phrase, so all of it is checked at start:
every language has every phrase, with the same places to fill in, and no others. The emergency numbers are
configuration; where they are spoken they are spelled digit by digit, as people say them.
"""

import string
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hotline.base.errors import Broken
from hotline.domain.leg import LANGUAGE_KEYS, Prompt

TAKES: Final[Mapping[str, frozenset[str]]] = {
    "greeting": frozenset(),
    "closed": frozenset(),
    "language_choice": frozenset({"key"}),
    "waiting": frozenset(),
    "waiting_restricted": frozenset(),
    "waiting_place": frozenset({"place"}),
    "reconnecting": frozenset(),
    "diverted": frozenset(),
    "emergency_numbers": frozenset(),
    "farewell": frozenset(),
    "unavailable": frozenset(),
    "take": frozenset({"seconds"}),
    "offer_over": frozenset(),
    "page_imminent": frozenset({"link"}),
    "page_high": frozenset({"link"}),
    "page_other": frozenset({"link"}),
    "page_stalled": frozenset({"link"}),
    "page_join": frozenset({"link"}),
    "page_number": frozenset({"link"}),
    "page_handover": frozenset({"link"}),
    "page_cover": frozenset({"link"}),
    "page_help": frozenset({"link"}),
    "page_hello": frozenset(),
    "page_call_imminent": frozenset(),
    "page_call_high": frozenset(),
    "page_call_other": frozenset(),
    "page_call_stalled": frozenset(),
    "page_call_handover": frozenset(),
    "page_call_cover": frozenset(),
    "page_call_help": frozenset(),
    "page_taken": frozenset(),
    "page_heard": frozenset(),
    "page_declined": frozenset(),
    "page_late": frozenset(),
    "page_over": frozenset(),
    "page_look": frozenset(),
}
"""Every phrase there must be, and what it is told when it is said."""

NUMBER_NAMES: Final = ("police", "fire", "ambulance", "hotline")
"""What the emergency numbers of the configuration are, in their order."""

CHARACTERS_MAX: Final = 1000
_OF_NUMBERS: Final = frozenset(NUMBER_NAMES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """One piece of speech in one voice, and a recording of it if there is one."""

    text: str
    audio: str | None
    voice_language: str


class _Recorded(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    say: Annotated[str, Field(min_length=1, max_length=CHARACTERS_MAX)]
    audio: Annotated[str | None, Field(pattern=r"^https?://[A-Za-z0-9._~/:-]+$")] = None


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    voice_language: Annotated[str, Field(pattern=r"^[a-z]{2,3}-[A-Z]{2}$")]
    digits: Annotated[tuple[str, ...], Field(min_length=10, max_length=10)]
    digits_apart: str
    phrases: dict[str, str | _Recorded]

    def phrase(self, key: str) -> _Recorded:
        """The phrase, with or without a recording."""
        found = self.phrases[key]
        return _Recorded(say=found) if isinstance(found, str) else found


class Phrases:
    """Words for prompts; made by `load`, which has checked that none is missing."""

    def __init__(self, files: Mapping[str, _File], numbers: Mapping[str, str], default: str) -> None:
        """Take checked files by language; `default` speaks for languages that have no file."""
        self._files = files
        self._numbers = numbers
        self._default = default

    @property
    def languages(self) -> frozenset[str]:
        """The languages that have a file."""
        return frozenset(self._files)

    def say(self, prompt: Prompt) -> tuple[Spoken, ...]:
        """The pieces to be heard, in order.

        A prompt that offers several languages (`languages`, joined by +) is followed by the choice in
        each of them, in its own voice.
        """
        values = dict(prompt.values)
        offered = [one for one in str(values.pop("languages", "")).split("+") if one]
        pieces = [self._spoken(prompt.key, prompt.language, values)]
        if len(offered) > 1:
            pieces += [
                self._spoken("language_choice", offered[index], {"key": key})
                for key, index in LANGUAGE_KEYS.items()
                if index < len(offered)
            ]
        return tuple(pieces)

    def write(self, prompt: Prompt) -> str:
        """The text to be read: numbers stand as they are dialled."""
        file = self._file(prompt.language)
        return file.phrase(prompt.key).say.format_map({**self._numbers, **dict(prompt.values)})

    def _spoken(self, key: str, language: str, values: Mapping[str, int | str]) -> Spoken:
        file = self._file(language)
        numbers = {name: _spelled(number, file) for name, number in self._numbers.items()}
        phrase = file.phrase(key)
        text = phrase.say.format_map({**numbers, **values})
        return Spoken(text=text, audio=phrase.audio, voice_language=file.voice_language)

    def _file(self, language: str) -> _File:
        return self._files.get(language) or self._files[self._default]


def load(folder: Path, emergency_numbers: Sequence[str], default: str) -> Phrases:
    """Read every language of a folder and check them against each other.

    `emergency_numbers` are those of police, fire service, ambulance and hotline; `default` is the language
    (the name of a file) for callers whose own has no file.

    Raises:
        Broken: with every fault found, each naming its file and phrase.
    """
    if len(emergency_numbers) != len(NUMBER_NAMES):
        raise _broken([f"the emergency numbers must be four, in this order: {', '.join(NUMBER_NAMES)}"])
    faults: list[str] = []
    files = {path.stem: file for path in sorted(folder.glob("*.yaml")) if (file := _read(path, faults))}
    if not faults and default not in files:
        faults.append(f"there is no {default}.yaml, the language for everybody without one")
    for language, file in files.items():
        faults += [f"{language}.yaml: {fault}" for fault in _faults(file, files.get(default))]
    if faults:
        raise _broken(faults)
    return Phrases(files, dict(zip(NUMBER_NAMES, emergency_numbers, strict=True)), default)


def _read(path: Path, faults: list[str]) -> _File | None:
    try:
        return _File.model_validate(yaml.safe_load(path.read_text("utf-8")))
    except yaml.YAMLError as error:
        faults.append(f"{path.name}: it is not YAML: {error}")
    except ValidationError as error:
        faults += [f"{path.name}: {'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
    return None


def _faults(file: _File, reference: _File | None) -> Iterator[str]:
    for key in sorted(TAKES.keys() - file.phrases.keys()):
        yield f"the phrase {key} is missing"
    for key in sorted(file.phrases.keys() - TAKES.keys()):
        yield f"nobody says {key}; take it out or mend its name"
    for key in sorted(TAKES.keys() & file.phrases.keys()):
        yield from (f"{key}: {fault}" for fault in _about(key, file, reference))


def _about(key: str, file: _File, reference: _File | None) -> Iterator[str]:
    phrase = file.phrase(key)
    try:
        places = _places(phrase.say)
    except ValueError as error:
        yield f"its braces do not match: {error}"
        return
    for name in sorted(places - TAKES[key] - _OF_NUMBERS):
        yield f"{{{name}}} is filled in by nobody"
    for name in sorted(TAKES[key] - places):
        yield f"{{{name}}} is missing"
    if phrase.audio and TAKES[key]:
        yield "a recording cannot say what is only known during the call"
    if reference and key in reference.phrases and _numbers_in(file, key) != _numbers_in(reference, key):
        yield "it names other emergency numbers than the default language does"


def _numbers_in(file: _File, key: str) -> frozenset[str]:
    return _OF_NUMBERS.intersection(name for name in NUMBER_NAMES if f"{{{name}}}" in file.phrase(key).say)


def _places(text: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


def _spelled(number: str, file: _File) -> str:
    words = [file.digits[int(one)] if one.isdecimal() else one for one in number]
    return file.digits_apart.join(words)


def _broken(faults: Sequence[str]) -> Broken:
    listed = "\n".join(f"- {fault}" for fault in faults)
    return Broken("phrases.broken", f"config/phrases has {len(faults)} fault(s):\n{listed}")
