"""A house is founded once, and what stands is left alone."""

import pytest
from pwdlib import PasswordHash

from hotline.base.errors import Broken
from hotline.base.places import config_dir
from hotline.base.sensitive import Sensitive
from hotline.flow import setup
from hotline.policy import founding
from hotline.policy.founding import Description
from hotline.store import staff as store_staff
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
        }
    )


def _person(login: str, name: str, centre: str, role: str) -> dict[str, object]:
    return {"login": login, "name": name, "centre": centre, "roles": [role], "languages": ["zh"]}


def passwords(house: Description) -> dict[str, Sensitive]:
    return {person.login: Sensitive(f"password of {person.login}") for person in house.staff}


async def counted(store: Store) -> list[int]:
    async with store.connection() as connection:
        tables = ("centre", "line", "staff", "presence", "journal")
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
