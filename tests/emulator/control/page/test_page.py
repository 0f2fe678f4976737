"""The live page in a real browser: what a person does with it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select
from support.application import Application
from support.emulator_http import CALL, place, place_call
from support.page_story import GATHER, LONG

from bandwidth_calls.emulator import Emulator

if TYPE_CHECKING:
    from aiohttp import ClientSession
    from support.browser import Browser

# Replies of `fetch` wait in `held` until they are released.
HOLD_FETCHES = """
window.held = [];
const fetched = window.fetch;
window.fetch = async (...request) => {
  const reply = await fetched(...request);
  await new Promise((release) => held.push(release));
  window.fetch = fetched;
  return reply;
};
"""


async def test_a_call_is_played_by_clicks(browser: Browser, played: Emulator) -> None:
    """Call the application, press a key when it asks, and hang up."""

    def click_through() -> None:
        browser.open(played.page_url)
        browser.call_in(application.url)
        browser.sees("calls", "answered")
        browser.press("1")
        browser.sees("steps", "gathered '1'")
        browser.press("Hang up")
        browser.sees("state", "disconnected")

    async with Application(initiate=GATHER, gather=LONG) as application:
        await asyncio.to_thread(click_through)

    (call,) = played.calls
    assert (call.disconnect_cause, application.told("gather")[0]["digits"]) == ("hangup", "1")


async def test_a_webhook_is_opened(browser: Browser, played: Emulator) -> None:
    """An opened webhook shows its event and its reply."""

    def look() -> list[str]:
        browser.open(played.page_url)
        browser.call_in(application.url)
        browser.until(lambda: browser.all("#steps summary"))
        browser.all("#steps summary")[0].click()
        return [element.text for element in browser.until(lambda: browser.all("#steps details[open] pre"))]

    async with Application(initiate=LONG) as application:
        event, reply = await asyncio.to_thread(look)

    assert '"eventType": "initiate"' in event
    assert reply.split("\n  ")[1] == "<SpeakSentence>Thank you.</SpeakSentence>"


async def test_a_call_is_played_with_the_keyboard_alone(browser: Browser, played: Emulator) -> None:
    """Every control is reached by Tab, works by Enter or Space, and keeps its focus while steps come in."""

    def type_through() -> None:
        browser.open(played.page_url)
        browser.tab_to("#url").send_keys(application.url, Keys.TAB)
        browser.driver.switch_to.active_element.send_keys(Keys.ENTER)
        browser.sees("state", "answered")
        browser.tab_to("#calls a").send_keys(Keys.ENTER)
        browser.tab_to("#keypad button").send_keys(Keys.SPACE)
        browser.sees("steps", "gathered '1'")
        assert browser.is_focused(browser.all("#keypad button")[0])
        browser.tab_to("#words").send_keys("Good bye", Keys.ENTER)
        browser.sees("steps", "far end said Good bye")
        browser.tab_to("#hang-up").send_keys(Keys.ENTER)
        browser.sees("state", "disconnected")

    async with Application(initiate=GATHER, gather=LONG) as application:
        await asyncio.to_thread(type_through)

    assert "far end said: Good bye" in played.calls[0].transcript()


async def test_the_focus_stays_while_calls_come_in(browser: Browser, emulator: Emulator, http: ClientSession) -> None:
    """The row that has the focus keeps it when another call comes in."""
    await place_call(http, emulator)
    await asyncio.to_thread(browser.open, emulator.page_url)
    row = await asyncio.to_thread(browser.tab_to, "#calls a")

    await place_call(http, emulator)

    await asyncio.to_thread(browser.until, lambda: len(browser.all("#calls a")) == 2)
    assert browser.is_focused(row)


async def test_the_call_chosen_last_is_shown(browser: Browser, emulator: Emulator, http: ClientSession) -> None:
    """The second of two quick clicks counts."""
    ids = [await place_call(http, emulator) for _ in range(2)]

    def choose_both() -> None:
        browser.open(emulator.page_url)
        browser.driver.execute_script("document.querySelectorAll('#calls a').forEach((row) => row.click())")
        browser.sees("about", ids[0])

    await asyncio.to_thread(choose_both)

    assert browser.one("[aria-current=true]") == browser.all("#calls a")[-1]


async def test_a_fault_is_asked_for_and_shown(browser: Browser, played: Emulator, http: ClientSession) -> None:
    """The request that a fault hits is shown with the fault."""

    def ask_for_it() -> None:
        browser.open(played.page_url)
        browser.view("Faults")
        Select(browser.one("#operation")).select_by_visible_text("createCall")
        Select(browser.one("#status")).select_by_visible_text("429")
        browser.press("Arm the fault")
        browser.hears("createCall")

    await asyncio.to_thread(ask_for_it)
    reply = await place(http, played)

    await asyncio.to_thread(browser.view, "Requests")
    await asyncio.to_thread(browser.sees, "requests", "createCall 429 \u26a0 fault: status 429")
    assert reply.status == 429


async def test_a_clock_that_stands_still_is_advanced(browser: Browser, http: ClientSession) -> None:
    """The page of an emulator with a moved clock has buttons to move it."""

    def advance() -> None:
        browser.open(emulator.page_url)
        browser.all("#calls a")[0].click()
        browser.sees("state", "queued")
        browser.press("Advance")
        browser.sees("state", "answered")
        browser.press("Run until idle")
        browser.sees("state", "disconnected")

    async with Application(answer=LONG) as application, Emulator(moved_clock=True) as emulator:
        await place_call(http, emulator, **{**CALL, "answerUrl": application.url})
        await asyncio.to_thread(advance)

    assert application.types == ["answer"]


async def test_a_clock_that_runs_cannot_be_advanced(browser: Browser, played: Emulator) -> None:
    """The page of an emulator whose clock runs has no buttons to move it."""
    await asyncio.to_thread(browser.open, played.page_url)

    assert not browser.one("#clock").is_displayed()


async def test_what_is_refused_is_told(browser: Browser, played: Emulator) -> None:
    """The reason of a refusal is an alert, which goes when something works."""

    def ask_for_nonsense() -> None:
        browser.open(played.page_url)
        browser.press("Inbound call")
        browser.sees("trouble", "url: set it here")
        browser.view("Faults")
        browser.press("Arm the fault")
        browser.until(lambda: not browser.one("#trouble").is_displayed())

    await asyncio.to_thread(ask_for_nonsense)

    assert browser.one("#trouble").get_attribute("role") == "alert"


async def test_problems_are_shown(browser: Browser, played: Emulator) -> None:
    """The page lists the problems, and counts them at the top."""

    def look() -> None:
        browser.open(played.page_url)
        browser.call_in(application.url)
        browser.sees("problem-count", "1")
        browser.view("Problems")
        browser.sees("problems", "-> 500")

    async with Application(initiate=500) as application:
        await asyncio.to_thread(look)

    assert len(played.problems) == 1


async def test_a_reset_empties_the_page(browser: Browser, played: Emulator) -> None:
    """A reset empties the lists, and hides the call that was shown."""

    def look() -> None:
        browser.open(played.page_url)
        browser.call_in(application.url)
        browser.sees("state", "answered")

    async with Application(initiate=LONG) as application:
        await asyncio.to_thread(look)

        played.reset()

        await asyncio.to_thread(browser.sees, "welcome-title", "No call yet")
        # The page may learn that its call is gone before it learns that all calls are.
        await asyncio.to_thread(browser.until, lambda: browser.all("#calls li") == [])


async def test_a_reset_counts_while_the_page_reads_a_call(
    browser: Browser, emulator: Emulator, http: ClientSession
) -> None:
    """A call is hidden though the reply that still shows it comes after the reset."""
    await place_call(http, emulator)

    def choose() -> None:
        browser.open(emulator.page_url)
        browser.driver.execute_script(HOLD_FETCHES)
        browser.all("#calls a")[0].click()
        browser.until(lambda: browser.driver.execute_script("return held.length"))

    await asyncio.to_thread(choose)
    emulator.reset()
    await asyncio.to_thread(browser.until, lambda: browser.all("#calls li") == [])

    await asyncio.to_thread(browser.driver.execute_script, "held[0]()")

    await asyncio.to_thread(browser.until, lambda: not browser.one("#call").is_displayed())
