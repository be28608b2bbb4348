"""What a drill says is believed, so what it says is tried: a bad row, an error, nothing seen."""

import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.drills import __main__ as command, ground
from tests.drills.ground import Ground
from tests.drills.verdict import Row, Verdict

NAME = "tests.drills.of_paper"


async def fine(ground: Ground, size: int) -> None:
    ground.wants("callers", size, size)


async def bad(ground: Ground, size: int) -> None:
    ground.shows("a figure", size)
    ground.wants("等候的人", size, 0)


async def broken(ground: Ground, size: int) -> None:
    ground.shows("a figure", size)
    raise ValueError("nobody answered")


@pytest.fixture
def paper(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """A drill that exists for these tests only."""
    monkeypatch.setenv("HOTLINE_HOME", str(tmp_path))
    module = ModuleType(NAME, "Nothing happens.\n\nNothing at all.")
    module.FAST, module.LONG = 1, 2  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, NAME, module)
    return module


@pytest.mark.parametrize(
    ("drill", "is_good", "told"),
    [(fine, True, "callers  1"), (bad, False, "1, wanted 0"), (broken, False, "ValueError: nobody answered")],
)
async def test_a_drill_always_comes_to_a_verdict(paper: ModuleType, drill: object, is_good: bool, told: str):
    paper.drill = drill  # type: ignore[attr-defined]
    verdict = await ground.run("of-paper", "fast", seed=3)
    assert verdict.is_good is is_good
    assert told in verdict.table
    if not is_good:
        assert verdict.rows[0].label == "a figure"
    if drill is broken:
        assert "nobody answered" in (ground.kept() / "of-paper" / "trouble").read_text()
    if not is_good:
        with pytest.raises(AssertionError, match="BAD"):
            verdict.holds()


def test_a_drill_that_looked_at_nothing_has_no_good_verdict():
    assert not Verdict(name="idle", seed=1, seconds=1, rows=()).is_good
    row = Row(label="one", value="1", is_good=True)
    assert Verdict(name="idle", seed=1, seconds=1, rows=(row,)).is_good


def test_drills_are_found_by_their_function_and_say_what_they_are_for(capsys: pytest.CaptureFixture[str]):
    assert command.main(["--list"]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in listed] == ground.names()
    assert command.main(["no-such-drill"]) == 2
