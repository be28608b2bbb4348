"""What the provider keeps for the hour in which we are down, and whether it knows our addresses."""

from dataclasses import dataclass, field, replace

import pytest

from hotline.base.places import config_dir
from hotline.carriers.twilio.client import Doors
from hotline.carriers.twilio.urls import Urls
from hotline.domain.centre import Channel
from hotline.policy import phrases
from hotline.policy.phrases import Phrases
from hotline.web.webhooks.fallback import check_provider, documents
from tests.domain.made import a_line
from tests.oracles import check_twiml

URLS = Urls(base="https://hotline.example")
LINE = a_line(address="+861012356001", overflow="+861012356999")
CHAT = a_line(address="city", channel=Channel.CHAT)
NUMBER = Doors(
    name="+861012356001",
    voice_url="https://hotline.example/t/arrive#ct=2000",
    fallback_url="https://handler.twilio.com/twiml/EH1",
    status_url="https://hotline.example/t/ended",
)
APP = replace(NUMBER, name="AP1", voice_url="https://hotline.example/t/client")


@dataclass
class Written:
    """What is written down at the provider."""

    doors: list[Doors] = field(default_factory=lambda: [NUMBER])
    app: Doors | None = APP

    async def numbers(self) -> list[Doors]:
        return self.doors

    async def application(self) -> Doors | None:
        return self.app


@pytest.fixture(scope="module")
def words() -> Phrases:
    return phrases.load(config_dir() / "phrases", ("110", "119", "120", "12356"), "zh")


def test_every_dialled_line_has_a_document_that_needs_nothing_of_us(words: Phrases):
    written = documents([LINE, CHAT], words)
    assert list(written) == [LINE.address]
    document = written[LINE.address]
    assert check_twiml(document) == []
    assert "hotline.example" not in document
    assert "+861012356999" in document


async def test_a_provider_that_knows_our_addresses_gives_no_cause_for_a_word():
    assert await check_provider(Written(), URLS, [LINE, CHAT]) == []


@pytest.mark.parametrize(
    ("written", "words"),
    [
        (Written(doors=[]), "has no number"),
        (Written(doors=[replace(NUMBER, voice_url="")]), "has nothing as its voice URL"),
        (
            Written(doors=[replace(NUMBER, voice_url="https://old.example/t/arrive")]),
            "it must be https://hot",
        ),
        (Written(doors=[replace(NUMBER, fallback_url="")]), "no voice fallback URL"),
        (Written(doors=[replace(NUMBER, fallback_url="https://hotline.example/x")]), "must not depend on us"),
        (Written(doors=[replace(NUMBER, status_url="")]), "status callback"),
        (Written(app=None), "no browser can call in"),
        (Written(app=replace(APP, voice_url="")), "application AP1 has nothing as its voice URL"),
    ],
)
async def test_what_is_wrong_is_said_in_a_sentence(written: Written, words: str):
    [sentence] = await check_provider(written, URLS, [LINE])
    assert words in sentence
