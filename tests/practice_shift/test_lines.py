"""What the practice shift says is heard for what it is, so that a demonstration shows the house's ears."""

import pytest

from hotline.domain.level import Level
from hotline.domain.risk.assess import Facts
from hotline.policy.policies import Policies
from hotline.practice import lines


@pytest.mark.parametrize("language", ["zh", "en"])
def test_crisis_lines_are_flagged_and_ordinary_ones_call_nobody(house_policies: Policies, language: str):
    def level(words: str) -> Level:
        return house_policies.rulebook.assess(Facts(text=words, lang=language)).level

    assert min(map(level, lines.CRISIS[language])) >= Level.MODERATE
    assert any(level(words).needs_escalation for words in lines.CRISIS[language])
    assert max(map(level, lines.ORDINARY[language])) <= Level.LOW
    assert max(map(level, lines.DISTRESSED[language])) <= Level.MODERATE


def test_there_is_enough_to_say_in_both_languages():
    assert sum(map(len, lines.ORDINARY.values())) >= 60
    assert sum(map(len, lines.DISTRESSED.values())) >= 15
    assert sum(map(len, lines.CRISIS.values())) >= 8
    assert lines.REPLIES.keys() == lines.ASKED.keys() == lines.SUMMARY.keys() == {"zh", "en"}
