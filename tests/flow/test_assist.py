"""A counselor asks for a supervisor: called until one comes, seen by both, never silent."""

import asyncio
from uuid import UUID

import pytest

from hotline.base import ids
from hotline.base.errors import Absent, Refused
from hotline.base.sensitive import Sensitive
from hotline.domain.assist import Asked, Assist
from hotline.domain.contact import Contact
from hotline.domain.level import Level
from hotline.domain.presence import Choice
from hotline.domain.session import Session
from hotline.domain.staff import Role
from hotline.flow import assist, duty, offer, page_call, session
from hotline.flow.page_call import Pressed
from hotline.flow.session import Screened
from hotline.store import assist as store_assist, escalation as store_escalation, live as store_live
from tests.drills.desk_scenes import RECORD, a_number, talking
from tests.screen import follows
from tests.stage import Stage
from tests.still import unchanged

NOTHING_SAID = Sensitive("")


async def press(
    stage: Stage, counselor: UUID, begun: Session, reason: str = "cannot_go_on", words: str = ""
) -> UUID:
    asked = Asked(reason=reason, words=Sensitive(words))
    return await assist.ask(stage.store, stage.policies, begun.id, counselor, asked, stage.now)


async def look(stage: Stage) -> None:
    """One look of the escalator."""
    await assist.climb_due(stage.store, stage.policies, stage.now, 1000)


async def found(stage: Stage, assist_id: UUID) -> Assist:
    async with stage.store.connection() as connection:
        return await store_assist.get(connection, stage.store.vault, assist_id)


async def paged(stage: Stage, assist_id: UUID) -> list[tuple[str, str]]:
    """Who was called by what, in order."""
    async with stage.store.connection() as connection:
        rows = await connection.fetch(
            "select staff_id, channel, made_at from page where about_id = $1 and purpose = 'help'", assist_id
        )
    logins = {staff_id: login for login, staff_id in stage.people.items()}
    called = sorted((row["made_at"], logins[row["staff_id"]], row["channel"]) for row in rows)
    return [(login, channel) for _, login, channel in called]


async def a_floor(stage: Stage) -> tuple[UUID, UUID, Contact, Session]:
    """A counselor in a talk, and a supervisor at her desk; a responder is at home."""
    counselor, contact, begun = await talking(stage)
    sun = await stage.hire("sun", Role.SUPERVISOR, ready=True, telephone=a_number())
    return counselor, sun, contact, begun


async def test_the_supervisor_at_her_desk_is_called_with_the_press_of_the_button(stage: Stage):
    """Requirement 55."""
    counselor, _, contact, begun = await a_floor(stage)
    async with follows(stage):
        assist_id = await press(stage, counselor, begun, words="对方说要上门找我")
    assert await paged(stage, assist_id) == [("sun", "console")]
    made = await found(stage, assist_id)
    assert (made.state, made.reason, made.asked_at) == ("asked", "cannot_go_on", stage.now)
    assert made.words is not None
    assert made.words.reveal() == "对方说要上门找我"
    assert (await stage.kinds(contact.id))[-2:] == ["assist.asked", "assist.called"]


async def test_it_is_no_escalation_of_the_caller(stage: Stage):
    counselor, _, contact, begun = await a_floor(stage)
    before = await stage.contact(contact.id)
    await press(stage, counselor, begun, "caller_in_danger")
    assert await stage.contact(contact.id) == before
    assert not await stage.value("select count(*) from escalation where contact_id = $1", contact.id)


async def test_what_is_written_of_the_caller_is_heard_by_the_rules_of_notes(stage: Stage):
    """No paper of the house speaks of a danger that the contact does not."""
    counselor, _, contact, begun = await a_floor(stage)
    async with follows(stage):
        await press(stage, counselor, begun, "caller_in_danger", "来电者已服下三十片安眠药")
    assert (await stage.contact(contact.id)).level is Level.IMMINENT
    assert await stage.value("select count(*) from escalation where contact_id = $1", contact.id) == 1


async def test_words_stand_in_no_journal(stage: Stage):
    counselor, _, contact, begun = await a_floor(stage)
    await press(stage, counselor, begun, words="我撑不住了")
    told = await stage.value(
        "select string_agg(body::text, ' ') from journal where contact_id = $1", contact.id
    )
    assert "撑不住" not in told
    assert b"\xe6\x92\x91" not in await stage.value(
        "select words from assist where contact_id = $1", contact.id
    )


async def test_while_nobody_comes_it_climbs_and_never_falls_silent(stage: Stage):
    counselor, _, _, begun = await a_floor(stage)
    assist_id = await press(stage, counselor, begun)
    for seconds in (30, 30, 60):
        stage.later(seconds)
        async with follows(stage):
            await look(stage)
    called = await paged(stage, assist_id)
    assert called[:3] == [("sun", "console"), ("sun", "console"), ("sun", "sms")]
    assert ("wu", "sms") in called
    stage.later(60)
    await look(stage)
    assert (await paged(stage, assist_id))[len(called) :] == [
        ("sun", "console"), ("sun", "sms"), ("sun", "voice"),
    ]  # fmt: skip


async def test_where_nobody_sits_at_a_desk_telephones_ring_at_once(stage: Stage):
    counselor, contact, begun = await talking(stage)
    await stage.hire("sun", Role.SUPERVISOR, telephone=a_number())
    async with follows(stage):
        assist_id = await press(stage, counselor, begun)
    assert ("sun", "sms") in await paged(stage, assist_id)
    assert contact.id == begun.contact_id


async def test_where_no_supervisor_can_be_reached_the_responder_is_called_at_once(stage: Stage):
    counselor, _, begun = await talking(stage)
    await stage.hire("sun", Role.SUPERVISOR)
    assist_id = await press(stage, counselor, begun)
    assert await paged(stage, assist_id) == [
        ("sun", "console"), ("wu", "console"), ("wu", "sms"), ("wu", "voice"),
    ]  # fmt: skip


async def test_where_nobody_can_be_reached_at_all_it_is_tried_again_and_stays_on_the_board(stage: Stage):
    counselor, _, begun = await talking(stage)
    await stage.value("update staff set is_active = false where id = $1", stage.people["wu"])
    assist_id = await press(stage, counselor, begun)
    assert not await paged(stage, assist_id)
    assert f"assist:{assist_id}" in (await stage.screen()).cards
    await stage.hire("sun", Role.SUPERVISOR, ready=True)
    stage.later(60)
    await look(stage)
    assert await paged(stage, assist_id) == [("sun", "console")]


async def test_pressed_again_it_is_the_same_call_and_nobody_is_called_twice(stage: Stage):
    counselor, _, contact, begun = await a_floor(stage)
    pressed = await asyncio.gather(*(press(stage, counselor, begun) for _ in range(3)))
    assert len(set(pressed)) == 1
    async with unchanged(stage):
        await press(stage, counselor, begun)
    async with follows(stage):
        await press(stage, counselor, begun, "caller_in_danger", "他拿着刀")
    said = await found(stage, pressed[0])
    assert (said.reason, await paged(stage, said.id)) == ("caller_in_danger", [("sun", "console")])
    assert (await stage.kinds(contact.id)).count("assist.asked") == 1


async def test_what_is_said_with_a_second_press_is_added_and_takes_nothing_back(stage: Stage):
    counselor, _, _, begun = await a_floor(stage)
    pressed = await press(stage, counselor, begun, "caller_in_danger", "他拿着刀")
    await press(stage, counselor, begun, "technical", "还断线了")
    said = await found(stage, pressed)
    assert (said.reason, said.words) == ("caller_in_danger", Sensitive("他拿着刀\n还断线了"))
    async with unchanged(stage):
        await press(stage, counselor, begun, "other", "他拿着刀")


async def test_exactly_one_takes_it_and_the_counselor_sees_who_comes(stage: Stage):
    counselor, sun, _, begun = await a_floor(stage)
    zhou = await stage.hire("zhou", Role.SUPERVISOR, ready=True)
    assist_id = await press(stage, counselor, begun)
    async with follows(stage):
        took = await asyncio.gather(
            *(assist.take(stage.store, assist_id, who, stage.now) for who in (sun, zhou)),
            return_exceptions=True,
        )
    [refused] = [each for each in took if each is not None]
    assert isinstance(refused, Refused)
    assert refused.code == "assist.taken"
    taker = (await found(stage, assist_id)).taken_by
    async with stage.store.connection() as connection:
        eyes = stage.viewer(counselor)
        desk = await store_live.desk(connection, stage.store.vault, eyes, frozenset())
    shown = desk.cards[f"assist:{assist_id}"].card["taker"]
    assert shown == {"id": str(taker), "name": "Sun" if taker == sun else "Zhou"}


async def test_who_has_taken_it_takes_it_twice_without_trouble_and_pages_stop(stage: Stage):
    counselor, sun, _, begun = await a_floor(stage)
    assist_id = await press(stage, counselor, begun)
    stage.later(30)
    await look(stage)
    page_id = await stage.value("select id from page where about_id = $1 and channel = 'sms'", assist_id)
    async with stage.store.connection() as connection:
        assert await store_escalation.to_page(connection, stage.store.vault, page_id) is not None
    await assist.take(stage.store, assist_id, sun, stage.now)
    async with unchanged(stage):
        await assist.take(stage.store, assist_id, sun, stage.now)
    called = await paged(stage, assist_id)
    stage.later(600)
    await look(stage)
    assert await paged(stage, assist_id) == called
    async with stage.store.connection() as connection:
        assert await store_escalation.to_page(connection, stage.store.vault, page_id) is None


async def test_who_does_not_come_is_replaced_at_once_by_every_channel(stage: Stage):
    counselor, sun, _, begun = await a_floor(stage)
    assist_id = await press(stage, counselor, begun)
    await assist.take(stage.store, assist_id, sun, stage.later(5))
    async with follows(stage):
        await assist.hand_back(stage.store, stage.policies, assist_id, counselor, stage.later(60))
    back = await found(stage, assist_id)
    assert (back.state, back.taken_by) == ("asked", None)
    assert ("sun", "sms") in await paged(stage, assist_id)
    async with unchanged(stage):
        await assist.hand_back(stage.store, stage.policies, assist_id, sun, stage.now)


async def test_the_counselor_withdraws_it_without_a_reason_and_nobody_else_can(stage: Stage):
    counselor, sun, contact, begun = await a_floor(stage)
    assist_id = await press(stage, counselor, begun)
    async with unchanged(stage):
        with pytest.raises(Absent):
            await assist.withdraw(stage.store, assist_id, sun, stage.now)
    async with follows(stage):
        await assist.withdraw(stage.store, assist_id, counselor, stage.now)
    async with unchanged(stage):
        await assist.withdraw(stage.store, assist_id, counselor, stage.now)
    assert (await found(stage, assist_id)).state == "withdrawn"
    assert (await stage.kinds(contact.id))[-1] == "assist.withdrawn"
    assert await press(stage, counselor, begun) != assist_id


async def test_who_came_ends_it_and_nobody_else(stage: Stage):
    counselor, sun, contact, begun = await a_floor(stage)
    assist_id = await press(stage, counselor, begun)
    async with unchanged(stage):
        with pytest.raises(Refused) as refused:
            await assist.end(stage.store, assist_id, sun, stage.now)
        assert refused.value.code == "assist.not_taken"
    await assist.take(stage.store, assist_id, sun, stage.now)
    async with follows(stage):
        await assist.end(stage.store, assist_id, sun, stage.later(300))
    over = await found(stage, assist_id)
    assert (over.state, over.result, over.ended_by) == ("ended", "helped", sun)
    assert (await stage.kinds(contact.id))[-1] == "assist.ended"


async def test_closing_the_record_ends_it_and_says_so(stage: Stage):
    counselor, _, contact, begun = await a_floor(stage)
    assist_id = await press(stage, counselor, begun)
    await session.hang_up(stage.store, contact.id, counselor, stage.later(600))
    assert (await found(stage, assist_id)).is_open
    await session.screen(
        stage.store, stage.policies, begun.id, counselor, Screened(result="asked_denied"), stage.now
    )
    await session.write(stage.store, stage.policies, begun.id, counselor, RECORD, stage.now)
    async with follows(stage):
        await session.close(stage.store, stage.policies, begun.id, counselor, stage.now)
    over = await found(stage, assist_id)
    assert (over.state, over.result, over.ended_by) == ("ended", "session_closed", None)
    async with unchanged(stage):
        with pytest.raises(Refused) as refused:
            await press(stage, counselor, begun)
        assert refused.value.code == "assist.session_over"


async def test_a_lost_device_does_not_silence_who_asked_for_help(stage: Stage):
    """Whoever asked for somebody and then fell silent is looked for."""
    counselor, _, contact, begun = await a_floor(stage)
    assist_id = await press(stage, counselor, begun)
    await session.interrupt(stage.store, stage.policies, contact.id, stage.later(120))
    await look(stage)
    assert (await found(stage, assist_id)).state == "asked"
    assert len(await paged(stage, assist_id)) > 1


async def test_nobody_is_called_to_come_to_oneself(stage: Stage):
    sun = await stage.hire("sun", Role.COUNSELOR, Role.SUPERVISOR, ready=True)
    contact = await stage.chat()
    await stage.dispatch()
    begun = await offer.accept(stage.store, await stage.pending_offer(contact.id), sun, stage.later(3))
    await stage.hire("wu", Role.RESPONDER, telephone=a_number())
    assist_id = await press(stage, sun, begun)
    assert await paged(stage, assist_id) == [("wu", "console"), ("wu", "sms"), ("wu", "voice")]
    async with unchanged(stage):
        with pytest.raises(Refused) as refused:
            await assist.take(stage.store, assist_id, sun, stage.now)
        assert refused.value.code == "assist.own"


async def test_the_words_are_for_those_who_may_come_and_the_look_is_noted(stage: Stage):
    counselor, sun, contact, begun = await a_floor(stage)
    other = await stage.hire("hu")
    assist_id = await press(stage, counselor, begun, words="来人")
    opened = await assist.open_assist(stage.store, stage.viewer(sun, Role.SUPERVISOR), assist_id, stage.now)
    assert opened.assist.words is not None
    assert opened.assist.words.reveal() == "来人"
    assert (await stage.kinds(contact.id))[-1] == "record.read"
    async with unchanged(stage):
        for eyes in (stage.viewer(other), stage.viewer(ids.new_id(), Role.ADMIN)):
            with pytest.raises(Absent):
                await assist.open_assist(stage.store, eyes, assist_id, stage.now)


async def test_an_unknown_reason_and_somebody_elses_session_are_refused(stage: Stage):
    counselor, sun, _, begun = await a_floor(stage)
    async with unchanged(stage):
        with pytest.raises(Refused):
            await press(stage, counselor, begun, "bored")
        with pytest.raises(Absent):
            await press(stage, sun, begun)


async def test_a_supervisor_who_signs_out_is_not_waited_for(stage: Stage):
    counselor, sun, _, begun = await a_floor(stage)
    await duty.choose(stage.store, sun, Choice.SIGNED_OUT, None, stage.now)
    assist_id = await press(stage, counselor, begun)
    assert ("sun", "sms") in await paged(stage, assist_id)


async def test_whoever_is_rung_up_comes_with_one_key_or_hears_that_somebody_else_does(stage: Stage):
    counselor, _, begun = await talking(stage)
    sun = await stage.hire("sun", Role.SUPERVISOR, telephone=a_number())
    await stage.hire("xu", Role.SUPERVISOR, telephone=a_number())
    assist_id = await press(stage, counselor, begun)
    calls = {
        login: await stage.value(
            "select id from page where about_id = $1 and channel = 'voice' and staff_id = $2",
            assist_id,
            stage.people[login],
        )
        for login in ("sun", "xu")
    }
    one = Pressed(step="take", digits="1", wait_seconds=8)
    async with follows(stage):
        heard = await page_call.press(stage.store, stage.policies, calls["sun"], one, stage.now)
    assert heard.prompt.key == "page_taken"
    assert (await found(stage, assist_id)).taken_by == sun
    heard = await page_call.press(stage.store, stage.policies, calls["xu"], one, stage.now)
    assert heard.prompt.key == "page_late"
    async with unchanged(stage):
        await page_call.press(stage.store, stage.policies, calls["sun"], one, stage.now)
