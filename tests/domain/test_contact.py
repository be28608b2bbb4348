"""A contact: what never changes, what rises, and what a person alone may lower."""

from datetime import timedelta

import pytest
from hypothesis import given, strategies as st

from hotline.base.sensitive import Sensitive
from hotline.domain import contact, queue
from hotline.domain.centre import Channel
from hotline.domain.contact import BAND_CARE, Caller, Contact, Form
from hotline.domain.journal import CALLER
from hotline.domain.level import Level, band_of
from hotline.domain.machine import IllegalMove
from hotline.domain.outcome import NOTHING
from hotline.domain.queue import BAND_BEST, BAND_LAST, Need
from tests.domain.made import CONTACT, LI, NOW, POLICY, WANG, a_contact, a_line, after
from tests.domain.walk import PATHS, Path, arrived, walk


@given(channel=st.sampled_from(Channel), path=PATHS)
def test_neither_arrival_nor_joining_ever_move(channel: Channel, path: Path):
    world = arrived(channel)
    joined_at = None
    for tried in walk(world, path):
        joined_at = joined_at or world.contact.joined_at
        assert world.contact.arrived_at == NOW, tried.step
        assert world.contact.joined_at == joined_at, tried.step


@given(channel=st.sampled_from(Channel), path=PATHS)
def test_the_first_answer_counts_and_later_ones_do_not_move_it(channel: Channel, path: Path):
    world = arrived(channel)
    answered_at = None
    for tried in walk(world, path):
        answered_at = answered_at or world.contact.answered_at
        assert world.contact.answered_at == answered_at, tried.step
        if world.contact.state in {"talking", "wrapping", "closed"}:
            assert answered_at is not None


@given(channel=st.sampled_from(Channel), path=PATHS)
def test_whoever_is_put_back_stands_where_the_join_time_says(channel: Channel, path: Path):
    world = arrived(channel)
    for tried in walk(world, path):
        row = tried.before[CONTACT]
        assert isinstance(row, Contact)
        if row.state in {"offered", "connecting", "talking"} and world.contact.state == "waiting":
            joined_at = world.contact.joined_at
            assert joined_at is not None
            assert world.contact.rank == queue.rank(world.contact.band, joined_at, world.now, POLICY)
            assert world.contact.counselor_id is None


@given(path=PATHS)
def test_a_room_of_a_call_is_never_used_for_two_engagements(path: Path):
    world = arrived()
    rooms: dict[str, object] = {}
    for tried in walk(world, path):
        if tried.outcome is not None and world.contact.state == "talking":
            live = world.journey.session
            assert live is not None
            assert rooms.setdefault(world.contact.room, live.id) == live.id


def test_a_contact_is_there_from_the_first_ring_and_its_entry_tells_no_number():
    caller = Caller(key=b"blind", number=Sensitive("+8613812345678"), quality="valid")
    outcome = contact.arrive(CONTACT, a_line(skills=frozenset({"minors"})), NOW, caller=caller, form=Form())
    fresh = outcome.row(Contact)
    assert (fresh.state, fresh.language, fresh.skills) == ("arriving", "zh", ("minors",))
    (entry,) = outcome.entries
    assert (entry.kind, entry.actor) == ("contact.arrived", CALLER)
    assert "138" not in repr(outcome)


def test_the_need_is_settled_on_joining():
    chosen = contact.choose(a_contact("arriving", skills=("minors",)), language="en")
    joined = contact.join(chosen, NOW, POLICY, earlier_join=None).row(Contact)
    assert joined.needs() == Need(language="en", skills=frozenset({"minors"}))
    assert contact.choose(joined, language="zh").needs().language == "en"


def test_whoever_was_cut_off_and_calls_again_has_the_old_place():
    back = contact.join(a_contact("arriving"), NOW, POLICY, earlier_join=after(-1000))
    first = contact.join(a_contact("arriving"), NOW, POLICY, earlier_join=None)
    assert back.row(Contact).joined_at == after(-1000)
    assert back.row(Contact).rank < first.row(Contact).rank
    assert back.entries[0].body["returning"] is True


def test_the_crisis_key_leads_to_the_best_band_whatever_else_is_known():
    pressed = contact.choose(a_contact("arriving"), form=Form(crisis_key=True))
    joined = contact.join(pressed, NOW, POLICY, earlier_join=None).row(Contact)
    assert joined.band == BAND_BEST
    judged = contact.set_level(joined, Level.LOW, NOW, POLICY, actor="staff:1").row(Contact)
    assert judged.band == BAND_BEST


@given(
    before=st.sampled_from(Level),
    level=st.sampled_from(Level),
    is_human=st.booleans(),
    waited=st.integers(0, 9000),
)
def test_a_rule_raises_or_changes_nothing(before: Level, level: Level, is_human: bool, waited: int):
    judged = contact.set_level(a_contact("waiting"), before, NOW, POLICY, actor="staff:1").row(Contact)
    held = judged if is_human else a_contact("waiting", level=before, band=judged.band, rank=judged.rank)
    outcome = contact.raise_level(held, level, after(waited), POLICY, actor="system:risk")
    if level <= before:
        assert outcome == NOTHING
    else:
        risen = outcome.row(Contact)
        assert risen.level is level
        assert risen.band <= held.band
        assert risen.rank <= held.rank


def test_a_person_lowers_a_level_and_the_entry_says_so():
    grave = contact.raise_level(a_contact("waiting"), Level.IMMINENT, NOW, POLICY, actor="system:risk")
    lowered = contact.set_level(grave.row(Contact), Level.LOW, NOW, POLICY, actor=f"staff:{WANG}")
    assert lowered.row(Contact).band == BAND_LAST
    assert lowered.entries[0].body == {"before": "imminent", "after": "low", "human": True}
    assert lowered.entries[0].actor == f"staff:{WANG}"


@pytest.mark.parametrize("form", [Form(age_band="10-13"), Form(attempted_before=True)])
@pytest.mark.parametrize("level", [Level.NONE_FOUND, Level.LOW, Level.HIGH])
def test_a_persons_judgement_never_takes_away_the_turn_that_a_child_or_an_earlier_attempt_has(
    form: Form, level: Level
):
    waiting = contact.join(a_contact("arriving", form=form), NOW, POLICY, earlier_join=None).row(Contact)
    assert waiting.band == BAND_CARE
    judged = contact.set_level(waiting, level, NOW, POLICY, actor=f"staff:{WANG}").row(Contact)
    assert judged.band == min(BAND_CARE, band_of(level))


def test_a_waiting_contact_whose_level_rises_moves_at_once():
    ordinary = contact.join(a_contact("arriving"), NOW, POLICY, earlier_join=None).row(Contact)
    risen = contact.raise_level(ordinary, Level.HIGH, after(5), POLICY, actor="system:risk").row(Contact)
    assert queue.band_of_rank(risen.rank) == 1
    assert risen.joined_at == NOW


def test_whoever_declined_is_remembered_and_forgotten_by_nobody_else():
    back = contact.put_back(a_contact("offered"), after(3), POLICY, declined_by=LI)
    assert back.declined_by == (LI,)
    again = contact.put_back(a_contact("offered", declined_by=(LI,)), after(9), POLICY)
    assert again.declined_by == (LI,)


@pytest.mark.parametrize("state", sorted(contact.BEFORE_ANSWER))
def test_leaving_before_the_answer_notes_the_stage(state: str):
    left = contact.abandon(a_contact(state), after(40))
    gone = left.row(Contact)
    assert gone.is_ended
    assert (gone.ended_at, gone.counselor_id, gone.ages_at) == (after(40), None, None)
    assert left.entries[0].body == {"stage": state, "reason": "caller_left"}


@pytest.mark.parametrize("state", ["talking", "wrapping", "closed", "abandoned", "diverted"])
def test_an_answered_contact_is_never_counted_as_abandoned(state: str):
    with pytest.raises(IllegalMove):
        contact.abandon(a_contact(state), NOW)


def test_a_diverted_contact_says_why():
    outcome = contact.divert(a_contact("waiting"), NOW + timedelta(seconds=30), reason="overflow")
    assert outcome.row(Contact).end_reason == "overflow"
    assert outcome.entries[0].kind == "contact.diverted"


@pytest.mark.parametrize("state", ["arriving", "waiting"])
def test_the_crisis_key_counts_at_once_also_while_waiting(state: str):
    outcome = contact.press_crisis_key(a_contact(state, rank=3 * 10**14), after(5), POLICY)
    pressed = outcome.row(Contact)
    assert (pressed.form.crisis_key, pressed.band, pressed.state) == (True, BAND_BEST, state)
    assert queue.band_of_rank(pressed.rank) == (BAND_BEST if state == "waiting" else 3)


def test_whoever_was_let_down_by_us_waits_in_the_best_band():
    back = contact.put_back(a_contact("talking", generation=1, joined_at=after(-60)), NOW, POLICY)
    assert (back.band, back.rank) == (BAND_BEST, queue.rank(BAND_BEST, after(-60), NOW, POLICY))
    missed = contact.put_back(a_contact("offered", joined_at=after(-60)), NOW, POLICY)
    assert missed.band == BAND_LAST
