"""What pages of the house may do in a browser."""

import httpx2

from hotline.policy.policies import Policies
from hotline.store.unit import Store
from tests.served import served


async def test_every_answer_keeps_frames_out_and_scripts_at_home(store: Store, house_policies: Policies):
    async with served(store, house_policies) as base, httpx2.AsyncClient(base_url=base) as client:
        for path in ("/health/live", "/api/session", "/nowhere"):
            headers = (await client.get(path)).headers
            assert "default-src 'self'" in headers["content-security-policy"]
            assert (headers["x-frame-options"], headers["x-content-type-options"]) == ("DENY", "nosniff")


async def test_a_character_that_cannot_be_stored_is_said_and_is_no_mistake_of_ours(
    store: Store, house_policies: Policies
):
    async with served(store, house_policies) as base, httpx2.AsyncClient(base_url=base) as client:
        answer = await client.post("/api/session", json={"login": "lin\u0000.yue", "password": "x"})
        assert (answer.status_code, answer.json()["code"]) == (422, "request.characters")
        assert (await client.get("/api/chat/de%00mo")).status_code == 422
