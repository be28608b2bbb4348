"""Whatever comes in whatever order: rules and answers only raise, and only people lower."""

from dataclasses import dataclass, replace
from typing import Final

import pytest
from hypothesis import given, settings, strategies as st

from hotline.base import ids
from hotline.base.errors import Forbidden, Refused
from hotline.base.places import config_dir
from hotline.base.sensitive import Sensitive
from hotline.domain import assessment, contact as contacts, escalation as escalations, judgement, subject
from hotline.domain.assessment import Sheet
from hotline.domain.contact import Contact
from hotline.domain.escalation import Cause, Escalation, Means
from hotline.domain.judgement import Asked, Judgement
from hotline.domain.ladder import NOBODY
from hotline.domain.level import Level
from hotline.domain.outcome import Outcome
from hotline.domain.risk.instruments import Answer
from hotline.domain.subject import Described, Held, Subject
from hotline.policy import instruments
from tests.domain.made import LADDERS, LI, NOW, POLICY, a_contact

HARD: Final = instruments.load(config_dir() / "instruments")["hard_criteria"]
MEANS: Final = Means(queue=POLICY, ladders=LADDERS, roster=NOBODY, new_id=ids.new_id)
LEVELS: Final = st.sampled_from(list(Level))
ACTS: Final = st.lists(
    st.tuples(
        st.sampled_from(
            ["rule", "subject_rule", "answers", "subject_answers", "judge", "judge_subject"],
        ),
        LEVELS,
    ),
    max_size=12,
)
SHEETS: Final[dict[Level, dict[str, Answer]]] = {
    Level.NONE_FOUND: {
        "thoughts": "none", "intent": "no", "plan": "no", "means_at_hand": "no", "time_frame": "none",
        "unwilling_to_delay": "no", "last_attempt": "never",
    },
    Level.UNKNOWN: {"alone": "yes"},
    Level.LOW: {
        "thoughts": "passive", "intent": "no", "plan": "no", "time_frame": "none", "unwilling_to_delay": "no",
        "last_attempt": "never",
    },
    Level.MODERATE: {"thoughts": "active"},
    Level.HIGH: {"intent": "yes"},
    Level.IMMINENT: {"last_attempt": "in_progress"},
}  # fmt: skip


@dataclass
class World:
    """A contact about one person, as it is after each act."""

    held: Held

    @property
    def son(self) -> Subject:
        return self.held.subjects[0]

    def take(self, outcome: Outcome) -> None:
        """Lay the outcome's rows over what was held."""
        for row in outcome.rows:
            if isinstance(row, Contact):
                self.held = replace(self.held, contact=row)
            if isinstance(row, Escalation):
                self.held = replace(self.held, escalation=row)
            if isinstance(row, Subject):
                self.held = replace(self.held, subjects=(row,))


def begin() -> World:
    world = World(Held(contact=a_contact("talking")))
    described = Described(relation="child")
    son, task = ids.new_id(), ids.new_id()
    told = subject.tell_of(world.held, described, subject_id=son, staff_id=LI, task_id=task, now=NOW)
    world.take(told)
    return world


def do(world: World, act: str, level: Level) -> Outcome:
    held, asked = world.held, Asked(level=level, basis=Sensitive("有依据"))
    cause = Cause(source="rules", rule="a_rule")
    sheet = Sheet(id=ids.new_id(), instrument=HARD, answers=SHEETS[level], moment="during", staff_id=LI)
    match act:
        case "rule":
            return escalations.respond(held.contact, held.escalation, level, cause, means=MEANS, now=NOW)
        case "subject_rule":
            return subject.respond(held, world.son, level, cause, means=MEANS, now=NOW)
        case "answers":
            return assessment.take(held, sheet, assessment.read(sheet), means=MEANS, now=NOW)
        case "subject_answers":
            about = replace(sheet, subject=world.son)
            return assessment.take(held, about, assessment.read(about), means=MEANS, now=NOW)
        case "judge":
            judgement.require(held.contact.level, asked)
            by = Cause(source="counselor", staff_id=LI)
            judged = contacts.set_level(held.contact, level, NOW, POLICY, actor="staff")
            contact = judged.row(Contact)
            return judged + escalations.respond(contact, held.escalation, level, by, means=MEANS, now=NOW)
        case _:
            judgement.require(world.son.level, asked)
            kept = Judgement(
                id=ids.new_id(), contact_id=held.contact.id, staff_id=LI, at=NOW, before=world.son.level,
                after=level, subject_id=world.son.id,
            )  # fmt: skip
            return subject.set_level(held, world.son, kept, means=MEANS, now=NOW)


@given(acts=ACTS)
@settings(max_examples=200)
def test_no_rule_no_answers_and_nobody_who_may_not_lowers_any_level(acts: list[tuple[str, Level]]):
    world = begin()
    for act, level in acts:
        before = world.held
        try:
            world.take(do(world, act, level))
        except Forbidden:
            assert world.held == before
        after = world.held
        assert after.contact.level >= before.contact.level
        assert after.subjects[0].level >= before.subjects[0].level
        assert after.contact.subject_level == after.subjects[0].level or not after.subjects[0].level_is_human
        assert after.contact.subject_level in {Level.NONE_FOUND, after.subjects[0].level}
        assert after.contact.band <= before.contact.band or after.contact.level_is_human
        if after.contact.gravest.needs_escalation:
            assert after.escalation is not None
            assert after.escalation.is_open
            assert after.escalation.level >= after.contact.gravest


@pytest.mark.parametrize("level", list(Level))
def test_each_sheet_of_these_tests_comes_to_its_level(level: Level):
    sheet = Sheet(id=ids.new_id(), instrument=HARD, answers=SHEETS[level], moment="during", staff_id=LI)
    assert assessment.read(sheet).level is level


@given(
    before=LEVELS,
    asked=LEVELS,
    seen=LEVELS,
    may_lower=st.booleans(),
    basis=st.sampled_from(["", " ", "误会"]),
)
def test_a_judgement_stands_if_it_raises_or_if_who_may_saw_the_level_and_says_why(
    before: Level, asked: Level, seen: Level, may_lower: bool, basis: str
):
    wish = Asked(level=asked, basis=Sensitive(basis), may_lower=may_lower, seen=seen)
    stands = asked >= before or (seen is before and may_lower and bool(basis.strip()))
    if stands:
        judgement.require(before, wish)
        return
    with pytest.raises(Refused):
        judgement.require(before, wish)
