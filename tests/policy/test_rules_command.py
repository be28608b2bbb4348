"""`hotline rules` on folders: what needs no database."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from hotline import cli_rules
from hotline.policy import ruletext
from tests.rulebooks import FILES, taught

RUNNER = CliRunner()


def a_folder(path: Path, **files: str) -> str:
    path.mkdir()
    for name, text in {**FILES, **{f"{name}.yaml": text for name, text in files.items()}}.items():
        (path / name).write_text(text, encoding="utf-8")
    return str(path)


def test_a_sound_folder_is_named_by_its_version(tmp_path: Path):
    told = RUNNER.invoke(cli_rules.app, ["check", a_folder(tmp_path / "a")])
    assert (told.exit_code, ruletext.digest_of(FILES) in told.output) == (0, True)


def test_a_fault_is_told_with_file_and_line_and_the_command_fails(tmp_path: Path):
    told = RUNNER.invoke(cli_rules.app, ["check", a_folder(tmp_path / "a", lexicon_zh=taught('"(开"'))])
    assert told.exit_code == 1
    assert "lexicon_zh.yaml:4 signal 'wish_to_die'" in told.output


@pytest.mark.parametrize("name", ["no/such/folder", "lexicon_zh.yaml"])
def test_what_is_no_folder_of_rules_is_said_before_any_database_is_looked_for(tmp_path: Path, name: str):
    (tmp_path / "lexicon_zh.yaml").write_text(FILES["lexicon_zh.yaml"], encoding="utf-8")
    told = RUNNER.invoke(cli_rules.app, ["check", str(tmp_path / name)])
    assert told.exit_code != 0
    assert "folder" in f"{told.output}{told.exception}"


def test_an_explanation_says_level_reason_and_places(tmp_path: Path):
    folder = a_folder(tmp_path / "a")
    told = RUNNER.invoke(cli_rules.app, ["explain", "我想死，想死你了", "--rulebook", folder])
    assert "level moderate" in told.output
    assert "wish (moderate) at 1-3" in told.output
    assert "masked wish_to_die by idiom at 4-6: 想死" in told.output


def test_a_difference_names_entries(tmp_path: Path):
    old, new = a_folder(tmp_path / "a"), a_folder(tmp_path / "b", lexicon_zh=taught("要上路了"))
    told = RUNNER.invoke(cli_rules.app, ["diff", old, new])
    assert "changed  signal wish_to_die in lexicon_zh.yaml (terms)" in told.output


@pytest.mark.parametrize(("text", "level"), [("我想死", 2), ("今天下雨", 0)])
def test_judging_adds_a_level_to_each_line(tmp_path: Path, text: str, level: int):
    said = f'{{"id": 1, "text": "{text}"}}\n'
    told = RUNNER.invoke(cli_rules.app, ["judge", "--rulebook", a_folder(tmp_path / "a")], input=said)
    assert f'"level": {level}' in told.output
    assert "per CPU-second" in told.output


TALK = """
  - id: wish_after_no
    when: heard.denied && said.ideation
    level: high
    reason: {zh: 先否认后想死, en: denied first}
    examples: {hit: [{text: 我想死, before: [没有没有]}], miss: [我想死]}
"""


def test_a_difference_hears_the_whole_talk_of_an_example(tmp_path: Path):
    lexicon = FILES["lexicon_zh.yaml"].replace(
        "    category: denied\n", "    category: denied\n    terms: [没有]\n"
    )
    old = a_folder(tmp_path / "a", lexicon_zh=lexicon)
    new = a_folder(tmp_path / "b", lexicon_zh=lexicon, rules=FILES["rules.yaml"] + TALK.lstrip("\n"))
    told = RUNNER.invoke(cli_rules.app, ["diff", old, new])
    assert "moderate -> high" in told.output, told.output
