"""A call for a supervisor: whoever sits where, somebody is called within a minute; it never falls silent."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from hotline.base.errors import Broken, Refused
from hotline.base.sensitive import Sensitive
from hotline.domain import assist
from hotline.domain.assist import Asked, Assist, Means
from hotline.domain.ladder import CONSOLE, EVERYONE, ON_DUTY, Responder
from hotline.domain.outcome import Outcome
from hotline.domain.paging import HELP, Page
from hotline.policy import assists
from tests.domain.made import NOW, Ids, a_session, after
from tests.stage import policies_of_the_house

POLICY: Final = policies_of_the_house().assists
SAID: Final = Asked(reason="cannot_go_on", words=Sensitive(""))
PEOPLE: Final = tuple(UUID(int=number) for number in range(1, 5))


def means(roster: Mapping[str, Sequence[Responder]]) -> Means:
    return Means(policy=POLICY, roster=roster, new_id=Ids())


def someone(number: int, *, has_telephone: bool = True) -> Responder:
    return Responder(staff_id=PEOPLE[number], has_telephone=has_telephone)


def asked(roster: Mapping[str, Sequence[Responder]]) -> Outcome:
    return assist.ask(a_session("open"), None, SAID, means=means(roster), now=NOW)


def pages(outcome: Outcome) -> list[Page]:
    return [row for row in outcome.rows if isinstance(row, Page)]


@st.composite
def rosters(draw: st.DrawFn) -> dict[str, list[Responder]]:
    """A centre as it may be at any hour: who is a supervisor, who sits at a desk, who has a telephone."""
    everyone = [someone(n, has_telephone=draw(st.booleans())) for n in range(draw(st.integers(0, 4)))]
    supervisors = [each for each in everyone if draw(st.booleans())]
    return {
        ON_DUTY: [each for each in supervisors if draw(st.booleans())],
        "supervisors": supervisors,
        "duty_manager": supervisors[:1],
        EVERYONE: everyone,
    }


@given(rosters())
def test_whoever_can_be_reached_at_any_hour_somebody_is_with_the_press_of_the_button(
    roster: dict[str, list[Responder]],
):
    """Requirement 55: within a minute, also when nobody is on duty."""
    at_desks = {each.staff_id for each in roster[ON_DUTY]}
    can_be = at_desks | {each.staff_id for each in roster[EVERYONE] if each.has_telephone}
    reached = {
        page.staff_id for page in pages(asked(roster)) if page.channel != CONSOLE or page.staff_id in at_desks
    }
    assert bool(reached) == bool(can_be)


@given(rosters(), st.integers(0, 20))
def test_it_is_never_silent_for_longer_than_its_longest_rung(roster: dict[str, list[Responder]], climbs: int):
    standing = asked(roster).row(Assist)
    for _ in range(climbs):
        before = standing
        assert before.next_at is not None
        standing = assist.climb(before, means=means(roster), now=before.next_at).row(Assist)
        assert standing.next_at is not None
        assert 0 < (standing.next_at - before.next_at).total_seconds() <= 60
        assert standing.rung > before.rung


def test_those_at_their_desks_are_called_by_more_than_a_screen_within_a_minute():
    assert POLICY.seconds_to_telephones <= assist.REACHED_SECONDS_MAX


def test_from_the_second_round_on_every_channel_is_used():
    roster = {ON_DUTY: [someone(0)], "supervisors": [someone(0)], EVERYONE: [someone(0)]}
    standing = replace(asked(roster).row(Assist), rung=len(POLICY.rungs), next_at=NOW)
    called = pages(assist.climb(standing, means=means(roster), now=NOW))
    assert {page.channel for page in called} == {"console", "sms", "voice"}


def test_a_page_says_that_it_is_for_help_and_about_which_call():
    outcome = asked({ON_DUTY: [someone(0)]})
    [page] = pages(outcome)
    assert (page.purpose, page.about_id, page.escalation_id) == (HELP, outcome.row(Assist).id, None)


def test_its_time_has_to_come_before_it_climbs():
    roster = {ON_DUTY: [someone(0)], EVERYONE: [someone(0)]}
    standing = asked(roster).row(Assist)
    assert not assist.climb(standing, means=means(roster), now=after(29)).rows
    assert pages(assist.climb(standing, means=means(roster), now=after(30)))


def test_who_has_one_that_is_over_is_refused_everything_but_what_was_said_before():
    over = assist.withdraw(asked({}).row(Assist), a_session("open").staff_id, NOW).row(Assist)
    assert not assist.withdraw(over, over.staff_id, after(1)).rows
    for step in (
        lambda: assist.take(over, PEOPLE[0], NOW),
        lambda: assist.hand_back(over, PEOPLE[0], means=means({}), now=NOW),
        lambda: assist.end(over, PEOPLE[0], NOW),
    ):
        with pytest.raises(Refused):
            step()


@pytest.mark.parametrize(
    "raw",
    [
        {},
        {"rungs": [{"who": ["nobody_known"], "channels": ["sms"], "seconds": 30}]},
        {"rungs": [{"who": ["supervisors"], "channels": ["pigeon"], "seconds": 30}]},
        {"rungs": [{"who": ["supervisors"], "channels": ["sms"], "seconds": 0}]},
        {"rungs": [{"who": ["supervisors"], "channels": ["console"], "seconds": 30}]},
        {"rungs": [{"who": ["supervisors"], "channels": [way], "seconds": 61} for way in ("console", "sms")]},
        {"rungs": []},
    ],
)
def test_a_ladder_that_would_let_a_counselor_wait_is_not_taken(raw: dict[str, object]):
    with pytest.raises(Broken):
        assists.read(raw)
