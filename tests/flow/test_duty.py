"""Duty: coming on, stepping away, falling silent, resting after a talk."""

from uuid import UUID

import pytest

from hotline.base.errors import Refused
from hotline.domain.contact import Contact
from hotline.domain.presence import REASONS, Choice
from hotline.domain.session import Record
from hotline.flow import duty, offer, session
from hotline.store import presence as store_presence
from tests.screen import follows
from tests.stage import Stage
from tests.still import unchanged


async def state(stage: Stage, staff_id: UUID) -> tuple[object, object]:
    card = (await stage.screen()).cards[f"counselor:{staff_id}"].card
    return card["state"], card["reason"]


async def sweep(stage: Stage) -> None:
    """Everybody's: other tests have left people in this database who fall silent with ours."""
    await duty.sweep(stage.store, stage.policies, stage.now, 1000)


async def choose(stage: Stage, staff_id: UUID, choice: Choice, reason: str | None = None) -> None:
    await duty.choose(stage.store, staff_id, choice, reason, stage.now)


async def test_whoever_signs_in_is_not_ready_until_they_say_so(stage: Stage):
    counselor = await stage.hire("lin")
    assert await state(stage, counselor) == ("signed_out", None)
    async with follows(stage):
        await stage.sign_in(counselor)
    async with follows(stage):
        await duty.beat(stage.store, [counselor], stage.now)
    assert await state(stage, counselor) == ("not_ready", "signed_in")
    await stage.chat()
    assert await stage.dispatch() == {}
    async with follows(stage):
        await choose(stage, counselor, Choice.READY)
    assert await state(stage, counselor) == ("ready", None)
    assert len(await stage.dispatch()) == 1


@pytest.mark.parametrize("workers_run", [True, False])
async def test_whoever_signs_in_anew_after_an_absence_is_offered_nothing_before_saying_ready(
    stage: Stage, *, workers_run: bool
):
    counselor = await stage.hire("lin", ready=True)
    stage.later(stage.policies.queue.heartbeat_seconds + 1)
    if workers_run:
        await sweep(stage)
    async with follows(stage):
        await stage.sign_in(counselor)
    await duty.beat(stage.store, [counselor], stage.now)
    assert await state(stage, counselor) == ("not_ready", "signed_in")
    contact = await stage.chat()
    assert await stage.dispatch() == {}
    await choose(stage, counselor, Choice.READY)
    assert await stage.dispatch() == {contact.id: counselor}


async def test_a_second_sign_in_beside_a_living_page_changes_nothing(stage: Stage):
    counselor = await stage.hire("lin", ready=True)
    stage.later(stage.policies.queue.heartbeat_seconds - 1)
    async with unchanged(stage):
        await stage.sign_in(counselor)
    assert await state(stage, counselor) == ("ready", None)


async def in_a_chat(stage: Stage) -> tuple[UUID, Contact]:
    """A counselor with a caller in hand."""
    counselor = await stage.hire("lin", ready=True)
    contact = await stage.chat()
    await stage.dispatch()
    await offer.accept(stage.store, await stage.pending_offer(contact.id), counselor, stage.now)
    return counselor, contact


async def test_whoever_has_a_caller_in_hand_signs_in_anew_without_a_change(stage: Stage):
    counselor, _ = await in_a_chat(stage)
    stage.later(30)
    await sweep(stage)
    async with unchanged(stage):
        await stage.sign_in(counselor)
    assert await state(stage, counselor) == ("engaged", "heartbeat_lost")


@pytest.mark.parametrize("reason", sorted(REASONS))
async def test_stepping_away_needs_a_reason_and_shows_it(stage: Stage, reason: str):
    counselor = await stage.hire("lin", ready=True)
    async with follows(stage):
        await choose(stage, counselor, Choice.NOT_READY, reason)
    assert await state(stage, counselor) == ("not_ready", reason)
    await stage.chat()
    assert await stage.dispatch() == {}


@pytest.mark.parametrize("reason", [None, "", "missed", "device", "console", "bored"])
async def test_a_reason_that_is_not_in_the_list_changes_nothing(stage: Stage, reason: str | None):
    counselor = await stage.hire("lin", ready=True)
    async with unchanged(stage), follows(stage, silently=True):
        with pytest.raises(Refused) as refused:
            await choose(stage, counselor, Choice.NOT_READY, reason)
    assert refused.value.code == "presence.reason"


async def test_choosing_the_same_again_is_not_worth_an_entry(stage: Stage):
    counselor = await stage.hire("lin", ready=True)
    stage.later(60)
    async with unchanged(stage):
        await choose(stage, counselor, Choice.READY)


async def test_beats_are_not_journalled_but_the_first_after_a_silence_is(stage: Stage):
    counselor = await stage.hire("lin", ready=True)
    count = "select count(*) from journal where $1 = any(staff_ids)"
    entries = await stage.value(count, counselor)
    async with follows(stage, silently=True):
        await duty.beat(stage.store, [counselor], stage.later(3))
    assert await stage.value(count, counselor) == entries
    stage.later(11)
    await sweep(stage)
    async with follows(stage):
        await duty.beat(stage.store, [counselor], stage.later(1))
    assert await stage.value(count, counselor) == entries + 2


async def test_a_page_that_falls_silent_takes_its_counselor_out_of_the_queue(stage: Stage):
    counselor = await stage.hire("lin", ready=True)
    stage.later(stage.policies.queue.heartbeat_seconds)
    async with follows(stage, silently=True):
        await sweep(stage)
    stage.later(0.001)
    async with follows(stage):
        await sweep(stage)
    assert await state(stage, counselor) == ("offline", "heartbeat_lost")
    contact = await stage.chat()
    assert await stage.dispatch() == {}
    async with follows(stage):
        await duty.beat(stage.store, [counselor], stage.later(1))
    assert await state(stage, counselor) == ("ready", None)
    assert await stage.dispatch() == {contact.id: counselor}


async def test_all_who_come_back_at_once_come_back_in_one_transaction(stage: Stage):
    people = [await stage.hire(f"c{nth}", ready=True) for nth in range(12)]
    stage.later(11)
    await sweep(stage)
    async with follows(stage):
        assert await duty.beat(stage.store, people, stage.later(1)) == frozenset(people)
    assert {await state(stage, each) for each in people} == {("ready", None)}
    transactions = """select count(distinct xid) from journal
                      where kind = 'presence.connected' and staff_ids && $1 and at = $2"""
    assert await stage.value(transactions, people, stage.now) == 1


async def test_a_return_of_more_than_fit_is_done_in_parts(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    people = [await stage.hire(f"c{nth}", ready=True) for nth in range(5)]
    stage.later(11)
    await sweep(stage)
    monkeypatch.setattr(duty, "RETURNS_AT_ONCE_MAX", 2)
    assert await duty.beat(stage.store, people, stage.later(1)) == frozenset(people)
    assert {await state(stage, each) for each in people} == {("ready", None)}


async def test_a_beat_waits_for_nobody_whom_a_step_holds_and_says_whom_it_left_out(stage: Stage):
    held, silent, other = [await stage.hire(login, ready=True) for login in ("lin", "wang", "mei")]
    stage.later(11)
    await sweep(stage)
    await duty.beat(stage.store, [held, other], stage.now)
    async with stage.store.unit() as unit:
        await store_presence.lock(unit, held)
        assert await duty.beat(stage.store, [held, silent, other], stage.now) == {silent, other}
    assert await duty.beat(stage.store, [held], stage.now) == {held}


async def test_a_sweep_waits_for_nobody_whom_a_step_holds_and_finds_them_the_next_time(stage: Stage):
    held, other = await stage.hire("lin", ready=True), await stage.hire("wang", ready=True)
    stage.later(11)
    async with stage.store.unit() as unit:
        await store_presence.lock(unit, held)
        async with follows(stage):
            await sweep(stage)
    assert await state(stage, other) == ("offline", "heartbeat_lost")
    assert await state(stage, held) == ("ready", None)
    async with follows(stage):
        await sweep(stage)
    assert await state(stage, held) == ("offline", "heartbeat_lost")


async def test_a_chat_in_hand_outlives_the_silence_of_its_page(stage: Stage):
    counselor, contact = await in_a_chat(stage)
    stage.later(30)
    async with follows(stage):
        await sweep(stage)
        await session.sweep(stage.store, stage.policies, stage.now, 1000)
    assert await state(stage, counselor) == ("engaged", "heartbeat_lost")
    assert (await stage.contact(contact.id)).counselor_id == counselor


async def test_a_chat_whose_counselor_has_vanished_waits_again_ahead_of_everybody(stage: Stage):
    counselor, contact = await in_a_chat(stage)
    stage.later(61)
    async with follows(stage):
        await session.sweep(stage.store, stage.policies, stage.now, 1000)
    back = await stage.contact(contact.id)
    assert (back.state, back.band, back.joined_at) == ("waiting", 0, contact.joined_at)
    assert back.counselor_id is None
    await duty.beat(stage.store, [counselor], stage.later(1))
    assert await state(stage, counselor) == ("not_ready", "console")


async def test_whoever_signs_out_in_mid_talk_lets_the_caller_go_back_at_once(stage: Stage):
    counselor, contact = await in_a_chat(stage)
    await duty.choose(stage.store, counselor, Choice.SIGNED_OUT, None, stage.later(1))
    async with follows(stage):
        await session.sweep(stage.store, stage.policies, stage.later(1), 1000)
    assert (await stage.contact(contact.id)).state == "waiting"
    assert await state(stage, counselor) == ("signed_out", None)


async def test_after_a_talk_the_wrap_up_minimum_passes_before_the_next_offer(stage: Stage):
    counselor = await stage.hire("lin", ready=True)
    contact = await stage.chat()
    await stage.dispatch()
    begun = await offer.accept(stage.store, await stage.pending_offer(contact.id), counselor, stage.now)
    await session.hang_up(stage.store, contact.id, counselor, stage.later(600))
    assert await state(stage, counselor) == ("wrapping", None)
    following = await stage.chat()
    assert await stage.dispatch() == {}
    stage.later(20)
    await session.write(
        stage.store, stage.policies, begun.id, counselor, Record(disposition="silent"), stage.now
    )
    async with follows(stage):
        await session.close(stage.store, stage.policies, begun.id, counselor, stage.now)
    assert await state(stage, counselor) == ("resting", "wrap_up_minimum")
    stage.later(99)
    await duty.beat(stage.store, [counselor], stage.now)
    async with follows(stage, silently=True):
        await sweep(stage)
    assert await stage.dispatch() == {}
    stage.later(1)
    async with follows(stage):
        await sweep(stage)
    assert await state(stage, counselor) == ("ready", None)
    assert await stage.dispatch() == {following.id: counselor}


async def test_signing_out_in_mid_talk_keeps_the_talk_and_takes_no_new_one(stage: Stage):
    counselor = await stage.hire("lin", ready=True, chat_capacity=2)
    contact = await stage.chat()
    await stage.dispatch()
    await offer.accept(stage.store, await stage.pending_offer(contact.id), counselor, stage.now)
    async with follows(stage):
        await choose(stage, counselor, Choice.SIGNED_OUT)
    assert await state(stage, counselor) == ("engaged", None)
    await stage.chat()
    assert await stage.dispatch() == {}
    assert (await stage.contact(contact.id)).state == "talking"
