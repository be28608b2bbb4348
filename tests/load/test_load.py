"""The load model holds what it says: formulas, arrivals, the computed floor, and a small run on real
processes.
"""

import math
import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from hotline.practice.shape import HOUR_SECONDS, HOUR_WEIGHTS, PARTS
from tests.load import erlang, hour, kpi, model, rows
from tests.load.arrivals import WEEKDAYS, Campaign, Coming, Demand, Try
from tests.load.erlang import Inputs
from tests.load.house import Tempo
from tests.load.kpi import Passage, Span, Taken
from tests.load.model import Floor, Rules
from tests.stage import Stage

PATIENCE = 300.0
BARE = Rules(
    seats=20,
    connect_seconds=0.0,
    release_seconds=0.0,
    menu_seconds=0.0,
    wrap_up_seconds_min=0.0,
    return_within_seconds=0.0,
    caller_silent_seconds=0.0,
)


def of_hour(per_hour: float, minutes: float, seats: int = 1) -> Inputs:
    """A line with so many calls an hour of so many minutes."""
    return Inputs(rate=per_hour / 3600, handle_seconds=60 * minutes, patience=((1.0, PATIENCE),), seats=seats)


@pytest.mark.parametrize(
    ("per_hour", "minutes", "ten", "five"),
    [
        (10.4, 50, 11, 13),
        (10.4, 25, 7, 8),
        (13.3, 30, 9, 10),
        (92, 25, 38, 42),
        (532, 25, 202, 217),
        (1596, 25, 600, 638),
    ],
)
def test_the_formula_gives_the_seats_that_planners_use(per_hour: float, minutes: float, ten: int, five: int):
    line = of_hour(per_hour, minutes)
    assert (erlang.seats_for(line, 0.10), erlang.seats_for(line, 0.05)) == (ten, five)


def test_two_seats_lose_more_than_half_of_eight_calls_an_hour():
    assert erlang.predict(of_hour(8, 25, 2)).abandonment == pytest.approx(0.52, abs=0.005)
    assert erlang.predict(of_hour(10, 25, 2)).abandonment == pytest.approx(0.59, abs=0.005)


def test_far_too_few_seats_lose_what_they_cannot_serve():
    few = Inputs(rate=2.5, handle_seconds=320, patience=((1.0, PATIENCE),), seats=600)
    said = erlang.predict(few)
    assert said.abandonment == pytest.approx(1 - 600 / few.erlangs, abs=1e-3)
    assert said.occupancy == pytest.approx(1, abs=1e-3)


def test_those_who_wait_and_those_who_leave_agree_with_little():
    """Everybody's mean wait is abandonment times patience, whatever the order: with one kind of patience."""
    line = of_hour(92, 25, 36)
    said = erlang.predict(line)
    served = 1 - said.abandonment
    passages = simulated(line, hours=400)
    waits = [each.wait_seconds for each in passages]
    assert sum(waits) / len(waits) == pytest.approx(said.abandonment * PATIENCE, rel=0.12)
    assert sum(each.is_answered for each in passages) / len(passages) == pytest.approx(served, abs=0.012)
    answered = [each.wait_seconds for each in passages if each.is_answered]
    assert sum(answered) / len(answered) == pytest.approx(said.asa_seconds, rel=0.12)
    soon = sum(each.is_answered and each.wait_seconds <= 20 for each in passages) / len(passages)
    assert soon == pytest.approx(said.within, abs=0.03)


def simulated(line: Inputs, hours: float) -> list[Passage]:
    """The computed floor under the formula's own assumptions: exponential talks, nobody tries again."""
    chance = random.Random(1)
    comings: list[Coming] = []
    at = 0.0
    while at < hours * HOUR_SECONDS:
        at += chance.expovariate(line.rate)
        patience = Try(patience_seconds=chance.expovariate(1 / PATIENCE), again_seconds=None)
        comings.append(
            Coming(
                number=len(comings),
                at=at,
                kind="ordinary",
                is_chat=False,
                talk_seconds=chance.expovariate(1 / line.handle_seconds),
                wrap_up_seconds=0.0,
                reaction_seconds=0.0,
                tries=(patience,),
            )
        )
    floor = Floor(replace(BARE, seats=line.seats))
    floor.run(comings)
    return floor.passages


def test_arrivals_follow_the_hours_the_weekdays_and_a_campaign():
    campaign = Campaign(starts_at=30 * HOUR_SECONDS, seconds=HOUR_SECONDS, factor=5.0)
    days = 7
    week = Demand(
        rate=0.05,
        seconds=days * 24 * HOUR_SECONDS,
        starts_at_hour=0.0,
        weekday=0,
        quarter=2,
        campaigns=(campaign,),
    )
    came = [coming.at for coming in week.comings(1)]
    by_hour = Counter(int(at // HOUR_SECONDS) for at in came)
    evening = sum(by_hour[24 * day + 20] for day in range(days) if day != 1)
    dawn = sum(by_hour[24 * day + 5] for day in range(days) if day != 1)
    assert evening / dawn == pytest.approx(HOUR_WEIGHTS[20] / HOUR_WEIGHTS[5], rel=0.25)
    usual = sum(by_hour[24 * day + 6] for day in range(days) if day != 1) / (days - 1)
    assert by_hour[30] / usual == pytest.approx(5.0, rel=0.35)
    expected = sum(week.rate_at(HOUR_SECONDS * hour) * HOUR_SECONDS for hour in range(24 * days))
    assert len(came) == pytest.approx(expected, rel=0.03)
    assert sum(WEEKDAYS) == pytest.approx(7.0, abs=0.01)


def test_a_seed_brings_the_same_callers_and_another_seed_others():
    demand = Demand(rate=1.0, seconds=600)
    assert list(demand.comings(1)) == list(demand.comings(1))
    assert list(demand.comings(1)) != list(demand.comings(2))


def test_callers_bring_what_the_load_model_says():
    demand = Demand(rate=5.0, seconds=4 * HOUR_SECONDS, chat_share=0.2)
    came = list(demand.comings(3))
    calls = [coming for coming in came if not coming.is_chat]
    kinds = Counter(coming.kind for coming in calls)
    for part in PARTS:
        assert kinds[part.name] / len(calls) == pytest.approx(part.share, abs=0.01)
    assert sum(coming.talk_seconds for coming in calls) / len(calls) == pytest.approx(17.5 * 60, rel=0.03)
    patience = [coming.tries[0].patience_seconds for coming in calls if coming.kind != "crisis"]
    assert sum(patience) / len(patience) == pytest.approx(PATIENCE, rel=0.03)
    again = sum(coming.tries[0].again_seconds is not None for coming in calls)
    assert again / len(calls) == pytest.approx(0.5, abs=0.02)
    frequent = sum(coming.telephone.startswith("+8618") for coming in calls)
    assert frequent / len(calls) == pytest.approx(0.6, abs=0.02)


def test_the_figures_are_those_of_the_definitions():
    passages = [
        Passage(at=1, wait_seconds=5, is_answered=True),
        Passage(at=2, wait_seconds=30, is_answered=True),
        Passage(at=3, wait_seconds=4, is_answered=False),
        Passage(at=4, wait_seconds=40, is_answered=False),
        Passage(at=200, wait_seconds=0, is_answered=True),
    ]
    said = kpi.figures(
        passages, [Taken(since=6, until=56), Taken(since=90, until=150)], Span(since=0, until=100, seats=2)
    )
    assert (said.offered, said.answered, said.answer_rate, said.abandonment) == (4, 2, 0.5, 0.5)
    assert said.answer_rate_strict == pytest.approx(2 / 3)
    assert (said.asa_seconds, said.within, said.occupancy) == (17.5, 0.25, 0.3)


def test_a_caller_who_tries_again_takes_back_the_old_place():
    """One seat, taken till 100: who left at 20 and came back at 50 goes before who joined at 30."""
    floor = Floor(replace(BARE, seats=1, return_within_seconds=1800.0))
    first = one(0, at=0.0, talk=100.0)
    returning = replace(
        one(1, at=10.0, talk=10.0),
        tries=(Try(patience_seconds=10, again_seconds=30), Try(patience_seconds=1000, again_seconds=None)),
    )
    floor.run([first, returning, one(2, at=30.0, talk=10.0)])
    answered = {each.at: each.wait_seconds for each in floor.passages if each.is_answered}
    assert answered == {0.0: 0.0, 50.0: 50.0, 30.0: 80.0}
    assert [each.at for each in floor.passages if not each.is_answered] == [10.0]


def one(number: int, *, at: float, talk: float) -> Coming:
    """Somebody who waits as long as it takes."""
    return Coming(
        number=number,
        at=at,
        kind="ordinary",
        is_chat=False,
        talk_seconds=talk,
        wrap_up_seconds=0.0,
        reaction_seconds=0.0,
        tries=(Try(patience_seconds=1000.0, again_seconds=None),),
    )


def test_a_seat_that_was_not_free_again_is_taken_to_the_end():
    """Left out, the longest talks would be missing, and seats would seem less busy than they were."""
    began = datetime(2026, 1, 1, tzinfo=UTC)
    first, second = UUID(int=1), UUID(int=2)

    def offer(staff_id: UUID, at: int) -> dict[str, Any]:
        made_at = began + timedelta(seconds=at)
        return {
            "staff_id": staff_id,
            "made_at": made_at,
            "decided_at": made_at,
            "state": "accepted",
            "failed_at": None,
        }

    free = {first: [{"at": began + timedelta(seconds=70)}]}
    offers = [offer(first, 10), offer(first, 80), offer(second, 20)]
    found = rows.stretches(offers, free, lambda moment: (moment - began).total_seconds())
    assert [(each.since, each.until) for each in found] == [(10, 70), (80, math.inf), (20, math.inf)]


def test_a_span_in_which_nobody_came_has_no_prediction():
    empty = kpi.figures([], [], Span(since=0, until=60, seats=2))
    size = hour.Size(
        name="empty",
        demand=Demand(rate=1.0, seconds=60),
        tempo=Tempo(compress=1.0, handle_scale=1.0),
        seats=2,
        warm_seconds=0.0,
        tail_seconds=0.0,
        seed=1,
        repetitions=1,
    )
    assert hour.formula_of(size, empty) == {}


def test_what_the_house_costs_is_seen_by_those_who_wait():
    slow = replace(
        BARE, seats=1, decision_seconds=2.0, ring_seconds=1.0, talk_seconds=3.0, release_seconds=4.0
    )
    floor = Floor(slow)
    floor.run([one(0, at=0.0, talk=10.0), one(1, at=1.0, talk=10.0)])
    assert [each.wait_seconds for each in floor.passages] == [3.0, 22.0]
    assert [(each.since, each.until) for each in floor.taken] == [(2.0, 20.0), (22.0, 40.0)]


@pytest.mark.drill
@pytest.mark.timeout(600)
async def test_a_small_floor_on_real_processes_is_sound_and_counts_everybody(
    stage: Stage, database_url: str, tmp_path: Path
):
    demand = Demand(rate=0.25, seconds=120.0, handle_scale=0.02, chat_share=0.2)
    size = hour.Size(
        name="small",
        demand=demand,
        tempo=Tempo(compress=8.0, handle_scale=0.02),
        seats=8,
        supervisors=2,
        warm_seconds=0.0,
        tail_seconds=0.0,
        seed=5,
        repetitions=5,
    )
    told = await hour.run(stage, size, tmp_path, database_url, None)
    assert told["verdict"] == {}
    measured = told["measured"]
    ended = {what: count for what, count in told["ends"].items() if what.startswith(("closed", "abandoned"))}
    assert sum(ended.values()) == told["tally"]["called"] + told["tally"]["came by chat"]
    assert measured["answered"] > 0
    assert measured["offered"] <= sum(ended.values())
    assert 0 < measured["occupancy"] <= 1
    assert set(told["figures"]) == set(kpi.COMPARED)
    assert model.repeat(demand, replace(BARE, seats=8), size.span, [1])[0].offered > 0
