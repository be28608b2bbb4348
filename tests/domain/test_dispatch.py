"""Dispatches: sent at any level, with a record where against somebody's will, open until confirmed."""

from dataclasses import replace
from itertools import product
from typing import Any, Final
from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from hotline.base.errors import Forbidden, Refused
from hotline.base.sensitive import Sensitive
from hotline.domain import dispatch
from hotline.domain.access import Permission, Viewer
from hotline.domain.dispatch import AGENCIES, CONSENTS, RESULTS, Call, Clue, Details, Dispatch, DispatchPolicy
from hotline.domain.level import Level
from tests.domain.made import CENTRE, CONTACT, LI, NOW, WANG, a_contact, after

POLICY: Final = DispatchPolicy(reminder_seconds=600)
ID: Final = UUID(int=88)
CALLER: Final = a_contact("talking")
RECORDED: Final[dict[str, Any]] = {
    "options_tried": Sensitive("请其放下刀具"),
    "caller_answer": Sensitive("不同意"),
    "ground": Sensitive("已写好遗书"),
}
WORDS: Final = Sensitive("民警见到本人")


def sent(**changes: Any) -> Dispatch:
    call = Call(agency="110", consent="not_needed_attempt_in_progress")
    made = dispatch.send(CALLER, call, LI, POLICY, dispatch_id=ID, now=NOW).row(Dispatch)
    return replace(made, **changes)


def eyes(*permissions: Permission) -> Viewer:
    return Viewer(
        staff_id=WANG,
        centre_id=CENTRE,
        roles=frozenset(),
        permissions=frozenset(permissions),
        reach=frozenset({CENTRE}),
    )


words = st.none() | st.builds(Sensitive, st.text(max_size=5))


@given(
    agency=st.sampled_from(AGENCIES),
    level=st.sampled_from(Level),
    state=st.sampled_from(["arriving", "waiting", "talking", "wrapping", "closed", "abandoned", "diverted"]),
    called=st.none() | st.integers(-(10**6), 10**6),
    said=st.tuples(words, words, words, words, words),
)
def test_in_the_midst_of_an_attempt_no_rule_of_the_form_refuses_a_call_for_help(
    agency: str, level: Level, state: str, called: int | None, said: tuple[Any, ...]
):
    """Requirement 25: at once, at any level and any stage, whatever is or is not filled in."""
    call = Call(
        agency=agency,
        consent="not_needed_attempt_in_progress",
        called_at=None if called is None else after(called),
        options_tried=said[0],
        caller_answer=said[1],
        ground=said[2],
        details=Details(contact_person=said[3], reference=said[4]),
    )
    outcome = dispatch.send(a_contact(state, level=level), call, LI, POLICY, dispatch_id=ID, now=NOW)
    made = outcome.row(Dispatch)
    assert (made.state, made.next_reminder_at) == ("open", after(600))
    assert made.called_at <= NOW


@pytest.mark.parametrize("left_out", sorted(RECORDED))
@pytest.mark.parametrize("blank", [None, Sensitive("  ")])
def test_against_the_callers_will_it_is_written_down_what_was_tried_answered_and_why(
    left_out: str, blank: Sensitive | None
):
    said: dict[str, Any] = {**RECORDED, left_out: blank}
    call = Call(agency="110", consent="involuntary", **said)
    with pytest.raises(Refused) as refused:
        dispatch.send(CALLER, call, LI, POLICY, dispatch_id=ID, now=NOW)
    assert (refused.value.code, refused.value.fields) == ("dispatch.record", (left_out,))
    whole = Call(agency="110", consent="involuntary", **RECORDED)
    made = dispatch.send(CALLER, whole, LI, POLICY, dispatch_id=ID, now=NOW).row(Dispatch)
    assert (made.options_tried, made.ground) == (RECORDED["options_tried"], RECORDED["ground"])


@pytest.mark.parametrize(("agency", "consent"), [*product(AGENCIES, sorted(CONSENTS - {"involuntary"}))])
def test_nobody_is_refused_help_that_they_want_or_that_cannot_wait(agency: str, consent: str):
    call = Call(agency=agency, consent=consent)
    outcome = dispatch.send(CALLER, call, LI, POLICY, dispatch_id=ID, now=NOW)
    [entry] = outcome.entries
    assert (entry.kind, entry.body["agency"], entry.staff_ids) == ("dispatch.sent", agency, (LI,))


@pytest.mark.parametrize(
    "call",
    [
        Call(agency="911", consent="voluntary"),
        Call(agency="110", consent="maybe"),
        Call(agency="110", consent="voluntary", details=Details(location_source="a dream")),
        Call(agency="110", consent="voluntary", details=Details(location_confidence="sure")),
    ],
)
def test_a_code_that_is_in_no_list_is_refused_with_the_list(call: Call):
    with pytest.raises(Refused, match="is one of"):
        dispatch.send(CALLER, call, LI, POLICY, dispatch_id=ID, now=NOW)


def test_what_is_known_later_is_added_and_what_was_known_stays():
    first = Details(contact_person=Sensitive("王警官"), location=Sensitive("江边"), location_source="caller",
                    location_confidence="low")  # fmt: skip
    known = dispatch.amend(sent(), CALLER, first, LI).row(Dispatch)
    more = dispatch.amend(known, CALLER, Details(reference=Sensitive("17")), WANG).row(Dispatch)
    assert (more.contact_person, more.location, more.reference) == (
        Sensitive("王警官"), Sensitive("江边"), Sensitive("17"),
    )  # fmt: skip
    better = Details(location=Sensitive("二桥东"), location_source="third_party", location_confidence="high")
    moved = dispatch.amend(more, CALLER, better, LI).row(Dispatch)
    assert (moved.location, moved.location_source, moved.location_confidence) == (
        Sensitive("二桥东"), "third_party", "high",
    )  # fmt: skip
    assert not dispatch.amend(moved, CALLER, better, LI).rows
    with pytest.raises(Refused):
        dispatch.amend(replace(moved, state="confirmed"), CALLER, first, LI)


@pytest.mark.parametrize("result", sorted(RESULTS))
def test_a_dispatch_ends_with_what_became_of_the_person(result: str):
    done = dispatch.confirm(sent(), CALLER, result, WORDS, LI, after(900)).row(Dispatch)
    assert (done.state, done.result, done.arrival_confirmed_at, done.next_reminder_at) == (
        "confirmed", result, after(900), None,
    )  # fmt: skip
    assert not dispatch.confirm(done, CALLER, result, WORDS, LI, after(901)).rows
    with pytest.raises(Refused):
        dispatch.confirm(done, CALLER, result, WORDS, WANG, after(902))


def test_unknown_is_no_result_that_anybody_may_state():
    """Requirement 27: only a supervisor, and only with a reason."""
    with pytest.raises(Refused) as refused:
        dispatch.confirm(sent(), CALLER, "unknown", WORDS, LI, NOW)
    assert refused.value.code == "dispatch.result"
    with pytest.raises(Forbidden):
        dispatch.give_up(sent(), CALLER, WORDS, eyes(Permission.DISPATCH), NOW)
    with pytest.raises(Refused) as refused:
        dispatch.give_up(sent(), CALLER, Sensitive(" "), eyes(Permission.DISMISS), NOW)
    assert refused.value.code == "dispatch.reason"
    gone = dispatch.give_up(sent(), CALLER, WORDS, eyes(Permission.DISMISS), NOW).row(Dispatch)
    assert (gone.state, gone.result, gone.words, gone.arrival_confirmed_at) == (
        "unconfirmed", "unknown", WORDS, None,
    )  # fmt: skip
    assert not dispatch.give_up(gone, CALLER, WORDS, eyes(Permission.DISMISS), NOW).rows


def test_an_open_dispatch_is_asked_for_again_every_ten_minutes_for_ever():
    each, now = sent(), 0.0
    for nth in range(1, 30):
        assert not dispatch.remind(each, CALLER, POLICY, after(now + 599.9)).rows
        now += 600
        each = dispatch.remind(each, CALLER, POLICY, after(now)).row(Dispatch)
        assert (each.reminders, each.next_reminder_at, each.state) == (nth, after(now + 600), "open")
    over = dispatch.confirm(each, CALLER, "reached_safe", WORDS, LI, after(now)).row(Dispatch)
    assert not dispatch.remind(over, CALLER, POLICY, after(10**7)).rows


@pytest.mark.parametrize(("source", "confidence"), [("caller", "certain"), ("rumour", "low")])
def test_a_clue_says_how_it_is_known_and_how_sure_that_is(source: str, confidence: str):
    clue = Clue(
        id=ID, contact_id=CONTACT, staff_id=LI, at=NOW, words=WORDS, source=source, confidence=confidence
    )
    with pytest.raises(Refused):
        dispatch.add_clue(CALLER, clue)
    good = replace(clue, source="inference", confidence="medium")
    outcome = dispatch.add_clue(CALLER, good)
    assert outcome.rows == (good,)
    assert outcome.entries[0].body == {"source": "inference", "confidence": "medium"}
