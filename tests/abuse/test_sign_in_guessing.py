"""Guessing passwords: slow for the guesser, from anywhere and all at once, and never a lock on the house."""

import asyncio
import statistics
import time
from collections.abc import AsyncGenerator

import httpx2
import pytest
import pytest_asyncio

from hotline.base import ids
from hotline.domain.staff import Role
from hotline.store.unit import Store
from tests import people, stage as stages
from tests.abuse.floor import COOKIE, PUBLIC_BASE, rules, service, watched
from tests.stage import Stage

WRONG = "guess"
PAIR, LOGIN, ADDRESS = 5, 30, 60
"""What `hotline.toml` allows within its window: one login from one address, one login, one address."""


@pytest_asyncio.fixture(scope="module")
async def base(store: Store) -> AsyncGenerator[httpx2.AsyncClient]:
    async with (
        service(store) as url,
        httpx2.AsyncClient(base_url=url, trust_env=False, timeout=60) as client,
    ):
        yield client


@pytest.fixture
async def house(store: Store) -> Stage:
    async with store.connection() as connection:
        await connection.execute("delete from sign_in_failure")
    return await stages.found(store, rules())


async def member(stage: Stage, login: str = "lin") -> str:
    return await people.give_password(stage.store, await stage.hire(login, Role.COUNSELOR))


class Browser:
    """A browser at an address, as a proxy on this machine tells it."""

    def __init__(self, client: httpx2.AsyncClient, address: str) -> None:
        self.client = client
        self.address = address
        self.cookies: dict[str, str] = {}

    async def tries(self, login: str, password: str = WRONG) -> int:
        headers = {"x-forwarded-for": self.address}
        if self.cookies:
            headers["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = await self.client.post(
            "/api/session", json={"login": login, "password": password}, headers=headers
        )
        for said in answer.headers.get_list("set-cookie"):
            name, _, rest = said.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        return answer.status_code


async def seeded_failures(store: Store, login: str, addresses: int, each: int) -> None:
    """What guessers from many addresses leave behind, without a third of a second of work for each guess."""
    async with store.connection() as connection:
        await connection.execute(
            """insert into sign_in_failure (key, at)
               select sha256(convert_to(k, 'UTF8')), now() from generate_series(1, $2) as a,
                 generate_series(1, $3) as n,
                 lateral (values ('login:' || $1), ('address:9.9.9.' || a),
                   ('pair:9.9.9.' || a || ' ' || $1)) as v (k)""",
            login, addresses, each,
        )  # fmt: skip


async def test_guesses_sent_all_at_once_are_no_more_than_guesses_sent_in_turn(
    base: httpx2.AsyncClient, house: Stage
):
    login, guesser = await member(house), Browser(base, "8.8.8.8")
    async with watched():
        answers = await asyncio.gather(*(guesser.tries(login) for _ in range(4 * PAIR)))
    tried = answers.count(401)
    assert PAIR <= tried <= PAIR + 2, "at most as many as are checked at the same moment slip in besides"
    assert answers.count(429) == len(answers) - tried


async def test_an_address_has_so_many_guesses_whatever_the_logins(base: httpx2.AsyncClient, house: Stage):
    await seeded_failures(house.store, "somebody", 1, ADDRESS)
    assert await Browser(base, "9.9.9.1").tries(await member(house), people.PASSWORD) == 429
    assert await Browser(base, "9.9.8.1").tries(await member(house), people.PASSWORD) == 200


async def test_a_network_of_the_newer_kind_is_one_address(base: httpx2.AsyncClient, house: Stage):
    login = await member(house)
    answers = [await Browser(base, f"2a00:1450:4001:82a::{n:x}").tries(login) for n in range(PAIR + 1)]
    assert answers == [401] * PAIR + [429]
    assert await Browser(base, "2a00:1450:4001:82b::1").tries(login) == 401


async def test_guesses_from_everywhere_never_keep_out_a_browser_that_is_known(
    base: httpx2.AsyncClient, house: Stage
):
    login, stranger_login = await member(house), await member(house, "mei")
    own = Browser(base, "8.8.4.4")
    assert await own.tries(login, people.PASSWORD) == 200
    await seeded_failures(house.store, login, LOGIN, 3)
    assert await Browser(base, "8.8.4.4").tries(login, people.PASSWORD) == 429, "a guesser with the right one"
    assert await own.tries(login, people.PASSWORD) == 200, "the person themselves"
    assert await own.tries(stranger_login, people.PASSWORD) == 200, "a colleague at the same desk"


async def test_a_known_browser_guesses_no_better_and_its_mark_cannot_be_made_up(
    base: httpx2.AsyncClient, house: Stage
):
    login, other = await member(house), await member(house, "mei")
    own = Browser(base, "8.8.4.5")
    assert await own.tries(login, people.PASSWORD) == 200
    assert [await own.tries(other) for _ in range(PAIR + 1)] == [401] * PAIR + [429]
    await seeded_failures(house.store, login, LOGIN, 1)
    device = own.cookies["__Host-hotline_device"]
    name, until, seal = device.split(".")
    for made_up in (
        "",
        "x",
        "..",
        f"{name}.{int(until) + 1}.{seal}",
        f"y{name}.{until}.{seal}",
        f"{name}.x.{seal}",
        f"{name}.{until}.é",
        "x" * 4000,
    ):
        forger = Browser(base, "8.8.4.6")
        forger.cookies["__Host-hotline_device"] = made_up
        headers = [
            (b"cookie", f"__Host-hotline_device={made_up}".encode("latin-1")),
            (b"x-forwarded-for", b"8.8.4.6"),
        ]
        answer = await forger.client.post(
            "/api/session", json={"login": login, "password": people.PASSWORD}, headers=headers
        )
        assert answer.status_code == 429, made_up


async def test_how_long_it_takes_does_not_say_whether_a_login_exists(base: httpx2.AsyncClient, house: Stage):
    login = await member(house)
    took: dict[bool, list[float]] = {True: [], False: []}
    for number in range(PAIR):
        for is_known, times in took.items():
            guesser = Browser(base, f"7.7.7.{2 * number + is_known}")
            began = time.perf_counter()
            assert await guesser.tries(login if is_known else ids.new_id().hex) == 401
            times.append(time.perf_counter() - began)
    known, unknown = (statistics.median(took[each]) for each in (True, False))
    assert 1 / 3 < known / unknown < 3, (known, unknown)


async def test_cookies_open_nothing_to_scripts_and_nothing_to_other_sites(
    base: httpx2.AsyncClient, house: Stage
):
    answer = await base.post("/api/session", json={"login": await member(house), "password": people.PASSWORD})
    assert PUBLIC_BASE.startswith("https")
    said = {each.partition("=")[0]: each.lower() for each in answer.headers.get_list("set-cookie")}
    assert said.keys() == {COOKIE, "__Host-hotline_device"}
    for cookie in said.values():
        assert {"httponly", "secure", "path=/"} <= {part.strip() for part in cookie.split(";")}
        assert "samesite=lax" in cookie or "samesite=strict" in cookie
        assert "domain=" not in cookie
