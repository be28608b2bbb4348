"""The help-seeker's page in a real browser, on the screen of a small telephone."""

import asyncio
import shutil
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, Route, ViewportSize, WebSocketRoute, async_playwright, expect

from hotline.base import clock, ids
from hotline.base.sensitive import Sensitive
from hotline.flow import message, session
from tests.patience import PATIENCE_SECONDS
from tests.stage import Stage
from tests.web.visitor import Visitor, front

pytestmark = pytest.mark.browser

PHONE: ViewportSize = {"width": 375, "height": 667}
expect.set_options(timeout=1000 * PATIENCE_SECONDS)
FOUND_OUT_SECONDS_MAX = 25
"""A beat goes out every fifteen seconds, and whatever goes out is given five and five."""
NEUTRAL = "https://www.weather.com.cn/"


@dataclass
class Network:
    """The page's way to the service, which can be cut."""

    is_cut: bool = False
    line: WebSocketRoute | None = None
    server: WebSocketRoute | None = None

    def route(self, line: WebSocketRoute) -> None:
        """A new socket: through, or into nothing."""
        self.line = line
        if not self.is_cut:
            self.server = line.connect_to_server()

    async def cut(self) -> None:
        """Close the socket; new ones lead nowhere."""
        self.is_cut = True
        if self.line is not None:
            await self.line.close(code=1001)

    def hush(self) -> None:
        """Nothing comes through any more, and nobody closes anything."""
        self.is_cut = True
        for side in (self.line, self.server):
            if side is not None:
                side.on_message(lambda _: None)

    async def mend(self) -> None:
        """The next socket goes through."""
        self.is_cut = False
        if self.line is not None:
            await self.line.close(code=1001)


@dataclass
class Desk:
    """The page, the network it hangs on, and the stage behind the service."""

    page: Page
    network: Network
    stage: Stage
    base: str
    complaints: list[str]

    async def open(self) -> None:
        """Go to the entrance."""
        await self.page.goto(f"{self.base}/chat/{self.stage.chat_line.address}")

    async def lose_an_answer(self) -> None:
        """The next chat that is asked for begins, but the page does not hear of it."""

        async def swallow(route: Route) -> None:
            await route.fetch()
            await route.fulfill(body="")

        await self.page.route("**/contacts", swallow, times=1)

    async def fill_in(self) -> None:
        """Answer the form's questions, and try to start."""
        page = self.page
        await page.get_by_test_id("chat-safe-yes").check()
        await page.get_by_test_id("chat-age").select_option("18-24")
        await page.get_by_test_id("chat-notice").check()
        await page.get_by_test_id("chat-start").click()

    async def begin(self) -> Visitor:
        """Fill in the form and start; whose chat it is."""
        await self.fill_in()
        await expect(self.page.get_by_test_id("chat-place")).to_have_attribute("data-place", "1")
        newest = "select id from contact where centre_id = $1 order by arrived_at desc limit 1"
        contact_id = await self.stage.value(newest, self.stage.centre.id)
        return Visitor(self.base, self.stage, contact_id=contact_id)

    async def say(self, words: str) -> None:
        """Write and send."""
        await self.page.get_by_test_id("chat-input").fill(words)
        await self.page.get_by_test_id("chat-send").click()


@pytest.fixture(scope="module")
async def browser() -> AsyncGenerator[Browser]:
    """One Chromium for all; each test has a context of its own."""
    chromium = shutil.which("chromium")
    assert chromium is not None, "the page is tested in Chromium: apt-get install chromium"
    async with async_playwright() as play:
        opened = await play.chromium.launch(executable_path=chromium, chromium_sandbox=False)
        yield opened
        await opened.close()


@pytest.fixture
async def desk(stage: Stage, browser: Browser) -> AsyncGenerator[Desk]:
    """A phone's browser in Chinese; at the end it must have had nothing to complain of."""
    stage.now = clock.now()
    network = Network()
    async with front(stage) as base:
        page = await browser.new_page(locale="zh-CN", viewport=PHONE)
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        await page.route_web_socket("**/api/chat/live", network.route)
        await page.route(
            f"{NEUTRAL}**", lambda route: route.fulfill(body="weather", content_type="text/plain")
        )
        yield Desk(page, network, stage, base, complaints)
        await page.close()
    assert complaints == []


async def test_a_talk_from_the_form_to_the_end_over_a_bad_network(desk: Desk):
    page, stage = desk.page, desk.stage
    await desk.open()
    await page.get_by_test_id("chat-start").click()
    await expect(page.locator("#safe-fault")).not_to_be_empty()
    assert await violations(page) == []
    visitor = await desk.begin()
    await desk.network.cut()
    await says_that_the_line_is_down(page, "您的位置先为您留着")
    await desk.network.mend()
    await expect(page.get_by_test_id("chat-place")).to_be_visible()
    await desk.say("你好")
    await expect(page.locator("li.caller")).to_have_attribute("data-mark", "stored")

    counselor = await visitor.answered()
    await expect(page.get_by_test_id("chat-state")).to_have_attribute("data-state", "talking")
    await reply(visitor, counselor, "您好，我在听")
    await expect(page.locator("li.counselor .words")).to_have_text("您好，我在听")
    await message.read(stage.store, visitor.contact_id, sender="caller", up_to=1, now=clock.now())
    await expect(page.locator("li.caller")).to_have_attribute("data-mark", "read")

    await _is_cut_off_and_both_go_on_writing(desk, visitor, counselor)
    words = ["你好", "您好，我在听", "我还在", "断网时写的"]
    await expect(page.locator(".words")).to_have_text(words)

    await page.reload()
    await expect(page.locator(".words")).to_have_text(words)
    await page.locator("#language").click()
    await expect(page.get_by_test_id("chat-state")).to_have_text("Your counselor is here and listening")
    assert await violations(page) == []
    assert (await stage.contact(visitor.contact_id)).messages == len(words)

    await session.hang_up(stage.store, visitor.contact_id, counselor, clock.now())
    await expect(page.locator("#big-numbers a")).to_have_count(4)
    assert await violations(page) == []
    await page.get_by_test_id("chat-again").click()
    await expect(page.get_by_test_id("chat-start")).to_be_visible()


async def test_a_line_that_has_fallen_silent_is_found_out_by_the_words_that_nobody_answers(desk: Desk):
    page = desk.page
    await desk.open()
    visitor = await desk.begin()
    await visitor.answered()
    await expect(page.get_by_test_id("chat-state")).to_have_attribute("data-state", "talking")
    desk.network.hush()
    await desk.say("有人吗")
    async with asyncio.timeout(FOUND_OUT_SECONDS_MAX):
        await says_that_the_line_is_down(page, "同一个聊天")
    await desk.network.mend()
    await expect(page.locator("li.caller")).to_have_attribute("data-mark", "stored")


async def test_a_browser_that_knows_it_is_offline_is_believed_at_once(desk: Desk):
    await desk.open()
    await desk.begin()
    await desk.page.context.set_offline(True)
    await says_that_the_line_is_down(desk.page, "您的位置先为您留着")
    await desk.page.context.set_offline(False)
    await expect(desk.page.get_by_test_id("chat-place")).to_be_visible()


async def _is_cut_off_and_both_go_on_writing(desk: Desk, visitor: Visitor, counselor: UUID) -> None:
    page = desk.page
    await desk.network.cut()
    await says_that_the_line_is_down(page, "同一个聊天")
    assert await violations(page) == []
    await desk.say("断网时写的")
    await reply(visitor, counselor, "我还在")
    await desk.network.mend()
    await expect(page.locator("li.caller").nth(1)).to_have_attribute("data-mark", "stored")
    await expect(page.locator("#offline")).to_be_hidden()


async def test_words_that_are_too_long_stay_in_the_box_with_a_sentence(desk: Desk):
    page = desk.page
    await desk.open()
    visitor = await desk.begin()
    await desk.say("长" * 2001)
    await expect(page.locator("#input-fault")).to_contain_text("2001")
    await expect(page.get_by_test_id("chat-input")).to_have_value("长" * 2001)
    await page.evaluate("document.querySelector('#input').value = '短一些'")
    await page.get_by_test_id("chat-input").press("Enter")
    await expect(page.locator("li.caller .words")).to_have_text("短一些")
    await expect(page.locator("li.caller")).to_have_attribute("data-mark", "stored")
    assert (await desk.stage.contact(visitor.contact_id)).messages == 1


async def test_leaving_now_says_goodbye_and_leaves_nothing_behind(desk: Desk):
    page, stage = desk.page, desk.stage
    await desk.open()
    visitor = await desk.begin()
    await desk.say("我爸妈回来了")
    await expect(page.locator("li.caller")).to_have_attribute("data-mark", "stored")
    await page.get_by_test_id("chat-exit").click()
    await page.wait_for_url(NEUTRAL)
    await visitor.until_state("abandoned")
    assert "chat" not in await page.evaluate("document.title + document.body.innerText")
    await desk.open()
    await expect(page.get_by_test_id("chat-start")).to_be_visible()
    assert await page.evaluate("Object.keys(sessionStorage).length") == 0
    assert (await stage.contact(visitor.contact_id)).end_reason == "caller_left"


async def test_whoever_is_not_safe_can_start_at_once(desk: Desk):
    page, stage = desk.page, desk.stage
    await desk.open()
    await page.get_by_test_id("chat-safe-no").check()
    await expect(page.locator("#danger-text")).to_contain_text("120")
    await page.get_by_test_id("chat-start-now").click()
    await expect(page.get_by_test_id("chat-place")).to_be_visible()
    level = await stage.value("select level from contact where centre_id = $1", stage.centre.id)
    assert level == "high"


async def states(stage: Stage) -> list[str]:
    """Where every contact stands, in the order of coming."""
    async with stage.store.connection() as connection:
        query = "select state from contact where centre_id = $1 order by arrived_at"
        return [row["state"] for row in await connection.fetch(query, stage.centre.id)]


@pytest.mark.parametrize("is_reloaded", [False, True])
async def test_whoever_hears_no_answer_and_tries_again_waits_once(desk: Desk, is_reloaded: bool):
    await desk.open()
    await desk.lose_an_answer()
    await desk.fill_in()
    await expect(desk.page.locator("#form-fault")).not_to_be_empty()
    assert await states(desk.stage) == ["waiting"]
    if is_reloaded:
        await desk.page.reload()
    visitor = await desk.begin()
    assert await states(desk.stage) == ["waiting"]
    await desk.say("你好")
    await expect(desk.page.locator("li.caller")).to_have_attribute("data-mark", "stored")
    assert (await desk.stage.contact(visitor.contact_id)).messages == 1


async def test_whoever_tries_again_with_other_answers_is_heard_with_those_and_waits_once(desk: Desk):
    page, stage = desk.page, desk.stage
    await desk.open()
    await desk.lose_an_answer()
    await desk.fill_in()
    await expect(page.locator("#form-fault")).not_to_be_empty()
    await page.get_by_test_id("chat-safe-no").check()
    await page.get_by_test_id("chat-start").click()
    await expect(page.get_by_test_id("chat-place")).to_be_visible()
    newest = "select level from contact where centre_id = $1 order by arrived_at desc limit 1"
    assert await stage.value(newest, stage.centre.id) == "high"
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await states(stage) != ["abandoned", "waiting"]:  # noqa: ASYNC110  a row tells nobody
            await asyncio.sleep(0.02)
    desk.complaints[:] = [said for said in desk.complaints if "409" not in said]


async def says_that_the_line_is_down(page: Page, promise: str) -> None:
    """It claims neither a counselor nor a place, blames nobody, keeps a promise, and knows whom to call."""
    await expect(page.get_by_test_id("chat-state")).to_have_text("连接暂时中断，正在自动重新连接")
    await expect(page.get_by_test_id("chat-place")).to_be_hidden()
    await expect(page.locator("#hint")).to_contain_text(promise)
    await expect(page.locator("#hint")).to_contain_text("这不是谁的错")
    await expect(page.locator("#offline")).to_have_text(
        "如果有危险，请不要等，现在就拨打 12356、120 或 110。"
    )


async def violations(page: Page) -> list[str]:
    """What axe finds wrong for those who cannot see, or not well."""
    found = cast("list[dict[str, Any]]", (await Axe().run(page)).response["violations"])
    return [f"{each['id']}: {node['html']}" for each in found for node in each["nodes"]]


async def reply(visitor: Visitor, counselor: UUID, words: str) -> None:
    said = message.Reply(client_id=ids.new_id(), words=Sensitive(words))
    stage = visitor.stage
    await message.reply(stage.store, stage.policies, visitor.contact_id, counselor, said, clock.now())
