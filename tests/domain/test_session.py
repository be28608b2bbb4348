"""A session: from the acceptance to a record that is complete, by the two who talk and nobody else."""

from dataclasses import replace
from typing import Final

import pytest

from hotline.base.errors import Refused
from hotline.base.sensitive import Sensitive
from hotline.domain import contact, session
from hotline.domain.centre import Channel
from hotline.domain.contact import Contact
from hotline.domain.machine import IllegalMove
from hotline.domain.offer import Offer
from hotline.domain.presence import FREE, Choice, Presence, derive
from hotline.domain.queue import BAND_BEST
from hotline.domain.session import DISPOSITIONS, SCREENINGS, UNSCREENED, Record, Session
from tests.domain.made import (
    LI,
    NOW,
    POLICY,
    SESSION,
    a_contact,
    a_presence,
    a_session,
    after,
    an_offer,
)

COMPLETE: Final = Record(disposition="counselling", result="calmer")
WRAPPING: Final = a_session("wrapping", ended_at=after(600), record=COMPLETE, screening="asked_denied")


def begun(channel: Channel) -> tuple[Contact, Session]:
    """Contact and session after Li has accepted."""
    outcome = session.begin(a_contact("offered", channel=channel), an_offer(), SESSION, after(3))
    assert outcome.row(Offer).state == "accepted"
    return outcome.row(Contact), outcome.row(Session)


def test_a_chat_opens_with_the_acceptance():
    talking, opened = begun(Channel.CHAT)
    assert (talking.state, talking.answered_at) == ("talking", after(3))
    assert (opened.state, opened.opened_at, opened.staff_id) == ("open", after(3), LI)


def test_a_call_opens_when_both_are_in_the_room():
    connecting, beginning = begun(Channel.VOICE)
    assert (connecting.state, connecting.answered_at, beginning.state) == ("connecting", None, "connecting")
    outcome = session.connect(connecting, beginning, after(6))
    assert (outcome.row(Contact).state, outcome.row(Session).state) == ("talking", "open")
    assert outcome.row(Contact).answered_at == after(6)
    with pytest.raises(IllegalMove):
        session.connect(outcome.row(Contact), outcome.row(Session), after(7))


def test_once_the_two_talk_old_refusals_are_forgotten():
    connecting = a_contact("connecting", declined_by=(LI,))
    assert session.connect(connecting, a_session("connecting"), NOW).row(Contact).declined_by == ()


def test_when_the_two_cannot_be_brought_together_the_caller_waits_on_in_a_new_room():
    connecting = a_contact("connecting", joined_at=after(-300))
    outcome = session.fail(connecting, a_session("connecting"), NOW, POLICY, reason="no_answer")
    back = outcome.row(Contact)
    assert (back.state, back.joined_at, back.generation) == ("waiting", after(-300), 1)
    assert back.band == BAND_BEST
    assert back.room != connecting.room
    assert outcome.row(Session).ended_by == "no_answer"
    assert not [row for row in outcome.rows if isinstance(row, Presence)]


def test_a_caller_who_hangs_up_meanwhile_is_abandoned_and_nobody_at_fault():
    outcome = session.give_up(a_contact("connecting"), a_session("connecting"), NOW)
    assert (outcome.row(Contact).state, outcome.row(Session).state) == ("abandoned", "failed")
    assert not [row for row in outcome.rows if isinstance(row, Presence)]


@pytest.mark.parametrize(("channel", "reason"), [(Channel.VOICE, "device"), (Channel.CHAT, "console")])
def test_a_lost_device_or_console_puts_the_caller_back_and_the_counselor_aside(channel: Channel, reason: str):
    talking = a_contact("talking", channel=channel, joined_at=after(-900), answered_at=after(-60))
    outcome = session.interrupt(talking, a_session("open"), a_presence(), NOW, POLICY)
    back = outcome.row(Contact)
    assert (back.state, back.joined_at, back.answered_at) == ("waiting", after(-900), after(-60))
    assert (back.generation, back.counselor_id) == (1, None)
    assert outcome.row(Session).state == "interrupted"
    assert (outcome.row(Presence).choice, outcome.row(Presence).reason) == (Choice.NOT_READY, reason)


@pytest.mark.parametrize(
    ("by", "actor"), [("caller", "caller"), ("counselor", f"staff:{LI}"), ("network", "network")]
)
def test_when_the_talk_ends_the_record_stays_open_and_the_journal_knows_who_ended_it(by: str, actor: str):
    outcome = session.end(a_contact("talking"), a_session("open"), after(600), by=by)
    assert (outcome.row(Contact).state, outcome.row(Session).state) == ("wrapping", "wrapping")
    assert outcome.row(Contact).counselor_id == LI
    assert (outcome.row(Contact).end_reason, outcome.entries[0].actor) == (by, actor)


# --- screening and record


@pytest.mark.parametrize("result", sorted(SCREENINGS))
def test_every_result_of_screening_is_kept_with_its_first_moment(result: str):
    screened = session.screen(a_session("open"), result, "asleep", after(90)).row(Session)
    assert (screened.screening, screened.screened_at) == (result, after(90))
    again = session.screen(screened, "asked_positive", None, after(400)).row(Session)
    assert (again.screening, again.screened_at) == ("asked_positive", after(90))


@pytest.mark.parametrize("result", ["", "no_risk", "denied"])
def test_a_result_that_is_not_in_the_list_is_refused(result: str):
    with pytest.raises(Refused):
        session.screen(a_session("open"), result, None, NOW)


@pytest.mark.parametrize("reason", [None, ""])
def test_not_possible_needs_a_reason(reason: str | None):
    with pytest.raises(Refused) as refused:
        session.screen(a_session("open"), "not_possible", reason, NOW)
    assert refused.value.code == "session.screening_reason"


@pytest.mark.parametrize(
    "record",
    [
        Record(disposition="chat"),
        Record(result="cured"),
        Record(age_band="old"),
        Record(problems=("work", "weather")),
    ],
)
def test_a_code_that_is_not_in_its_list_is_refused(record: Record):
    with pytest.raises(Refused) as refused:
        session.write(a_session("open"), record)
    assert refused.value.code == "session.record_code"


def test_what_was_written_is_kept_and_the_journal_has_none_of_it():
    record = replace(COMPLETE, words=Sensitive("我不想活了"), problems=("grief", "work"))
    outcome = session.write(a_session("wrapping"), record)
    assert outcome.row(Session).record == record
    assert "不想" not in repr(outcome)
    assert outcome.entries[0].body == {"session": str(SESSION)}


@pytest.mark.parametrize("state", sorted(session.MACHINE.ends))
def test_a_closed_record_is_not_rewritten(state: str):
    for step in (
        lambda: session.write(a_session(state), COMPLETE),
        lambda: session.screen(a_session(state), "asked_denied", None, NOW),
    ):
        with pytest.raises(Refused) as refused:
            step()
        assert refused.value.code == "session.closed"


# --- closing


@pytest.mark.parametrize("disposition", [None, *sorted(DISPOSITIONS - UNSCREENED)])
def test_no_record_of_a_talk_closes_without_screening(disposition: str | None):
    record = replace(COMPLETE, disposition=disposition)
    with pytest.raises(Refused) as refused:
        close(replace(WRAPPING, record=record, screening=None))
    assert refused.value.code == "session.screening_missing"


@pytest.mark.parametrize("disposition", sorted(UNSCREENED))
def test_what_was_nobodys_talk_closes_without_screening(disposition: str):
    record = Record(disposition=disposition)
    assert session.missing(replace(WRAPPING, record=record, screening=None)) == ()
    assert close(replace(WRAPPING, record=record, screening=None)).state == "closed"


@pytest.mark.parametrize(
    ("record", "gaps"),
    [
        (Record(), ("disposition", "outcome")),
        (Record(disposition="counselling"), ("outcome",)),
        (Record(result="calmer"), ("disposition",)),
        (COMPLETE, ()),
    ],
)
def test_a_screened_record_closes_when_nothing_is_missing(record: Record, gaps: tuple[str, ...]):
    wrapping = replace(WRAPPING, record=record)
    assert session.missing(wrapping) == gaps
    if gaps:
        with pytest.raises(Refused) as refused:
            close(wrapping)
        assert refused.value.code == "session.record_incomplete"
    else:
        assert close(wrapping).state == "closed"


def test_a_talk_that_goes_on_is_closed_by_nobody():
    with pytest.raises(IllegalMove):
        session.close(a_contact("talking"), replace(WRAPPING, state="open"), a_presence(), NOW, POLICY)


def test_after_closing_the_counselor_rests_until_two_minutes_after_the_talk():
    outcome = session.close(a_contact("wrapping"), WRAPPING, a_presence(), after(630), POLICY)
    done, presence = outcome.row(Contact), outcome.row(Presence)
    assert (done.state, done.counselor_id) == ("closed", None)
    assert presence.free_at == after(600 + 120)
    assert derive(presence, FREE).state == "resting"


def test_nobody_but_the_two_who_talk_can_end_a_talk():
    out_of_talking = {step for state, step in contact.MACHINE.moves if state == "talking"}
    assert out_of_talking == {"end", "put_back"}


def close(wrapping: Session) -> Session:
    """The session once its record has been closed."""
    outcome = session.close(a_contact("wrapping"), wrapping, a_presence(), after(700), POLICY)
    assert outcome.row(Contact).state == "closed"
    return outcome.row(Session)
