"""A caller's number at the console: shown by role, marked where it may mislead, or opened by two people."""

from dataclasses import replace
from uuid import UUID

import pytest

from hotline.base.sensitive import Sensitive
from hotline.domain.contact import Contact
from hotline.domain.number import NumberPolicy
from hotline.domain.outcome import Outcome
from hotline.domain.staff import Role
from hotline.policy.policies import Policies
from hotline.store import contact as store_contact
from hotline.store.unit import Store
from tests.served import served
from tests.stage import Stage
from tests.web.desk import Floor, at_work, desk

FIXED = Sensitive("+862161234567")


async def numbered(stage: Stage) -> Floor:
    """A floor whose caller came from a fixed line, and no number is asked for."""
    floor = await at_work(stage)
    await stage.value("delete from opening where id = $1", floor.opening)
    async with stage.store.unit() as unit:
        journey = await store_contact.lock_journey(unit, floor.contact.id)
        known: Contact = replace(journey.contact, number=FIXED, number_quality="given")
        await unit.save(Outcome(rows=(known,)), stage.now, journey)
    return floor


async def caller(stage: Stage, base: str, staff_id: UUID, contact_id: UUID) -> dict[str, object]:
    async with desk(stage, base, staff_id) as client:
        return (await client.get(f"/contacts/{contact_id}")).json()["caller"]


@pytest.mark.parametrize(("anonymity", "seen"), [(0, FIXED.reveal()), (1, None)])
async def test_a_fixed_line_is_marked_and_where_anonymity_is_promised_nobody_sees_a_number(
    stage: Stage, store: Store, house_policies: Policies, anonymity: int, seen: str | None
):
    floor = await numbered(stage)
    policies = replace(house_policies, numbers=NumberPolicy(anonymity=anonymity))
    async with served(store, policies) as base:
        shown = await caller(stage, base, floor.people[Role.SUPERVISOR], floor.contact.id)
        own = await caller(stage, base, floor.lin, floor.contact.id)
    assert (shown["number"], shown["may_be_switchboard"]) == (seen, True)
    assert own["number"] == (f"…{FIXED.reveal()[-2:]}" if seen else None)


async def test_two_people_open_a_number_at_their_desks(stage: Stage, store: Store, house_policies: Policies):
    floor = await numbered(stage)
    policies = replace(house_policies, numbers=NumberPolicy(anonymity=1))
    async with (
        served(store, policies) as base,
        desk(stage, base, floor.lin) as lin,
        desk(stage, base, floor.people[Role.SUPERVISOR]) as sun,
    ):
        asked = await lin.post(
            f"/contacts/{floor.contact.id}/number-openings", json={"reason": "正在实施，需要定位"}
        )
        path = f"/number-openings/{asked.json()['id']}"
        assert (await lin.post(f"{path}/approval")).status_code == 403
        [waiting] = (await sun.get("/number-openings")).json()["openings"]
        assert waiting["reason"] == "正在实施，需要定位"
        assert (await sun.post(f"{path}/approval")).status_code == 204
        looks = [await each.post(f"{path}/looks") for each in (lin, sun)]
        shown = (await lin.get(f"/contacts/{floor.contact.id}/help")).json()
    assert [look.json() for look in looks] == [{"number": FIXED.reveal()}] * 2
    assert (shown["is_anonymous"], shown["has_number"], shown["may_be_switchboard"]) == (True, True, True)
    assert [each["is_open"] for each in shown["openings"]] == [True]
