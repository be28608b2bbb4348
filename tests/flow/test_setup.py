"""A house is founded once, and what stands is left alone."""

from datetime import timedelta

import pytest
from pwdlib import PasswordHash

from hotline.base.errors import Broken, Refused
from hotline.base.places import config_dir
from hotline.base.sensitive import Sensitive
from hotline.domain import ladder
from hotline.flow import setup
from hotline.policy import founding
from hotline.policy.founding import Description
from hotline.store import roster as store_roster, staff as store_staff
from hotline.store.unit import Store
from tests.stage import NOON


def a_small_house(mark: str) -> Description:
    """Two centres, a line, two people; every name and address with the mark."""
    return Description.model_validate(
        {
            "centres": [
                {"key": "city", "name": f"City {mark}", "kind": "city"},
                {"key": "district", "name": f"District {mark}", "kind": "district", "parent": "city"},
            ],
            "lines": [
                {"centre": "district", "channel": "chat", "address": mark, "name": "L", "languages": ["zh"]}
            ],
            "staff": [
                _person(f"{mark}.a", "安", "district", "counselor"),
                _person(f"{mark}.b", "Bo", "city", "supervisor"),
            ],
            "teams": [{"centre": "city", "name": f"Team {mark}", "members": [f"{mark}.b"]}],
            "on_call": [
                _on_call(f"{mark}.b", "team", f"Team {mark}"),
                _on_call(f"{mark}.b", "manager"),
            ],
        }
    )


def _person(login: str, name: str, centre: str, role: str) -> dict[str, object]:
    return {"login": login, "name": name, "centre": centre, "roles": [role], "languages": ["zh"]}


def _on_call(login: str, position: str, team: str | None = None) -> dict[str, object]:
    return {"centre": "city", "login": login, "position": position, "team": team, "days": 7}


def passwords(house: Description) -> dict[str, Sensitive]:
    return {person.login: Sensitive(f"password of {person.login}") for person in house.staff}


async def counted(store: Store) -> list[int]:
    async with store.connection() as connection:
        tables = ("centre", "line", "staff", "presence", "crisis_team", "on_call", "journal")
        return [
            await connection.fetchval(f"select count(*) from {table}")  # noqa: S608  constants
            for table in tables
        ]


async def test_a_house_is_founded_with_hashed_passwords_and_everybody_signed_out(store: Store):
    house = a_small_house("first")
    new = await setup.found(store, house, passwords(house), NOON)
    assert new.centres == ("City first", "District first")
    assert new.lines == ("first",)
    assert new.logins == ("first.a", "first.b")
    assert new.teams == ("Team first",)
    assert new.on_call == ("first.b", "first.b")
    async with store.connection() as connection:
        account = await store_staff.find_account(connection, store.vault, "first.a")
        assert account is not None
        presence = await store_staff.presences_of(connection, store.vault, [account.staff.id])
        above = await store_staff.above(connection, account.staff.centre_id)
    assert account.staff.name.reveal() == "安"
    assert PasswordHash.recommended().verify("password of first.a", account.password_hash)
    assert presence[account.staff.id].choice == "signed_out"
    assert len(above) == 2, "the district lies beneath the city"


async def test_founding_again_changes_nothing_and_needs_no_passwords(store: Store):
    house = a_small_house("again")
    await setup.found(store, house, passwords(house), NOON)
    before = await counted(store)
    assert (await setup.found(store, house, {}, NOON)).is_empty
    assert await counted(store) == before


async def test_who_is_founded_on_call_is_called_when_nobody_is_at_a_desk(store: Store):
    house = a_small_house("called")
    await setup.found(store, house, passwords(house), NOON)
    async with store.connection() as connection:
        account = await store_staff.find_account(connection, store.vault, "called.b")
        assert account is not None
        roster = await store_roster.everybody(connection, account.staff.centre_id, NOON + timedelta(days=6))
        later = await store_roster.everybody(connection, account.staff.centre_id, NOON + timedelta(days=8))
    reached = {group: [each.staff_id for each in roster[group]] for group in (ladder.TEAM, ladder.ON_CALL)}
    assert reached == {ladder.TEAM: [account.staff.id], ladder.ON_CALL: [account.staff.id]}
    assert later[ladder.ON_CALL] == []


async def test_nothing_is_founded_when_somebody_called_could_not_acknowledge(store: Store):
    house = a_small_house("unable")
    counselor = house.teams[0].model_copy(update={"members": ("unable.a",)})
    before = await counted(store)
    with pytest.raises(Refused, match="Only responders and supervisors"):
        await setup.found(store, house.model_copy(update={"teams": (counselor,)}), passwords(house), NOON)
    assert await counted(store) == before


async def test_a_newcomer_joins_a_house_that_stands(store: Store):
    house = a_small_house("grown")
    await setup.found(store, house, passwords(house), NOON)
    joining = house.staff[0].model_copy(update={"login": "grown.c"})
    grown = house.model_copy(update={"staff": (*house.staff, joining)})
    new = await setup.found(store, grown, {"grown.c": Sensitive("three small words")}, NOON)
    assert (new.centres, new.lines, new.logins) == ((), (), ("grown.c",))


async def test_nothing_is_founded_when_a_password_is_missing(store: Store):
    house = a_small_house("none")
    before = await counted(store)
    with pytest.raises(Broken, match=r"No password was given for none\.b"):
        await setup.found(store, house, {"none.a": Sensitive("only one")}, NOON)
    assert await counted(store) == before


async def test_the_demonstration_can_be_founded(store: Store):
    house = founding.load(config_dir() / "demo.toml")
    new = await setup.found(store, house, passwords(house), NOON)
    assert len(new.logins) == len(house.staff)
