"""Engagements: hanging up, screening, the record, closing it, and a counselor who is lost in mid-talk."""

from uuid import UUID

import pytest

from hotline.base import ids
from hotline.base.errors import Absent, Forbidden, HotlineError, Refused
from hotline.base.sensitive import Sensitive
from hotline.domain import contact as contacts, session as sessions
from hotline.domain.contact import Contact
from hotline.domain.level import Level
from hotline.domain.session import DISPOSITIONS, SCREENINGS, UNSCREENED, Record, Session
from hotline.domain.staff import Role
from hotline.flow import duty, escalation, message, offer, session
from hotline.flow.escalation import Judgement, Screening
from hotline.flow.session import Screened
from hotline.store import contact as store_contact
from tests.screen import follows
from tests.stage import Stage
from tests.still import unchanged

COMPLETE = Record(disposition="counselling", result="calmer", words=Sensitive("睡不好"))


async def a_chat_in_talk(stage: Stage) -> tuple[UUID, Contact, Session]:
    counselor = await stage.hire("lin", ready=True)
    contact = await stage.chat()
    await stage.dispatch()
    begun = await offer.accept(stage.store, await stage.pending_offer(contact.id), counselor, stage.later(3))
    return counselor, await stage.contact(contact.id), begun


async def a_call(stage: Stage) -> Contact:
    """A caller who has reached the queue; their leg is no matter here."""
    rung = contacts.arrive(
        ids.new_id(), stage.voice_line, stage.now, caller=contacts.ANONYMOUS, form=contacts.Form()
    )
    joined = contacts.join(rung.row(Contact), stage.now, stage.policies.queue, earlier_join=None)
    async with stage.store.unit() as unit:
        await unit.save(rung + joined, stage.now)
    return joined.row(Contact)


async def a_call_in_talk(stage: Stage, counselor: UUID) -> tuple[Contact, Session]:
    """A caller and a counselor's browser in one room."""
    contact = await a_call(stage)
    assert await stage.dispatch() == {contact.id: counselor}
    begun = await offer.accept(stage.store, await stage.pending_offer(contact.id), counselor, stage.now)
    async with stage.store.unit() as unit:
        journey = await store_contact.lock_journey(unit, contact.id)
        assert journey.session is not None
        await unit.save(sessions.connect(journey.contact, journey.session, stage.now), stage.now, journey)
    return await stage.contact(contact.id), begun


async def read(stage: Stage, contact_id: UUID) -> Session:
    async with stage.store.connection() as connection:
        found = await store_contact.last_session(connection, stage.store.vault, contact_id)
    assert found is not None
    return found


async def screen(
    stage: Stage, session_id: UUID, staff_id: UUID, result: str, reason: str | None = None
) -> None:
    await session.screen(
        stage.store, stage.policies, session_id, staff_id, Screened(result=result, reason=reason), stage.now
    )


async def close(stage: Stage, session_id: UUID, staff_id: UUID) -> None:
    await session.close(stage.store, stage.policies, session_id, staff_id, stage.now)


async def test_hanging_up_twice_is_hanging_up_once(stage: Stage):
    counselor, contact, _ = await a_chat_in_talk(stage)
    async with follows(stage):
        await session.hang_up(stage.store, contact.id, counselor, stage.later(60))
    ended_at = (await stage.contact(contact.id)).ended_at
    async with unchanged(stage):
        await session.hang_up(stage.store, contact.id, counselor, stage.later(1))
    assert (await stage.contact(contact.id)).ended_at == ended_at


async def test_nobody_hangs_up_screens_writes_or_closes_for_another(stage: Stage):
    _, contact, begun = await a_chat_in_talk(stage)
    other = await stage.hire("mei", ready=True)
    attempts = (
        session.hang_up(stage.store, contact.id, other, stage.now),
        screen(stage, begun.id, other, "asked_denied"),
        session.write(stage.store, stage.policies, begun.id, other, COMPLETE, stage.now),
        close(stage, begun.id, other),
    )
    async with unchanged(stage), follows(stage, silently=True):
        for attempt in attempts:
            with pytest.raises(Absent) as absent:
                await attempt
            assert absent.value.code == "session.absent"


@pytest.mark.parametrize("result", sorted(SCREENINGS - {"not_possible"}))
async def test_a_screening_is_noted_and_shown_on_the_board(stage: Stage, result: str):
    counselor, contact, begun = await a_chat_in_talk(stage)
    async with follows(stage):
        await screen(stage, begun.id, counselor, result)
    assert (await stage.screen()).cards[f"contact:{contact.id}"].card["screening"] == result


@pytest.mark.parametrize(
    ("result", "level"),
    [
        ("asked_positive", Level.MODERATE),
        ("asked_unclear", Level.UNKNOWN),
        ("asked_denied", Level.NONE_FOUND),
    ],
)
async def test_who_does_not_deny_thoughts_of_suicide_is_not_left_at_nothing_found(
    stage: Stage, result: str, level: Level
):
    counselor, contact, begun = await a_chat_in_talk(stage)
    async with follows(stage):
        await screen(stage, begun.id, counselor, result)
    kept = await stage.contact(contact.id)
    assert (kept.level, kept.level_is_human) == (level, False)
    assert ("contact.level" in await stage.kinds(contact.id)) is (level is not Level.NONE_FOUND)
    await screen(stage, begun.id, counselor, "asked_denied")
    assert (await stage.contact(contact.id)).level is level


async def test_a_screening_that_was_not_possible_keeps_its_reason_under_seal(stage: Stage):
    counselor, contact, begun = await a_chat_in_talk(stage)
    async with follows(stage):
        await screen(stage, begun.id, counselor, "not_possible", "一直在哭")
    assert (await read(stage, contact.id)).screening_reason == Sensitive("一直在哭")
    raw = await stage.value("select screening_reason from session where id = $1", begun.id)
    assert "一直在哭".encode() not in raw


async def test_the_time_of_a_screening_is_that_of_the_first_asking(stage: Stage):
    counselor, contact, begun = await a_chat_in_talk(stage)
    await screen(stage, begun.id, counselor, "asked_unclear")
    first = stage.now
    stage.later(300)
    await screen(stage, begun.id, counselor, "asked_positive")
    kept = await read(stage, contact.id)
    assert (kept.screening, kept.screened_at) == ("asked_positive", first)


@pytest.mark.parametrize(
    ("result", "reason", "code"),
    [
        ("asked", None, "session.screening"),
        ("", None, "session.screening"),
        ("not_possible", None, "session.screening_reason"),
        ("not_possible", "", "session.screening_reason"),
    ],
)
async def test_a_screening_outside_the_rules_changes_nothing(
    stage: Stage, result: str, reason: str | None, code: str
):
    counselor, _, begun = await a_chat_in_talk(stage)
    async with unchanged(stage), follows(stage, silently=True):
        with pytest.raises(Refused) as refused:
            await screen(stage, begun.id, counselor, result, reason)
    assert refused.value.code == code


async def test_a_positive_screening_raises_the_level_and_calls_the_team_in_with_it(stage: Stage):
    await stage.hire("wu", Role.RESPONDER)
    counselor, contact, begun = await a_chat_in_talk(stage)
    judgement = Judgement(level=Level.HIGH, basis=Sensitive("有计划"))
    asked = Screening(result="asked_positive", reason="有计划", judgement=judgement)
    async with follows(stage):
        await escalation.screen(stage.store, stage.policies, begun.id, counselor, asked, stage.now)
    risen = await stage.contact(contact.id)
    assert (risen.level, risen.level_is_human) == (Level.HIGH, True)
    assert (await read(stage, contact.id)).screening == "asked_positive"
    assert await stage.value("select state from escalation where contact_id = $1", contact.id) == "paged"


async def test_a_screening_that_would_lower_the_level_is_refused_as_a_whole(stage: Stage):
    counselor, contact, begun = await a_chat_in_talk(stage)
    danger = Sensitive("我已经吃了一瓶安眠药，不想活了")
    await message.say(stage.store, stage.policies, contact.id, ids.new_id(), words=danger, now=stage.later(5))
    judgement = Judgement(level=Level.LOW, basis=Sensitive("她说没事"))
    asked = Screening(result="asked_denied", reason=None, judgement=judgement)
    async with unchanged(stage), follows(stage, silently=True):
        with pytest.raises(Forbidden) as forbidden:
            await escalation.screen(stage.store, stage.policies, begun.id, counselor, asked, stage.now)
    assert forbidden.value.code == "level.lower"


@pytest.mark.parametrize(
    "record",
    [
        Record(disposition="nice"),
        Record(result="cured"),
        Record(age_band="17"),
        Record(problems=("crisis", "weather")),
    ],
)
async def test_a_code_that_is_in_no_list_is_not_written(stage: Stage, record: Record):
    counselor, _, begun = await a_chat_in_talk(stage)
    async with unchanged(stage):
        with pytest.raises(Refused) as refused:
            await session.write(stage.store, stage.policies, begun.id, counselor, record, stage.now)
    assert refused.value.code == "session.record_code"


async def test_a_record_is_written_again_and_again_and_read_back_word_by_word(stage: Stage):
    counselor, contact, begun = await a_chat_in_talk(stage)
    for record in (
        Record(words=Sensitive("一")),
        COMPLETE,
        Record(words=Sensitive("三"), problems=("love",)),
    ):
        await session.write(stage.store, stage.policies, begun.id, counselor, record, stage.later(5))
        assert (await read(stage, contact.id)).record == record


async def test_a_record_closes_only_when_talk_screening_and_outcome_are_done(stage: Stage):
    counselor, contact, begun = await a_chat_in_talk(stage)

    async def refused() -> str:
        async with unchanged(stage), follows(stage, silently=True):
            with pytest.raises(HotlineError) as error:
                await close(stage, begun.id, counselor)
        return error.value.code

    assert await refused() == "session.screening_missing"
    await screen(stage, begun.id, counselor, "asked_denied")
    assert await refused() == "session.record_incomplete"
    await session.write(stage.store, stage.policies, begun.id, counselor, COMPLETE, stage.now)
    assert await refused() == "session.close"
    await session.hang_up(stage.store, contact.id, counselor, stage.later(60))
    async with follows(stage):
        await close(stage, begun.id, counselor)
    assert (await stage.contact(contact.id)).state == "closed"


@pytest.mark.parametrize("disposition", sorted(DISPOSITIONS))
async def test_only_what_was_no_talk_closes_without_a_screening(stage: Stage, disposition: str):
    counselor, contact, begun = await a_chat_in_talk(stage)
    record = Record(disposition=disposition, result="unknown")
    await session.write(stage.store, stage.policies, begun.id, counselor, record, stage.now)
    await session.hang_up(stage.store, contact.id, counselor, stage.later(60))
    if disposition in UNSCREENED:
        await close(stage, begun.id, counselor)
    else:
        with pytest.raises(Refused, match="screening"):
            await close(stage, begun.id, counselor)
    assert (await stage.contact(contact.id)).state == ("closed" if disposition in UNSCREENED else "wrapping")


async def test_a_closed_record_is_closed_once_and_not_rewritten(stage: Stage):
    counselor, contact, begun = await a_chat_in_talk(stage)
    await session.write(
        stage.store, stage.policies, begun.id, counselor, Record(disposition="silent"), stage.now
    )
    await session.hang_up(stage.store, contact.id, counselor, stage.later(60))
    await close(stage, begun.id, counselor)
    stage.later(5)
    async with unchanged(stage):
        await close(stage, begun.id, counselor)
        for attempt in (
            session.write(stage.store, stage.policies, begun.id, counselor, COMPLETE, stage.now),
            screen(stage, begun.id, counselor, "asked_denied"),
        ):
            with pytest.raises(Refused) as refused:
                await attempt
            assert refused.value.code == "session.closed"


async def test_a_counselor_writes_only_in_an_open_chat_of_their_own(stage: Stage):
    counselor = await stage.hire("lin", ready=True)
    other = await stage.hire("mei", ready=True, languages={"en"})
    contact = await stage.chat()
    await stage.dispatch()

    async def reply(staff_id: UUID) -> str | None:
        try:
            said = message.Reply(client_id=ids.new_id(), words=Sensitive("在的"))
            await message.reply(stage.store, stage.policies, contact.id, staff_id, said, stage.now)
        except HotlineError as error:
            return error.code
        return None

    async with unchanged(stage):
        assert (await reply(counselor), await reply(other)) == ("chat.unopened", "contact.absent")
    await offer.accept(stage.store, await stage.pending_offer(contact.id), counselor, stage.now)
    async with follows(stage):
        assert await reply(counselor) is None
    await session.hang_up(stage.store, contact.id, counselor, stage.now)
    async with unchanged(stage):
        assert await reply(counselor) == "chat.ended"


async def test_a_caller_whose_counselor_is_lost_is_back_at_the_front_of_the_queue(stage: Stage):
    counselor = await stage.hire("lin", ready=True)
    contact, begun = await a_call_in_talk(stage, counselor)
    early = await stage.chat()
    stage.later(stage.policies.queue.device_lost_seconds + 1)
    async with follows(stage):
        await session.sweep(stage.store, stage.policies, stage.now, 1000)
        await duty.sweep(stage.store, stage.policies, stage.now, 1000)
    back = await stage.contact(contact.id)
    assert (back.state, back.joined_at, back.band) == ("waiting", contact.joined_at, 0)
    assert (back.generation, back.counselor_id) == (contact.generation + 1, None)
    assert back.rank < (await stage.contact(early.id)).rank
    assert (await read(stage, contact.id)).state == "interrupted"
    card = (await stage.screen()).cards[f"counselor:{counselor}"].card
    assert (card["state"], card["choice"]) == ("offline", "not_ready")
    other = await stage.hire("mei", ready=True)
    assert await stage.dispatch() == {contact.id: other}
    assert begun.id == (await read(stage, contact.id)).id


async def test_a_session_that_broke_off_does_not_open_the_one_that_followed(stage: Stage):
    counselor = await stage.hire("lin", ready=True)
    contact, broken = await a_call_in_talk(stage, counselor)
    await session.interrupt(stage.store, stage.policies, contact.id, stage.later(25))
    await stage.ready(counselor)
    assert await stage.dispatch() == {contact.id: counselor}
    await offer.accept(stage.store, await stage.pending_offer(contact.id), counselor, stage.now)
    stage.later(1)
    async with unchanged(stage), follows(stage, silently=True):
        for attempt in (
            session.write(stage.store, stage.policies, broken.id, counselor, COMPLETE, stage.now),
            close(stage, broken.id, counselor),
        ):
            with pytest.raises(Refused) as refused:
                await attempt
            assert refused.value.code == "session.closed"


async def test_a_page_that_never_joins_the_room_gives_the_caller_back(stage: Stage):
    counselor = await stage.hire("lin", ready=True)
    contact = await a_call(stage)
    await stage.dispatch()
    await offer.accept(stage.store, await stage.pending_offer(contact.id), counselor, stage.later(2))
    stage.later(stage.policies.queue.connect_seconds)
    async with follows(stage, silently=True):
        await session.sweep(stage.store, stage.policies, stage.now, 1000)
    stage.later(1)
    async with follows(stage):
        await session.sweep(stage.store, stage.policies, stage.now, 1000)
    back = await stage.contact(contact.id)
    assert (back.state, back.joined_at, back.band) == ("waiting", contact.joined_at, 0)
    assert (await read(stage, contact.id)).state == "failed"
