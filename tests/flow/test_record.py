"""Records beside and after the talk: actions, amendments, and a chain that shows every silent edit."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import pytest

from hotline.base import ids
from hotline.base.errors import Absent, Refused
from hotline.base.sensitive import Sensitive
from hotline.domain import chain, record as records
from hotline.domain.record import STATES, Acted, Change
from hotline.domain.session import Session
from hotline.domain.staff import Role
from hotline.flow import checkup, reading, record, session
from hotline.flow.checkup import Grade
from hotline.flow.reading import Recorded
from tests.drills.desk_scenes import wrapping
from tests.screen import follows
from tests.stage import Stage
from tests.still import unchanged

WHY = Sensitive("听错了")


async def a_closed_record(stage: Stage) -> tuple[UUID, Session]:
    counselor, begun = await wrapping(stage)
    await session.close(stage.store, stage.policies, begun.id, counselor, stage.later(30))
    return counselor, begun


def said(state: str, action_id: UUID | None = None, kind: str = "referral", words: str = "") -> Acted:
    text = Sensitive(words) if words else None
    return Acted(action_id=action_id or ids.new_id(), kind=kind, state=state, words=text)


async def act(stage: Stage, begun: Session, by: UUID, what: Acted) -> None:
    await record.act(stage.store, stage.policies, begun.id, by, what, stage.now)


async def amend(stage: Stage, begun: Session, by: UUID, field: str, *codes: str, text: str = "") -> None:
    change = Change(field=field, codes=codes, text=Sensitive(text), reason=WHY)
    await record.amend(stage.store, stage.policies, begun.id, by, change, stage.now)


async def read(stage: Stage, begun: Session, by: UUID, role: Role = Role.COUNSELOR) -> Recorded:
    return await reading.open_record(stage.store, stage.viewer(by, role), begun.id, stage.now)


async def chain_faults(stage: Stage, begun: Session) -> list[str]:
    """What the check says of this centre's chain; others' tests share the database."""
    found = await checkup.records(stage.store)
    mine = [str(stage.centre.id), str(begun.id)]
    return [
        each.sentence
        for each in found
        if each.grade is Grade.FAULT and any(name in each.sentence for name in mine)
    ]


async def by_hand(stage: Stage, query: str, *arguments: object) -> None:
    """Somebody with a database client."""
    await stage.value(query, *arguments)


async def test_every_state_of_an_action_is_a_row_and_only_done_counts(stage: Stage):
    counselor, begun = await wrapping(stage)
    action_id = ids.new_id()
    for state in STATES:
        stage.later(1)
        await act(stage, begun, counselor, said(state, action_id, words=f"心理科 {state}"))
        latest = records.latest((await read(stage, begun, counselor)).actions)
        assert [records.counts_as_done(each) for each in latest] == [state == "done"]
    kept = (await read(stage, begun, counselor)).actions
    assert [(each.nth, each.state) for each in kept] == list(enumerate(STATES))
    assert (await stage.kinds(begun.contact_id)).count("record.action") == len(STATES)
    raw = await stage.value("select words from record_action where action_id = $1 limit 1", action_id)
    assert "心理科".encode() not in raw


async def test_a_planned_action_never_counts_as_done(stage: Stage):
    counselor, begun = await wrapping(stage)
    await act(stage, begun, counselor, said("planned"))
    await act(stage, begun, counselor, said("done", kind="safety_plan"))
    latest = records.latest((await read(stage, begun, counselor)).actions)
    assert [each.kind for each in latest if records.counts_as_done(each)] == ["safety_plan"]


async def test_an_action_that_is_sent_twice_is_noted_once(stage: Stage):
    counselor, begun = await wrapping(stage)
    action = said("agreed")
    async with follows(stage, silently=True):
        await act(stage, begun, counselor, action)
    async with unchanged(stage):
        await act(stage, begun, counselor, action)


@pytest.mark.parametrize(
    ("kind", "state", "code"),
    [
        ("rescue", "done", "action.kind_unknown"),
        ("referral", "promised", "action.state_unknown"),
        ("safety_plan", "done", "action.kind"),
    ],
)
async def test_an_action_outside_the_rules_changes_nothing(stage: Stage, kind: str, state: str, code: str):
    counselor, begun = await wrapping(stage)
    action = said("agreed")
    await act(stage, begun, counselor, action)
    async with unchanged(stage), follows(stage, silently=True):
        with pytest.raises(Refused) as refused:
            await act(stage, begun, counselor, said(state, action.action_id, kind))
    assert refused.value.code == code


async def test_nobody_notes_an_action_in_the_record_of_another(stage: Stage):
    _, begun = await wrapping(stage)
    other = await stage.hire("mei")
    async with unchanged(stage):
        with pytest.raises(Absent):
            await act(stage, begun, other, said("done"))


async def test_an_amendment_stands_beside_the_record_that_was_closed(stage: Stage):
    counselor, begun = await a_closed_record(stage)
    supervisor = await stage.hire("sun", Role.SUPERVISOR)
    await amend(stage, begun, counselor, "facts", text="独居，有药")
    stage.later(60)
    await amend(stage, begun, supervisor, "problems", "family", "grief")
    stage.later(60)
    await amend(stage, begun, supervisor, "facts", text="与母亲同住")
    found = await read(stage, begun, supervisor, Role.SUPERVISOR)
    assert found.session.record.facts == Sensitive("")
    assert (found.record.facts, found.record.problems) == (Sensitive("与母亲同住"), ("family", "grief"))
    assert [(each.field, each.staff_id) for each in found.amendments] == [
        ("facts", counselor), ("problems", supervisor), ("facts", supervisor),
    ]  # fmt: skip
    index = stage.store.vault.index
    assert [each.before_digest for each in found.amendments] == [
        index(Sensitive("")), index(Sensitive("")), index(Sensitive("独居，有药")),
    ]  # fmt: skip
    assert (await stage.kinds(begun.contact_id)).count("record.amended") == 3


async def test_an_amendment_that_says_what_stands_there_changes_nothing(stage: Stage):
    counselor, begun = await a_closed_record(stage)
    await amend(stage, begun, counselor, "result", "unchanged")
    async with unchanged(stage), follows(stage, silently=True):
        await amend(stage, begun, counselor, "result", "unchanged")


@pytest.mark.parametrize(
    ("field", "codes", "reason", "code"),
    [
        ("level", ("high",), "错", "amendment.field"),
        ("result", ("calmer", "worse"), "错", "amendment.field"),
        ("result", ("happy",), "错", "session.record_code"),
        ("result", ("worse",), "  ", "amendment.reason"),
    ],
)
async def test_an_amendment_outside_the_rules_changes_nothing(
    stage: Stage, field: str, codes: Sequence[str], reason: str, code: str
):
    counselor, begun = await a_closed_record(stage)
    change = Change(field=field, codes=tuple(codes), reason=Sensitive(reason))
    async with unchanged(stage), follows(stage, silently=True):
        with pytest.raises(Refused) as refused:
            await record.amend(stage.store, stage.policies, begun.id, counselor, change, stage.now)
    assert refused.value.code == code


@pytest.mark.parametrize(("field", "codes", "text"), [("words", ("worse",), ""), ("result", (), "worse")])
async def test_codes_for_words_and_words_for_codes_empty_no_record(
    stage: Stage, field: str, codes: Sequence[str], text: str
):
    counselor, begun = await a_closed_record(stage)
    async with unchanged(stage):
        with pytest.raises(Refused) as refused:
            await amend(stage, begun, counselor, field, *codes, text=text)
    assert refused.value.code == "amendment.value"


async def test_a_record_that_is_still_open_is_written_in_and_not_amended(stage: Stage):
    counselor, begun = await wrapping(stage)
    async with unchanged(stage):
        with pytest.raises(Refused) as refused:
            await amend(stage, begun, counselor, "facts", text="独居")
    assert refused.value.code == "amendment.open"


async def test_the_chain_holds_over_records_actions_and_amendments(stage: Stage):
    counselor, begun = await a_closed_record(stage)
    await act(stage, begun, counselor, said("done"))
    await amend(stage, begun, counselor, "facts", text="独居")
    assert await chain_faults(stage, begun) == []
    kinds = await stage.value(
        "select array_agg(kind order by seq) from record_link where centre_id = $1", stage.centre.id
    )
    assert kinds == ["closed", "acted", "amended"]


@pytest.mark.parametrize(
    "edit",
    [
        "update session set problems = '{grief}' where id = $1",
        "update session set words = words || '\\x00'::bytea where id = $1",
        "update session set closed_at = closed_at - interval '1 hour' where id = $1",
        "update session set staff_id = (select staff_id from presence_of_other) where id = $1",
        "update record_action set state = 'done' where session_id = $1",
        "update amendment set codes = '{worse}' where session_id = $1",
        "delete from amendment where session_id = $1",
    ],
)
async def test_an_update_by_hand_is_found(stage: Stage, edit: str):
    counselor, begun = await a_closed_record(stage)
    other = await stage.hire("mei")
    await act(stage, begun, counselor, said("planned"))
    await amend(stage, begun, counselor, "result", "unchanged")
    assert await chain_faults(stage, begun) == []
    await by_hand(stage, edit.replace("(select staff_id from presence_of_other)", f"'{other}'"), begun.id)
    assert len(await chain_faults(stage, begun)) == 1


async def test_who_mends_the_digest_as_well_breaks_the_chain(stage: Stage):
    _, begun = await a_closed_record(stage)
    await by_hand(stage, "update session set result = 'worse' where id = $1", begun.id)
    await by_hand(
        stage,
        "update record_link set digest = (select record_digest(s) from session s where s.id = $1) "
        "where thing_id = $1",
        begun.id,
    )
    assert len(await chain_faults(stage, begun)) == 1


async def test_a_link_that_is_taken_out_is_missed(stage: Stage):
    counselor, begun = await a_closed_record(stage)
    await amend(stage, begun, counselor, "facts", text="独居")
    await by_hand(stage, "delete from record_link where centre_id = $1 and kind = 'closed'", stage.centre.id)
    assert len(await chain_faults(stage, begun)) == 2  # the next link does not follow, and a record has none


async def test_a_chain_whose_end_is_cut_off_is_shorter_than_its_head(stage: Stage):
    counselor, begun = await a_closed_record(stage)
    await amend(stage, begun, counselor, "facts", text="独居")
    await by_hand(stage, "delete from record_link where centre_id = $1 and kind = 'amended'", stage.centre.id)
    await by_hand(stage, "delete from amendment where session_id = $1", begun.id)
    assert len(await chain_faults(stage, begun)) == 1


async def test_a_talk_that_is_broken_off_is_linked_as_well(stage: Stage):
    _, begun = await wrapping(stage)
    await by_hand(stage, "update session set state = 'interrupted' where id = $1", begun.id)
    assert await chain_faults(stage, begun) == []


async def lately(stage: Stage, by: UUID, role: Role) -> list[UUID]:
    """The records that somebody finds again."""
    since = stage.now - timedelta(days=7)
    found = await record.lately(stage.store, stage.viewer(by, role), since, 10)
    return [each.session_id for each in found.listed]


async def test_a_counselor_finds_their_own_records_again_and_a_supervisor_those_of_the_centre(stage: Stage):
    counselor, begun = await a_closed_record(stage)
    await amend(stage, begun, counselor, "facts", text="独居")
    assert await lately(stage, counselor, Role.COUNSELOR) == [begun.id]
    assert await lately(stage, await stage.hire("mei"), Role.COUNSELOR) == []
    sun = await stage.hire("sun", Role.SUPERVISOR)
    assert await lately(stage, sun, Role.SUPERVISOR) == [begun.id]
    eyes = stage.viewer(sun, Role.SUPERVISOR)
    [listed] = (await record.lately(stage.store, eyes, stage.now - timedelta(days=7), 10)).listed
    assert (listed.amendments, listed.disposition) == (1, "counselling")


async def test_a_record_is_read_with_its_links_and_a_silent_edit_is_seen_in_them(stage: Stage):
    counselor, begun = await a_closed_record(stage)
    await act(stage, begun, counselor, said("done"))
    await amend(stage, begun, counselor, "facts", text="独居")
    links = (await read(stage, begun, counselor)).links
    assert [each.kind for each in links] == ["closed", "acted", "amended"]
    assert all(chain.holds(each) for each in links)
    await stage.value("update amendment set at = at + interval '1 day' where session_id = $1", begun.id)
    links = (await read(stage, begun, counselor)).links
    assert [chain.holds(each) for each in links] == [True, True, False]
