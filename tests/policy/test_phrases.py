"""No caller meets silence because a phrase is missing in one language."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from hotline.base.errors import Broken
from hotline.base.places import config_dir
from hotline.domain.leg import Prompt
from hotline.policy import phrases
from hotline.policy.phrases import NUMBER_NAMES, TAKES, Phrases

NUMBERS = ("110", "119", "120", "12356")
FOLDER = config_dir() / "phrases"
TO_CALLERS_AT_THE_END = ("farewell", "emergency_numbers", "closed")


@pytest.fixture(scope="module")
def house() -> Phrases:
    """The phrases that are shipped."""
    return phrases.load(FOLDER, NUMBERS, "zh")


def prompt(key: str, language: str, /, **values: int | str) -> Prompt:
    """A prompt with what it is told."""
    return Prompt(key=key, language=language, values=tuple(values.items()))


def test_every_phrase_can_be_said_and_written_in_every_language(house: Phrases):
    for language in house.languages:
        for key, names in TAKES.items():
            full = prompt(key, language, **dict.fromkeys(names, 3))
            [piece] = house.say(full)
            assert piece.text.strip()
            assert "{" not in piece.text + house.write(full)


def test_each_language_speaks_with_its_own_voice(house: Phrases):
    voices = {one: house.say(prompt("farewell", one))[0].voice_language for one in house.languages}
    assert voices == {"zh": "cmn-CN", "en": "en-GB"}


def test_emergency_numbers_are_spoken_digit_by_digit_and_written_as_dialled(house: Phrases):
    assert "幺幺零" in house.say(prompt("emergency_numbers", "zh"))[0].text
    assert "one one zero" in house.say(prompt("emergency_numbers", "en"))[0].text
    assert "110" in house.write(prompt("emergency_numbers", "zh"))


def test_another_country_s_numbers_need_no_other_program():
    british = phrases.load(FOLDER, ("999", "999", "999", "116123"), "en")
    assert "nine nine nine" in british.say(prompt("emergency_numbers", "en"))[0].text


def test_nobody_is_let_go_without_somewhere_to_turn_to(house: Phrases):
    for language in house.languages:
        for key in TO_CALLERS_AT_THE_END:
            assert "120" in house.write(prompt(key, language))
            assert "12356" in house.write(prompt(key, language))


def test_whoever_waits_or_arrives_is_told_the_key_for_danger(house: Phrases):
    for language in house.languages:
        for key in ("greeting", "closed", "waiting", "waiting_place"):
            assert "9" in house.write(prompt(key, language, place=2))


def test_a_line_in_several_languages_offers_each_in_its_own(house: Phrases):
    pieces = house.say(prompt("greeting", "zh", languages="zh+en"))
    assert [piece.voice_language for piece in pieces] == ["cmn-CN", "cmn-CN", "en-GB"]
    assert "1" in pieces[1].text
    assert "press 2" in pieces[2].text


def test_a_line_in_one_language_asks_nobody_to_choose(house: Phrases):
    assert len(house.say(prompt("greeting", "en", languages="en"))) == 1
    assert len(house.say(prompt("greeting", "en"))) == 1


def test_a_language_without_a_file_is_spoken_to_in_the_default_one(house: Phrases):
    assert house.say(prompt("waiting", "ii")) == house.say(prompt("waiting", "zh"))


def test_a_recording_goes_with_its_phrase(tmp_path: Path):
    def record(file: dict[str, Any]) -> None:
        file["phrases"]["farewell"] = {
            "say": file["phrases"]["farewell"],
            "audio": "https://cdn.example/f.mp3",
        }

    told = phrases.load(changed(tmp_path, "zh", record), NUMBERS, "zh")
    assert told.say(prompt("farewell", "zh"))[0].audio == "https://cdn.example/f.mp3"
    assert told.say(prompt("farewell", "en"))[0].audio is None


def changed(folder: Path, language: str, change: Callable[[dict[str, Any]], None]) -> Path:
    """A copy of the shipped folder in which one file is different."""
    for path in FOLDER.glob("*.yaml"):
        file = yaml.safe_load(path.read_text("utf-8"))
        if path.stem == language:
            change(file)
        (folder / path.name).write_text(yaml.safe_dump(file, allow_unicode=True), "utf-8")
    return folder


def says(key: str, words: object) -> Callable[[dict[str, Any]], None]:
    """Say something else."""
    return lambda file: file["phrases"].update({key: words})


def lacks(key: str) -> Callable[[dict[str, Any]], None]:
    """Leave a phrase out."""
    return lambda file: file["phrases"].pop(key)


def is_set(name: str, value: object) -> Callable[[dict[str, Any]], None]:
    """Set something of the whole file."""
    return lambda file: file.update({name: value})


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lacks("waiting"), "en.yaml: the phrase waiting is missing"),
        (says("wating", "x"), "en.yaml: nobody says wating"),
        (says("waiting_place", "Please wait."), "waiting_place: {place} is missing"),
        (says("waiting", "You are {place}."), "waiting: {place} is filled in by nobody"),
        (says("farewell", "Goodbye."), "farewell: it names other emergency numbers"),
        (says("waiting", "Please {wait"), "waiting: its braces do not match"),
        (says("waiting", {"say": "x", "audio": "file:///x"}), "phrases.waiting"),
        (
            says("take", {"say": "{seconds}", "audio": "https://cdn.example/t.mp3"}),
            "take: a recording cannot say",
        ),
        (says("waiting", {"say": ""}), "phrases.waiting"),
        (is_set("digits", ["0"]), "en.yaml: digits"),
        (is_set("voice", "x"), "en.yaml: voice"),
        (is_set("voice_language", "english"), "en.yaml: voice_language"),
    ],
)
def test_a_broken_phrase_stops_the_start_and_is_named(
    tmp_path: Path, change: Callable[[dict[str, Any]], None], fault: str
):
    with pytest.raises(Broken) as broken:
        phrases.load(changed(tmp_path, "en", change), NUMBERS, "zh")
    assert fault in broken.value.sentence


def test_a_file_that_is_no_yaml_is_named(tmp_path: Path):
    (changed(tmp_path, "zh", lambda _: None) / "en.yaml").write_text("phrases: {", "utf-8")
    with pytest.raises(Broken, match=r"en\.yaml: it is not YAML"):
        phrases.load(tmp_path, NUMBERS, "zh")


def test_the_default_language_must_exist(tmp_path: Path):
    for folder in (tmp_path, FOLDER):
        with pytest.raises(Broken, match=r"no yue\.yaml"):
            phrases.load(folder, NUMBERS, "yue")


def test_the_four_emergency_numbers_are_all_needed():
    with pytest.raises(Broken, match=", ".join(NUMBER_NAMES)):
        phrases.load(FOLDER, ("110", "120"), "zh")
