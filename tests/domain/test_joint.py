"""Whatever is tried in whatever order, the machines stay in step, and what is refused leaves nothing."""

from collections import Counter
from dataclasses import replace
from typing import Final

import pytest
from hypothesis import given, settings, strategies as st

from hotline.domain.centre import Channel
from hotline.domain.escalation import Escalation
from hotline.domain.joint import Journey, breaches
from hotline.domain.level import Level
from tests.domain.made import WANG, a_contact, a_session, an_offer
from tests.domain.walk import PATHS, STEPS, Path, arrived, trodden, walk


@settings(max_examples=150)
@given(channel=st.sampled_from(Channel), crisis_key=st.booleans(), path=PATHS)
def test_after_every_step_that_is_allowed_the_machines_are_in_step(
    channel: Channel, crisis_key: bool, path: Path
):
    world = arrived(channel, crisis_key=crisis_key)
    for tried in walk(world, path):
        assert (tried.outcome is not None) == tried.is_allowed, tried.step
        assert list(breaches(world.journey)) == [], tried.step


@given(channel=st.sampled_from(Channel), path=PATHS)
def test_a_refused_step_leaves_nothing_behind(channel: Channel, path: Path):
    world = arrived(channel)
    for tried in walk(world, path):
        if tried.outcome is None:
            assert world.rows == tried.before


@given(channel=st.sampled_from(Channel), path=PATHS)
def test_whatever_changes_a_row_of_the_journey_tells_the_journal(channel: Channel, path: Path):
    world = arrived(channel)
    for tried in walk(world, path):
        if tried.outcome is not None and tried.outcome.rows:
            assert tried.outcome.entries, tried.step


def test_a_walk_of_every_step_goes_from_the_first_ring_to_the_closed_record():
    world = arrived()
    way = "join make decline make miss make begin connect imminent interrupt make begin connect".split()
    for step in (*way, "screen", "write", "end", "close"):
        assert trodden(world, step).outcome is not None, step
    assert world.contact.state == "closed"


def test_random_walks_get_everywhere():
    reached, refused = Counter[str](), Counter[str]()

    @settings(max_examples=160, derandomize=True, database=None)
    @given(channel=st.sampled_from(Channel), path=PATHS)
    def count(channel: Channel, path: Path) -> None:
        world = arrived(channel)
        for tried in walk(world, path):
            reached[world.contact.state] += 1
            refused[tried.step] += tried.outcome is None

    count()
    states = "waiting offered connecting talking wrapping closed abandoned diverted"
    assert all(reached[state] for state in states.split()), reached
    unrefusable = {"high", "imminent", "judge low", "judge imminent", "age", "wait", "climb"}
    assert all(refused[step] for step in STEPS if step not in unrefusable), refused


TALKING: Final = Journey(contact=a_contact("talking"), session=a_session("open"))

OUT_OF_STEP: Final = {
    "an offer that nobody made": (Journey(contact=a_contact("offered")), "offered_iff_one_pending_offer"),
    "an offer left ringing": (replace(TALKING, offer=an_offer()), "offered_iff_one_pending_offer"),
    "a decided offer that is still held out": (
        Journey(contact=a_contact("offered"), offer=an_offer("missed")),
        "offered_iff_one_pending_offer",
    ),
    "connecting to nobody": (
        Journey(contact=a_contact("connecting")),
        "connecting_iff_one_connecting_session",
    ),
    "talking in a session that has ended": (
        replace(TALKING, session=a_session("wrapping")),
        "talking_iff_one_open_session",
    ),
    "a record that outlives its contact": (
        Journey(contact=a_contact("closed"), session=a_session("wrapping")),
        "wrapping_iff_one_wrapping_session",
    ),
    "a waiting contact that somebody holds": (
        Journey(contact=a_contact("waiting", counselor_id=WANG)),
        "counselor_iff_held",
    ),
    "a talk that nobody holds": (
        replace(TALKING, contact=a_contact("talking", counselor_id=None)),
        "counselor_iff_held",
    ),
    "waiting since never": (Journey(contact=a_contact("waiting", joined_at=None)), "queued_has_join_time"),
    "in danger with nobody called": (
        replace(TALKING, contact=a_contact("talking", level=Level.IMMINENT)),
        "imminent_has_escalation",
    ),
    "a session of somebody else": (
        replace(TALKING, contact=a_contact("talking", counselor_id=WANG)),
        "one_owner",
    ),
}


@pytest.mark.parametrize("what", OUT_OF_STEP)
def test_what_may_not_stand_together_is_called_by_its_name(what: str):
    journey, name = OUT_OF_STEP[what]
    assert name in set(breaches(journey))


def test_an_escalation_that_is_over_still_counts_for_a_contact_in_danger():
    world = arrived()
    trodden(world, "imminent")
    closed = replace(world.all(Escalation)[0], state="stood_down")
    assert list(breaches(replace(world.journey, escalation=closed))) == []
