"""Whatever is tried in whatever order: no level sinks by itself, nobody is put out, nothing closes unsaid."""

from collections.abc import Iterator
from typing import Final

from hypothesis import given, settings, strategies as st

from hotline.domain import contact
from hotline.domain.centre import Channel
from hotline.domain.contact import Contact
from hotline.domain.escalation import Escalation
from hotline.domain.level import Level
from tests.domain.made import CONTACT, NOW, POLICY, a_contact
from tests.domain.walk import PATHS, Path, Trodden, World, arrived, walk

JUDGING: Final = frozenset({"judge low", "judge imminent"})
"""Steps in which a person says how grave it is; who may lower is asked under the contact's lock."""
LEAVING: Final = {
    "leave": "the caller's own leaving",
    "divert": "the line is closed, or another centre answers",
    "close": "the record is complete, long after the talk",
}
TALK_ENDING: Final = {
    "end": "one of the two who talk hangs up",
    "interrupt": "the counselor is lost, and the caller waits at the front",
}


def changes(world: World, path: Path) -> Iterator[tuple[Trodden, Contact, Contact]]:
    """The contact before and after every step that was let through."""
    for tried in walk(world, path):
        before = tried.before[CONTACT]
        assert isinstance(before, Contact)
        yield tried, before, world.contact


@settings(max_examples=60)
@given(channel=st.sampled_from(Channel), crisis_key=st.booleans(), path=PATHS)
def test_no_step_but_a_persons_judgement_lowers_a_level(channel: Channel, crisis_key: bool, path: Path):
    for tried, before, after in changes(arrived(channel, crisis_key=crisis_key), path):
        if tried.step not in JUDGING:
            assert after.level >= before.level, tried.step
            assert after.subject_level >= before.subject_level, tried.step
            assert after.level_is_human >= before.level_is_human, tried.step
        elif after.level < before.level and tried.outcome is not None:
            (entry,) = (each for each in tried.outcome.entries if each.kind == "contact.level")
            assert entry.actor.startswith("staff:"), "who lowers, signs"


@settings(max_examples=60)
@given(channel=st.sampled_from(Channel), crisis_key=st.booleans(), path=PATHS)
def test_no_step_puts_anybody_out_or_back(channel: Channel, crisis_key: bool, path: Path):
    for tried, before, after in changes(arrived(channel, crisis_key=crisis_key), path):
        if after.is_ended and not before.is_ended:
            assert tried.step in LEAVING
        if before.state == "talking" and after.state != "talking":
            assert tried.step in TALK_ENDING
        if before.joined_at is not None:
            assert after.joined_at == before.joined_at
        if before.state == after.state == "waiting" and tried.step not in JUDGING:
            assert after.rank <= before.rank, tried.step


@settings(max_examples=60)
@given(channel=st.sampled_from(Channel), path=PATHS)
def test_no_escalation_is_over_without_an_outcome(channel: Channel, path: Path):
    world = arrived(channel)
    for tried in walk(world, path):
        for called in world.all(Escalation):
            if called.is_open:
                continue
            assert called.closed_by is not None, tried.step
            if called.state == "stood_down":
                assert called.ground, tried.step
                assert called.closing, tried.step
            else:
                assert called.outcome, tried.step


@given(
    level=st.sampled_from(Level),
    other=st.sampled_from(Level),
    is_human=st.booleans(),
    state=st.sampled_from(["arriving", "waiting", "talking", "wrapping"]),
)
def test_rules_raise_and_never_lower(level: Level, other: Level, is_human: bool, state: str):
    held = a_contact(state, level=level, level_is_human=is_human)
    outcome = contact.raise_level(held, other, NOW, POLICY, actor="system:risk")
    after = next((row for row in outcome.rows if isinstance(row, Contact)), held)
    assert after.level is Level.highest(level, other)
    assert after.level_is_human is is_human
