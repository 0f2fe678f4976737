"""The live page in a real browser: how it looks, whatever it has to show."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any

import pytest
from selenium.webdriver.common.keys import Keys
from support.application import Application
from support.emulator_http import place_call

from bandwidth_calls.emulator import Emulator

if TYPE_CHECKING:
    from aiohttp import ClientSession
    from support.browser import Browser


@pytest.mark.parametrize("width", [360, 1280])
async def test_nothing_is_wider_than_the_screen(width: int, browser: Browser, http: ClientSession) -> None:
    """Nothing is wider than a phone's screen either, however long the words are."""

    def measure() -> tuple[int, int]:
        with browser.screen(width):
            browser.open(emulator.page_url)
            browser.press("Inbound call")
            browser.sees("steps", "w" * 20)
            browser.all("#steps summary")[0].click()
            browser.view("Requests")
            browser.sees("requests", "x" * 100)
            sizes = browser.driver.execute_script("return [document.documentElement.scrollWidth, innerWidth]")
            return int(sizes[0]), int(sizes[1])

    long = f"<Response><SpeakSentence>{'w' * 500}</SpeakSentence><Pause duration='60'/></Response>"
    async with Application(initiate=long) as application, Emulator(speed=100, inbound_url=application.url) as emulator:
        await http.get(f"{emulator.base_url}/{'x' * 500}")
        content, screen = await asyncio.to_thread(measure)

    assert content <= screen
    assert screen == width


async def test_text_is_never_markup(browser: Browser, http: ClientSession) -> None:
    """A caller, a tag, words, a webhook's body, a path and a problem are shown as they are written."""
    mark = "<b>bold</b><img src=x onerror=alert(1)>"

    def look() -> str:
        browser.open(emulator.page_url)
        browser.until(lambda: browser.all("#calls a"))
        browser.all("#calls a")[0].click()
        browser.sees("steps", "said")
        browser.all("#steps summary")[-1].click()
        shown = browser.one("main").text
        for name in ("Problems", "Requests"):
            browser.view(name)
            browser.sees(f"view-{name.lower()}", mark)
            shown += browser.one("main").text
        assert browser.all("main b, main img") == []
        return shown

    said = f"<Response><SpeakSentence><![CDATA[{mark}]]></SpeakSentence><Pause duration='600'/></Response>"
    async with Application(initiate=said) as application, Emulator(speed=100) as emulator:
        await emulator.inbound(to="+19195554321", from_=mark, url=f"http://localhost:1/problem {mark}")
        call = await emulator.inbound(to="+19195554321", from_=mark, url=application.url)
        call.tag = f"tag {mark}"
        await http.get(emulator.base_url)
        emulator.requests[0].path = f"/path {mark}"  # no client would send it as it is
        shown = await asyncio.to_thread(look)

    for place in (f"{mark} \u2192 +19195554321", f"tag {mark}", f"said {mark}", f"problem {mark}", f"/path {mark}"):
        assert place in shown
    assert f'"from": "{mark}"' in shown


async def test_long_lists_show_the_newest(browser: Browser, http: ClientSession) -> None:
    """The newest call is at the top, and a line counts those that are not shown."""
    async with Emulator(no_webhooks=True) as emulator:
        for number in range(203):
            await place_call(http, emulator, tag=f"number {number}")

        await asyncio.to_thread(browser.open, emulator.page_url)

        rows = browser.all("#calls a")
        assert (len(rows), "number 202" in rows[0].text) == (200, True)
        assert browser.one("#older-calls").text == "3 older ones are not shown"
        await asyncio.to_thread(browser.view, "Requests")
        assert browser.one("#older-requests").text == "3 older ones are not shown"


PLACES = """
const controls = "nav a, #call-title, #state, #tools button, #keypad button, #words, #hang-up";
const place = (each) => JSON.stringify(each.getBoundingClientRect());
return [...document.querySelectorAll(controls)].map((each) => each.textContent.trim() + " " + place(each));
"""


@pytest.mark.parametrize("width", [390, 1400])
async def test_nothing_jumps_while_calls_run(width: int, browser: Browser) -> None:
    """No control moves under the finger: not for a step, another call, a fault or a problem."""

    def look() -> list[str]:
        browser.open(f"{emulator.page_url}#call={call.call_id}")
        browser.sees("state", "answered")
        return places()

    def places() -> list[str]:
        return [re.sub(r"^(Faults|Problems) ?\d*", r"\1", each) for each in browser.driver.execute_script(PLACES)]

    talks = f"<Response>{'<SpeakSentence>And so on.</SpeakSentence>' * 60}<Pause duration='600'/></Response>"
    numbers = {"to": "+19195554321", "from_": "+19195551234"}
    async with Application(initiate=talks) as application, Emulator(moved_clock=True) as emulator:
        call = await emulator.inbound(to=numbers["to"], from_=numbers["from_"], url=application.url)
        await emulator.advance(1)
        with browser.screen(width):
            before = await asyncio.to_thread(look)
            emulator.fault("createCall", status=503)
            await emulator.inbound(to=numbers["to"], from_=numbers["from_"], url="http://127.0.0.1:9/")
            await emulator.advance(120)
            await asyncio.to_thread(browser.sees, "problem-count", "1")
            await asyncio.to_thread(browser.until, lambda: len(browser.all("#steps li")) > 60)
            after = await asyncio.to_thread(places)

    assert after == before


async def test_the_phone_hides_nothing_that_has_the_focus(browser: Browser) -> None:
    """The step that Tab leads to is scrolled to where the phone does not cover it (WCAG 2.4.11)."""
    more = '<Response><SpeakSentence>Hello.</SpeakSentence><Redirect redirectUrl="/hook"/></Response>'
    replies = [more] * 30

    def redirect(_: dict[str, Any]) -> str:
        return replies.pop() if replies else "<Response><Pause duration='600'/></Response>"

    def walk() -> bool:
        browser.open(f"{emulator.page_url}#call={call.call_id}")
        browser.counts("#steps summary", 32)
        browser.tab_to("#export")
        for _ in range(32):
            browser.driver.switch_to.active_element.send_keys(Keys.TAB)
            focused, phone = browser.driver.switch_to.active_element.rect, browser.one("#phone").rect
            if focused["y"] + focused["height"] > phone["y"]:
                return False
        return browser.is_focused(browser.all("#steps summary")[-1])

    async with Application(initiate=more, redirect=redirect) as application, Emulator(moved_clock=True) as emulator:
        call = await emulator.inbound(to="+19195554321", from_="+19195551234", url=application.url)
        await emulator.advance(300)
        assert await asyncio.to_thread(walk)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_text_can_be_read_in_light_and_dark(scheme: str, browser: Browser, emulator: Emulator) -> None:
    """The page follows the system, and its text stands out at least 4.5 to 1 (WCAG 1.4.3)."""
    with browser.scheme(scheme):
        await asyncio.to_thread(browser.open, emulator.page_url)
        style = "const s = getComputedStyle(document.body); return arguments[0].map(n => s.getPropertyValue(n))"
        names = ["--ground", "--card", "--text", "--faint", "--accent", "--good", "--bad", "--wait", "--person"]
        ground, card, *texts = browser.driver.execute_script(style, names)

    assert (luminance(ground) < 0.5) == (scheme == "dark")
    for text in texts:
        lighter, darker = sorted([luminance(text), luminance(card)], reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5, text


def luminance(color: str) -> float:
    """Return the relative luminance of `#rrggbb` or `#rgb`, as WCAG defines it."""
    digits = color.strip().removeprefix("#")
    digits = digits if len(digits) == 6 else "".join(2 * digit for digit in digits)
    red, green, blue = (int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4))
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (red, green, blue)]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
