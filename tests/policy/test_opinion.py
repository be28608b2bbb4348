import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hotline.base.errors import Broken, Refused
from hotline.cli import app
from hotline.domain.risk.assess import Facts
from hotline.domain.risk.opinion import Weights
from hotline.policy import opinion, rulebook, training
from hotline.policy.opinion import BYTES_MAX
from tests.stage import policies_of_the_house

SPELL = policies_of_the_house().rulebook.spell
SHIPPED = Path(rulebook.DEFAULT_FOLDER).parent / "opinion"


def labelled(path: Path, risky: int = 60) -> Path:
    rows = [{"text": f"{nth}号不用再醒来了", "level": 2} for nth in range(risky)]
    rows += [{"text": f"{nth}号明天去吃火锅", "level": 0} for nth in range(120)]
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return path


def test_the_shipped_weights_are_small_and_only_of_languages_that_they_help_in():
    shipped = opinion.load(SHIPPED / "weights.json")
    assert (SHIPPED / "weights.json").stat().st_size < BYTES_MAX
    assert set(shipped.languages) == {"zh"}
    assert (SHIPPED / "card.md").is_file()


def test_every_own_sentence_is_labelled():
    for line in (SHIPPED / "own.jsonl").read_text("utf-8").splitlines():
        assert json.loads(line).keys() == {"text", "lang", "level"}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ('{"fr": {"bias": 0, "watch": 0.5, "pieces": {}}}', "no language of ours: fr"),
        ('{"zh": {"bias": 0, "pieces": {}}}', r"zh\.watch"),
        ('{"zh": {"bias": 0, "watch": 0.5, "pieces": {"too long": 1}}}', "pieces"),
        ("[", "JSON"),
        (" " * (BYTES_MAX + 1), "bytes"),
    ],
)
def test_weights_that_cannot_be_used_stop_the_house_before_it_starts(
    tmp_path: Path, content: str, sentence: str
):
    path = tmp_path / "weights.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(Broken, match=sentence):
        opinion.load(path)


def test_weights_are_read_as_they_were_written(tmp_path: Path):
    weights = Weights(bias=-1.0, pieces={"醒来": 2.0}, watch=0.7)
    path = tmp_path / "weights.json"
    path.write_text(opinion.written({"zh": weights}), encoding="utf-8")
    assert opinion.load(path).languages == {"zh": weights}


def test_a_line_trains_on_its_own_notes_and_keeps_what_is_better(tmp_path: Path):
    (trained,) = training.train(training.read(labelled(tmp_path / "notes.jsonl"), SPELL), None)
    assert (trained.language, trained.risky, trained.before) == ("zh", 60, None)
    assert trained.quality.recall > 0.9
    assert training.kept([trained], None)["zh"] is trained.weights


def test_what_is_worse_than_what_is_in_use_is_refused(tmp_path: Path):
    samples = training.read(labelled(tmp_path / "notes.jsonl"), SPELL)
    first = training.train(samples, None)
    knows_all = Weights(bias=-9.0, pieces={"醒来": 99.0}, watch=0.5)
    in_use = opinion.Opinion(languages={"zh": knows_all}, digest="x")
    again = training.train(samples, in_use)
    assert again[0].before is not None
    assert first[0].weights == again[0].weights
    with pytest.raises(Refused, match="not kept"):
        training.kept(again, in_use)


def test_too_few_messages_of_danger_are_refused(tmp_path: Path):
    with pytest.raises(Refused, match="40 messages"):
        training.train(training.read(labelled(tmp_path / "notes.jsonl", risky=5), SPELL), None)


def test_a_broken_row_is_named_by_its_line_and_not_by_its_words(tmp_path: Path):
    path = tmp_path / "notes.jsonl"
    path.write_text('{"text": "好", "level": 0}\n{"text": "秘密", "level": 9}\n', encoding="utf-8")
    with pytest.raises(Broken, match="line 2") as broken:
        training.read(path, SPELL)
    assert "秘密" not in str(broken.value)


def test_the_command_prints_figures_and_saves_only_when_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("HOTLINE_HOME", str(tmp_path / "home"))
    notes = labelled(tmp_path / "notes.jsonl")
    told = CliRunner().invoke(app, ["risk", "train", "--labelled", str(notes)], catch_exceptions=False)
    assert "recall" in told.output
    assert not opinion.own_file().exists()
    CliRunner().invoke(app, ["risk", "train", "--labelled", str(notes), "--save"], catch_exceptions=False)
    assert "zh" in opinion.load(opinion.own_file()).languages
    assert "醒来了" not in told.output


def test_the_shipped_rulebook_asks_it_and_it_raises_no_alarm():
    book = policies_of_the_house().rulebook
    assert book.limits.second_opinion
    found = book.assess(Facts(text="反正每天晚上都盼着自己第二天别再睁眼"))
    assert found.opinion > 0
