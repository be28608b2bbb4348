"""Escalations: called in by hand or by words, climbing round and round, taken by one, ended by people."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import pytest

from hotline.base import ids
from hotline.base.errors import Absent, HotlineError, Refused
from hotline.base.sensitive import Sensitive
from hotline.domain.contact import Contact
from hotline.domain.escalation import OUTCOMES, Escalation
from hotline.domain.level import Level
from hotline.domain.staff import Role
from hotline.flow import escalation, message
from hotline.flow.escalation import Judgement
from hotline.store import escalation as store_escalation
from tests.screen import follows
from tests.stage import Stage
from tests.still import unchanged

DANGER = "我已经吃了一瓶安眠药，不想活了"
TELEPHONE = Sensitive("+8613800001111")


def judged(level: Level, basis: str = "") -> Judgement:
    return Judgement(level=level, basis=Sensitive(basis))


async def declare(stage: Stage, contact: Contact, staff_id: UUID, level: Level, reason: str = "") -> UUID:
    return await escalation.declare(
        stage.store, stage.policies, contact.id, staff_id, judged(level, reason), stage.now
    )


async def say(stage: Stage, contact: Contact, words: str) -> message.Stored:
    return await message.say(
        stage.store, stage.policies, contact.id, ids.new_id(), words=Sensitive(words), now=stage.now
    )


async def climb(stage: Stage) -> None:
    """Everybody's: other tests have left escalations in this database."""
    await escalation.climb_due(stage.store, stage.policies, stage.now, 1000)


async def read(stage: Stage, escalation_id: UUID) -> Escalation:
    async with stage.store.connection() as connection:
        return await store_escalation.get(connection, stage.store.vault, escalation_id)


async def pages(stage: Stage, escalation_id: UUID) -> list[tuple[int, UUID, str, str]]:
    async with stage.store.connection() as connection:
        made = await store_escalation.pages_of(connection, stage.store.vault, escalation_id)
    return sorted((page.rung, page.staff_id, page.channel, page.state) for page in made)


async def notes(stage: Stage, escalation_id: UUID) -> list[tuple[UUID, str]]:
    async with stage.store.connection() as connection:
        found = await store_escalation.notes_of(connection, stage.store.vault, escalation_id)
    return [(note.staff_id, note.words.reveal()) for note in found]


async def a_team(stage: Stage) -> tuple[UUID, UUID, UUID]:
    """A counselor, a responder with a telephone, and a supervisor without one."""
    counselor = await stage.hire("lin", ready=True)
    responder = await stage.hire("wu", Role.RESPONDER, telephone=TELEPHONE)
    return counselor, responder, await stage.hire("sun", Role.SUPERVISOR)


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
    ]


async def test_a_person_may_call_the_team_in_again_after_it_was_stood_down(stage: Stage):
    counselor, responder, _ = await a_team(stage)
    contact = await stage.chat()
    first = await declare(stage, contact, counselor, Level.HIGH)
    await escalation.stand_down(stage.store, first, responder, Sensitive("误报"), stage.later(10))
    stage.later(60)
    async with follows(stage):
        second = await declare(stage, contact, counselor, Level.HIGH)
    assert second != first
    assert (await read(stage, second)).state == "paged"


async def test_the_ladder_climbs_rung_by_rung_and_round_and_round(stage: Stage):
    counselor, responder, supervisor = await a_team(stage)
    contact = await stage.chat()
    raised = await declare(stage, contact, counselor, Level.IMMINENT)
    seen: list[tuple[int, int, Sequence[UUID]]] = []
    for rung in range(1, 8):
        stage.later(59.999)
        async with follows(stage, silently=True):
            await climb(stage)
        stage.later(0.001)
        async with follows(stage):
            await climb(stage)
        now = await read(stage, raised)
        assert (now.rung, now.round, now.state) == (rung % 3, rung // 3, "paged")
        assert now.next_rung_at is not None
        paged = {staff_id for at, staff_id, *_ in await pages(stage, raised) if at == rung}
        seen.append((now.rung, now.round, sorted(paged)))
    both = sorted([responder, supervisor])
    assert seen == [
        (1, 0, [supervisor]), (2, 0, both),
        (0, 1, [responder]), (1, 1, [supervisor]), (2, 1, both),
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
        assert at.round * 3 + at.rung == rung
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
    assert [page[1] for page in await pages(stage, raised)] == [responder] * 4
    assert "escalation.aggravated" in await stage.kinds(contact.id)


async def test_what_somebody_has_taken_grows_graver_without_paging_anybody_else(stage: Stage):
    counselor, responder, _ = await a_team(stage)
    contact = await stage.chat()
    raised = await declare(stage, contact, counselor, Level.HIGH)
    await escalation.acknowledge(stage.store, raised, responder, stage.later(30))
    before = await pages(stage, raised)
    async with follows(stage):
        await say(stage, contact, DANGER)
    graver = await read(stage, raised)
    assert (graver.level, graver.state, graver.owner_id) == (Level.IMMINENT, "acknowledged", responder)
    assert await pages(stage, raised) == before


async def test_acknowledging_gives_it_one_owner_and_stops_the_ladder(stage: Stage):
    counselor, responder, supervisor = await a_team(stage)
    contact = await stage.chat()
    raised = await declare(stage, contact, counselor, Level.IMMINENT)
    async with follows(stage):
        await escalation.acknowledge(stage.store, raised, responder, stage.later(20))
    taken = await read(stage, raised)
    assert (taken.state, taken.owner_id, taken.acknowledged_at, taken.next_rung_at) == (
        "acknowledged", responder, stage.now, None,
    )  # fmt: skip
    stage.later(1)
    async with unchanged(stage), follows(stage, silently=True):
        await escalation.acknowledge(stage.store, raised, responder, stage.now)
        with pytest.raises(Refused) as refused:
            await escalation.acknowledge(stage.store, raised, supervisor, stage.now)
        assert refused.value.code == "escalation.taken"
    stage.later(3600)
    async with follows(stage, silently=True):
        await climb(stage)


async def test_of_two_who_take_it_at_once_one_has_it(stage: Stage):
    counselor, responder, supervisor = await a_team(stage)
    raised = await declare(stage, await stage.chat(), counselor, Level.IMMINENT)
    answers = await asyncio.gather(
        *(escalation.acknowledge(stage.store, raised, each, stage.now) for each in (responder, supervisor)),
        return_exceptions=True,
    )
    assert [getattr(answer, "code", None) for answer in answers].count("escalation.taken") == 1
    assert (await read(stage, raised)).owner_id in {responder, supervisor}


async def test_notes_are_added_in_order_and_under_seal(stage: Stage):
    counselor, responder, _ = await a_team(stage)
    raised = await declare(stage, await stage.chat(), counselor, Level.HIGH)
    for words in ("已联系家属", "家属在路上"):
        async with follows(stage, silently=True):
            await escalation.add_note(stage.store, raised, responder, Sensitive(words), stage.later(5))
    assert [words for _, words in await notes(stage, raised)] == ["已联系家属", "家属在路上"]
    raw = await stage.value("select words from escalation_note where escalation_id = $1 limit 1", raised)
    assert "家属".encode() not in raw


@pytest.mark.parametrize("outcome", sorted(OUTCOMES))
async def test_it_is_resolved_with_what_became_of_the_person(stage: Stage, outcome: str):
    counselor, responder, _ = await a_team(stage)
    raised = await declare(stage, await stage.chat(), counselor, Level.HIGH)
    await escalation.acknowledge(stage.store, raised, responder, stage.later(5))
    async with follows(stage):
        await escalation.resolve(
            stage.store, raised, responder, outcome=outcome, words=Sensitive("好"), now=stage.later(600)
        )
    over = await read(stage, raised)
    assert (over.state, over.outcome, over.closed_by, over.closed_at) == (
        "resolved", outcome, responder, stage.now,
    )  # fmt: skip
    assert over.closing == Sensitive("好")


async def test_what_may_not_end_it_changes_nothing(stage: Stage):
    counselor, responder, _ = await a_team(stage)
    raised = await declare(stage, await stage.chat(), counselor, Level.HIGH)

    async def resolve(outcome: str) -> None:
        await escalation.resolve(
            stage.store, raised, responder, outcome=outcome, words=Sensitive(""), now=stage.now
        )

    async def stand_down(reason: str) -> None:
        await escalation.stand_down(stage.store, raised, responder, Sensitive(reason), stage.now)

    async with unchanged(stage), follows(stage, silently=True):
        for attempt, code in (
            (resolve("fine"), "escalation.outcome"),
            (resolve("admitted"), "escalation.resolve"),
            (stand_down(""), "escalation.reason"),
            (stand_down("   "), "escalation.reason"),
        ):
            with pytest.raises(HotlineError) as refused:
                await attempt
            assert refused.value.code == code


async def test_it_is_stood_down_by_name_and_never_climbs_again(stage: Stage):
    counselor, _, supervisor = await a_team(stage)
    contact = await stage.chat()
    raised = await declare(stage, contact, counselor, Level.IMMINENT)
    async with follows(stage):
        await escalation.stand_down(stage.store, raised, supervisor, Sensitive("误报"), stage.later(30))
    over = await read(stage, raised)
    assert (over.state, over.closed_by, over.closing, over.next_rung_at) == (
        "stood_down", supervisor, Sensitive("误报"), None,
    )  # fmt: skip
    stage.later(3600)
    async with follows(stage, silently=True):
        await climb(stage)
    async with unchanged(stage):
        with pytest.raises(HotlineError):
            await escalation.acknowledge(stage.store, raised, supervisor, stage.now)


async def test_an_older_escalation_is_not_changed_through_a_newer_one(stage: Stage):
    counselor, responder, _ = await a_team(stage)
    contact = await stage.chat()
    older = await declare(stage, contact, counselor, Level.HIGH)
    await escalation.stand_down(stage.store, older, responder, Sensitive("误报"), stage.later(5))
    stage.later(5)
    await declare(stage, contact, counselor, Level.HIGH)
    async with unchanged(stage):
        with pytest.raises(Absent):
            await escalation.acknowledge(stage.store, older, responder, stage.now)


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
