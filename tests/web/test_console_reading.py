"""What the console shows of a contact and of an escalation, to whom, and that looking is journalled."""

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx2
import pytest
import pytest_asyncio

from hotline.base import clock, ids
from hotline.base.sensitive import Sensitive
from hotline.domain import contact as contacts
from hotline.domain.contact import Caller, Contact, Form
from hotline.domain.custody import Hand
from hotline.domain.staff import Role
from hotline.flow import dispatch, escalation, intake, message, offer, reading
from hotline.flow.dispatch import Confirmed
from hotline.flow.escalation import Said
from hotline.policy.policies import Policies
from hotline.store.unit import Store
from tests.screen import follows
from tests.served import served
from tests.stage import Stage
from tests.still import unchanged
from tests.web.desk import Floor, at_work, desk, in_talk

DANGER = "我已经吃了一瓶安眠药，不想活了"
NUMBER = Sensitive("+8613800001234")


@pytest_asyncio.fixture(scope="module")
async def base(store: Store, house_policies: Policies) -> AsyncGenerator[str]:
    async with served(store, house_policies) as url:
        yield url


async def shown(stage: Stage, base: str, staff_id: UUID, path: str) -> Any:
    async with desk(stage, base, staff_id) as client:
        answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def reads(stage: Stage, contact_id: UUID) -> list[str]:
    async with stage.store.connection() as connection:
        rows = await connection.fetch(
            "select actor from journal where contact_id = $1 and kind = 'record.read' order by seq",
            contact_id,
        )
    return [row["actor"] for row in rows]


async def a_call(stage: Stage, counselor: UUID) -> Contact:
    """A caller with a number, accepted by the counselor and on the way into the room."""
    stage.now = clock.now()
    caller = Caller(key=stage.store.vault.index(NUMBER), number=NUMBER, quality="given")
    rung = contacts.arrive(ids.new_id(), stage.voice_line, stage.now, caller=caller, form=Form())
    joined = contacts.join(rung.row(Contact), stage.now, stage.policies.queue, earlier_join=None)
    async with stage.store.unit() as unit:
        await unit.save(rung + joined, stage.now)
    contact_id = joined.row(Contact).id
    assert await stage.dispatch() == {contact_id: counselor}
    await offer.accept(stage.store, await stage.pending_offer(contact_id), counselor, stage.now)
    return await stage.contact(contact_id)


async def test_a_contact_is_shown_with_its_form_its_findings_and_its_session(stage: Stage, base: str):
    counselor = await stage.hire("lin", ready=True)
    contact, begun = await in_talk(stage, counselor, safe_now="unsure", age_band="18-24")
    await message.say(
        stage.store, stage.policies, contact.id, ids.new_id(), words=Sensitive(DANGER), now=clock.now()
    )
    detail = await shown(stage, base, counselor, f"/contacts/{contact.id}")
    assert (detail["id"], detail["channel"], detail["state"]) == (str(contact.id), "chat", "talking")
    assert (detail["level"], detail["band"], detail["language"]) == ("imminent", 0, "zh")
    assert detail["line"] == {
        "id": str(stage.chat_line.id), "name": stage.chat_line.name, "address": stage.chat_line.address,
    }  # fmt: skip
    assert detail["form"] == {
        "safe_now": "unsure", "age_band": "18-24", "attempted_before": None, "crisis_key": False,
    }  # fmt: skip
    assert detail["caller"]["number"] is None
    assert detail["arrived_at"].endswith("Z")
    assert datetime.fromisoformat(detail["answered_at"]) == contact.answered_at
    assert (detail["session"]["id"], detail["session"]["state"]) == (str(begun.id), "open")
    assert detail["escalation_id"] is not None
    gravest = next(each for each in detail["findings"] if each["level"] == "imminent")
    assert (gravest["source"], gravest["message_seq"], gravest["verdict"]) == ("message", 1, "hit")
    assert all(0 <= start < end <= len(DANGER) for start, end in gravest["spans"])
    assert gravest["reason"]["zh"]
    identities = [each["id"] for each in detail["findings"]]
    assert len(set(identities)) == len(identities)


@pytest.mark.parametrize(
    ("role", "number"),
    [(Role.COUNSELOR, "…34"), (Role.SUPERVISOR, "+8613800001234"), (Role.RESPONDER, "+8613800001234")],
)
async def test_a_number_is_masked_for_those_who_need_not_see_it(
    stage: Stage, base: str, role: Role, number: str
):
    people = {each: await stage.hire(each.value, each) for each in (Role.SUPERVISOR, Role.RESPONDER)}
    people[Role.COUNSELOR] = await stage.hire("lin", ready=True)
    contact = await a_call(stage, people[Role.COUNSELOR])
    async with desk(stage, base, people[Role.COUNSELOR]) as lin:
        await lin.post(f"/contacts/{contact.id}/escalations", json={"level": "high", "reason": ""})
    caller = (await shown(stage, base, people[role], f"/contacts/{contact.id}"))["caller"]
    assert (caller["number"], caller["number_quality"]) == (number, "direct")


async def test_earlier_contacts_of_the_same_number_are_counted_and_not_this_one(stage: Stage, base: str):
    counselor = await stage.hire("lin", ready=True)
    first = await a_call(stage, counselor)
    detail = await shown(stage, base, counselor, f"/contacts/{first.id}")
    assert (detail["caller"]["earlier_contacts"], detail["caller"]["recent_high"]) == (0, False)
    async with stage.store.unit() as unit:
        await unit.connection.execute(
            """update contact set level = 'high', state = 'closed', counselor_id = null,
                                  arrived_at = arrived_at - interval '3 days' where id = $1""",
            first.id,
        )
        await unit.connection.execute(
            "update session set state = 'closed', closed_at = begun_at where contact_id = $1", first.id
        )
    second = await a_call(stage, counselor)
    detail = await shown(stage, base, counselor, f"/contacts/{second.id}")
    assert (detail["caller"]["earlier_contacts"], detail["caller"]["recent_high"]) == (1, True)


async def test_looking_is_journalled_once_a_minute_for_each_pair_of_eyes(stage: Stage, base: str):
    floor = await at_work(stage)
    supervisor, path = floor.people[Role.SUPERVISOR], f"/contacts/{floor.contact.id}"
    async with follows(stage, silently=True):
        for address in (path, f"{path}/messages", f"/escalations/{floor.escalation}"):
            await shown(stage, base, supervisor, address)
    await shown(stage, base, floor.lin, path)
    assert await reads(stage, floor.contact.id) == [f"staff:{supervisor}", f"staff:{floor.lin}"]
    eyes, later = stage.viewer(supervisor, Role.SUPERVISOR), stage.later(120)
    await reading.open_contact(stage.store, eyes, floor.contact.id, later)
    assert len(await reads(stage, floor.contact.id)) == 3


async def test_who_may_not_look_leaves_no_trace_of_having_looked(stage: Stage, base: str):
    floor = await at_work(stage)
    async with unchanged(stage), desk(stage, base, floor.people[Role.ADMIN]) as client:
        assert (await client.get(f"/contacts/{floor.contact.id}")).status_code == 404
    assert await reads(stage, floor.contact.id) == []


async def test_a_supervisor_sees_the_centres_below_and_not_those_above(stage: Stage, base: str):
    floor = await at_work(stage)
    above = await _centre_above(stage)
    async with desk(stage, base, above) as client:
        assert (await client.get(f"/contacts/{floor.contact.id}")).status_code == 200
    async with stage.store.unit() as unit:
        await unit.connection.execute(
            "update contact set centre_id = (select parent_id from centre where id = $1) where id = $2",
            stage.centre.id,
            floor.ringing.id,
        )
    async with desk(stage, base, floor.people[Role.SUPERVISOR]) as client:
        assert (await client.get(f"/contacts/{floor.ringing.id}")).status_code == 404


async def _centre_above(stage: Stage) -> UUID:
    """A supervisor of a centre that is put above the stage's."""
    parent = ids.new_id()
    async with stage.store.unit() as unit:
        await unit.connection.execute(
            "insert into centre (id, name, kind, timezone) values ($1, 'Above', 'province', 'Asia/Shanghai')",
            parent,
        )
        await unit.connection.execute(
            "update centre set parent_id = $1 where id = $2", parent, stage.centre.id
        )
    supervisor = await stage.hire("gao", Role.SUPERVISOR)
    async with stage.store.unit() as unit:
        await unit.connection.execute("update staff set centre_id = $1 where id = $2", parent, supervisor)
        await unit.connection.execute("update presence set centre_id = $1 where id = $2", parent, supervisor)
    return supervisor


async def test_an_escalation_is_shown_with_its_ladder_pages_notes_and_names(stage: Stage, base: str):
    floor = await at_work(stage)
    wu = floor.people[Role.RESPONDER]
    detail = await shown(stage, base, wu, f"/escalations/{floor.escalation}")
    assert (detail["level"], detail["state"], detail["rung"], detail["round"]) == ("high", "paged", 0, 0)
    assert detail["cause"]["source"] == "counselor"
    assert detail["cause"]["reason"]["en"] == "Raised by a member of staff"
    assert detail["declared_by"] == {"id": str(floor.lin), "name": "Lin"}
    assert [(rung["rung"], rung["who"]["en"], rung["seconds"]) for rung in detail["ladder"]] == [
        (0, "Crisis team", 300), (1, "Supervisors", 120), (2, "Duty manager", 120), (3, "Everyone", 120),
    ]  # fmt: skip
    pages = [(page["staff"]["name"], page["channel"], page["state"]) for page in detail["pages"]]
    assert pages == [("Responder", "console", "sent")]
    assert [(note["by"]["name"], note["words"]) for note in detail["notes"]] == [("Lin", "要去天台")]
    assert (detail["owner"], detail["outcome"], detail["closing"]) == (None, None, None)


async def reached(stage: Stage, floor: Floor) -> None:
    """Whoever was sent out has reached the person."""
    said = Confirmed(staff_id=floor.lin, result="reached_safe", words=Sensitive(""))
    await dispatch.confirm(stage.store, stage.policies, floor.dispatch, said, clock.now())


async def test_an_escalation_raised_by_a_rule_gives_the_rules_reason(stage: Stage, base: str):
    supervisor = await stage.hire("sun", Role.SUPERVISOR)
    stage.now = clock.now()
    contact = await stage.chat()
    await message.say(
        stage.store, stage.policies, contact.id, ids.new_id(), words=Sensitive(DANGER), now=stage.now
    )
    raised = (await shown(stage, base, supervisor, f"/contacts/{contact.id}"))["escalation_id"]
    cause = (await shown(stage, base, supervisor, f"/escalations/{raised}"))["cause"]
    assert cause["source"] == "message"
    assert cause["rule"]
    assert cause["reason"]["zh"]


async def test_an_escalation_is_taken_noted_and_worked_on_to_its_closing(stage: Stage, base: str):
    floor = await at_work(stage)
    await reached(stage, floor)
    path, wu = f"/escalations/{floor.escalation}", floor.people[Role.RESPONDER]
    async with (
        desk(stage, base, wu) as responder,
        desk(stage, base, floor.people[Role.SUPERVISOR]) as supervisor,
    ):
        assert (await responder.post(f"{path}/acknowledgement")).status_code == 204
        taken = await supervisor.post(f"{path}/acknowledgement")
        assert (taken.status_code, taken.json()["code"]) == (409, "escalation.taken")
        assert (await supervisor.post(f"{path}/notes", json={"words": "已联系家属"})).status_code == 201
        unknown = await responder.post(f"{path}/resolution", json={"outcome": "fine", "words": ""})
        assert (unknown.status_code, unknown.json()["code"]) == (409, "escalation.outcome")
        resolved = {"outcome": "safe_with_others", "words": "家人已到", "seen": 0}
        early = await responder.post(f"{path}/resolution", json=resolved)
        assert (early.status_code, early.json()["code"]) == (409, "escalation.contact")
        for step, body in (
            ("contact", {"how": "telephone", "words": "通上话了"}), ("resolution", resolved),
            ("closure", {"seen": 0}),
        ):  # fmt: skip
            async with follows(stage):
                assert (await responder.post(f"{path}/{step}", json=body)).status_code == 204
        detail = (await responder.get(path)).json()
    assert (detail["state"], detail["outcome"], detail["closing"], detail["contact_how"]) == (
        "closed", "safe_with_others", "家人已到", "telephone",
    )  # fmt: skip
    assert detail["contact_words"] == "通上话了"
    assert detail["owner"]["id"] == detail["closed_by"]["id"] == str(wu)
    assert [note["words"] for note in detail["notes"]] == ["要去天台", "已联系家属"]


@pytest.mark.parametrize(
    ("step", "body", "expected"),
    [
        ("notes", {"words": " "}, (422, "request.empty")),
        ("notes", {"words": "长" * 2001}, (422, "request.too_long")),
        ("standing-down", {"reason": "  "}, (409, "escalation.reason")),
        ("resolution", {"outcome": "admitted", "words": "长" * 2001}, (422, "request.too_long")),
        ("resolution", {"outcome": "admitted", "words": ""}, (409, "escalation.resolve")),
    ],
)
async def test_what_cannot_be_kept_of_an_escalation_changes_nothing(
    stage: Stage, base: str, step: str, body: object, expected: tuple[int, str]
):
    floor = await at_work(stage)
    async with unchanged(stage), desk(stage, base, floor.people[Role.SUPERVISOR]) as supervisor:
        answer = await supervisor.post(f"/escalations/{floor.escalation}/{step}", json=body)
    assert (answer.status_code, answer.json()["code"]) == expected


async def level(client: httpx2.AsyncClient, floor: Floor, code: str, basis: str) -> tuple[int, str | None]:
    answer = await client.put(f"/contacts/{floor.contact.id}/level", json={"level": code, "basis": basis})
    return answer.status_code, None if answer.status_code == 204 else answer.json()["code"]


async def test_a_level_is_lowered_by_a_supervisor_with_grounds_and_by_nobody_else(stage: Stage, base: str):
    floor = await at_work(stage)
    async with (
        desk(stage, base, floor.lin) as lin,
        desk(stage, base, floor.people[Role.SUPERVISOR]) as supervisor,
    ):
        async with unchanged(stage):
            assert await level(lin, floor, "low", "好些了") == (403, "level.lower")
            assert await level(supervisor, floor, "low", "") == (409, "level.basis")
            assert await level(supervisor, floor, "grave", "") == (409, "level.unknown")
            assert await level(supervisor, floor, "low", "长" * 1001) == (422, "request.too_long")
        async with follows(stage):
            assert await level(supervisor, floor, "low", "听了录音，是歌词") == (204, None)
        async with follows(stage):
            assert await level(lin, floor, "moderate", "独居") == (204, None)
        notes = (await supervisor.get(f"/escalations/{floor.escalation}")).json()["notes"]
    assert [each["words"] for each in notes] == ["要去天台", "听了录音，是歌词", "独居"]


async def test_a_team_is_called_in_at_high_or_imminent_only(stage: Stage, base: str):
    floor = await at_work(stage)
    async with unchanged(stage), desk(stage, base, floor.lin) as lin:
        for code, expected in (("moderate", "escalation.level"), ("grave", "level.unknown")):
            answer = await lin.post(
                f"/contacts/{floor.contact.id}/escalations", json={"level": code, "reason": ""}
            )
            assert (answer.status_code, answer.json()["code"]) == (409, expected)


async def test_a_responder_who_had_it_may_read_on_and_others_may_not(stage: Stage, base: str):
    floor = await at_work(stage)
    await reached(stage, floor)
    wu, other = floor.people[Role.RESPONDER], await stage.hire("xu", Role.RESPONDER)
    hand = Hand(staff_id=wu)
    await escalation.acknowledge(stage.store, stage.policies, floor.escalation, hand, clock.now())
    said = Said(code="not_reached", words=Sensitive(""))
    await escalation.resolve(stage.store, stage.policies, floor.escalation, hand, said, clock.now())
    await escalation.close(stage.store, floor.escalation, hand, clock.now())
    for staff_id, expected in ((wu, 200), (other, 404)):
        async with desk(stage, base, staff_id) as client:
            for path in (f"/escalations/{floor.escalation}", f"/contacts/{floor.contact.id}"):
                assert (await client.get(path)).status_code == expected


async def test_a_counselor_loses_sight_of_a_contact_that_went_to_somebody_else(stage: Stage, base: str):
    floor = await at_work(stage)
    async with desk(stage, base, floor.mei) as mei:
        assert (await mei.get(f"/contacts/{floor.ringing.id}")).status_code == 200
        await mei.post(f"/offers/{floor.offer}/refusal", json={})
        assert (await mei.get(f"/contacts/{floor.ringing.id}")).status_code == 404


async def test_a_contact_whose_caller_has_left_stays_readable_to_its_counselor(stage: Stage, base: str):
    floor = await at_work(stage)
    await intake.leave_chat(stage.store, floor.contact.id, clock.now())
    detail = await shown(stage, base, floor.lin, f"/contacts/{floor.contact.id}")
    assert (detail["state"], detail["session"]["state"]) == ("wrapping", "wrapping")
