"""A rulebook that was found right need not be tried again; whatever changes is tried."""

from pathlib import Path

import pytest

from hotline.policy import rulebook
from hotline.policy.memory import Memory
from hotline.policy.rulebook import RulebookError
from tests.rulebooks import FILES

BROKEN = {**FILES, "lexicon_zh.yaml": FILES["lexicon_zh.yaml"].replace("hit: [", "hit: [早上好, ", 1)}


def test_a_rulebook_that_was_found_right_is_known_and_judges_as_before(tmp_path: Path):
    memory = Memory(tmp_path / "rulebooks")
    first = rulebook.made_of(FILES, memory)
    assert memory.knows(first.digest)
    assert rulebook.made_of(FILES, memory).digest == first.digest
    assert len(list((tmp_path / "rulebooks").iterdir())) == 1


def test_one_with_a_broken_example_is_never_remembered_and_refused_each_time(tmp_path: Path):
    memory = Memory(tmp_path)
    rulebook.made_of(FILES, memory)
    for _ in range(2):
        with pytest.raises(RulebookError, match="早上好"):
            rulebook.made_of(BROKEN, memory)


def test_a_folder_that_cannot_be_written_costs_time_only(tmp_path: Path):
    (tmp_path / "taken").write_text("a file where the folder should be")
    memory = Memory(tmp_path / "taken" / "rulebooks")
    digest = rulebook.made_of(FILES, memory).digest
    assert not memory.knows(digest)
