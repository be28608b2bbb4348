"""A replay reads files of texts and reports figures, never words."""

from pathlib import Path

import pytest

from hotline.base.errors import Broken
from hotline.practice import logins, replay
from hotline.practice.replay import Played, Text


def written(folder: Path, text: str) -> Path:
    path = folder / "texts.jsonl"
    path.write_text(text, "utf-8")
    return path


def test_a_file_is_read_with_and_without_labels(tmp_path: Path):
    path = written(
        tmp_path,
        '{"id": "a", "text": "hello", "lang": "en", "level": 2}\n\n{"id": 7, "text": "你好", "lang": "zh"}\n',
    )
    texts = replay.read(path)
    assert [(each.id, each.language, each.level) for each in texts] == [("a", "en", 2), ("7", "zh", None)]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('{"id": "a", "text": "x"}', "line 1"),
        ("not json", "line 1"),
        ("[1, 2]", "line 1"),
        ('{"id": "a", "text": "x", "lang": "en", "level": 4}', "line 1: a level is 0 (none), 1 (watch), 2"),
        ('{"id": "a", "text": "x", "lang": "en", "level": "high"}', "line 1: a level is 0 (none)"),
        ('{"id": "a", "text": "x", "lang": "en", "level": 1.5}', "line 1: a level is 0 (none)"),
        ('{"id": "a", "text": "x", "lang": "en", "level": true}', "line 1: a level is 0 (none)"),
        ('\n{"id": "a", "text": "  ", "lang": "en"}', "line 2: the text is empty"),
    ],
)
def test_a_line_of_another_form_is_named(tmp_path: Path, line: str, why: str):
    with pytest.raises(Broken) as refused:
        replay.read(written(tmp_path, line))
    assert why in refused.value.sentence


def test_the_report_holds_figures_and_no_words():
    text = Text(id="a", words="some very private words", language="en", level=3)
    played = [
        Played(text=text, level="high", stored=(0.01,), shown=(0.03,), flagged=0.02),
        Played(text=text, level=None, fault="away"),
    ]
    lines = "\n".join(replay.report(played, 2.0))
    assert "private" not in lines
    assert "1 of 2 texts played in 2.0 s, 1 messages" in lines
    assert "not played: away 1" in lines
    assert "recall 100.0% (1/1)" in lines
    assert "flag on the supervisor's screen: p50 20.0 ms" in lines
    assert "private" not in repr(text)


def test_the_first_supervisor_of_the_demonstration_looks_on(tmp_path: Path):
    people = [
        {"login": "a.a", "name": "A", "roles": ["counselor"], "languages": ["zh"]},
        {"login": "b.b", "name": "B", "roles": ["supervisor"], "languages": ["zh"]},
    ]
    kept = logins.keep(tmp_path, people)
    assert replay.password_of(tmp_path, None) == ("b.b", kept[1].password)
    assert replay.password_of(tmp_path, "a.a") == ("a.a", kept[0].password)
    with pytest.raises(Broken, match="Name a supervisor"):
        replay.password_of(tmp_path / "elsewhere", None)
