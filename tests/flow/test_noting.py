"""What counselors write is read by rules: it marks, and calls a team only for an act nobody knew of."""

from uuid import UUID

from hotline.base import ids
from hotline.base.sensitive import Sensitive
from hotline.domain.contact import Contact
from hotline.domain.dispatch import Call
from hotline.domain.level import Level
from hotline.domain.record import Acted, Change
from hotline.domain.safety_plan import Draft, Parts
from hotline.domain.session import Record, Session
from hotline.domain.staff import Role
from hotline.flow import dispatch, escalation, offer, record, safety_plan, session
from hotline.flow.dispatch import Confirmed, Sent
from hotline.flow.escalation import Judgement, Noted
from tests.flow.aftercare import finish
from tests.screen import follows
from tests.stage import Stage
from tests.still import unchanged


async def a_talk(stage: Stage) -> tuple[UUID, Contact, Session]:
    counselor = await stage.hire("lin", ready=True)
    await stage.hire("wu", Role.RESPONDER)
    contact = await stage.chat()
    await stage.dispatch()
    begun = await offer.accept(stage.store, await stage.pending_offer(contact.id), counselor, stage.later(3))
    return counselor, contact, begun


async def write(stage: Stage, begun: Session, counselor: UUID, **fields: str) -> None:
    record = Record(**{name: Sensitive(text) for name, text in fields.items()})  # pyright: ignore[reportArgumentType]
    await session.write(stage.store, stage.policies, begun.id, counselor, record, stage.later(5))


async def marks(stage: Stage, contact: Contact) -> list[str]:
    """The rules that have spoken of notes in a contact, in order."""
    return await stage.value(
        """select coalesce(array_agg(f ->> 'rule' order by a.at, f ->> 'rule'), '{}')
           from appraisal as a, jsonb_array_elements(a.findings) as f
           where a.contact_id = $1 and a.source = 'note'""",
        contact.id,
    )


async def escalations(stage: Stage, contact: Contact) -> int:
    return await stage.value("select count(*) from escalation where contact_id = $1", contact.id)


async def test_a_note_of_a_wish_to_die_is_marked_and_calls_nobody(stage: Stage):
    counselor, contact, begun = await a_talk(stage)
    async with follows(stage):
        await write(stage, begun, counselor, words="来电者说想死", judgment="家中存有大量安眠药")
    assert (await stage.contact(contact.id)).level is Level.MODERATE
    assert await marks(stage, contact) == ["noted_ideation"]
    assert await escalations(stage, contact) == 0


async def test_a_record_that_is_saved_again_and_again_is_marked_once(stage: Stage):
    counselor, contact, begun = await a_talk(stage)
    for more in ("", "，情绪低落", "，情绪低落，愿意接受转介"):
        await write(stage, begun, counselor, words=f"来电者说想死{more}")
    assert await marks(stage, contact) == ["noted_ideation"]
    await write(stage, begun, counselor, words="来电者说想死，近期有自伤行为")
    assert await marks(stage, contact) == ["noted_ideation", "noted_self_harm"]


async def test_a_denial_that_is_noted_leaves_no_mark(stage: Stage):
    counselor, contact, begun = await a_talk(stage)
    async with follows(stage, silently=True):
        await write(stage, begun, counselor, words="来访者否认自杀、自伤想法，愿意接受转介")
    assert await marks(stage, contact) == []
    assert (await stage.contact(contact.id)).level is Level.NONE_FOUND


async def test_a_note_of_an_act_under_way_that_nobody_was_told_of_calls_the_team_in(stage: Stage):
    counselor, contact, begun = await a_talk(stage)
    async with follows(stage):
        await write(stage, begun, counselor, facts="来电者刚刚割腕")
    after = await stage.contact(contact.id)
    assert (after.level, await escalations(stage, contact)) == (Level.IMMINENT, 1)
    assert {"suicide", "medical"} <= set(after.flags)
    kinds = await stage.kinds(contact.id)
    assert kinds.index("session.written") < kinds.index("escalation.declared")


async def test_a_record_written_after_the_rescue_pages_nobody_again(stage: Stage):
    counselor, contact, begun = await a_talk(stage)
    grave = Judgement(level=Level.IMMINENT, basis=Sensitive("在桥上"))
    await escalation.declare(stage.store, stage.policies, contact.id, counselor, grave, stage.now)
    await stage.value("update escalation set closed_at = $2, state = 'closed' where contact_id = $1",
                      contact.id, stage.now)  # fmt: skip
    await write(stage, begun, counselor, facts="来电者刚刚割腕，已送医")
    assert await marks(stage, contact) == ["noted_act"]
    assert await escalations(stage, contact) == 1


async def test_a_note_does_not_raise_what_a_person_has_judged(stage: Stage):
    counselor, contact, begun = await a_talk(stage)
    judged = Judgement(level=Level.LOW, basis=Sensitive("已评估"))
    await escalation.set_level(stage.store, stage.policies, contact.id, counselor, judged, stage.now)
    await write(stage, begun, counselor, words="来电者说想死")
    assert (await stage.contact(contact.id)).level is Level.LOW
    assert await marks(stage, contact) == ["noted_ideation"]


async def test_a_note_on_an_escalation_of_an_act_makes_it_graver(stage: Stage):
    counselor, contact, _ = await a_talk(stage)
    high = Judgement(level=Level.HIGH, basis=Sensitive("有计划"))
    raised = await escalation.declare(stage.store, stage.policies, contact.id, counselor, high, stage.now)
    noted = Noted(staff_id=counselor, words=Sensitive("来电者已服下三十片安眠药"), key="k")
    for _ in range(2):
        await escalation.add_note(stage.store, stage.policies, raised, noted, stage.later(5))
    level = await stage.value("select level from escalation where id = $1", raised)
    assert (level, await escalations(stage, contact)) == ("imminent", 1)


async def test_no_word_of_a_note_stands_in_the_journal_or_beside_a_finding(stage: Stage):
    counselor, contact, begun = await a_talk(stage)
    await write(stage, begun, counselor, words="来电者说想死")
    found = await stage.value(
        """select count(*) from journal as j, appraisal as a where j.contact_id = $1 and a.contact_id = $1
           and (j.body::text like '%来电者%' or a.findings::text like '%来电者说%')""",
        contact.id,
    )
    assert found == 0


async def closed(stage: Stage) -> tuple[UUID, Contact, Session]:
    counselor, contact, begun = await a_talk(stage)
    await finish(stage, counselor, contact.id, begun.id)
    return counselor, contact, begun


async def plan(stage: Stage, contact: Contact, counselor: UUID, words: str, based_on: int = 0) -> None:
    parts = Parts(warning_signs=Sensitive(words))
    draft = Draft(parts=parts, is_made_with_caller=True, based_on=based_on)
    await safety_plan.save(stage.store, stage.policies, contact.id, counselor, draft, stage.later(5))


async def test_a_safety_plan_is_read_as_a_record_is_and_raises_without_calling_anybody(stage: Stage):
    counselor, contact, _ = await a_talk(stage)
    async with follows(stage):
        await plan(stage, contact, counselor, "来电者说想死")
    assert (await stage.contact(contact.id)).level is Level.MODERATE
    assert await marks(stage, contact) == ["noted_ideation"]
    assert await escalations(stage, contact) == 0
    await plan(stage, contact, counselor, "来电者说想死，整夜睡不着", based_on=1)
    assert await marks(stage, contact) == ["noted_ideation"]


async def test_an_amendment_that_tells_of_an_act_calls_the_team_in_with_it(stage: Stage):
    counselor, contact, begun = await closed(stage)
    change = Change(field="facts", text=Sensitive("来电者刚刚割腕"), reason=Sensitive("漏记"))
    async with follows(stage):
        await record.amend(stage.store, stage.policies, begun.id, counselor, change, stage.later(5))
    assert (await stage.contact(contact.id)).level is Level.IMMINENT
    assert await escalations(stage, contact) == 1
    kinds = await stage.kinds(contact.id)
    assert kinds.index("record.amended") < kinds.index("escalation.declared")
    async with unchanged(stage):
        await record.amend(stage.store, stage.policies, begun.id, counselor, change, stage.now)


async def test_an_amendment_does_not_raise_what_a_person_has_judged(stage: Stage):
    counselor, contact, begun = await closed(stage)
    judged = Judgement(level=Level.LOW, basis=Sensitive("已评估"), may_lower=True)
    await escalation.set_level(stage.store, stage.policies, contact.id, counselor, judged, stage.now)
    change = Change(field="words", text=Sensitive("来电者说想死"), reason=Sensitive("漏记"))
    await record.amend(stage.store, stage.policies, begun.id, counselor, change, stage.later(5))
    assert (await stage.contact(contact.id)).level is Level.LOW
    assert await marks(stage, contact) == ["noted_ideation"]


async def test_an_action_that_tells_of_a_wish_to_die_is_marked(stage: Stage):
    counselor, contact, begun = await a_talk(stage)
    said = Acted(action_id=ids.new_id(), kind="referral", state="agreed", words=Sensitive("来电者说想死"))
    await record.act(stage.store, stage.policies, begun.id, counselor, said, stage.later(5))
    assert await marks(stage, contact) == ["noted_ideation"]


async def send(stage: Stage, contact: Contact, counselor: UUID, call: Call) -> UUID:
    sent = Sent(staff_id=counselor, call=call)
    return await dispatch.send(stage.store, stage.policies, contact.id, sent, stage.later(5))


async def test_what_is_told_of_a_dispatch_raises_the_contact_and_calls_the_team_in(stage: Stage):
    counselor, contact, _ = await a_talk(stage)
    call = Call(
        agency="110", consent="involuntary", options_tried=Sensitive("请其联系家人"),
        caller_answer=Sensitive("不要来"), ground=Sensitive("来电者已服下三十片安眠药"),
    )  # fmt: skip
    async with follows(stage):
        await send(stage, contact, counselor, call)
    assert (await stage.contact(contact.id)).level is Level.IMMINENT
    assert await escalations(stage, contact) == 1


async def test_in_an_attempt_the_alarm_is_raised_once_and_what_is_told_of_it_marks_only(stage: Stage):
    counselor, contact, _ = await a_talk(stage)
    call = Call(
        agency="120", consent="not_needed_attempt_in_progress", ground=Sensitive("来电者已服下三十片安眠药")
    )
    async with follows(stage):
        await send(stage, contact, counselor, call)
    assert await escalations(stage, contact) == 1
    assert await marks(stage, contact) == ["noted_act"]


async def test_what_became_of_the_person_is_read_when_it_is_confirmed(stage: Stage):
    counselor, contact, _ = await a_talk(stage)
    made = await send(stage, contact, counselor, Call(agency="family", consent="voluntary"))
    said = Confirmed(staff_id=counselor, result="refused", words=Sensitive("来电者说想死"))
    async with follows(stage):
        await dispatch.confirm(stage.store, stage.policies, made, said, stage.later(5))
    assert (await stage.contact(contact.id)).level is Level.MODERATE
    assert await marks(stage, contact) == ["noted_ideation"]
