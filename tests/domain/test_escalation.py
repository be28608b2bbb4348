"""An escalation calls until somebody has the person, has one owner, and ends by a name."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest
from hypothesis import given, strategies as st

from hotline.base.errors import Refused
from hotline.base.sensitive import Sensitive
from hotline.domain import escalation
from hotline.domain.effects import Send
from hotline.domain.escalation import Cause, Escalation, Note, Page
from hotline.domain.level import Level
from hotline.domain.machine import IllegalMove
from hotline.domain.outcome import NOTHING, Outcome
from tests.domain.made import LADDERS, LI, NOW, ON_DUTY, WANG, ZHAO, Ids, a_contact, after

BY_RULE: Final = Cause(source="rule", rule="R1", reason={"en": "act in progress", "zh": "正在实施"})
WORDS: Final = Sensitive("she is with her sister now")


def declared(level: Level = Level.IMMINENT, *, cause: Cause = BY_RULE) -> Outcome:
    """What calling the team in brings."""
    contact = a_contact("talking", level=level)
    return escalation.declare(contact, cause, LADDERS, ON_DUTY, now=NOW, new_id=Ids())


def raised(level: Level = Level.IMMINENT, **changes: object) -> Escalation:
    """An escalation whose first rung has been paged."""
    return replace(declared(level).row(Escalation), **changes)


def pages(outcome: Outcome) -> list[Page]:
    """The pages in an outcome."""
    return [row for row in outcome.rows if isinstance(row, Page)]


def climbed(held: Escalation) -> Outcome:
    """The next rung, at the moment when it is due."""
    assert held.next_rung_at is not None
    return escalation.climb(held, LADDERS, ON_DUTY, now=held.next_rung_at, new_id=Ids())


def test_declaring_pages_the_first_rung_at_once_and_says_why():
    outcome = declared()
    held = outcome.row(Escalation)
    assert (held.state, held.rung, held.round, held.owner_id) == ("paged", 0, 0, None)
    assert held.acknowledge_by == held.next_rung_at == after(60)
    assert [page.staff_id for page in pages(outcome)] == [WANG]
    assert [entry.kind for entry in outcome.entries] == ["escalation.declared", "escalation.paged"]
    assert outcome.entries[0].body == {"level": "imminent", "rule": "R1"}
    assert outcome.entries[0].actor == "system:risk"


@pytest.mark.parametrize(("level", "seconds"), [(Level.IMMINENT, 60), (Level.HIGH, 300)])
def test_each_level_has_its_own_time_to_acknowledge(level: Level, seconds: int):
    assert raised(level).acknowledge_by == after(seconds)


def test_a_person_who_calls_for_help_is_named():
    called = declared(cause=Cause(source="counselor", staff_id=LI))
    assert called.entries[0].actor == f"staff:{LI}"


def test_messages_go_by_the_relay_and_only_to_those_with_a_telephone():
    outcome = climbed(raised())
    made = pages(outcome)
    by_sms = [page for page in made if page.channel == "sms"]
    assert [page.staff_id for page in by_sms] == [WANG]
    assert [(page.state, page.sent_at) for page in by_sms] == [("due", None)]
    assert outcome.effects == (Send(page_id=by_sms[0].id),)
    on_screen = [page for page in made if page.channel == "console"]
    assert [(page.staff_id, page.state) for page in on_screen] == [(WANG, "sent"), (ZHAO, "sent")]


@given(rungs=st.integers(1, 40), level=st.sampled_from([Level.HIGH, Level.IMMINENT]))
def test_the_ladder_goes_round_and_round_and_never_falls_silent(rungs: int, level: Level):
    held = raised(level)
    for number in range(1, rungs + 1):
        held = climbed(held).row(Escalation)
        assert (held.rung, held.round, held.state) == (number, number // 3, "paged")
        assert held.next_rung_at is not None
        rung = LADDERS[level].rung(number)
        assert not escalation.is_due(held, held.next_rung_at - timedelta(microseconds=1))
        assert escalation.is_due(held, held.next_rung_at)
        assert rung == LADDERS[level].rungs[number % 3]


def test_a_rung_that_nobody_stands_on_still_leads_to_the_next():
    nobody = raised(rung=1, next_rung_at=NOW)
    outcome = climbed(nobody)
    assert pages(outcome) == []
    assert outcome.entries[0].body == {"rung": 2, "who": "nobody_yet", "pages": 0}
    assert outcome.row(Escalation).next_rung_at == after(30)
    assert pages(climbed(outcome.row(Escalation)))


def test_before_its_time_no_rung_is_climbed_and_after_an_owner_none_at_all():
    held = raised()
    assert escalation.climb(held, LADDERS, ON_DUTY, now=after(59), new_id=Ids()) == NOTHING
    taken = escalation.acknowledge(held, WANG, after(5)).row(Escalation)
    assert taken.next_rung_at is None
    assert escalation.climb(taken, LADDERS, ON_DUTY, now=after(9999), new_id=Ids()) == NOTHING


def test_acknowledging_gives_one_owner():
    outcome = escalation.acknowledge(raised(), WANG, after(20))
    taken = outcome.row(Escalation)
    assert (taken.state, taken.owner_id, taken.acknowledged_at) == ("acknowledged", WANG, after(20))
    assert outcome.entries[0].staff_ids == (WANG,)
    assert escalation.acknowledge(taken, WANG, after(21)) == NOTHING
    with pytest.raises(Refused) as refused:
        escalation.acknowledge(taken, ZHAO, after(22))
    assert refused.value.code == "escalation.taken"


@given(people=st.lists(st.sampled_from([LI, WANG, ZHAO]), min_size=1, max_size=8))
def test_whoever_comes_first_owns_it_whoever_comes_after(people: list[object]):
    held = raised()
    for person in (LI if each == LI else WANG if each == WANG else ZHAO for each in people):
        try:
            outcome = escalation.acknowledge(held, person, after(1))
        except Refused:
            assert held.owner_id not in {None, person}
        else:
            held = outcome.row(Escalation) if outcome.rows else held
    assert held.owner_id == people[0]


def test_what_is_over_cannot_be_acknowledged_any_more():
    over = escalation.stand_down(raised(), WORDS, WANG, NOW).row(Escalation)
    with pytest.raises(Refused):
        escalation.acknowledge(over, WANG, NOW)


def test_resolving_needs_an_owner_first():
    with pytest.raises(IllegalMove):
        escalation.resolve(raised(), "admitted", WORDS, WANG, NOW)


@pytest.mark.parametrize("outcome", ["", "fine", "unknown", "stood_down"])
def test_resolving_needs_an_outcome_from_the_list(outcome: str):
    taken = escalation.acknowledge(raised(), WANG, NOW).row(Escalation)
    with pytest.raises(Refused) as refused:
        escalation.resolve(taken, outcome, WORDS, WANG, NOW)
    assert refused.value.code == "escalation.outcome"


@pytest.mark.parametrize("outcome", sorted(escalation.OUTCOMES))
def test_it_ends_with_what_became_of_the_person(outcome: str):
    taken = escalation.acknowledge(raised(), WANG, NOW).row(Escalation)
    ended = escalation.resolve(taken, outcome, WORDS, ZHAO, after(600))
    closed = ended.row(Escalation)
    assert (closed.state, closed.outcome, closed.closed_by) == ("resolved", outcome, ZHAO)
    assert closed.closed_at == after(600)
    assert not closed.is_open
    assert ended.entries[0].body == {"outcome": outcome}
    assert WORDS.reveal() not in repr(ended)


@pytest.mark.parametrize("blank", ["", "  ", "\n"])
def test_standing_down_needs_a_reason(blank: str):
    with pytest.raises(Refused) as refused:
        escalation.stand_down(raised(), Sensitive(blank), WANG, NOW)
    assert refused.value.code == "escalation.reason"


def test_a_named_person_stands_it_down_from_any_open_state_and_once_only():
    taken = escalation.acknowledge(raised(), WANG, NOW).row(Escalation)
    for held in (raised(state="raised"), raised(), taken):
        over = escalation.stand_down(held, WORDS, ZHAO, after(5)).row(Escalation)
        assert (over.state, over.closed_by, over.next_rung_at) == ("stood_down", ZHAO, None)
        with pytest.raises(IllegalMove):
            escalation.stand_down(over, WORDS, ZHAO, after(6))


def graver(held: Escalation, level: Level = Level.IMMINENT) -> Outcome:
    """What follows when the contact becomes graver ten seconds later."""
    return escalation.aggravate(held, level, LADDERS, ON_DUTY, now=after(10), new_id=Ids())


def test_when_a_contact_becomes_graver_the_graver_ladder_begins_at_once():
    outcome = graver(raised(Level.HIGH, rung=4, round=1))
    held = outcome.row(Escalation)
    assert (held.level, held.rung, held.round) == (Level.IMMINENT, 0, 0)
    assert held.acknowledge_by == held.next_rung_at == after(70)
    assert pages(outcome)
    assert [entry.kind for entry in outcome.entries] == ["escalation.aggravated", "escalation.paged"]


def test_becoming_graver_never_grants_more_time():
    nearly_due = raised(Level.HIGH, acknowledge_by=after(15))
    assert graver(nearly_due).row(Escalation).acknowledge_by == after(15)


def test_becoming_graver_rouses_nobody_when_somebody_has_it():
    taken = escalation.acknowledge(raised(Level.HIGH), WANG, after(5)).row(Escalation)
    outcome = graver(taken)
    assert outcome.row(Escalation).level is Level.IMMINENT
    assert (outcome.row(Escalation).state, pages(outcome)) == ("acknowledged", [])
    assert outcome.entries[0].staff_ids == (WANG,)


def test_the_same_level_or_a_lower_one_or_one_that_is_over_changes_nothing():
    over = escalation.stand_down(raised(Level.HIGH), WORDS, WANG, NOW).row(Escalation)
    assert graver(raised()) == NOTHING
    assert graver(raised(), Level.HIGH) == NOTHING
    assert graver(over) == NOTHING


def test_notes_are_added_to_what_is_open_and_to_what_is_over_and_stay_out_of_the_journal():
    over = escalation.stand_down(raised(), WORDS, WANG, NOW).row(Escalation)
    for held in (raised(), over):
        added = escalation.add_note(held, WORDS, ZHAO, now=after(9), new_id=Ids())
        assert added.row(Note).words == WORDS
        assert added.entries[0].body == {}
