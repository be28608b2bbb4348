"""Signing in: by password, slowly for those who guess, and never from another site."""

from collections.abc import AsyncGenerator
from uuid import UUID

import httpx2
import pytest_asyncio
from pwdlib import PasswordHash

from hotline.base import ids
from hotline.domain.access import permissions_of
from hotline.domain.staff import Role
from hotline.policy.policies import Policies
from hotline.store.unit import Store
from tests.served import served
from tests.stage import Stage

PASSWORD = "three calm words"


@pytest_asyncio.fixture(scope="module")
async def base(store: Store, house_policies: Policies) -> AsyncGenerator[str]:
    async with served(store, house_policies) as url:
        yield url


async def login(stage: Stage) -> str:
    person = await stage.hire("lin")
    async with stage.store.connection() as connection:
        await connection.execute(
            "update staff set password_hash = $2 where id = $1",
            person,
            PasswordHash.recommended().hash(PASSWORD),
        )
        await connection.execute("delete from sign_in_failure")
    return str(await stage.value("select login from staff where id = $1", person))


async def test_a_good_password_opens_the_console_and_signing_out_closes_it(stage: Stage, base: str) -> None:
    name = await login(stage)
    async with httpx2.AsyncClient(base_url=base) as client:
        assert (await client.get("/api/session")).status_code == 401
        answer = await client.post("/api/session", json={"login": name, "password": PASSWORD})
        assert answer.status_code == 200
        assert answer.json()["staff"]["name"] == "Lin"
        assert "httponly" in answer.headers["set-cookie"].lower()
        granted = permissions_of(frozenset({Role.COUNSELOR}), stage.policies.grants)
        assert (await client.get("/api/session")).json()["permissions"] == sorted(granted)
        assert (await client.delete("/api/session")).status_code == 204
        assert (await client.get("/api/session")).status_code == 401


async def choice(stage: Stage, person: UUID) -> tuple[str, str | None]:
    """What the person's presence says."""
    chosen = await stage.value("select array[choice::text, reason] from presence where id = $1", person)
    return chosen[0], chosen[1]


async def test_a_page_loaded_again_keeps_ready_and_a_password_after_an_absence_does_not(
    stage: Stage, base: str
) -> None:
    name = await login(stage)
    person = stage.people["lin"]
    credentials = {"login": name, "password": PASSWORD}
    gone = """update presence set choice = 'ready', reason = null, is_connected = false,
                heartbeat_at = now() - interval '1 hour' where id = $1"""
    async with httpx2.AsyncClient(base_url=base) as client:
        assert (await client.post("/api/session", json=credentials)).status_code == 200
        await stage.value(gone, person)
        assert (await client.get("/api/session")).status_code == 200
        assert await choice(stage, person) == ("ready", None)
        assert (await client.post("/api/session", json=credentials)).status_code == 200
        assert await choice(stage, person) == ("not_ready", "signed_in")


async def test_a_stolen_cookie_is_worthless_after_signing_out(stage: Stage, base: str) -> None:
    name = await login(stage)
    async with httpx2.AsyncClient(base_url=base) as client:
        await client.post("/api/session", json={"login": name, "password": PASSWORD})
        stolen = dict(client.cookies)
        await client.delete("/api/session")
    async with httpx2.AsyncClient(base_url=base, cookies=stolen) as thief:
        assert (await thief.get("/api/session")).status_code == 401


async def test_guessing_is_slowed_down_even_for_the_right_password(stage: Stage, base: str) -> None:
    name = await login(stage)
    async with httpx2.AsyncClient(base_url=base) as client:
        for _ in range(5):
            wrong = await client.post("/api/session", json={"login": name, "password": "guess"})
            assert (wrong.status_code, wrong.json()["code"]) == (401, "login.wrong")
        slowed = await client.post("/api/session", json={"login": name, "password": PASSWORD})
        assert (slowed.status_code, slowed.json()["code"]) == (429, "login.throttled")


async def test_a_colleague_at_the_same_address_is_not_slowed_down(stage: Stage, base: str) -> None:
    clumsy, colleague = await login(stage), await login(stage)
    async with httpx2.AsyncClient(base_url=base) as client:
        guess = {"login": clumsy, "password": "guess"}
        for _ in range(5):
            await client.post("/api/session", json=guess)
        answer = await client.post("/api/session", json=guess)
        assert answer.status_code == 429
        assert 0 < int(answer.json()["sentence"].split()[-2]) <= 300
        fine = await client.post("/api/session", json={"login": colleague, "password": PASSWORD})
        assert fine.status_code == 200


async def test_an_unknown_login_looks_like_a_wrong_password(stage: Stage, base: str) -> None:
    await login(stage)
    async with httpx2.AsyncClient(base_url=base) as client:
        answer = await client.post("/api/session", json={"login": ids.new_id().hex, "password": PASSWORD})
        assert (answer.status_code, answer.json()["code"]) == (401, "login.wrong")


async def test_another_site_can_neither_post_nor_open_a_socket(stage: Stage, base: str) -> None:
    name = await login(stage)
    body = {"login": name, "password": PASSWORD}
    async with httpx2.AsyncClient(base_url=base) as client:
        for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
            answer = await client.post("/api/session", json=body, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (403, "request.cross_site")
        same = await client.post(
            "/api/session", json=body, headers={"origin": base, "sec-fetch-site": "same-origin"}
        )
        assert same.status_code == 200


async def test_what_cannot_be_read_is_said_in_one_sentence(base: str) -> None:
    async with httpx2.AsyncClient(base_url=base) as client:
        for body in (b"", b"{", b"\xff\xfe", b'{"login": 7}', b"[" * 10_000):
            answer = await client.post(
                "/api/session", content=body, headers={"content-type": "application/json"}
            )
            assert answer.status_code == 422
            assert answer.json()["code"] == "request.malformed"
        huge = await client.post("/api/session", content=b"x" * 200_000)
        assert huge.status_code == 413
