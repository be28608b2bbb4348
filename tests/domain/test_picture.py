"""The README shows the machines that run, because a script draws them from the tables."""

import subprocess
import sys
from pathlib import Path
from typing import Final

TOP: Final = Path(__file__).resolve().parents[2]


def pictures(*arguments: str | Path) -> tuple[int, str]:
    """Run scripts/pictures; what it returned and what it said."""
    done = subprocess.run(
        [sys.executable, TOP / "scripts" / "pictures", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.stderr
    return done.returncode, done.stdout


def test_the_readme_shows_the_machines_that_run():
    assert pictures("--check") == (0, "")


def test_a_readme_without_pictures_gets_them_at_its_end_and_keeps_its_words(tmp_path: Path):
    readme = tmp_path / "README.md"
    readme.write_text("# hotline\n\nCall 12356.\n", "utf-8")
    assert pictures("--check", readme)[0] == 1
    assert pictures(readme)[0] == 0
    text = readme.read_text("utf-8")
    assert text.startswith("# hotline\n\nCall 12356.\n\n## State machines\n")
    assert text.count("```mermaid") == 5
    assert pictures("--check", readme)[0] == 0


def test_a_picture_that_tells_an_old_story_is_found_and_drawn_again(tmp_path: Path):
    readme = tmp_path / "README.md"
    readme.write_text((TOP / "README.md").read_text("utf-8") + "\n## Licence\n", "utf-8")
    told = readme.read_text("utf-8")
    readme.write_text(told.replace("waiting --> offered: offer", "waiting --> closed: forget"), "utf-8")
    status, said = pictures("--check", readme)
    assert status == 1
    assert "scripts/pictures" in said
    pictures(readme)
    assert readme.read_text("utf-8") == told
