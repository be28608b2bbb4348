"""A page says that somebody is needed and where, and nothing about whom."""

import pytest

from hotline.base.places import config_dir
from hotline.base.sensitive import Sensitive
from hotline.carriers import pager
from hotline.carriers.nothing import NoTelephony
from hotline.carriers.pager import SmsPager, key_of
from hotline.domain import paging
from hotline.domain.level import Level
from hotline.domain.paging import CALL, HELP
from hotline.policy import phrases
from tests.carriers.made import PAGE

LINK = "https://hotline.example/e/01900000"


class Outbox(NoTelephony):
    """A telephone network that keeps what it should send."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, str]] = []

    async def send_sms(self, to: Sensitive, text: str, key: object) -> str:
        self.sent.append((to.reveal(), text, str(key)))
        return f"SM{len(self.sent)}"


@pytest.mark.parametrize("language", ["zh", "en", "fr"])
@pytest.mark.parametrize("purpose", paging.PURPOSES)
@pytest.mark.parametrize("level", list(Level))
async def test_a_page_carries_its_link_and_fits_a_few_short_messages(
    level: Level, purpose: str, language: str
):
    outbox = Outbox()
    words = phrases.load(config_dir() / "phrases", ("110", "119", "120", "12356"), "zh")
    sms, about = SmsPager(outbox, words.write), key_of(level, purpose)
    assert await sms.page(PAGE, Sensitive("+8613800000009"), about, language=language, link=LINK) == "SM1"
    [(to, text, key)] = outbox.sent
    assert (to, key) == ("+8613800000009", str(PAGE))
    assert LINK in text
    assert len(text) <= 140


async def test_an_imminent_danger_reads_differently_from_everything_else():
    outbox = Outbox()
    words = phrases.load(config_dir() / "phrases", ("110", "119", "120", "12356"), "zh")
    for level in (Level.IMMINENT, Level.HIGH, Level.MODERATE):
        await SmsPager(outbox, words.write).page(
            PAGE, Sensitive("+8613800000009"), key_of(level, CALL), language="zh", link=LINK
        )
    assert len({text for _, text, _ in outbox.sent}) == 3


async def test_a_counselor_who_asks_for_somebody_reads_differently_from_a_caller_in_danger():
    words = phrases.load(config_dir() / "phrases", ("110", "119", "120", "12356"), "zh")
    for language in ("zh", "en"):
        said = {pager.words(words.write, key_of(Level.HIGH, of), language, LINK) for of in (CALL, HELP)}
        assert len(said) == 2


def test_where_nobody_is_in_danger_yet_no_page_says_so():
    """Nobody on duty, a counselor who asks, a number to decide: each in its own words."""
    purposes = (paging.STALLED, paging.JOIN, paging.NUMBER, paging.HANDOVER, paging.COVER, paging.HELP)
    said = [key_of(Level.HIGH, purpose) for purpose in purposes]
    assert len({*said, key_of(Level.HIGH, paging.CALL)}) == len(purposes) + 1
