"""The README shows the machines that run, because a script draws them from the tables."""

import runpy
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, cast

import pytest

TOP: Final = Path(__file__).resolve().parents[2]


SCRIPT: Final = runpy.run_path(str(TOP / "scripts" / "pictures"))


def pictures(*arguments: str | Path) -> int:
    """Run scripts/pictures; what it returned."""
    main = cast("Callable[[Sequence[str]], int]", SCRIPT["main"])
    return main([str(argument) for argument in arguments])


def test_the_readme_shows_the_machines_that_run():
    assert pictures("--check") == 0


def test_a_readme_without_pictures_gets_them_at_its_end_and_keeps_its_words(tmp_path: Path):
    readme = tmp_path / "README.md"
    readme.write_text("# hotline\n\nCall 12356.\n", "utf-8")
    assert pictures("--check", readme) == 1
    assert pictures(readme) == 0
    text = readme.read_text("utf-8")
    assert text.startswith("# hotline\n\nCall 12356.\n\n## State machines\n")
    assert text.count("```mermaid") == len(SCRIPT["MACHINES"])
    assert pictures("--check", readme) == 0


def test_a_picture_that_tells_an_old_story_is_found_and_drawn_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    readme = tmp_path / "README.md"
    readme.write_text((TOP / "README.md").read_text("utf-8") + "\n## Licence\n", "utf-8")
    told = readme.read_text("utf-8")
    readme.write_text(told.replace("waiting --> offered: offer", "waiting --> closed: forget"), "utf-8")
    assert pictures("--check", readme) == 1
    assert "scripts/pictures" in capsys.readouterr().out
    pictures(readme)
    assert readme.read_text("utf-8") == told
