"""The live page in a real browser: axe finds no serious fault, in each view, on both screens, in light and dark."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.application import Application

from bandwidth_calls.emulator import Emulator, FarEnd

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from support.browser import Browser

AXE = (Path(__file__).parents[3] / "vendor" / "axe-core" / "axe.min.js").read_text()
SERIOUS = """
const done = arguments[0];
const isSerious = ({ impact }) => impact === "serious" || impact === "critical";
axe.run().then(({ passes, violations }) => done([passes.length, violations.filter(isSerious).map(
  ({ id, nodes }) => id + ": " + nodes.map((node) => node.html + " " + node.failureSummary).join("\\n"))]));
"""
MENU = (
    '<Response><StartRecording transcribe="true"/><Gather gatherUrl="/hook" maxDigits="1" repeatCount="2">'
    "<SpeakSentence>Press a key.</SpeakSentence></Gather></Response>"
)
BYE = '<Response><SpeakSentence>Bye.</SpeakSentence><StopRecording/><Pause duration="60"/></Response>'


@pytest.fixture
async def busy() -> AsyncIterator[Emulator]:
    """An emulator that has something to show in every view: calls that go well and fail, problems and faults."""
    async with (
        Application(initiate=MENU, gather=BYE, answer=500) as application,
        Emulator(moved_clock=True) as emulator,
    ):
        caller = FarEnd().hear("key").press("1").say("Good bye")
        for url, far_end in ((application.url, caller), ("http://127.0.0.1:9/", FarEnd())):
            await emulator.inbound(to="+19195554321", from_="+19195551234", url=url, far_end=far_end)
        await emulator.advance(20)
        emulator.fault("createCall", status=503)
        emulator.webhook_fault("answer", delay=2)
        yield emulator
        emulator.expect_problems()


def see(browser: Browser, view: str) -> None:
    """Go to a view, and wait until it is there."""
    if view in ("ladder", "chat"):
        browser.all("#calls a")[-1].click()
        browser.sees("state", "answered")
        if view == "chat":
            browser.press("Chat")
        else:
            browser.click(browser.all("#steps summary")[0])
            browser.press("Resend")
    elif view != "calls":
        browser.view(view.capitalize())
        browser.until(lambda: browser.one(f"#view-{view}").is_displayed())


@pytest.mark.parametrize("width", [390, 1400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_no_serious_fault(scheme: str, width: int, browser: Browser, busy: Emulator) -> None:
    """Each view passes every rule of axe whose breach is serious or critical."""

    def check(view: str) -> tuple[int, list[str]]:
        browser.driver.get("about:blank")
        browser.open(busy.page_url)
        see(browser, view)
        browser.driver.execute_script(AXE)
        passed, serious = browser.driver.execute_async_script(SERIOUS)
        return passed, serious

    with browser.screen(width), browser.scheme(scheme):
        for view in ("calls", "ladder", "chat", "requests", "faults", "problems"):
            passed, serious = await asyncio.to_thread(check, view)
            assert (serious, passed > 10) == ([], True), view
