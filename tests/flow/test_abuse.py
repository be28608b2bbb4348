"""Abuse: warned, ended, logged; and a restriction that costs a turn and never keeps anybody from help."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from hotline.base.errors import Absent, Refused
from hotline.base.sensitive import Sensitive
from hotline.domain.abuse import COOLDOWN, Asked
from hotline.domain.contact import RESTRICTED
from hotline.domain.leg import Park
from hotline.domain.level import Level
from hotline.domain.presence import Choice
from hotline.domain.staff import Role
from hotline.flow import abuse, duty, escalation, offer, session
from hotline.flow.escalation import Judgement
from hotline.flow.session import Screened
from tests.flow.calls import CRISIS, Call, a_number
from tests.flow.test_session import a_chat_in_talk, read
from tests.screen import follows
from tests.stage import NOON, Stage
from tests.still import unchanged

TODAY: date = NOON.date()
DAYS_MAX = 30
WHY = Sensitive("反复辱骂")


def asked(kind: str = COOLDOWN, *, review_days: int = 1, ends_days: int | None = None) -> Asked:
    ends_on = None if ends_days is None else TODAY + timedelta(days=ends_days)
    return Asked(kind=kind, reason=WHY, review_on=TODAY + timedelta(days=review_days), ends_on=ends_on)


async def a_talk(stage: Stage) -> tuple[UUID, Call, Sensitive]:
    """A counselor and a caller whose number is known."""
    counselor, number = await stage.hire("lin", ready=True), a_number()
    one = await Call.waits(stage, number)
    assert await stage.dispatch() == {one.contact_id: counselor}
    await offer.accept(stage.store, await stage.pending_offer(one.contact_id), counselor, stage.later(2))
    await one.calls_in(counselor)
    await one.joins(one.counselor)
    await one.asks()
    await one.joins(one.sid)
    return counselor, one, number


async def screened(stage: Stage) -> tuple[UUID, Call, Sensitive]:
    """The talk, in which the counselor has asked about suicide and it was denied."""
    counselor, one, number = await a_talk(stage)
    begun = await read(stage, one.contact_id)
    await session.screen(
        stage.store, stage.policies, begun.id, counselor, Screened(result="asked_denied"), stage.now
    )
    return counselor, one, number


async def restrict(stage: Stage, one: Call, by: UUID, wanted: Asked) -> UUID:
    return await abuse.restrict(stage.store, one.contact_id, by, wanted, stage.now, days_max=DAYS_MAX)


async def restricted(stage: Stage) -> tuple[UUID, Call, Sensitive]:
    """A caller who was ended as abusive and has a cooldown."""
    counselor, one, number = await screened(stage)
    await abuse.end(stage.store, one.contact_id, counselor, "insults", stage.now)
    await restrict(stage, one, counselor, asked())
    stage.later(60)
    return counselor, one, number


async def calls_again(stage: Stage, number: Sensitive) -> Call:
    return await Call.waits(stage, number)


async def is_behind(stage: Stage, one: Call) -> bool:
    """Whether the call stands as if it had joined an ageing step later."""
    contact = await stage.contact(one.contact_id)
    other = await Call.waits(stage, a_number())
    return (await stage.contact(other.contact_id)).rank < contact.rank


async def test_a_warning_and_an_end_are_logged_and_the_counselor_has_a_break(stage: Stage):
    counselor, one, _ = await a_talk(stage)
    async with follows(stage, silently=True):
        await abuse.warn(stage.store, one.contact_id, counselor, "insults", stage.later(30))
    async with unchanged(stage):
        await abuse.warn(stage.store, one.contact_id, counselor, "insults", stage.later(1))
    async with follows(stage):
        await abuse.end(stage.store, one.contact_id, counselor, "insults", stage.later(30))
    kept = await read(stage, one.contact_id)
    assert (kept.state, kept.ended_by, kept.record.disposition) == ("wrapping", "counselor", "abusive")
    kinds = await stage.kinds(one.contact_id)
    assert [kind for kind in kinds if kind.startswith("abuse")] == ["abuse.warned", "abuse.ended"]
    presence = (await stage.screen()).cards[f"counselor:{counselor}"].card
    assert presence["choice"] == Choice.NOT_READY
    assert await stage.value("select reason from presence where id = $1", counselor) == "abuse_break"
    row = await stage.value("select warned_at < ended_at from incident where contact_id = $1", one.contact_id)
    assert row is True


async def test_the_break_ends_when_the_counselor_says_so(stage: Stage):
    counselor, one, _ = await a_talk(stage)
    await abuse.end(stage.store, one.contact_id, counselor, "threats", stage.now)
    begun = await read(stage, one.contact_id)
    await session.close(stage.store, stage.policies, begun.id, counselor, stage.now)
    await duty.choose(stage.store, counselor, Choice.READY, None, stage.later(1))
    assert await stage.value("select choice from presence where id = $1", counselor) == "ready"


@pytest.mark.parametrize("result", ["asked_positive", "asked_unclear"])
async def test_who_has_not_denied_thoughts_of_suicide_is_not_hung_up_on_as_abusive(stage: Stage, result: str):
    counselor, one, _ = await a_talk(stage)
    begun, said = await read(stage, one.contact_id), Screened(result=result)
    await session.screen(stage.store, stage.policies, begun.id, counselor, said, stage.now)
    lowered = Judgement(level=Level.NONE_FOUND, basis=Sensitive("误听"), may_lower=True)
    await escalation.set_level(stage.store, stage.policies, one.contact_id, counselor, lowered, stage.now)
    async with unchanged(stage):
        with pytest.raises(Refused) as refused:
            await abuse.end(stage.store, one.contact_id, counselor, "insults", stage.now)
    assert refused.value.code == "abuse.risk_first"


async def test_ending_twice_is_ending_once(stage: Stage):
    counselor, one, _ = await a_talk(stage)
    await abuse.end(stage.store, one.contact_id, counselor, "insults", stage.now)
    async with unchanged(stage):
        await abuse.end(stage.store, one.contact_id, counselor, "insults", stage.later(1))


async def test_nobody_is_ended_as_abusive_while_there_are_signs_of_danger(stage: Stage):
    counselor, contact, _ = await a_chat_in_talk(stage)
    judgement = Judgement(level=Level.MODERATE, basis=Sensitive(""))
    await escalation.set_level(stage.store, stage.policies, contact.id, counselor, judgement, stage.now)
    async with unchanged(stage), follows(stage, silently=True):
        with pytest.raises(Refused) as refused:
            await abuse.end(stage.store, contact.id, counselor, "insults", stage.now)
    assert refused.value.code == "abuse.risk_first"


async def test_nobody_warns_or_ends_the_talk_of_another(stage: Stage):
    _, one, _ = await a_talk(stage)
    other = await stage.hire("mei", ready=True)
    async with unchanged(stage):
        for step in (abuse.warn, abuse.end):
            with pytest.raises(Absent):
                await step(stage.store, one.contact_id, other, "insults", stage.now)


async def test_a_restricted_caller_waits_behind_hears_the_crisis_key_and_is_answered(stage: Stage):
    counselor, _, number = await restricted(stage)
    again = await calls_again(stage, number)
    assert isinstance(again.plan, Park)
    assert again.plan.prompt is not None
    assert again.plan.prompt.key == "waiting_restricted"
    assert await is_behind(stage, again)
    assert (await stage.contact(again.contact_id)).state == "waiting"
    other = await stage.hire("mei", ready=True)
    third = await stage.hire("an", ready=True)
    assert {other, third} == set((await stage.dispatch()).values()) - {counselor}
    assert (await stage.contact(again.contact_id)).state == "offered"


async def test_a_restricted_caller_who_chooses_crisis_is_connected_ahead_of_all(stage: Stage):
    _, _, number = await restricted(stage)
    await Call.waits(stage, a_number())
    again = await Call.rings(stage, number)
    await again.press("menu", CRISIS)
    contact = await stage.contact(again.contact_id)
    assert (contact.band, RESTRICTED in contact.flags) == (0, False)
    helper = await stage.hire("mei", ready=True)
    assert await stage.dispatch() == {again.contact_id: helper}


async def test_the_crisis_key_while_waiting_lifts_it_at_once_and_for_good(stage: Stage):
    _, _, number = await restricted(stage)
    again = await calls_again(stage, number)
    assert await is_behind(stage, again)
    await again.press("wait", CRISIS)
    assert (await stage.contact(again.contact_id)).band == 0
    assert not await is_behind(stage, again)
    stage.later(60)
    assert RESTRICTED not in (await stage.contact((await calls_again(stage, number)).contact_id)).flags


async def test_any_level_lifts_it_at_once(stage: Stage):
    counselor, _, number = await restricted(stage)
    again = await calls_again(stage, number)
    judgement = Judgement(level=Level.LOW, basis=Sensitive(""))
    await escalation.set_level(stage.store, stage.policies, again.contact_id, counselor, judgement, stage.now)
    stage.later(60)
    assert RESTRICTED not in (await stage.contact((await calls_again(stage, number)).contact_id)).flags


async def test_a_cooldown_is_over_after_a_day(stage: Stage):
    _, _, number = await restricted(stage)
    stage.later(24 * 3600)
    assert RESTRICTED not in (await stage.contact((await calls_again(stage, number)).contact_id)).flags


async def test_one_that_nobody_reviews_by_its_day_is_over(stage: Stage):
    counselor, one, number = await screened(stage)
    supervisor = await stage.hire("sun", Role.SUPERVISOR)
    made = await restrict(stage, one, counselor, asked("blocked", review_days=2, ends_days=20))
    await abuse.approve(stage.store, made, supervisor, stage.now)
    await abuse.end(stage.store, one.contact_id, counselor, "insults", stage.now)
    stage.later(36 * 3600)
    assert RESTRICTED in (await stage.contact((await calls_again(stage, number)).contact_id)).flags
    stage.later(36 * 3600)
    assert RESTRICTED not in (await stage.contact((await calls_again(stage, number)).contact_id)).flags


@pytest.mark.parametrize("kind", ["limited_plan", "blocked"])
async def test_more_than_a_day_stands_only_when_somebody_else_agrees(stage: Stage, kind: str):
    counselor, one, number = await screened(stage)
    supervisor = await stage.hire("sun", Role.SUPERVISOR)
    made = await restrict(stage, one, supervisor, asked(kind, review_days=7, ends_days=7))
    await abuse.end(stage.store, one.contact_id, counselor, "insults", stage.now)
    assert RESTRICTED not in (await stage.contact((await calls_again(stage, number)).contact_id)).flags
    async with unchanged(stage):
        with pytest.raises(Refused) as refused:
            await abuse.approve(stage.store, made, supervisor, stage.now)
    assert refused.value.code == "restriction.second_person"
    second = await stage.hire("wu", Role.SUPERVISOR)
    await abuse.approve(stage.store, made, second, stage.now)
    async with unchanged(stage):
        await abuse.approve(stage.store, made, second, stage.later(1))
    assert RESTRICTED in (await stage.contact((await calls_again(stage, number)).contact_id)).flags
    await abuse.lift(stage.store, made, second, Sensitive("已谈过"), stage.now)
    assert RESTRICTED not in (await stage.contact((await calls_again(stage, number)).contact_id)).flags


async def test_the_same_restriction_asked_again_is_the_one_there_is(stage: Stage):
    counselor, one, _ = await screened(stage)
    made = await restrict(stage, one, counselor, asked())
    async with unchanged(stage):
        assert await restrict(stage, one, counselor, asked()) == made


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (asked("for_ever"), "restriction.kind"),
        (asked(review_days=-1), "restriction.review_on"),
        (asked(review_days=DAYS_MAX + 1), "restriction.review_on"),
        (asked("blocked"), "restriction.ends_on"),
    ],
)
async def test_a_restriction_outside_the_rules_changes_nothing(stage: Stage, wanted: Asked, code: str):
    counselor, one, _ = await screened(stage)
    async with unchanged(stage), follows(stage, silently=True):
        with pytest.raises(Refused) as refused:
            await restrict(stage, one, counselor, wanted)
    assert refused.value.code == code


async def test_nobody_is_restricted_before_somebody_has_asked_about_suicide(stage: Stage):
    counselor, one, _ = await a_talk(stage)
    async with unchanged(stage):
        with pytest.raises(Refused) as refused:
            await restrict(stage, one, counselor, asked())
    assert refused.value.code == "restriction.risk_first"


@pytest.mark.parametrize("level", [Level.UNKNOWN, Level.MODERATE, Level.HIGH, Level.IMMINENT])
async def test_nobody_at_risk_is_restricted_now_or_in_the_next_month(stage: Stage, level: Level):
    counselor, one, _ = await screened(stage)
    judgement = Judgement(level=level, basis=Sensitive(""))
    await escalation.set_level(stage.store, stage.policies, one.contact_id, counselor, judgement, stage.now)
    async with unchanged(stage):
        with pytest.raises(Refused) as refused:
            await restrict(stage, one, counselor, asked())
    assert refused.value.code == "restriction.risk_first"


async def test_who_cannot_be_told_from_others_is_not_restricted(stage: Stage):
    counselor, contact, begun = await a_chat_in_talk(stage)
    await session.screen(
        stage.store, stage.policies, begun.id, counselor, Screened(result="asked_denied"), stage.now
    )
    async with unchanged(stage):
        with pytest.raises(Refused) as refused:
            await abuse.restrict(stage.store, contact.id, counselor, asked(), stage.now, days_max=DAYS_MAX)
    assert refused.value.code == "restriction.nobody"


async def test_a_reason_is_under_seal_and_the_journal_has_none(stage: Stage):
    counselor, one, _ = await screened(stage)
    made = await restrict(stage, one, counselor, asked())
    raw = await stage.value("select reason from restriction where id = $1", made)
    assert WHY.reveal().encode() not in raw
    bodies = await stage.value(
        "select string_agg(body::text, '') from journal where contact_id = $1", one.contact_id
    )
    assert WHY.reveal() not in bodies
