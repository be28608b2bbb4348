"""The page with the telephone on it, in a real browser."""

import shutil
from collections.abc import AsyncIterator

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, async_playwright, expect

from tests.practice.people import Phone, Product

pytestmark = pytest.mark.browser


@pytest.fixture
async def page(exchange: str, phone: Phone) -> AsyncIterator[Page]:
    """The page, in Chinese; at the end the browser must have had nothing to complain of."""
    chromium = shutil.which("chromium")
    assert chromium is not None, "the page is tested in Chromium: apt-get install chromium"
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=chromium)
        opened = await browser.new_page(locale="zh-CN")
        complaints: list[str] = []
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        opened.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        await opened.goto(exchange)
        yield opened
        await browser.close()
        assert complaints == []


async def test_a_caller_dials_presses_a_key_and_hangs_up(page: Page, product: Product):
    product.says(
        arrive='<Gather numDigits="1" timeout="500" action="/digits"><Say>您好，请按键</Say></Gather>',
        digits="<Say>请稍候</Say><Pause length='900'/>",
    )
    await page.get_by_role("button", name="拨打").click()
    card = page.get_by_role("article")
    await expect(card.locator(".now")).to_have_text("“您好，请按键”")
    await card.get_by_role("button", name="5", exact=True).click()
    await expect(card.locator(".transcript")).to_contain_text("请稍候")
    assert product.at("digits", Digits="5")
    assert (await Axe().run(page)).violations_count == 0
    await card.get_by_role("button", name="挂断").click()
    await expect(card.locator(".state")).to_have_text("已结束")
    await page.get_by_role("button", name="English").click()
    await expect(card.locator(".state")).to_have_text("ended")
