"""An escalation calls until somebody has the person, has one owner, and grows graver with its contact."""

from dataclasses import replace
from datetime import timedelta
from typing import Final
from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from hotline.base.errors import Refused
from hotline.domain import answering, custody, escalation, paging, vigil
from hotline.domain.appraisal import Appraisal
from hotline.domain.contact import Contact
from hotline.domain.effects import Send
from hotline.domain.escalation import Cause, Escalation, Means, Note
from hotline.domain.level import Level
from hotline.domain.outcome import NOTHING, Outcome
from hotline.domain.paging import Page
from tests.domain.alarms import (
    BY_RULE,
    BY_WANG,
    WORDS,
    acknowledged,
    at,
    climbed,
    declared,
    owned,
    pages,
    raised,
    stood_down,
)
from tests.domain.made import (
    CONTACT,
    LADDERS,
    LI,
    NOW,
    ON_DUTY,
    POLICY,
    WANG,
    ZHAO,
    Ids,
    a_contact,
    after,
)


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
        assert (held.rung, held.round, held.state) == (number % 3, number // 3, "paged")
        assert held.next_rung_at is not None
        rung = LADDERS[level].rung(number)
        assert not vigil.is_due(held, held.next_rung_at - timedelta(microseconds=1))
        assert vigil.is_due(held, held.next_rung_at)
        assert rung == LADDERS[level].rungs[number % 3]


def test_a_rung_that_nobody_stands_on_still_leads_to_the_next():
    nobody = raised(rung=1, next_rung_at=NOW)
    outcome = climbed(nobody)
    assert pages(outcome) == []
    assert outcome.entries[0].body == {"rung": 2, "who": "nobody_yet", "pages": 0}
    assert outcome.row(Escalation).next_rung_at == NOW
    assert pages(climbed(outcome.row(Escalation)))


def test_where_nobody_at_all_can_be_reached_each_rung_has_its_time():
    outcome = escalation.declare(
        a_contact("talking", level=Level.HIGH), BY_RULE, LADDERS, {}, now=NOW, new_id=Ids()
    )
    assert pages(outcome) == []
    assert outcome.row(Escalation).next_rung_at == after(300)


def test_before_its_time_no_rung_is_climbed_and_after_an_owner_its_owner_is_chased():
    held = raised()
    assert vigil.climb(held, LADDERS, ON_DUTY, now=after(59), new_id=Ids()) == NOTHING
    taken = owned()
    assert taken.next_rung_at == after(605)
    assert vigil.climb(taken, LADDERS, ON_DUTY, now=after(604), new_id=Ids()) == NOTHING


def test_acknowledging_gives_one_owner():
    outcome = acknowledged(raised(), WANG, after(20))
    taken = outcome.row(Escalation)
    assert (taken.state, taken.owner_id, taken.acknowledged_at) == ("acknowledged", WANG, after(20))
    assert outcome.entries[0].staff_ids == (WANG,)
    assert acknowledged(taken, WANG, after(21)) == NOTHING
    with pytest.raises(Refused) as refused:
        acknowledged(taken, ZHAO, after(22))
    assert refused.value.code == "escalation.taken"


@given(people=st.lists(st.sampled_from([LI, WANG, ZHAO]), min_size=1, max_size=8))
def test_whoever_comes_first_owns_it_whoever_comes_after(people: list[object]):
    held = raised()
    for person in (LI if each == LI else WANG if each == WANG else ZHAO for each in people):
        try:
            outcome = acknowledged(held, person, after(1))
        except Refused:
            assert held.owner_id not in {None, person}
        else:
            held = outcome.row(Escalation) if outcome.rows else held
    assert held.owner_id == people[0]


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


def test_becoming_graver_rouses_nobody_but_whoever_has_it():
    outcome = graver(owned(Level.HIGH))
    assert outcome.row(Escalation).turn == 1
    assert outcome.row(Escalation).next_rung_at == after(610)
    assert outcome.row(Escalation).level is Level.IMMINENT
    assert outcome.row(Escalation).state == "acknowledged"
    assert {(page.staff_id, page.purpose) for page in pages(outcome)} == {(WANG, paging.REMIND)}
    assert outcome.entries[0].staff_ids == (WANG,)


def test_the_same_level_or_a_lower_one_or_one_that_is_over_changes_nothing():
    over = stood_down(raised(Level.HIGH)).row(Escalation)
    assert graver(raised()) == NOTHING
    assert graver(raised(), Level.HIGH) == NOTHING
    assert graver(over) == NOTHING


def test_notes_are_added_to_what_is_open_and_to_what_is_over_and_stay_out_of_the_journal():
    over = stood_down(raised()).row(Escalation)
    for held in (raised(), over):
        added = custody.add_note(held, WORDS, ZHAO, now=after(9), new_id=Ids())
        assert added.row(Note).words == WORDS
        assert added.entries[0].body == {}


# --- answering a danger


def answered(level: Level, *, before: Level = Level.NONE_FOUND, held: Escalation | None = None) -> Outcome:
    """What follows when a rule finds `level` in a contact that stands at `before`."""
    contact = a_contact("waiting", level=before)
    return escalation.respond(contact, held, level, BY_RULE, means=MEANS, now=after(10))


MEANS: Final = Means(queue=POLICY, ladders=LADDERS, roster=ON_DUTY, new_id=Ids())


@pytest.mark.parametrize("level", [Level.HIGH, Level.IMMINENT])
def test_a_danger_raises_the_contact_and_calls_the_team_in_one_outcome(level: Level):
    outcome = answered(level)
    assert (outcome.row(Contact).level, outcome.row(Escalation).level) == (level, level)
    assert pages(outcome)
    kinds = [entry.kind for entry in outcome.entries]
    assert kinds == ["contact.level", "escalation.declared", "escalation.paged"]


@pytest.mark.parametrize("level", [Level.LOW, Level.MODERATE])
def test_less_than_a_danger_raises_the_contact_and_calls_nobody(level: Level):
    outcome = answered(level)
    assert [type(row) for row in outcome.rows] == [Contact]
    assert outcome.row(Contact).level is level


@pytest.mark.parametrize("level", [Level.HIGH, Level.IMMINENT])
def test_a_danger_heard_again_calls_nobody_twice_and_is_another_turn(level: Level):
    for held in (raised(), raised(owner_id=WANG, state="acknowledged"), at("contact_made")):
        outcome = answered(level, before=Level.IMMINENT, held=held)
        assert outcome.row(Escalation) == replace(held, turn=held.turn + 1)
        assert [entry.kind for entry in outcome.entries] == ["escalation.heard_again"]
        assert not outcome.effects


def test_what_was_heard_since_somebody_looked_is_not_let_go_of():
    held = answered(Level.IMMINENT, before=Level.IMMINENT, held=raised(owner_id=WANG)).row(Escalation)
    with pytest.raises(Refused, match="heard again"):
        stood_down(held, replace(BY_WANG, seen=0))
    assert not stood_down(held, replace(BY_WANG, seen=1)).row(Escalation).is_open


def test_a_contact_in_danger_whose_escalation_is_missing_gets_one():
    assert answered(Level.HIGH, before=Level.HIGH).row(Escalation).level is Level.HIGH


def test_a_graver_finding_restarts_the_ladder_that_runs():
    outcome = answered(Level.IMMINENT, before=Level.HIGH, held=raised(Level.HIGH))
    assert outcome.row(Escalation).level is Level.IMMINENT
    assert "escalation.declared" not in {entry.kind for entry in outcome.entries}


def test_what_people_have_closed_only_a_graver_finding_opens_anew():
    over = stood_down(raised(Level.HIGH)).row(Escalation)
    assert answered(Level.HIGH, before=Level.HIGH, held=over) == NOTHING
    anew = answered(Level.IMMINENT, before=Level.HIGH, held=over)
    assert anew.row(Escalation).id != over.id
    assert anew.row(Escalation).is_open


def test_what_was_settled_and_not_yet_closed_is_open_again_by_a_rise_an_imminent_finding_or_a_person():
    settled = at("resolved")
    for level, before, cause in (
        (Level.IMMINENT, Level.IMMINENT, BY_RULE),
        (Level.HIGH, Level.MODERATE, BY_RULE),
        (Level.HIGH, Level.IMMINENT, Cause(source="counselor", staff_id=LI)),
    ):
        outcome = escalation.respond(
            a_contact("waiting", level=before), settled, level, cause, means=MEANS, now=after(700)
        )
        again = outcome.row(Escalation)
        assert (again.id, again.state, again.owner_id) == (settled.id, "acknowledged", WANG)
        assert (again.turn, again.outcome) == (1, None)
        assert WORDS in [row.words for row in outcome.rows if isinstance(row, Note)]
        assert {page.staff_id for page in pages(outcome)} == {WANG}
    less = answered(Level.HIGH, before=Level.IMMINENT, held=settled)
    assert less.row(Escalation) == replace(settled, turn=1), "settled still, and not to be closed unread"


def test_what_the_release_before_has_resolved_is_over():
    over = replace(at("resolved"), closed_at=after(600))
    assert not over.is_open
    assert answered(Level.IMMINENT, before=Level.IMMINENT, held=over).row(Escalation).id != over.id


def appraised(level: Level, *, is_unsure: bool = False, verdict: str = "hit") -> Appraisal:
    """What the rules made of a message."""
    finding = {"rule": "R7", "verdict": verdict, "level": level.text, "spans": (), "reason": {"en": "a plan"}}
    found = bool(level) or is_unsure
    return Appraisal(
        id=UUID(int=70),
        contact_id=CONTACT,
        at=NOW,
        source="message",
        message_seq=3,
        rulebook="b1",
        level=level,
        is_unsure=is_unsure,
        flags=("means_at_hand",),
        findings=(finding,) if found else (),
    )


def test_an_appraisal_is_kept_beside_the_contact_with_its_flags_and_its_answer():
    contact = a_contact("talking", flags=("minor",))
    outcome = answering.respond_to(contact, None, appraised(Level.IMMINENT), means=MEANS, now=NOW)
    assert outcome.row(Contact).flags == ("means_at_hand", "minor")
    assert outcome.row(Contact).level is Level.IMMINENT
    assert outcome.row(Appraisal).findings[0]["rule"] == "R7"
    assert outcome.row(Escalation).cause == Cause(source="message", rule="R7", reason={"en": "a plan"})
    assert outcome.entries[0].body == {"level": "imminent", "unsure": False, "source": "message", "seq": 3}


def test_what_nobody_could_decide_leaves_a_mark_and_lowers_nothing():
    contact = a_contact("talking", level=Level.MODERATE)
    unsure = appraised(Level.NONE_FOUND, is_unsure=True, verdict="unsure")
    outcome = answering.respond_to(contact, None, unsure, means=MEANS, now=NOW)
    assert outcome.row(Contact).level is Level.MODERATE
    assert outcome.row(Appraisal).is_unsure
    assert outcome.entries[0].body["unsure"] is True


def test_what_found_nothing_leaves_no_trace():
    nothing = appraised(Level.NONE_FOUND)
    assert answering.respond_to(a_contact("talking"), None, nothing, means=MEANS, now=NOW) == NOTHING


@pytest.mark.parametrize(("state", "sent_at"), [("sent", after(4)), ("failed", None)])
def test_the_ladder_learns_what_became_of_a_page(state: str, sent_at: object):
    (page,) = [each for each in pages(climbed(raised())) if each.channel == "sms"]
    outcome = paging.page_done(page, state, after(4))
    assert (outcome.row(Page).state, outcome.row(Page).sent_at) == (state, sent_at)
    assert outcome.entries[0].body == {"page": str(page.id), "channel": "sms"}
