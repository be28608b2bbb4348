"""Documents that the provider keeps: what a caller hears when the house does not answer."""

from pathlib import Path

import httpx2
import pytest

from hotline.practice.app import running, server
from hotline.practice.config import Number, PracticeConfig
from tests.ports import free_port
from tests.practice.people import ACCOUNT, LINE, TOKEN, Phone

DOCUMENT = "<Response><Say>We cannot answer now. In danger call 120.</Say></Response>"


def exchange_with(bins: Path, port: int) -> PracticeConfig:
    """An exchange whose only house is never there."""
    number = Number(
        phone_number=LINE,
        voice_url=f"http://127.0.0.1:{free_port()}/t/arrive",
        voice_fallback_url=f"http://127.0.0.1:{port}/bins/{LINE.removeprefix('+')}",
    )
    return PracticeConfig(
        port=port, account=ACCOUNT, auth_token=TOKEN, pace=0.02, numbers=(number,), bins=str(bins)
    )


async def test_whoever_calls_a_house_that_is_down_hears_the_kept_document(tmp_path: Path):
    (tmp_path / f"{LINE.removeprefix('+')}.xml").write_text(DOCUMENT, "utf-8")
    async with running(server(exchange_with(tmp_path, free_port()))) as url, Phone(url) as phone:
        await phone.hears(await phone.dial(), "We cannot answer now. In danger call 120.")


@pytest.mark.parametrize("name", ["862700000000", "secret", "..%2Fsecret"])
async def test_only_documents_of_numbers_are_given_away(tmp_path: Path, name: str):
    (tmp_path.parent / "secret.xml").write_text("<Response/>", "utf-8")
    (tmp_path / "secret.xml").write_text("<Response/>", "utf-8")
    async with running(server(exchange_with(tmp_path, free_port()))) as url, httpx2.AsyncClient() as client:
        assert (await client.get(f"{url}/bins/{name}")).status_code == 404
