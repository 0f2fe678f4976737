"""The live page in a real browser: how a person finds a call, and what a call shows."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from support.application import Application
from support.emulator_http import place_call
from support.page_story import MENU, THANKS, play

from bandwidth_calls.emulator import Emulator, FarEnd

if TYPE_CHECKING:
    from aiohttp import ClientSession
    from support.browser import Browser

PLAYS = """
const [selector, done] = arguments;
const audio = document.querySelector(selector);
audio.addEventListener("timeupdate", () => audio.currentTime > 0 && done(audio.duration));
audio.addEventListener("error", () => done(audio.error.message));
audio.muted = true;
audio.play();
"""


async def test_an_empty_page_tells_how_to_begin(browser: Browser, bandwidth: Emulator, http: ClientSession) -> None:
    """The environment of an application and a request for a shell stand there to be copied, until there is a call."""
    permissions = {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}

    def look() -> tuple[str, str, str]:
        browser.driver.execute_cdp_cmd("Browser.grantPermissions", permissions)
        browser.open(bandwidth.page_url)
        browser.sees("exports", "BW_TOKEN_URL")
        browser.all("#welcome button")[0].click()
        browser.hears("copied")
        copied = browser.driver.execute_async_script("navigator.clipboard.readText().then(arguments[0])")
        return browser.one("#exports").text, browser.one("#curl").text, copied

    exports, curl, copied = await asyncio.to_thread(look)
    await place_call(http, bandwidth)
    await asyncio.to_thread(browser.until, lambda: not browser.one("#welcome").is_displayed())

    assert copied == exports
    assert [line.split("=")[0] for line in exports.splitlines()] == [
        f"export BW_{name}" for name in ("ACCOUNT_ID", "CLIENT_ID", "CLIENT_SECRET", "VOICE_URL", "TOKEN_URL")
    ]
    assert curl.startswith("curl ")


async def test_a_call_is_a_ladder_and_a_chat(browser: Browser, bandwidth: Emulator) -> None:
    """The ladder has each step in its lane; the chat has the application on the left, the person on the right."""

    def look() -> tuple[dict[str, str], list[str], list[str]]:
        browser.open(f"{bandwidth.page_url}#call={call.call_id}")
        browser.sees("steps", "gathered '12'")
        rows = browser.all("#steps .what")
        lanes = {row.find_element("css selector", ".kind").text: row.get_attribute("class") or "" for row in rows}
        browser.press("Chat")
        browser.sees("chat", "Thank you.")
        left, right = ([each.text for each in browser.all(f"#chat .{side}")] for side in ("left", "right"))
        return lanes, left, right

    async with Application(initiate=MENU, gather=THANKS) as application:
        call = await play(bandwidth, application)
        lanes, left, right = await asyncio.to_thread(look)

    assert lanes["said"] == "what near by-bandwidth"
    assert lanes["pressed"] == "what near by-person"
    assert lanes["webhook gather"] == "what far by-bandwidth"
    assert (left, right) == (["Press two keys.", "Thank you."], ["12", "Bye now"])


async def test_a_recording_is_played(browser: Browser, bandwidth: Emulator) -> None:
    """Its sound plays in the browser, named for a screen reader, and its transcription stands below."""

    def listen() -> float | str:
        browser.open(f"{bandwidth.page_url}#call={call.call_id}")
        browser.sees("recordings", "Thank you. Bye now")
        seconds = browser.driver.execute_async_script(PLAYS, "#recordings audio")
        return seconds if isinstance(seconds, str) else float(seconds)

    async with Application(initiate=MENU, gather=THANKS) as application:
        call = await play(bandwidth, application)
        seconds = await asyncio.to_thread(listen)

    assert f"{seconds:.1f} s, complete" in browser.one("#recordings").text
    assert browser.one("#recordings audio").accessible_name.startswith("Recording r-")


async def test_a_search_survives_a_reload(browser: Browser, bandwidth: Emulator, http: ClientSession) -> None:
    """What was searched for and the call that was chosen are in the URL, so that a link leads to both."""
    for number in range(20):
        await place_call(http, bandwidth, to=f"+191955512{number:02}", tag=f"tag {number}")

    def search() -> list[str]:
        browser.open(bandwidth.page_url)
        browser.write(browser.one("#text"), "tag 7")
        browser.counts("#calls li", 1)
        browser.one("#calls a").click()
        browser.sees("about", "tag 7")
        browser.driver.refresh()
        browser.sees("about", "tag 7")
        browser.counts("#calls li", 1)
        return [browser.one("#text").get_attribute("value") or "", browser.one("#calls").text]

    text, found = await asyncio.to_thread(search)

    assert text == "tag 7"
    assert "+19195551207" in found


async def test_calls_are_filtered(browser: Browser, bandwidth: Emulator, http: ClientSession) -> None:
    """By state, by cause and by problems; failed calls are marked and say why. A line says when none fits."""
    bandwidth.far_end("+19195555678", FarEnd().busy())
    async with Application(answer=500) as application:
        await place_call(http, bandwidth, answerUrl=application.url, tag="troubled")
        await place_call(http, bandwidth, to="+19195555678", tag="busy")
        await bandwidth.run_until_idle()
    await place_call(http, bandwidth, tag="queued")

    def choose(selector: str, text: str) -> list[str]:
        browser.open(f"{bandwidth.page_url}#")
        browser.driver.refresh()
        browser.counts("#calls li", 3)
        browser.one(selector).click() if not text else browser.one(selector).send_keys(text)
        browser.until(lambda: len(browser.all("#calls li")) < 3)
        return [row.text for row in browser.all("#calls a")]

    (queued,) = await asyncio.to_thread(choose, "#by-state", "queued")
    (busy,) = await asyncio.to_thread(choose, "#by-cause", "busy")
    failed = browser.all("#calls a.failed")
    (troubled,) = await asyncio.to_thread(choose, "#by-problems", "")
    none = await asyncio.to_thread(choose, "#by-cause", "rejected")

    assert ("queued" in queued, "busy" in busy, "troubled" in troubled, none) == (True, True, True, [])
    assert len(failed) == 1
    assert browser.one("#older-calls").text == "no call fits"


async def test_past_calls_are_listed(browser: Browser) -> None:
    """Calls that ended before the emulator started stand there with their days, and say that they have no steps."""

    def look() -> str:
        browser.open(emulator.page_url)
        browser.counts("#calls a", 50)
        browser.all("#calls a")[0].click()
        browser.sees("call-title", "before the emulator started")
        return browser.all("#calls a")[0].text

    async with Emulator(calls=50) as emulator:
        row = await asyncio.to_thread(look)

    assert "disconnected" in row


async def test_a_tap_leads_to_a_call_on_a_phone(browser: Browser, bandwidth: Emulator, http: ClientSession) -> None:
    """A narrow screen shows the list or the call, with a link back."""
    call_id = await place_call(http, bandwidth)

    def tap() -> None:
        with browser.screen(390):
            browser.open(bandwidth.page_url)
            browser.until(lambda: browser.all("#calls a"))[0].click()
            browser.sees("about", call_id)
            assert not browser.one("#calls").is_displayed()
            browser.one("#back").click()
            browser.until(lambda: browser.one("#calls").is_displayed())
            assert not browser.one("#view-call").is_displayed()

    await asyncio.to_thread(tap)

    assert call_id not in browser.driver.current_url


async def test_one_of_thousands_is_found(browser: Browser, bandwidth: Emulator) -> None:
    """Of 5,000 calls the page draws 200, and a search finds the oldest."""

    def search() -> tuple[int, str]:
        browser.open(bandwidth.page_url)
        browser.sees("older-calls", "4800 older ones are not shown")
        drawn = len(browser.all("#calls li"))
        browser.write(browser.one("#text"), "+19190000000")
        browser.counts("#calls li", 1)
        return drawn, browser.one("#calls").text

    for number in range(5_000):
        await bandwidth.inbound(to="+19195554321", from_=f"+1919{number:07}", url="http://127.0.0.1:9/hook")
    drawn, found = await asyncio.to_thread(search)

    assert (drawn, "+19190000000" in found) == (200, True)
    bandwidth.expect_problems()
