"""Presence: what a person chose, what was imposed, and the one state that follows from it."""

from dataclasses import replace
from itertools import product
from typing import Final

import pytest
from hypothesis import given, strategies as st

from hotline.base.errors import Refused
from hotline.domain import presence
from hotline.domain.outcome import NOTHING
from hotline.domain.presence import FREE, REASONS, Choice, Load, Presence, Standing, derive
from tests.domain.made import CENTRE, LI, NOW, a_presence, after

STATES: Final = {
    "signed_out", "offline", "not_ready", "resting", "ready", "reserved", "connecting", "engaged", "wrapping",
}  # fmt: skip

LOADS: Final = st.builds(
    Load,
    offered=st.integers(0, 1),
    connecting=st.integers(0, 1),
    voice_talking=st.integers(0, 1),
    chats_talking=st.integers(0, 2),
    wrapping=st.integers(0, 2),
)
PRESENCES: Final = [
    a_presence(choice, is_connected=is_connected, free_at=free_at, reason=reason)
    for (choice, reason), is_connected, free_at in product(
        [(Choice.SIGNED_OUT, None), (Choice.READY, None), (Choice.NOT_READY, "meal")],
        [True, False],
        [None, after(60)],
    )
]

AT_REST: Final = {
    (Choice.SIGNED_OUT, True, False): ("signed_out", None),
    (Choice.SIGNED_OUT, True, True): ("signed_out", None),
    (Choice.SIGNED_OUT, False, False): ("signed_out", None),
    (Choice.SIGNED_OUT, False, True): ("signed_out", None),
    (Choice.READY, True, False): ("ready", None),
    (Choice.READY, True, True): ("resting", "wrap_up_minimum"),
    (Choice.READY, False, False): ("offline", "heartbeat_lost"),
    (Choice.READY, False, True): ("offline", "heartbeat_lost"),
    (Choice.NOT_READY, True, False): ("not_ready", "meal"),
    (Choice.NOT_READY, True, True): ("not_ready", "meal"),
    (Choice.NOT_READY, False, False): ("offline", "heartbeat_lost"),
    (Choice.NOT_READY, False, True): ("offline", "heartbeat_lost"),
}
"""Choice, connected, in the wrap-up minimum -> state and reason of somebody who holds nothing."""

HELD: Final = {
    "engaged": [Load(voice_talking=1), Load(chats_talking=1), Load(chats_talking=1, connecting=1)],
    "connecting": [Load(connecting=1), Load(connecting=1, wrapping=1)],
    "wrapping": [Load(wrapping=1), Load(wrapping=1, offered=1)],
    "reserved": [Load(offered=1)],
}


@pytest.mark.parametrize("shown", PRESENCES)
def test_somebody_who_holds_nothing_is_in_the_state_of_the_table(shown: Presence):
    standing = derive(shown, FREE)
    expected = AT_REST[shown.choice, shown.is_connected, shown.free_at is not None]
    assert (standing.state, standing.reason) == expected


@pytest.mark.parametrize(
    ("state", "load"), [(state, load) for state, loads in HELD.items() for load in loads]
)
@pytest.mark.parametrize("shown", PRESENCES)
def test_what_a_person_holds_wins_over_what_the_person_chose(shown: Presence, state: str, load: Load):
    standing = derive(shown, replace(load, since=after(9)))
    assert standing.state == state
    assert standing.since == after(9)
    assert standing.reason == (None if shown.is_connected else "heartbeat_lost")


@given(shown=st.sampled_from(PRESENCES), load=LOADS)
def test_there_is_one_state_for_every_combination_and_only_the_idle_are_ready(shown: Presence, load: Load):
    standing = derive(shown, load)
    assert standing.state in STATES
    if standing.state == "ready":
        assert load.is_empty
        assert shown.is_connected
        assert shown.choice is Choice.READY


def test_ready_counts_from_the_later_of_the_choice_and_the_last_rest():
    back_from_break = a_presence(since=after(50), idle_since=after(10))
    rested = a_presence(since=after(10), idle_since=after(50))
    for shown in (back_from_break, rested):
        assert derive(shown, FREE) == Standing(state="ready", since=after(50))


def test_offline_counts_from_the_last_heartbeat():
    shown = a_presence(is_connected=False, heartbeat_at=after(-3))
    assert derive(shown, FREE).since == after(-3)
    assert derive(replace(shown, heartbeat_at=None), FREE).since == NOW


# --- choices


def test_whoever_signs_in_is_not_ready_until_saying_so():
    never = presence.first(LI, CENTRE, NOW)
    signed_in = presence.sign_in(never, after(5), is_at_work=False).row(Presence)
    assert (signed_in.choice, signed_in.reason) == (Choice.NOT_READY, "signed_in")
    assert presence.sign_in(signed_in, after(6), is_at_work=False) == NOTHING
    ready = presence.choose(signed_in, Choice.READY, None, after(7)).row(Presence)
    assert (ready.choice, ready.reason, ready.since) == (Choice.READY, None, after(7))


def test_whoever_signs_in_anew_after_an_absence_is_not_ready_again():
    back = presence.sign_in(a_presence(), after(600), is_at_work=False).row(Presence)
    assert (back.choice, back.reason, back.since) == (Choice.NOT_READY, "signed_in", after(600))
    assert presence.sign_in(a_presence(), after(600), is_at_work=True) == NOTHING
    at_table = a_presence(Choice.NOT_READY, reason="meal")
    assert presence.sign_in(at_table, after(600), is_at_work=False) == NOTHING


@pytest.mark.parametrize(
    ("shown", "load", "is_there"),
    [
        (a_presence(), FREE, True),
        (a_presence(heartbeat_at=after(-1)), FREE, False),
        (a_presence(heartbeat_at=None), FREE, False),
        (a_presence(is_connected=False), FREE, False),
        (a_presence(is_connected=False), Load(offered=1), False),
        (a_presence(is_connected=False), Load(connecting=1), True),
        (a_presence(is_connected=False), Load(voice_talking=1), True),
        (a_presence(is_connected=False), Load(chats_talking=1), True),
        (a_presence(is_connected=False), Load(wrapping=1), True),
    ],
)
def test_at_work_is_whoever_is_heard_or_has_a_contact(shown: Presence, load: Load, is_there: bool):
    assert presence.is_at_work(shown, load, NOW) == is_there


@pytest.mark.parametrize("reason", sorted(REASONS))
def test_not_ready_has_one_of_the_known_reasons(reason: str):
    chosen = presence.choose(a_presence(), Choice.NOT_READY, reason, NOW).row(Presence)
    assert derive(chosen, FREE).reason == reason


@pytest.mark.parametrize("reason", [None, "", "missed", "device", "console", "signed_in", "fed up"])
def test_not_ready_without_a_reason_or_with_an_imposed_one_is_refused(reason: str | None):
    with pytest.raises(Refused) as refused:
        presence.choose(a_presence(), Choice.NOT_READY, reason, NOW)
    assert refused.value.code == "presence.reason"


def test_choosing_the_same_again_changes_nothing():
    assert presence.choose(a_presence(), Choice.READY, "meal", after(9)) == NOTHING


@pytest.mark.parametrize("reason", ["missed", "device", "console"])
def test_what_is_imposed_shows_its_reason_and_a_choice_ends_it(reason: str):
    outcome = presence.impose(a_presence(), reason, after(3))
    imposed = outcome.row(Presence)
    assert derive(imposed, FREE) == Standing(state="not_ready", since=after(3), reason=reason)
    assert outcome.entries[0].actor == "system:duty"
    assert derive(presence.choose(imposed, Choice.READY, None, after(4)).row(Presence), FREE).state == "ready"


def test_nothing_is_imposed_on_whoever_has_gone_home():
    assert presence.impose(a_presence(Choice.SIGNED_OUT), "missed", NOW) == NOTHING


# --- heartbeat


@pytest.mark.parametrize(("silent_seconds", "is_lost"), [(0, False), (9, False), (10, True), (600, True)])
def test_a_person_is_lost_after_ten_silent_seconds(silent_seconds: int, is_lost: bool):
    outcome = presence.lose(a_presence(), after(silent_seconds), 10)
    assert (outcome != NOTHING) == is_lost
    if is_lost:
        assert derive(outcome.row(Presence), FREE).state == "offline"
        assert presence.lose(outcome.row(Presence), after(700), 10) == NOTHING


def test_somebody_connected_who_never_sent_a_heartbeat_is_lost():
    assert presence.lose(a_presence(heartbeat_at=None), NOW, 10) != NOTHING


@pytest.mark.parametrize(("hears_since", "was_heard"), [(None, False), (1, False), (0, True), (-1, True)])
def test_whoever_the_house_could_not_hear_all_the_while_is_not_to_blame(
    hears_since: int | None, was_heard: bool
):
    since = None if hears_since is None else after(hears_since)
    assert presence.was_heard(NOW, since) is was_heard


def test_only_the_first_heartbeat_after_a_silence_is_worth_an_entry():
    back = presence.beat(a_presence(is_connected=False), after(30))
    assert [entry.kind for entry in back.entries] == ["presence.connected"]
    assert presence.beat(back.row(Presence), after(31)).entries == ()
    assert derive(back.row(Presence), FREE).state == "ready"


# --- rest


def test_the_wrap_up_minimum_ends_by_itself_and_the_longest_idle_count_from_its_end():
    resting = presence.rest(a_presence(), after(10), until=after(120))
    assert derive(resting, FREE).state == "resting"
    assert presence.be_free(resting, after(119)) == NOTHING
    free = presence.be_free(resting, after(120)).row(Presence)
    assert derive(free, FREE).state == "ready"
    assert free.idle_since == after(120)
    assert presence.be_free(free, after(121)) == NOTHING


def test_a_record_written_late_leaves_nothing_to_rest_for():
    rested = presence.rest(a_presence(), after(500), until=after(120))
    assert rested.idle_since == after(500)
    assert presence.be_free(rested, after(500)) != NOTHING


def test_of_two_chats_the_longer_rest_is_kept_whichever_is_written_up_first():
    first = presence.rest(a_presence(), after(100), until=after(220))
    second = presence.rest(first, after(110), until=after(170))
    assert second.free_at == second.idle_since == after(220)
