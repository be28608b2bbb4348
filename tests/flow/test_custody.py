"""Escalations: taken by one, worked on to their outcome, chased when they stand still, ended by people."""

import asyncio

import pytest

from hotline.base.errors import Absent, HotlineError, Refused
from hotline.base.sensitive import Sensitive
from hotline.domain.escalation import OUTCOMES, UNREACHED
from hotline.domain.level import Level
from hotline.flow import escalation, handover
from hotline.flow.escalation import Said
from tests.flow.alarms import (
    DANGER,
    a_team,
    acknowledge,
    climb,
    declare,
    hand,
    make_contact,
    notes,
    pages,
    read,
    resolve,
    say,
    stand_down,
)
from tests.screen import follows
from tests.stage import Stage
from tests.still import unchanged


async def test_acknowledging_gives_it_one_owner_and_stops_the_ladder(stage: Stage):
    counselor, responder, supervisor = await a_team(stage)
    contact = await stage.chat()
    raised = await declare(stage, contact, counselor, Level.IMMINENT)
    await handover.join(stage.store, raised, hand(stage, supervisor), stage.later(1))
    async with follows(stage):
        await acknowledge(stage, raised, responder, stage.later(20))
    taken = await read(stage, raised)
    assert (taken.state, taken.owner_id, taken.acknowledged_at) == ("acknowledged", responder, stage.now)
    assert taken.next_rung_at is not None
    assert (taken.next_rung_at - stage.now).total_seconds() == 600
    stage.later(1)
    async with unchanged(stage), follows(stage, silently=True):
        await acknowledge(stage, raised, responder, stage.now)
        with pytest.raises(Refused) as refused:
            await acknowledge(stage, raised, supervisor, stage.now)
        assert refused.value.code == "escalation.taken"
    stage.later(598)
    async with follows(stage, silently=True):
        await climb(stage)


async def test_of_two_who_take_it_at_once_one_has_it(stage: Stage):
    counselor, responder, supervisor = await a_team(stage)
    raised = await declare(stage, await stage.chat(), counselor, Level.IMMINENT)
    answers = await asyncio.gather(
        *(acknowledge(stage, raised, each, stage.now) for each in (responder, supervisor)),
        return_exceptions=True,
    )
    assert [getattr(answer, "code", None) for answer in answers].count("escalation.taken") == 1
    assert (await read(stage, raised)).owner_id in {responder, supervisor}


@pytest.mark.parametrize("outcome", sorted(OUTCOMES))
async def test_it_is_closed_after_contact_with_what_became_of_the_person(stage: Stage, outcome: str):
    counselor, responder, supervisor = await a_team(stage)
    raised = await declare(stage, await stage.chat(), counselor, Level.HIGH)
    await acknowledge(stage, raised, responder, stage.later(5))
    if outcome != UNREACHED:
        async with follows(stage):
            await make_contact(stage, raised, responder, stage.later(60))
    async with follows(stage):
        await resolve(stage, raised, responder, outcome, Sensitive("好"), stage.later(600))
    settled = await read(stage, raised)
    assert (settled.state, settled.outcome, settled.resolved_by, settled.resolved_at) == (
        "resolved", outcome, responder, stage.now,
    )  # fmt: skip
    assert settled.is_open
    async with follows(stage):
        await escalation.close(stage.store, raised, hand(stage, supervisor), stage.later(60))
    over = await read(stage, raised)
    assert (over.state, over.outcome, over.closed_by, over.closed_at, over.next_rung_at) == (
        "closed", outcome, supervisor, stage.now, None,
    )  # fmt: skip
    assert over.closing == Sensitive("好")
    assert not over.is_open


async def test_whoever_does_not_go_on_with_it_is_reminded_and_then_others_may_take_it_over(stage: Stage):
    counselor, responder, supervisor = await a_team(stage)
    raised = await declare(stage, await stage.chat(), counselor, Level.IMMINENT)
    await acknowledge(stage, raised, responder, stage.later(5))
    before = len(await pages(stage, raised))
    stage.later(600)
    async with follows(stage):
        await climb(stage)
    assert {page[1] for page in (await pages(stage, raised))} == {responder}
    assert len(await pages(stage, raised)) == before + 2
    async with unchanged(stage):
        with pytest.raises(Refused):
            await acknowledge(stage, raised, supervisor, stage.now)
    stage.later(300)
    async with follows(stage):
        await climb(stage)
    assert supervisor in {page[1] for page in await pages(stage, raised)}
    assert (await read(stage, raised)).owner_id == responder
    async with follows(stage):
        await acknowledge(stage, raised, supervisor, stage.later(10))
    taken = await read(stage, raised)
    assert (taken.owner_id, taken.chased, taken.state) == (supervisor, 0, "acknowledged")
    await make_contact(stage, raised, supervisor, stage.later(10))
    later = await read(stage, raised)
    assert later.next_rung_at is not None
    assert (later.next_rung_at - stage.now).total_seconds() == 3600


async def test_what_the_release_before_left_with_somebody_without_a_time_is_chased_too(stage: Stage):
    counselor, responder, _ = await a_team(stage)
    raised = await declare(stage, await stage.chat(), counselor, Level.HIGH)
    await acknowledge(stage, raised, responder, stage.later(5))
    await stage.value("update escalation set next_rung_at = null where id = $1 returning id", raised)
    stage.later(1)
    async with follows(stage):
        await climb(stage)
    assert (await read(stage, raised)).next_rung_at is not None


async def test_words_that_come_after_the_outcome_open_it_again_for_its_owner(stage: Stage):
    counselor, responder, _ = await a_team(stage)
    contact = await stage.chat()
    raised = await declare(stage, contact, counselor, Level.HIGH)
    await acknowledge(stage, raised, responder, stage.later(5))
    await resolve(stage, raised, responder, UNREACHED, Sensitive("没有找到"), stage.later(60))
    stage.later(60)
    async with follows(stage):
        await say(stage, contact, DANGER)
    again = await read(stage, raised)
    assert (again.state, again.owner_id, again.level) == ("acknowledged", responder, Level.IMMINENT)
    assert (responder, "没有找到") in await notes(stage, raised)
    async with unchanged(stage), follows(stage, silently=True):
        for attempt in (
            escalation.close(stage.store, raised, hand(stage, responder), stage.now),
            escalation.stand_down(
                stage.store, raised, hand(stage, responder, seen=0),
                Said(code="misread", words=Sensitive("看错")), stage.now,
            ),
        ):  # fmt: skip
            with pytest.raises(Refused):
                await attempt


async def test_what_was_resolved_and_has_a_newer_one_behind_it_can_still_be_closed(stage: Stage):
    """The release before takes what is resolved for over, and calls in anew."""
    counselor, responder, _ = await a_team(stage)
    contact = await stage.chat()
    older = await declare(stage, contact, counselor, Level.HIGH)
    await acknowledge(stage, older, responder, stage.later(5))
    await resolve(stage, older, responder, UNREACHED, Sensitive(""), stage.later(60))
    await stage.value(
        """insert into escalation (id, contact_id, centre_id, level, state, cause, declared_at,
             acknowledge_by, next_rung_at, rung, round)
           select gen_random_uuid(), contact_id, centre_id, level, 'paged', cause, $2, $2, $2, 0, 0
           from escalation where id = $1 returning id""",
        older, stage.later(60),
    )  # fmt: skip
    await escalation.close(stage.store, older, hand(stage, responder), stage.later(5))
    assert (await read(stage, older)).state == "closed"


async def test_what_may_not_end_it_changes_nothing(stage: Stage):
    counselor, responder, _ = await a_team(stage)
    raised = await declare(stage, await stage.chat(), counselor, Level.HIGH)

    async def ends(outcome: str) -> None:
        await resolve(stage, raised, responder, outcome, Sensitive(""), stage.now)

    async def takes_back(reason: str) -> None:
        await stand_down(stage, raised, responder, Sensitive(reason), stage.now)

    async with unchanged(stage), follows(stage, silently=True):
        for attempt, code in (
            (ends("fine"), "escalation.outcome"),
            (ends("admitted"), "escalation.resolve"),
            (takes_back(""), "escalation.reason"),
            (takes_back("   "), "escalation.reason"),
        ):
            with pytest.raises(HotlineError) as refused:
                await attempt
            assert refused.value.code == code


async def test_it_is_stood_down_by_name_and_never_climbs_again(stage: Stage):
    counselor, _, supervisor = await a_team(stage)
    contact = await stage.chat()
    raised = await declare(stage, contact, counselor, Level.IMMINENT)
    async with follows(stage):
        await stand_down(stage, raised, supervisor, Sensitive("误报"), stage.later(30))
    over = await read(stage, raised)
    assert (over.state, over.closed_by, over.closing, over.next_rung_at) == (
        "stood_down", supervisor, Sensitive("误报"), None,
    )  # fmt: skip
    stage.later(3600)
    async with follows(stage, silently=True):
        await climb(stage)
    async with unchanged(stage):
        with pytest.raises(HotlineError):
            await acknowledge(stage, raised, supervisor, stage.now)


async def test_an_older_escalation_is_not_changed_through_a_newer_one(stage: Stage):
    counselor, responder, _ = await a_team(stage)
    contact = await stage.chat()
    older = await declare(stage, contact, counselor, Level.HIGH)
    await stand_down(stage, older, responder, Sensitive("误报"), stage.later(5))
    stage.later(5)
    await declare(stage, contact, counselor, Level.HIGH)
    async with unchanged(stage):
        with pytest.raises(Absent):
            await acknowledge(stage, older, responder, stage.now)
