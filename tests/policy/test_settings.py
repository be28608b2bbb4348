"""A setting that is misspelt, or a file that cannot be read, stops the start with one sentence."""

import re
from pathlib import Path

import pytest

from hotline.base.errors import Broken
from hotline.base.places import config_dir
from hotline.policy import settings


def refused(folder: Path) -> str:
    with pytest.raises(Broken) as stopped:
        settings.load(folder)
    assert "\n" not in stopped.value.sentence
    return stopped.value.sentence


def written(folder: Path, text: str) -> Path:
    (folder / "hotline.toml").write_text(text, "utf-8")
    return folder


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOTLINE_WEB__PORT", "8123")
    assert settings.load(written(tmp_path, "[web]\nport = 8001\n")).web.port == 8123


@pytest.mark.parametrize("name", ["HOTLINE_WEBB__PORT", "hotline_webb__port"])
def test_an_unknown_group_in_the_environment_is_refused(name: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(name, "1")
    sentence = refused(config_dir())
    assert name in sentence
    assert "HOTLINE_WEB__" in sentence


def test_an_unknown_name_in_a_known_group_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOTLINE_WEB__PROT", "1")
    assert "HOTLINE_WEB__PROT is unknown; is HOTLINE_WEB__PORT meant?" in refused(config_dir())


def test_a_variable_that_nobody_reads_is_named_with_the_one_that_is_meant():
    mistyped = ["HOTLINE_HOEM", "HOTLINE_WEB_PORT", "HOTLINE_SOMETHING"]
    fine = ["HOTLINE_HOME", "HOTLINE_WEB", "HOTLINE_WEB__PORT", "HOTLINE_PRACTICE_PORT", "HOTLINE_TEST_HOME"]
    assert settings.strangers([*mistyped, *fine, "HOME"]) == [
        "HOTLINE_HOEM is unknown and does nothing; is HOTLINE_HOME meant?",
        "HOTLINE_SOMETHING is unknown and does nothing.",
        "HOTLINE_WEB_PORT is unknown and does nothing; is HOTLINE_WEB__PORT meant?",
    ]


def test_every_variable_that_the_house_reads_is_known():
    sources = [path.read_text("utf-8") for path in (config_dir().parent / "hotline").glob("[!c]*/**/*.py")]
    read = {name for text in sources for name in re.findall(r'"(HOTLINE_[A-Z_]+[A-Z])"', text)}
    assert "HOTLINE_HOME" in read
    assert settings.strangers(read) == []


@pytest.mark.parametrize(
    "name",
    ["HOTLINE_SOMETHING", "HOTLINE_PRACTICE_PORT", "HOTLINE_PRACTICE_API__KEYS", "OTHER_HOTLINE_WEBB__PORT"],
)
def test_names_that_are_no_settings_are_left_alone(name: str, monkeypatch: pytest.MonkeyPatch):
    before = settings.load(config_dir()).model_dump()
    monkeypatch.setenv(name, "1")
    assert settings.load(config_dir()).model_dump() == before


def test_an_unknown_group_in_the_file_is_refused(tmp_path: Path):
    assert "webb" in refused(written(tmp_path, "[webb]\nport = 1\n"))


def test_a_slip_in_the_file_is_shown_with_its_line(tmp_path: Path):
    sentence = refused(written(tmp_path, "[web]\nport = = 8000\n"))
    assert str(tmp_path / "hotline.toml") in sentence
    assert "line 2" in sentence


def test_a_file_of_another_encoding_is_refused(tmp_path: Path):
    (tmp_path / "hotline.toml").write_bytes(b'[web]\nhost = "\xff"\n')
    assert "is not TOML" in refused(tmp_path)
