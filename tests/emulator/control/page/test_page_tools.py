"""The live page in a real browser: its tools for an application that is being written."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select
from support.application import Application
from support.emulator_http import place
from support.page_story import GATHER, LONG
from support.pytester_runs import run_pytest

from bandwidth_calls.emulator import Emulator

if TYPE_CHECKING:
    from typing import Any

    from aiohttp import ClientSession
    from support.browser import Browser

pytest_plugins = ("pytester",)


def chosen(event: dict[str, Any]) -> str:
    """Say which key was pressed."""
    return f"<Response><SpeakSentence>You chose {event['digits']}.</SpeakSentence><Pause duration='60'/></Response>"


async def test_a_webhook_is_edited_and_resent(browser: Browser, played: Emulator) -> None:
    """The old and the new reply stand side by side, and the step says that it is no part of the call."""

    def edit() -> list[str]:
        browser.open(played.page_url)
        browser.call_in(application.url)
        browser.sees("steps", "Press 1.")
        browser.press("1")
        browser.sees("steps", "You chose 1.")
        browser.click(browser.all("#steps summary")[-1])
        browser.press("Resend")
        event = browser.one("textarea")
        browser.write(event, (event.get_attribute("value") or "").replace('"digits": "1"', '"digits": "2"'))
        browser.press("Send again")
        browser.until(lambda: browser.all(".pair pre"))
        browser.sees("steps", "no part of the call")
        return [element.text for element in browser.all(".pair pre")]

    async with Application(initiate=GATHER, gather=chosen) as application:
        old, new = await asyncio.to_thread(edit)

    assert ("You chose 1." in old, "You chose 2." in new) == (True, True)
    assert [event["digits"] for event in application.told("gather")] == ["1", "2"]


async def test_an_event_that_is_no_json_is_not_resent(browser: Browser, played: Emulator) -> None:
    """The page says what is wrong with it."""

    def edit() -> None:
        browser.open(played.page_url)
        browser.call_in(application.url)
        browser.click(browser.until(lambda: browser.all("#steps summary"))[0])
        browser.press("Resend")
        browser.write(browser.one("textarea"), "{")
        browser.press("Send again")
        browser.sees("trouble", "The event is no JSON")

    async with Application(initiate=LONG) as application:
        await asyncio.to_thread(edit)

    assert application.types == ["initiate"]


async def test_an_armed_fault_is_cancelled(browser: Browser, played: Emulator, http: ClientSession) -> None:
    """Faults of requests and of webhooks are listed and counted until they are cancelled."""

    def arm_and_cancel() -> tuple[str, str]:
        browser.open(played.page_url)
        browser.view("Faults")
        Select(browser.one("#operation")).select_by_visible_text("createCall")
        browser.press("Arm the fault")
        browser.one("#webhook-delay").send_keys("2.5")
        browser.press("Arm the webhook fault")
        browser.sees("fault-count", "2")
        armed = browser.one("#faults").text
        for left in (1, 0):
            browser.click(browser.all("#faults button")[0])
            browser.counts("#faults li", left)
        return armed, browser.one("#no-faults").text

    armed, none = await asyncio.to_thread(arm_and_cancel)
    reply = await place(http, played)

    assert ("request: operation createCall" in armed, "webhook: delay 2.5" in armed) == (True, True)
    assert (none, reply.status) == ("none", 201)


async def test_a_problem_leads_to_its_step(browser: Browser, played: Emulator) -> None:
    """A problem that came twice is one card with its count and a remedy; its link shows the step."""

    def follow() -> str:
        browser.open(played.page_url)
        browser.call_in(application.url)
        browser.sees("problem-count", "1")
        browser.press("Inbound call")
        browser.sees("problem-count", "2")
        browser.view("Problems")
        card = browser.one("#problems li").text
        browser.one("#problems a").click()
        browser.until(lambda: browser.all("#steps .marked"))
        return card

    async with Application(initiate=500) as application:
        card = await asyncio.to_thread(follow)

    assert ("-> 500" in card, "2 times" in card, "See the log of your application." in card) == (True, True, True)
    assert "webhook initiate" in browser.one("#steps .marked").text
    assert "call=" in browser.driver.current_url


async def test_a_call_by_clicks_becomes_a_test(browser: Browser, played: Emulator, pytester: pytest.Pytester) -> None:
    """The exported test presses what was clicked, expects what was heard, and passes."""

    def click_through() -> str:
        browser.open(played.page_url)
        browser.call_in(application.url)
        browser.sees("steps", "Press 1.")
        browser.press("7")
        browser.sees("steps", "said You chose 7.")
        browser.press("Hang up")
        browser.sees("state", "disconnected")
        browser.press("Export as a test")
        browser.sees("test", "bandwidth_emulator")
        return browser.one("#test").text

    async with Application(initiate=GATHER, gather=chosen) as application:
        text = await asyncio.to_thread(click_through)
        result = await asyncio.to_thread(run_pytest, pytester, text, "--asyncio-mode=strict")

    assert (".press('7'" in text, "call.assert_heard('You chose 7.')" in text) == (True, True)
    result.assert_outcomes(passed=1)


async def test_why_a_call_is_not_exported(browser: Browser, played: Emulator) -> None:
    """A call that was not answered is refused in words."""

    def ask_for_it() -> None:
        browser.open(played.page_url)
        browser.call_in(application.url)
        browser.sees("state", "disconnected")
        browser.press("Export as a test")
        browser.sees("trouble", "the call was not answered")

    async with Application(initiate=500) as application:
        await asyncio.to_thread(ask_for_it)

    assert not browser.one("#exported").is_displayed()


async def test_keys_are_pressed_on_the_keyboard(browser: Browser, played: Emulator) -> None:
    """A key goes to the call unless somebody writes into a field; the phone goes with the call."""

    def type_through() -> None:
        browser.open(played.page_url)
        browser.call_in(application.url)
        browser.sees("steps", "Press 1.")
        browser.one("#words").send_keys("3")
        browser.one("#call-title").click()
        browser.driver.switch_to.active_element.send_keys("5")
        browser.sees("steps", "You chose 5.")
        browser.press("Hang up")
        browser.until(lambda: not browser.one("#phone").is_displayed())

    async with Application(initiate=GATHER, gather=chosen) as application:
        await asyncio.to_thread(type_through)

    (gathered,) = application.told("gather")
    assert gathered["digits"] == "5"
    assert browser.driver.find_element(By.ID, "words").get_attribute("value") == "3"
