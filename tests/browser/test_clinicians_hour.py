"""A clinician's hour: a phrase is taught to the rules, tried on last week, and put into use by a second one.

Two nodes serve, and both judge by it without being started again.
"""

import asyncio
import os
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import httpx2
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

from hotline.base import clock, ids
from hotline.base.places import console_dist
from hotline.base.sensitive import Sensitive
from hotline.domain.staff import Role
from hotline.flow import message
from hotline.store.unit import Store
from tests import people
from tests.browser.test_main_job import CHROMIUM, QUIET, person, picture
from tests.patience import PATIENCE_SECONDS
from tests.ports import free_port
from tests.processes import House, keys_of
from tests.stage import Stage

expect.set_options(timeout=1000 * PATIENCE_SECONDS)
pytestmark = [pytest.mark.browser, pytest.mark.timeout(360)]

COMPILING_MS = 120_000
"""On a crowded machine a rulebook takes its time: whoever tries one is the last to get the processor."""
LOCALES = os.environ.get("HOTLINE_LOCALES", "zh-CN").split(",")
"""In which languages the clinician works: the hour is long, so CI has one; `zh-CN,en-GB` has both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taught:
    """What a clinician of one language teaches; `phrase` means nothing to the rules that we ship."""

    file: str
    rule: str
    phrase: str
    miss: str
    fault: str
    everyday: tuple[str, str]
    title: str

    def said(self) -> str:
        """The phrase as a caller says it."""
        return f"我{self.phrase}" if self.file == "lexicon_zh.yaml" else f"i have {self.phrase}"

    def rule_hitting(self, words: str) -> str:
        """The rule, with an example that it must hit."""
        return f"""
  - id: {self.rule}
    name: {{zh: 摘月亮, en: gone to pick the moon}}
    category: farewell
    terms: [{self.phrase}]
    examples:
      hit: [{words}]
      miss: [{self.miss}]
"""


TAUGHT = {
    "zh-CN": Taught(
        file="lexicon_zh.yaml", rule="zh_moon_farewell", phrase="去摘月亮不回来了", miss="月亮很圆",
        fault="今晚月色真美", everyday=("晚上好", "作业好多"), title="摘月亮的告别",
    ),
    "en-GB": Taught(
        file="lexicon_en.yaml", rule="en_moon_farewell", phrase="packed to pick the silver moon",
        miss="the moon is round", fault="what a moon tonight", everyday=("good evening", "so much homework"),
        title="Picking the moon",
    ),
}  # fmt: skip
OTHER = {"zh-CN": "en-GB", "en-GB": "zh-CN"}
"""The second person works in the other language: who approves need not be who wrote."""


@dataclass
class TwoNodes(House):
    """A house with a second node that serves."""

    second_port: int = 0

    @property
    def members(self) -> tuple[str, ...]:
        """No telephone network is needed."""
        return ("serve", "second", "work")

    @property
    def second(self) -> str:
        """Where the second node answers."""
        return f"http://127.0.0.1:{self.second_port}"

    def command(self, name: str) -> list[str]:
        """The second node is one like the first."""
        return super().command("serve" if name == "second" else name)

    def environment_of(self, name: str) -> dict[str, str]:
        """Nodes differ in their port alone."""
        ours = super().environment_of(name) | {
            "HOTLINE_TELEPHONY__KIND": "none",
            "HOTLINE_RULEBOOK__TRY_SECONDS_MAX": str(COMPILING_MS / 1000),
        }
        if name == "second":
            ours |= {"HOTLINE_WEB__PORT": str(self.second_port)}
        return ours

    def door(self, name: str) -> str | None:
        """Where it shows that a process is ready."""
        return f"{self.second}/health/ready" if name == "second" else super().door(name)


@asynccontextmanager
async def two_nodes(stage: Stage, url: str, home: Path) -> AsyncGenerator[TwoNodes]:
    house = TwoNodes(
        url=url,
        keys=keys_of(stage.store.vault),
        home=home,
        number=stage.voice_line.address,
        second_port=free_port(),
    )
    try:
        await house.start_all()
        yield house
    finally:
        await house.stop()


@pytest_asyncio.fixture
async def browser() -> AsyncGenerator[Browser]:
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(
            executable_path=CHROMIUM, chromium_sandbox=False, args=QUIET
        )
        yield launched
        await launched.close()


async def last_week(stage: Stage, taught: Taught) -> UUID:
    """A contact of some days ago that nobody found grave, and one of everyday words."""
    stage.now = clock.now() - timedelta(days=3)
    grave = await stage.chat()
    for words in (taught.everyday[0], taught.said()):
        await message.say(
            stage.store, stage.policies, grave.id, ids.new_id(), words=Sensitive(words), now=stage.now
        )
    other = await stage.chat()
    await message.say(
        stage.store,
        stage.policies,
        other.id,
        ids.new_id(),
        words=Sensitive(taught.everyday[1]),
        now=stage.now,
    )
    stage.now = clock.now()
    return grave.id


async def write(page: Page, text: str) -> None:
    await page.get_by_test_id("rule-text").fill(text)
    await expect(page.get_by_test_id("rule-unsaved")).to_be_visible()


async def begin(page: Page, taught: Taught) -> str:
    """A draft with its lexicon open; the text of the lexicon."""
    await page.get_by_test_id("nav-rules").click()
    await page.get_by_test_id("rules-begin").click()
    await page.get_by_test_id("rules-title").fill(taught.title)
    await page.get_by_test_id("rules-begin-confirm").click()
    await expect(page.get_by_test_id("change")).to_have_attribute("data-state", "draft")
    await page.get_by_test_id(f"rule-file-{taught.file}").click()
    await expect(page.get_by_test_id(f"rule-file-{taught.file}")).to_have_attribute("aria-selected", "true")
    return await page.get_by_test_id("rule-text").input_value()


async def mend(page: Page, lexicon: str, locale: str) -> None:
    """The check refuses an example that does not come out; then it finds nothing."""
    taught = TAUGHT[locale]
    await write(page, lexicon + taught.rule_hitting(taught.fault))
    await page.get_by_test_id("rule-check").click()
    fault = page.get_by_test_id("rule-fault")
    await expect(fault).to_have_count(1, timeout=COMPILING_MS)
    await expect(fault).to_contain_text(taught.rule)
    await page.get_by_test_id("rule-fault-place").click()
    await picture(page, f"rules-fault-{locale}")
    await write(page, lexicon + taught.rule_hitting(taught.said()))
    await page.get_by_test_id("rule-check").click()
    await expect(page.get_by_test_id("rule-sound")).to_be_visible(timeout=COMPILING_MS)
    await expect(page.get_by_test_id("rule-saved")).to_be_visible()


async def look_back(page: Page, contact_id: UUID, locale: str) -> None:
    """Last week under the new rules names the contact that would have been found."""
    await page.locator("#tab-replay").click()
    await page.get_by_test_id("replay-do").click()
    await expect(page.get_by_test_id("replay")).to_have_attribute("data-state", "done", timeout=COMPILING_MS)
    found = page.locator(f"[data-testid=replay-contact][data-contact='{contact_id}']")
    await expect(found).to_have_count(1)
    assert TAUGHT[locale].phrase not in await page.get_by_test_id("replay").inner_text()
    await picture(page, f"rules-replay-{locale}")


async def approve(page: Page, contact_id: UUID, locale: str) -> None:
    """The second person, in the other language, sees what it does, and puts it into use."""
    await page.get_by_test_id("nav-rules").click()
    await page.locator("[data-testid=rules-change][data-state=proposed]").first.click()
    await expect(page.get_by_test_id("change")).to_have_attribute("data-state", "proposed")
    await page.get_by_test_id("rule-compare").click()
    await expect(page.get_by_test_id("difference")).to_contain_text(TAUGHT[locale].rule, timeout=COMPILING_MS)
    await picture(page, f"rules-difference-{OTHER[locale]}")
    await page.locator("#tab-replay").click()
    await expect(page.locator(f"[data-contact='{contact_id}']")).to_have_count(1)
    await page.get_by_test_id("rule-approve").click()
    await page.get_by_test_id("rule-approve-confirm").click()
    await expect(page.get_by_test_id("change")).to_have_attribute(
        "data-state", "approved", timeout=COMPILING_MS
    )


async def flagged_by(base: str, stage: Stage, browser: Browser, locale: str) -> None:
    """A caller writes the phrase on this node's page; the contact is found grave."""
    words = TAUGHT[locale].said()
    page = await (await browser.new_context(locale=locale)).new_page()
    await page.goto(f"{base}/chat/{stage.chat_line.address}")
    await page.get_by_test_id("chat-safe-yes").click()
    await page.get_by_test_id("chat-notice").click()
    await page.get_by_test_id("chat-start").click()
    known = await found(stage)
    await page.get_by_test_id("chat-input").fill(words)
    await page.get_by_test_id("chat-send").click()
    await expect(page.get_by_test_id("chat-messages")).to_contain_text(words)
    await until(lambda: found(stage), more_than=known)
    await page.context.close()


async def until(count: Callable[[], Awaitable[int]], *, more_than: int) -> None:
    """Wait until there is one more."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        for _ in iter(int, 1):
            if await count() > more_than:
                return
            await asyncio.sleep(0.1)


async def found(stage: Stage) -> int:
    return int(await stage.value("select count(*) from appraisal where findings::text like '%farewell%'"))


@pytest.mark.parametrize("locale", LOCALES)
async def test_a_phrase_is_taught_tried_and_put_into_use_on_both_nodes_without_a_restart(
    stage: Stage, store: Store, database_url: str, tmp_path: Path, browser: Browser, locale: str
) -> None:
    assert console_dist() is not None, "The console is not built; run scripts/console."
    author = await people.give_password(store, await stage.hire("su", Role.SUPERVISOR))
    second = await people.give_password(store, await stage.hire("rui", Role.SUPERVISOR))
    contact_id = await last_week(stage, TAUGHT[locale])
    async with two_nodes(stage, database_url, tmp_path) as house:
        before = {await version_of(base) for base in (house.base, house.second)}
        assert len(before) == 1
        async with person(browser, house, author, locale) as page:
            lexicon = await begin(page, TAUGHT[locale])
            await mend(page, lexicon, locale)
            await look_back(page, contact_id, locale)
            await page.get_by_test_id("rule-propose").click()
            await expect(page.get_by_test_id("change")).to_have_attribute(
                "data-state", "proposed", timeout=COMPILING_MS
            )
            await expect(page.get_by_test_id("rule-approve")).to_have_count(0)
            async with person(browser, house, second, OTHER[locale]) as other:
                await approve(other, contact_id, locale)
                in_use = other.get_by_test_id("rules-in-use")
                await expect(in_use).not_to_have_attribute(
                    "data-version", before.copy().pop(), timeout=COMPILING_MS
                )
                await expect(in_use).to_have_attribute("data-following", "3", timeout=COMPILING_MS)
                await picture(other, f"rules-in-use-{OTHER[locale]}")
        after = {await version_of(base) for base in (house.base, house.second)}
        assert len(after) == 1
        assert after.isdisjoint(before)
        for base in (house.base, house.second):
            await flagged_by(base, stage, browser, locale)
        assert {each.returncode for each in house.running.values()} == {None}


async def version_of(base: str) -> str:
    """By which version a node judges, as its health says."""
    async with httpx2.AsyncClient(base_url=base, timeout=PATIENCE_SECONDS) as client:
        return str((await client.get("/health/ready")).json()["rulebook"])
