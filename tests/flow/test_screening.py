"""Reminders of a screening that is not there, by a clock that the test holds; and closing in danger."""

import pytest

from hotline.base.errors import Refused
from hotline.base.sensitive import Sensitive
from hotline.domain.level import Level
from hotline.domain.session import UNSCREENED, Record, ScreeningTimes
from hotline.flow import escalation, screening, session
from hotline.flow.escalation import Judgement
from tests.flow.test_session import a_chat_in_talk, close, read, screen
from tests.screen import follows
from tests.stage import Stage
from tests.still import unchanged

TIMES = ScreeningTimes(remind_seconds=480, due_seconds=600)


async def remind(stage: Stage) -> int:
    return await screening.remind_due(stage.store, TIMES, stage.now, 100)


async def told(stage: Stage, contact_id: object) -> list[str]:
    async with stage.store.connection() as connection:
        rows = await connection.fetch(
            "select kind from journal where contact_id = $1 and kind like 'session.screening_%' order by seq",
            contact_id,
        )
    return [row["kind"] for row in rows]


async def test_the_counselor_is_reminded_after_8_minutes_and_the_supervisors_told_after_10(stage: Stage):
    """Requirement 16."""
    counselor, contact, begun = await a_chat_in_talk(stage)
    card = f"contact:{contact.id}"
    stage.now = begun.begun_at
    stage.later(479)
    async with unchanged(stage):
        await remind(stage)
    stage.later(1)
    async with follows(stage):
        await remind(stage)
    reminded = stage.now
    shown = (await stage.screen()).cards[card].card
    assert shown["screening_reminded_at"] is not None
    assert shown["screening_overdue_at"] is None
    stage.later(119)
    async with unchanged(stage):
        await remind(stage)
    stage.later(1)
    async with follows(stage):
        await remind(stage)
    shown = (await stage.screen()).cards[card].card
    assert shown["screening_overdue_at"] is not None
    assert (shown["counselor_id"], shown["screening"]) == (str(counselor), None)
    assert await told(stage, contact.id) == ["session.screening_reminded", "session.screening_overdue"]
    found = await read(stage, contact.id)
    assert (found.reminded_at, found.overdue_at) == (reminded, stage.now)
    stage.later(3600)
    async with unchanged(stage):
        await remind(stage)


async def test_nobody_is_paged_and_the_talk_goes_on(stage: Stage):
    _, contact, _ = await a_chat_in_talk(stage)
    stage.later(1200)
    await remind(stage)
    assert (await stage.contact(contact.id)).state == "talking"
    assert await stage.value("select count(*) from page where centre_id = $1", stage.centre.id) == 0


async def test_who_was_screened_is_not_reminded_of(stage: Stage):
    counselor, _, begun = await a_chat_in_talk(stage)
    await screen(stage, begun.id, counselor, "asked_denied")
    stage.later(1200)
    async with unchanged(stage):
        await remind(stage)


async def test_a_sweep_that_comes_late_tells_the_supervisors_at_once(stage: Stage):
    _, contact, _ = await a_chat_in_talk(stage)
    stage.later(900)
    await remind(stage)
    assert await told(stage, contact.id) == ["session.screening_overdue"]


async def test_the_second_at_which_was_asked_is_kept(stage: Stage):
    counselor, contact, begun = await a_chat_in_talk(stage)
    stage.now = begun.begun_at
    stage.later(321)
    await screen(stage, begun.id, counselor, "asked_unclear")
    stage.later(100)
    await screen(stage, begun.id, counselor, "asked_denied")
    assert (await read(stage, contact.id)).screened_second == 321


@pytest.mark.parametrize("disposition", sorted(UNSCREENED))
async def test_a_contact_in_danger_is_not_closed_unscreened_under_any_disposition(
    stage: Stage, disposition: str
):
    counselor, contact, begun = await a_chat_in_talk(stage)
    grave = Judgement(level=Level.HIGH, basis=Sensitive("哭声"))
    await escalation.set_level(stage.store, stage.policies, contact.id, counselor, grave, stage.now)
    await session.hang_up(stage.store, contact.id, counselor, stage.later(60))
    record = Record(disposition=disposition)
    await session.write(stage.store, stage.policies, begun.id, counselor, record, stage.now)
    async with unchanged(stage), follows(stage, silently=True):
        with pytest.raises(Refused) as refused:
            await close(stage, begun.id, counselor)
    assert (refused.value.code, refused.value.fields) == ("session.screening_in_danger", ("screening",))
    await screen(stage, begun.id, counselor, "not_possible", "没有说话")
    await close(stage, begun.id, counselor)
    assert (await stage.contact(contact.id)).state == "closed"
