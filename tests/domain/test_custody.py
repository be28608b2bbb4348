"""Whoever has an escalation goes on with it to its end, hands it over, is chased; and nobody else does."""

from dataclasses import replace
from typing import Final
from uuid import UUID

import pytest

from hotline.base.errors import Forbidden, Refused
from hotline.base.sensitive import Sensitive
from hotline.domain import custody, escalation, ladder, paging, vigil
from hotline.domain.custody import Hand
from hotline.domain.escalation import Escalation, Joining, Means
from hotline.domain.ladder import Responder
from hotline.domain.level import Level
from hotline.domain.machine import IllegalMove
from hotline.domain.outcome import NOTHING, Outcome
from tests.domain.alarms import (
    BY_RULE,
    WORDS,
    acknowledged,
    at,
    climbed,
    closed,
    declared,
    met,
    owned,
    pages,
    raised,
    resolved,
    stood_down,
)
from tests.domain.made import (
    BY_LI,
    BY_WANG,
    BY_ZHAO,
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


def test_what_is_over_cannot_be_acknowledged_any_more():
    over = stood_down(raised()).row(Escalation)
    with pytest.raises(Refused):
        acknowledged(over, WANG, NOW)


def test_it_goes_from_the_first_page_to_its_closing_by_contact_and_outcome():
    kinds = [
        outcome.entries[0].kind
        for outcome in (met(owned()), resolved(at("contact_made")), closed(at("resolved")))
    ]
    assert kinds == ["escalation.contact_made", "escalation.resolved", "escalation.closed"]
    over = at("closed")
    assert (over.contact_how, over.outcome, over.closing) == ("telephone", "admitted", WORDS)
    assert (over.resolved_by, over.closed_by, over.next_rung_at) == (WANG, WANG, None)
    assert not over.is_open
    assert WORDS.reveal() not in repr(over)


@pytest.mark.parametrize("state", ["raised", "paged", "acknowledged", "contact_made"])
def test_nothing_closes_it_without_an_outcome(state: str):
    held = replace(owned(), state=state)
    for by in (BY_WANG, BY_ZHAO):
        with pytest.raises(IllegalMove):
            closed(held, by)


def test_it_is_not_closed_while_somebody_is_sent_out():
    with pytest.raises(Refused) as refused:
        closed(at("resolved"), open_dispatches=1)
    assert refused.value.code == "escalation.dispatches"


def test_without_contact_the_one_outcome_is_that_nobody_was_reached():
    for outcome in escalation.OUTCOMES - {escalation.UNREACHED}:
        with pytest.raises(Refused) as refused:
            resolved(owned(), outcome=outcome)
        assert refused.value.code == "escalation.contact"
    assert resolved(owned(), outcome=escalation.UNREACHED).row(Escalation).state == "resolved"


def test_nobody_confirms_an_outcome_before_somebody_has_it():
    with pytest.raises(IllegalMove):
        resolved(raised())


@pytest.mark.parametrize("outcome", ["", "fine", "unknown", "stood_down"])
def test_an_outcome_is_one_from_the_list(outcome: str):
    with pytest.raises(Refused) as refused:
        resolved(at("contact_made"), outcome=outcome)
    assert refused.value.code == "escalation.outcome"


def test_contact_is_made_in_one_of_the_ways_that_are_known():
    with pytest.raises(Refused) as refused:
        met(owned(), how="telepathy")
    assert refused.value.code == "escalation.how"


def test_only_its_owner_or_a_supervisor_goes_on_with_it():
    for step, state in (
        (met, "acknowledged"), (resolved, "contact_made"), (closed, "resolved"), (stood_down, "acknowledged"),
    ):  # fmt: skip
        with pytest.raises(Forbidden) as refused:
            step(at(state), BY_LI)
        assert refused.value.code == "escalation.owner"
        assert step(at(state), BY_ZHAO).rows
        assert at(state).owner_id == WANG


@pytest.mark.parametrize("blank", ["", "  ", "\n"])
def test_standing_down_needs_a_reason(blank: str):
    with pytest.raises(Refused) as refused:
        stood_down(raised(), reason=Sensitive(blank))
    assert refused.value.code == "escalation.reason"


def test_standing_down_needs_a_ground_from_the_list():
    with pytest.raises(Refused) as refused:
        stood_down(raised(), ground="tired")
    assert refused.value.code == "escalation.ground"


def test_a_named_person_stands_it_down_before_its_outcome_and_once_only():
    for held in (raised(state="raised"), raised(), owned(), at("contact_made")):
        over = stood_down(held).row(Escalation)
        assert (over.state, over.closed_by, over.next_rung_at) == ("stood_down", WANG, None)
        assert (over.ground, over.closing) == ("quotation", WORDS)
        assert stood_down(over) == NOTHING
        for words, who in ((WORDS, BY_ZHAO), (Sensitive("别的原因"), BY_WANG)):
            with pytest.raises(IllegalMove):
                stood_down(over, who, words)


def test_what_a_person_has_judged_imminent_is_stood_down_by_its_owner_or_a_supervisor():
    judged = a_contact("talking", level=Level.IMMINENT, level_is_human=True)
    with pytest.raises(Forbidden) as refused:
        stood_down(raised(), contact=judged)
    assert refused.value.code == "escalation.judged"
    assert stood_down(raised(), BY_ZHAO, contact=judged).rows
    assert stood_down(owned(), contact=judged).rows


def test_whoever_goes_on_with_it_may_say_the_same_twice_and_nothing_else():
    for step, state in ((met, "contact_made"), (resolved, "resolved"), (closed, "closed")):
        assert step(at(state)) == NOTHING
        with pytest.raises(IllegalMove):
            step(at(state), BY_ZHAO)
    with pytest.raises(IllegalMove):
        met(at("contact_made"), how="chat")
    with pytest.raises(IllegalMove):
        resolved(at("resolved"), outcome="other")


def test_what_has_become_graver_since_one_looked_is_not_let_go_of():
    for step, state in ((resolved, "contact_made"), (closed, "resolved"), (stood_down, "acknowledged")):
        with pytest.raises(Refused) as refused:
            step(at(state, turn=2), replace(BY_WANG, seen=1))
        assert refused.value.code == "escalation.moved"
        assert step(at(state, turn=2), replace(BY_WANG, seen=2)).rows


# --- whoever has it is chased


def chased(held: Escalation) -> Outcome:
    """What follows when it is due."""
    assert held.next_rung_at is not None
    return vigil.climb(held, LADDERS, ON_DUTY, now=held.next_rung_at, new_id=Ids())


@pytest.mark.parametrize("state", ["acknowledged", "contact_made", "resolved"])
def test_whatever_stands_still_is_called_out_again_for_ever(state: str):
    held = at(state)
    for number in range(8):
        outcome = chased(held)
        held = outcome.row(Escalation)
        assert (held.state, held.owner_id, held.chased) == (state, WANG, number + 1)
        kind = "escalation.reminded" if number == 0 else "escalation.stalled"
        assert outcome.entries[0].kind == kind
        assert held.next_rung_at is not None


def test_the_owner_is_reminded_first_and_then_others_are_called_who_may_take_it_over():
    first = chased(owned())
    assert {(page.staff_id, page.purpose) for page in pages(first)} == {(WANG, paging.REMIND)}
    held = first.row(Escalation)
    with pytest.raises(Refused):
        acknowledged(held, ZHAO, after(700))
    second = chased(held)
    assert {page.purpose for page in pages(second)} == {paging.STALLED}
    assert ZHAO in {page.staff_id for page in pages(second)}
    stalled = second.row(Escalation)
    taken = acknowledged(stalled, ZHAO, after(800))
    assert (taken.row(Escalation).owner_id, taken.row(Escalation).chased) == (ZHAO, 0)
    assert taken.entries[0].kind == "escalation.taken_over"
    assert set(taken.entries[0].staff_ids) == {WANG, ZHAO}


def test_going_on_with_it_gives_new_time():
    late = chased(chased(owned()).row(Escalation)).row(Escalation)
    made = met(late).row(Escalation)
    assert (made.chased, made.next_rung_at) == (0, after(300 + 3600))


def test_from_the_second_round_on_a_rung_calls_by_every_channel():
    held = raised()
    for _ in range(2):
        held = climbed(held).row(Escalation)
    outcome = climbed(held)
    held = outcome.row(Escalation)
    assert (held.round, held.rung) == (1, 0)
    assert {page.channel for page in pages(outcome)} == {"console", "sms"}
    assert {page.channel for page in pages(declared())} == {"console"}


# --- handed over, joined


OFFERED: Final = Means(queue=POLICY, ladders=LADDERS, roster=ON_DUTY, new_id=Ids())


def held_out(held: Escalation, by: Hand = BY_WANG, to: UUID = ZHAO) -> Outcome:
    """What follows when it is held out to somebody for a minute."""
    return custody.offer(held, by, to, seconds=60, means=OFFERED, now=after(10))


def test_until_the_offer_is_accepted_its_owner_has_it():
    outcome = held_out(owned())
    offered = outcome.row(Escalation)
    assert (offered.owner_id, offered.offered_to, offered.offered_until) == (WANG, ZHAO, after(70))
    assert {(page.staff_id, page.purpose) for page in pages(outcome)} == {(ZHAO, paging.HANDOVER)}
    taken = custody.accept(offered, BY_ZHAO, LADDERS[Level.IMMINENT], after(30))
    held = taken.row(Escalation)
    assert (held.owner_id, held.offered_to, held.offered_until) == (ZHAO, None, None)
    assert set(taken.entries[0].staff_ids) == {WANG, ZHAO}
    assert custody.accept(held, BY_ZHAO, LADDERS[Level.IMMINENT], after(31)) == NOTHING


def test_an_offer_is_accepted_by_whom_it_was_made_to_and_in_time():
    offered = held_out(owned()).row(Escalation)
    for who, moment in ((BY_LI, after(20)), (BY_ZHAO, after(71))):
        with pytest.raises(Refused) as refused:
            custody.accept(offered, who, LADDERS[Level.IMMINENT], moment)
        assert refused.value.code == "escalation.offer_over"


def test_an_offer_that_runs_out_or_is_declined_leaves_its_owner_where_it_was():
    offered = held_out(owned()).row(Escalation)
    assert vigil.lapse(offered, after(69)) == NOTHING
    lapsed = vigil.climb(offered, LADDERS, ON_DUTY, now=after(70), new_id=Ids())
    assert [entry.kind for entry in lapsed.entries] == ["escalation.offer_lapsed"]
    for back in (
        lapsed,
        custody.decline(offered, BY_ZHAO, after(20)),
        custody.decline(offered, BY_WANG, after(20)),
    ):
        assert (back.row(Escalation).owner_id, back.row(Escalation).offered_to) == (WANG, None)
    with pytest.raises(Refused):
        custody.decline(offered, BY_LI, after(20))


def test_what_nobody_has_or_what_is_ones_own_cannot_be_handed_over():
    for held, to, code in (
        (raised(), ZHAO, "escalation.unowned"),
        (at("closed"), ZHAO, "escalation.unowned"),
        (owned(), WANG, "escalation.own"),
    ):
        with pytest.raises(Refused) as refused:
            held_out(held, to=to)
        assert refused.value.code == code
    with pytest.raises(Forbidden):
        held_out(owned(), BY_LI, LI)


WATCHED: Final = {**ON_DUTY, ladder.ON_DUTY: (Responder(staff_id=ZHAO, has_telephone=False),)}


def test_a_supervisor_on_duty_is_asked_to_join_at_imminent_and_once_only():
    contact = a_contact("talking", level=Level.IMMINENT)
    outcome = escalation.declare(contact, BY_RULE, LADDERS, WATCHED, now=NOW, new_id=Ids())
    held = outcome.row(Escalation)
    assert held.joiner_id == outcome.row(Joining).staff_id == ZHAO
    asked = [page for page in pages(outcome) if page.purpose == paging.JOIN]
    assert [(page.staff_id, page.channel) for page in asked] == [(ZHAO, "console")]
    again = vigil.climb(held, LADDERS, WATCHED, now=after(60), new_id=Ids())
    assert paging.JOIN not in {page.purpose for page in pages(again)}
    high = escalation.declare(
        replace(contact, level=Level.HIGH), BY_RULE, LADDERS, WATCHED, now=NOW, new_id=Ids()
    )
    assert high.row(Escalation).joiner_id is None


def test_a_supervisor_who_comes_on_duty_later_is_asked_then():
    outcome = vigil.climb(raised(), LADDERS, WATCHED, now=after(60), new_id=Ids())
    assert outcome.row(Escalation).joiner_id == ZHAO
    assert outcome.row(Joining).joined_at is None


def test_whoever_joins_was_asked_or_comes_unasked_and_is_there_once():
    asked = Joining(id=UUID(int=90), escalation_id=owned().id, staff_id=ZHAO, asked_at=NOW)
    here = custody.join(owned(), asked, BY_ZHAO, now=after(20), new_id=Ids())
    assert (here.row(Joining).id, here.row(Joining).joined_at) == (asked.id, after(20))
    assert custody.join(owned(), here.row(Joining), BY_ZHAO, now=after(30), new_id=Ids()) == NOTHING
    unasked = custody.join(owned(), None, BY_LI, now=after(20), new_id=Ids())
    assert (unasked.row(Joining).staff_id, unasked.row(Escalation).joiner_id) == (LI, None), "no supervisor"
    led = custody.join(owned(), None, BY_ZHAO, now=after(20), new_id=Ids())
    assert led.row(Escalation).joiner_id == ZHAO
    with pytest.raises(Refused):
        custody.join(at("closed"), None, BY_LI, now=after(20), new_id=Ids())


def called_again(held: Escalation, joinings: tuple[Joining, ...], seconds: float) -> Outcome:
    """What follows when the supervisor who was asked is looked for."""
    people = {**WATCHED, ladder.SUPERVISORS: (Responder(staff_id=LI, has_telephone=True),)}
    return vigil.call_joiner(
        held, joinings, LADDERS[held.level], people, now=after(seconds), new_id=Ids()
    )  # fmt: skip


def test_a_supervisor_who_does_not_come_is_followed_by_another_and_then_by_all_again():
    outcome = escalation.declare(
        a_contact("talking", level=Level.IMMINENT), BY_RULE, LADDERS, WATCHED, now=NOW, new_id=Ids()
    )
    held, first = outcome.row(Escalation), outcome.row(Joining)
    assert held.join_by == after(60)
    assert called_again(held, (first,), 59) == NOTHING
    second = called_again(held, (first,), 60)
    assert (second.row(Joining).staff_id, second.row(Escalation).join_by) == (LI, after(120))
    assert {(page.staff_id, page.purpose) for page in pages(second)} == {(LI, paging.JOIN)}
    everybody = called_again(second.row(Escalation), (first, second.row(Joining)), 120)
    assert {page.staff_id for page in pages(everybody)} == {ZHAO, LI}
    assert everybody.row(Escalation).join_by == after(180)
    assert [entry.kind for entry in everybody.entries] == ["escalation.join_missed"]


def test_nobody_is_asked_to_join_any_more_once_a_supervisor_is_there_or_has_it():
    asked = Joining(id=UUID(int=90), escalation_id=owned().id, staff_id=ZHAO, asked_at=NOW)
    waiting = owned(joiner_id=ZHAO, join_by=after(60))
    assert custody.join(waiting, asked, BY_ZHAO, now=after(20), new_id=Ids()).row(Escalation).join_by is None
    by_another = custody.join(waiting, None, BY_LI, now=after(20), new_id=Ids()).row(Escalation)
    assert by_another.join_by == after(60), "a responder who comes is no supervisor"
    hers = called_again(replace(waiting, owner_id=ZHAO), (asked,), 60)
    assert (hers.row(Escalation).join_by, pages(hers)) == (None, [])
    assert closed(at("resolved", join_by=after(60))).row(Escalation).join_by is None


def test_nobody_is_asked_to_join_any_more_once_the_outcome_is_confirmed():
    asked = Joining(id=UUID(int=90), escalation_id=owned().id, staff_id=ZHAO, asked_at=NOW)
    waiting = at("contact_made", level=Level.IMMINENT, joiner_id=ZHAO, join_by=after(60))
    assert resolved(waiting).row(Escalation).join_by is None
    of_before = called_again(replace(waiting, state="resolved"), (asked,), 60)
    assert (of_before.row(Escalation).join_by, pages(of_before)) == (None, [])


def test_without_a_supervisor_at_a_desk_the_one_on_call_is_asked_to_join():
    at_home = {**ON_DUTY, ladder.SUPERVISORS: (Responder(staff_id=ZHAO, has_telephone=True),)}
    outcome = escalation.declare(
        a_contact("talking", level=Level.IMMINENT), BY_RULE, LADDERS, at_home, now=NOW, new_id=Ids()
    )
    asked = {(page.staff_id, page.channel) for page in pages(outcome) if page.purpose == paging.JOIN}
    assert asked == {(ZHAO, "console"), (ZHAO, "sms")}


def test_it_is_not_stood_down_while_somebody_is_sent_out():
    with pytest.raises(Refused) as refused:
        stood_down(owned(), open_dispatches=1)
    assert refused.value.code == "escalation.dispatches"


def test_an_owner_who_may_have_gone_home_is_followed_by_others_within_the_time_to_acknowledge():
    settled = at("resolved")
    again = escalation.reopen(settled, LADDERS, ON_DUTY, now=after(900), new_id=Ids())
    assert {(page.staff_id, page.purpose) for page in pages(again)} == {(WANG, paging.REMIND)}
    assert again.row(Escalation).next_rung_at == after(960)
    others = climbed(again.row(Escalation))
    assert {page.purpose for page in pages(others)} == {paging.STALLED}
    assert custody.is_stalled(others.row(Escalation)), "any of them may take it over"
