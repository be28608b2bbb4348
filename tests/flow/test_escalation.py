"""Escalations: called in by hand or by words, climbing round and round."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import pytest

from hotline.base.errors import Refused
from hotline.base.sensitive import Sensitive
from hotline.domain.level import Level
from hotline.domain.staff import Role
from hotline.flow import duty, escalation, handover
from hotline.store import escalation as store_escalation
from tests.flow.alarms import (
    DANGER,
    TELEPHONE,
    a_team,
    acknowledge,
    climb,
    declare,
    hand,
    notes,
    pages,
    read,
    say,
    stand_down,
)
from tests.screen import follows
from tests.stage import Stage
from tests.still import unchanged


async def test_one_button_raises_the_level_calls_the_team_in_and_pages_it(stage: Stage):
    counselor, responder, _ = await a_team(stage)
    contact = await stage.chat()
    sends = (await stage.effects()).count("send")
    async with follows(stage):
        raised = await declare(stage, contact, counselor, Level.HIGH, "要去天台")
    risen = await stage.contact(contact.id)
    assert (risen.level, risen.band, risen.joined_at) == (Level.HIGH, 1, contact.joined_at)
    made = await read(stage, raised)
    assert (made.state, made.rung, made.cause.source, made.cause.staff_id) == (
        "paged", 0, "counselor", counselor,
    )  # fmt: skip
    assert (made.acknowledge_by - made.declared_at).total_seconds() == 300
    assert await pages(stage, raised) == [
        (0, responder, "console", "sent"),
        (0, responder, "sms", "due"),
    ]
    assert (await stage.effects()).count("send") == sends + 1
    assert await notes(stage, raised) == [(counselor, "要去天台")]


@pytest.mark.parametrize("level", [level for level in Level if not level.needs_escalation])
async def test_a_team_is_not_called_in_for_less_than_high(stage: Stage, level: Level):
    counselor, _, _ = await a_team(stage)
    contact = await stage.chat()
    async with unchanged(stage), follows(stage, silently=True):
        with pytest.raises(Refused) as refused:
            await declare(stage, contact, counselor, level)
    assert refused.value.code == "escalation.level"


async def test_pressing_the_button_again_joins_the_open_escalation(stage: Stage):
    counselor, _, _ = await a_team(stage)
    contact = await stage.chat()
    first = await declare(stage, contact, counselor, Level.HIGH, "一")
    stage.later(5)
    assert await declare(stage, contact, counselor, Level.HIGH, "二") == first
    assert await notes(stage, first) == [(counselor, "一"), (counselor, "二")]
    assert (await read(stage, first)).declared_at < stage.now


async def test_three_who_press_at_once_raise_one_escalation(stage: Stage):
    counselor, responder, _ = await a_team(stage)
    contact = await stage.chat()
    raised = await asyncio.gather(*(declare(stage, contact, counselor, Level.IMMINENT) for _ in range(3)))
    assert len(set(raised)) == 1
    assert [page[:3] for page in await pages(stage, raised[0])] == [
        (0, responder, "console"),
        (0, responder, "sms"),
        (0, responder, "voice"),
    ]


async def test_a_person_may_call_the_team_in_again_after_it_was_stood_down(stage: Stage):
    counselor, responder, _ = await a_team(stage)
    contact = await stage.chat()
    first = await declare(stage, contact, counselor, Level.HIGH)
    await stand_down(stage, first, responder, Sensitive("误报"), stage.later(10))
    stage.later(60)
    async with follows(stage):
        second = await declare(stage, contact, counselor, Level.HIGH)
    assert second != first
    assert (await read(stage, second)).state == "paged"


async def test_a_clock_that_is_behind_hides_no_open_escalation(stage: Stage):
    counselor, responder, _ = await a_team(stage)
    contact = await stage.chat()
    first = await declare(stage, contact, counselor, Level.HIGH)
    await stand_down(stage, first, responder, Sensitive("误报"), stage.now)
    stage.later(-60)
    again = await declare(stage, contact, counselor, Level.HIGH)
    stage.later(60)
    assert await declare(stage, contact, counselor, Level.HIGH) == again, "the open one is joined"
    assert (await say(stage, contact, DANGER)).level is Level.IMMINENT
    assert (await read(stage, again)).level is Level.IMMINENT


async def test_the_ladder_climbs_rung_by_rung_and_round_and_round(stage: Stage):
    counselor, responder, supervisor = await a_team(stage)
    contact = await stage.chat()
    raised = await declare(stage, contact, counselor, Level.IMMINENT)
    seen: list[tuple[int, int, Sequence[UUID]]] = []
    for rung in range(1, 10):
        stage.later(59.999)
        async with follows(stage, silently=True):
            await climb(stage)
        stage.later(0.001)
        async with follows(stage):
            await climb(stage)
        now = await read(stage, raised)
        assert (now.rung, now.round, now.state) == (rung % 4, rung // 4, "paged")
        assert now.next_rung_at is not None
        paged = {staff_id for at, staff_id, *_ in await pages(stage, raised) if at == rung}
        seen.append((now.rung, now.round, sorted(paged)))
    both = sorted([responder, supervisor])
    assert seen == [
        (1, 0, [supervisor]), (2, 0, [supervisor]), (3, 0, both),
        (0, 1, [responder]), (1, 1, [supervisor]), (2, 1, [supervisor]), (3, 1, both),
        (0, 2, [responder]), (1, 2, [supervisor]),
    ]  # fmt: skip


async def test_a_ladder_without_anybody_on_it_goes_on_climbing(stage: Stage):
    counselor = await stage.hire("lin", ready=True)
    contact = await stage.chat()
    raised = await declare(stage, contact, counselor, Level.IMMINENT)
    for rung in range(1, 5):
        stage.later(60)
        async with follows(stage):
            await climb(stage)
        at = await read(stage, raised)
        assert at.round * 4 + at.rung == rung
    supervisor = await stage.hire("sun", Role.SUPERVISOR)
    for _ in range(3):
        stage.later(60)
        await climb(stage)
    assert supervisor in {page[1] for page in await pages(stage, raised)}


async def test_a_rung_is_climbed_once_however_many_escalators_look(stage: Stage):
    counselor, _, _ = await a_team(stage)
    contact = await stage.chat()
    raised = await declare(stage, contact, counselor, Level.IMMINENT)
    stage.later(60)
    await asyncio.gather(*(climb(stage) for _ in range(3)))
    assert (await read(stage, raised)).rung == 1
    async with unchanged(stage):
        await climb(stage)


async def test_what_grows_graver_starts_the_graver_ladder_at_once(stage: Stage):
    counselor, responder, _ = await a_team(stage)
    contact = await stage.chat()
    raised = await declare(stage, contact, counselor, Level.HIGH)
    stage.later(200)
    async with follows(stage):
        assert (await say(stage, contact, DANGER)).level is Level.IMMINENT
    graver = await read(stage, raised)
    assert (graver.level, graver.rung, graver.state) == (Level.IMMINENT, 0, "paged")
    assert graver.next_rung_at is not None
    assert (graver.next_rung_at - stage.now).total_seconds() == 60
    assert graver.acknowledge_by == graver.next_rung_at
    assert [page[1] for page in await pages(stage, raised)] == [responder] * 5
    assert "escalation.aggravated" in await stage.kinds(contact.id)


async def test_what_somebody_has_taken_grows_graver_and_only_its_owner_is_told(stage: Stage):
    counselor, responder, _ = await a_team(stage)
    contact = await stage.chat()
    raised = await declare(stage, contact, counselor, Level.HIGH)
    await acknowledge(stage, raised, responder, stage.later(30))
    before = await pages(stage, raised)
    async with follows(stage):
        await say(stage, contact, DANGER)
    graver = await read(stage, raised)
    assert (graver.level, graver.state, graver.owner_id) == (Level.IMMINENT, "acknowledged", responder)
    assert {page[1] for page in await pages(stage, raised)} == {responder}
    assert len(await pages(stage, raised)) == len(before) + 2


async def test_notes_are_added_in_order_and_under_seal(stage: Stage):
    counselor, responder, _ = await a_team(stage)
    raised = await declare(stage, await stage.chat(), counselor, Level.HIGH)
    for words in ("已联系家属", "家属在路上"):
        async with follows(stage, silently=True):
            noted = escalation.Noted(staff_id=responder, words=Sensitive(words))
            await escalation.add_note(stage.store, stage.policies, raised, noted, stage.later(5))
    assert [words for _, words in await notes(stage, raised)] == ["已联系家属", "家属在路上"]
    raw = await stage.value("select words from escalation_note where escalation_id = $1 limit 1", raised)
    assert "家属".encode() not in raw


async def test_what_became_of_a_page_is_noted_once_and_its_failure_does_not_stop_the_ladder(stage: Stage):
    counselor, _, _ = await a_team(stage)
    raised = await declare(stage, await stage.chat(), counselor, Level.IMMINENT)
    page_id = await stage.value("select id from page where escalation_id = $1 and channel = 'sms'", raised)
    for state in ("sent", "failed"):
        async with follows(stage, silently=True):
            await escalation.page_sent(stage.store, page_id, stage.later(1), state=state)
        assert await stage.value("select state from page where id = $1", page_id) == state
        stage.later(1)
        async with unchanged(stage):
            await escalation.page_sent(stage.store, page_id, stage.now, state=state)
    stage.later(60)
    async with follows(stage):
        await climb(stage)


async def test_one_that_cannot_be_read_keeps_nobody_else_from_being_called(stage: Stage):
    counselor, _, _ = await a_team(stage)
    broken, sound = [
        await declare(stage, await stage.chat(), counselor, Level.IMMINENT) for _ in range(2)
    ]  # fmt: skip
    spoil = "update escalation set contact_words = $2 where id = $1 returning 1"
    await stage.value(spoil, broken, b"no seal of ours")
    stage.later(60)
    await climb(stage)
    assert (await read(stage, sound)).rung == 1
    await stage.value(spoil, broken, None)
    await climb(stage)
    assert (await read(stage, broken)).rung == 1


async def test_a_supervisor_who_does_not_join_an_imminent_one_is_followed_by_another(stage: Stage):
    counselor, responder, supervisor = await a_team(stage)
    await stage.sign_in(supervisor)
    await duty.beat(stage.store, [supervisor], stage.now)
    second = await stage.hire("zhao", Role.SUPERVISOR, telephone=TELEPHONE)
    contact = await stage.chat()
    raised = await declare(stage, contact, counselor, Level.IMMINENT)
    await acknowledge(stage, raised, responder, stage.later(5))
    assert await joiners(stage, raised) == [(supervisor, False)]
    stage.later(54)
    async with follows(stage, silently=True):
        await climb(stage)
    stage.later(1)
    async with follows(stage):
        await climb(stage)
    assert await joiners(stage, raised) == [(supervisor, False), (second, False)]
    async with follows(stage):
        await handover.join(stage.store, raised, hand(stage, supervisor), stage.later(5))
    stage.later(3600)
    await climb(stage)
    assert await joiners(stage, raised) == [(supervisor, True), (second, False)]
    kinds = await stage.kinds(contact.id)
    assert kinds.count("escalation.join_asked") == 2
    assert "escalation.join_missed" not in kinds


async def joiners(stage: Stage, raised: UUID) -> list[tuple[UUID, bool]]:
    """Who was asked to join, in order, and whether they are there."""
    async with stage.store.connection() as connection:
        found = await store_escalation.joinings_of(connection, stage.store.vault, raised)
    return [(each.staff_id, each.joined_at is not None) for each in found]


async def test_one_that_calls_for_days_shows_its_latest_pages(stage: Stage):
    counselor, responder, _ = await a_team(stage)
    raised = await declare(stage, await stage.chat(), counselor, Level.HIGH)
    await stage.value(
        """with made as (
             insert into page (id, escalation_id, centre_id, staff_id, channel, rung, state, made_at)
             select gen_random_uuid(), $1, $2, $3, 'console', number, 'sent',
                    $4::timestamptz + number * interval '1 minute'
             from generate_series(1, 600) as number returning 1)
           select count(*) from made""",
        raised, stage.centre.id, responder, stage.now,
    )  # fmt: skip
    async with stage.store.connection() as connection:
        shown = await store_escalation.pages_of(connection, stage.store.vault, raised)
    assert [page.rung for page in shown] == list(range(101, 601))
