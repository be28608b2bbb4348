"""The main job as people see it: a call and a chat reach a counselor, and danger reaches a crisis team."""

import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from hotline.base import clock
from hotline.base.places import console_dist
from hotline.base.sensitive import Sensitive
from hotline.domain.staff import Role
from hotline.flow import safety_plan
from hotline.store.unit import Store
from tests import people
from tests.flow.aftercare import DRAFT, finish
from tests.flow.calls import Call
from tests.patience import PATIENCE_SECONDS
from tests.processes import House, keys_of, standing
from tests.stage import Stage

expect.set_options(timeout=1000 * PATIENCE_SECONDS)
pytestmark = [pytest.mark.browser, pytest.mark.timeout(360)]

CHROMIUM = os.environ.get("HOTLINE_CHROMIUM", "/usr/bin/chromium")
QUIET = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-gpu",
]
CALLER = Sensitive("+8613800000001")
DANGER = "我已经吃了一瓶安眠药，不想活了"
SCREENS = os.environ.get("HOTLINE_SCREENS")
"""A folder for pictures of what was seen; none are taken without it."""


@pytest_asyncio.fixture
async def browser() -> AsyncGenerator[Browser]:
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(
            executable_path=CHROMIUM, chromium_sandbox=False, args=QUIET
        )
        yield launched
        await launched.close()


@asynccontextmanager
async def person(browser: Browser, house: House, login: str, locale: str) -> AsyncGenerator[Page]:
    """Somebody signed in at the console, in their language."""
    context: BrowserContext = await browser.new_context(
        locale=locale, viewport={"width": 1440, "height": 900}
    )
    page = await context.new_page()
    await page.goto(house.base)
    await page.get_by_test_id("login-name").fill(login)
    await page.get_by_test_id("login-password").fill(people.PASSWORD)
    await page.get_by_test_id("sign-in").click()
    await expect(page.get_by_test_id("signed-in-name")).to_be_visible()
    try:
        yield page
    except BaseException:
        await picture(page, f"failed-{login}")
        raise
    finally:
        await context.close()


async def picture(page: Page, name: str) -> None:
    if SCREENS:
        await page.screenshot(path=f"{SCREENS}/{name}.png")


async def wrap_up(page: Page) -> None:
    """Note the screening, complete the record, close it."""
    await page.get_by_test_id("screening-asked_denied").click()
    await page.get_by_test_id("screening-save").click()
    await expect(page.get_by_test_id("screening-done")).to_be_visible()
    await page.get_by_test_id("disposition-counselling").click()
    await page.get_by_test_id("outcome-calmer").click()
    await picture(page, "record")
    await page.get_by_test_id("close-contact").click()
    await expect(page.get_by_test_id("contact-desk")).to_be_hidden()


@pytest_asyncio.fixture
async def house(stage: Stage, database_url: str, tmp_path: Path) -> AsyncGenerator[House]:
    assert console_dist() is not None, "The console is not built; run scripts/console."
    made = House(
        url=database_url, keys=keys_of(stage.store.vault), home=tmp_path, number=stage.voice_line.address
    )
    async with standing(made) as running:
        yield running


async def login(store: Store, stage: Stage, name: str, *roles: Role) -> str:
    return await people.give_password(store, await stage.hire(name, *roles))


async def has_a_plan_since_yesterday(stage: Stage) -> None:
    """The caller has talked to somebody else before, who wrote down what helps."""
    stage.now = clock.now() - timedelta(days=1)
    counselor = await stage.hire("qian", ready=True)
    call = await Call.talks(stage, counselor, CALLER)
    await safety_plan.save(stage.store, stage.policies, call.contact_id, counselor, DRAFT, stage.now)
    session_id = await stage.value("select id from session where contact_id = $1", call.contact_id)
    await call.ends()
    await call.ends(call.counselor)
    await finish(stage, counselor, call.contact_id, session_id)
    assert (await stage.contact(call.contact_id)).state == "closed"
    stage.now = clock.now()


async def times_the_plan(page: Page) -> None:
    """By the page's clock: from the click that takes the offer until the plan stands on the screen."""
    await page.evaluate(
        """() => {
          document.addEventListener("click", (event) => {
            if (event.target.closest("[data-testid=offer-accept]")) window.takenAt = performance.now();
          }, true);
          new MutationObserver(() => {
            if (document.querySelector("[data-testid=plan-shown]")) window.shownAt ??= performance.now();
          }).observe(document.body, { subtree: true, childList: true });
        }"""
    )


async def knows_the_plan(page: Page) -> None:
    """What was agreed with the caller is read without a key being pressed; says after how long."""
    await expect(page.get_by_test_id("plan-shown")).to_contain_text("姐姐")
    await expect(page.get_by_test_id("plan-shown")).to_be_in_viewport()
    await expect(page.get_by_test_id("earlier")).to_have_count(1)
    took_ms = await page.evaluate("() => window.shownAt - window.takenAt")
    sys.stdout.write(f"\nthe last plan was shown {took_ms:.0f} ms after the offer was taken\n")


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
async def test_a_caller_of_yesterday_rings_is_taken_known_talked_to_and_closed(
    stage: Stage, store: Store, house: House, browser: Browser, locale: str
) -> None:
    await has_a_plan_since_yesterday(stage)
    name = await login(store, stage, "lin")
    async with (
        person(browser, house, name, locale) as page,
        httpx2.AsyncClient(base_url=house.exchange, timeout=60) as exchange,
    ):
        await page.get_by_test_id("presence-ready").click()
        await expect(page.get_by_test_id("presence-state")).to_have_attribute("data-state", "ready")
        call = (
            await exchange.post("/practice/calls", json={"from": CALLER.reveal(), "to": house.number})
        ).json()
        pressed = await exchange.post(
            f"/practice/calls/{call['sid']}/digits", json={"digits": "1", "seconds": PATIENCE_SECONDS}
        )
        assert pressed.is_success, pressed.text
        await expect(page.get_by_test_id("offer-dialog")).to_be_visible()
        await picture(page, f"offer-{locale}")
        await times_the_plan(page)
        await page.get_by_test_id("offer-accept").click()
        await expect(page.get_by_test_id("call-panel")).to_have_attribute("data-phone", "talking")
        talk = await exchange.get(
            f"/practice/calls/{call['sid']}", params={"heard": "counselor", "seconds": PATIENCE_SECONDS}
        )
        assert talk.is_success
        await knows_the_plan(page)
        await picture(page, f"talk-{locale}")
        await page.get_by_test_id("hang-up").click()
        await page.get_by_test_id("hang-up-confirm").click()
        over = await exchange.get(
            f"/practice/calls/{call['sid']}", params={"status": "completed", "seconds": PATIENCE_SECONDS}
        )
        assert over.is_success
        await wrap_up(page)
    states = "select array_agg(state) from contact where centre_id = $1"
    assert await stage.value(states, stage.centre.id) == ["closed", "closed"]


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
async def test_a_crisis_in_a_chat_is_flagged_and_acknowledged(
    stage: Stage, store: Store, house: House, browser: Browser, locale: str
) -> None:
    counselor = await login(store, stage, "lin")
    supervisor = await login(store, stage, "su", Role.SUPERVISOR)
    responder = await login(store, stage, "rao", Role.RESPONDER)
    stage.now = clock.now()  # the workers are running: a chat of yesterday would be swept as left
    ordinary = await stage.chat()
    async with (
        person(browser, house, supervisor, locale) as board,
        person(browser, house, responder, locale) as crisis,
    ):
        await expect(board.get_by_test_id("board-waiting")).to_have_count(1)
        seeker = await (await browser.new_context(locale=locale)).new_page()
        await seeker.goto(f"{house.base}/chat/{stage.chat_line.address}")
        await seeker.get_by_test_id("chat-safe-unsure").click()
        await seeker.get_by_test_id("chat-notice").click()
        await picture(seeker, f"chat-form-{locale}")
        await seeker.get_by_test_id("chat-start").click()
        await seeker.get_by_test_id("chat-input").fill(DANGER)
        await seeker.get_by_test_id("chat-send").click()
        first = board.get_by_test_id("board-waiting").first
        await expect(first).to_have_attribute("data-level", "imminent")
        assert await first.get_attribute("data-contact") != str(ordinary.id)
        await expect(crisis.get_by_test_id("escalation")).to_be_visible()
        await picture(board, f"board-{locale}")
        await picture(crisis, f"escalation-{locale}")
        await crisis.get_by_test_id("escalation-acknowledge").click()
        await expect(crisis.get_by_test_id("escalation")).to_have_attribute("data-state", "acknowledged")
        async with person(browser, house, counselor, locale) as desk:
            await desk.get_by_test_id("presence-ready").click()
            await desk.get_by_test_id("offer-accept").click()
            await expect(desk.get_by_test_id("message").first).to_contain_text(DANGER)
            await expect(desk.get_by_test_id("marked-words").first).to_be_visible()
            await desk.get_by_test_id("chat-input").fill("我在这里。")
            await desk.get_by_test_id("chat-send").click()
            await expect(seeker.get_by_test_id("chat-messages")).to_contain_text("我在这里。")
            await picture(desk, f"chat-{locale}")
            await _fits_on_a_telephone(desk, locale)
            await picture(seeker, f"seeker-{locale}")


async def _fits_on_a_telephone(desk: Page, locale: str) -> None:
    """The talk and the line to write in, without scrolling."""
    await desk.set_viewport_size({"width": 360, "height": 740})
    await expect(desk.get_by_test_id("message").first).to_be_in_viewport(ratio=1)
    await expect(desk.get_by_test_id("chat-input")).to_be_in_viewport(ratio=1)
    await picture(desk, f"chat-small-{locale}")
