"""A real browser: Debian's chromium and chromium-driver."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

import pytest
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from selenium.webdriver.remote.webelement import WebElement

T = TypeVar("T")

FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"),
    "--window-size=1280,900",
    "--autoplay-policy=no-user-gesture-required",
)


@contextmanager
def started(directory: Path) -> Iterator[webdriver.Chrome]:
    """A browser that keeps its files in a directory; without one the test is skipped.

    Where BANDWIDTH_NEEDS_BROWSER is set, as in CI, it fails.
    """
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not chromium or not driver:
        give_up = pytest.fail if "BANDWIDTH_NEEDS_BROWSER" in os.environ else pytest.skip
        give_up("there is no browser: apt-get install chromium chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    for flag in (*FLAGS, f"--user-data-dir={directory}"):
        options.add_argument(flag)
    with webdriver.Chrome(options=options, service=Service(driver)) as browser:
        yield browser


class Browser:
    """A page in a browser, as a person uses it: by what is shown."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self.driver = driver

    def until(self, condition: Callable[[], T]) -> T:
        """Wait until a condition holds, for at most 30 seconds."""
        replaced = [StaleElementReferenceException]  # the page may replace an element while it is looked at
        return WebDriverWait(self.driver, 30, poll_frequency=0.02, ignored_exceptions=replaced).until(
            lambda _: condition()
        )

    def open(self, url: str) -> None:
        """Open the page, and wait until it has the first snapshot."""
        self.driver.get(url)
        self.sees("link", "connected")
        self.until(lambda: self.all("#operation option"))

    def view(self, name: str) -> None:
        """Go to a view: Calls, Requests, Faults or Problems."""
        self.driver.find_element(By.XPATH, f"//nav/a[starts-with(normalize-space(), '{name}')]").click()

    def all(self, selector: str) -> list[WebElement]:
        """What fits a selector."""
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector: str) -> WebElement:
        """What alone fits a selector."""
        (element,) = self.all(selector)
        return element

    def sees(self, name: str, text: str) -> None:
        """Wait until a text is shown inside an element."""
        self.until(lambda: text in self.one(f"#{name}").text)

    def press(self, text: str) -> None:
        """Press the button that says so, when it can be pressed."""
        self.until(lambda: self._button(text).is_enabled())
        self.click(self._button(text))

    def click(self, element: WebElement) -> None:
        """Scroll to an element, and click at it."""
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
        element.click()

    def call_in(self, url: str) -> None:
        """Make a far end call the application at this URL."""
        self.one("#url").send_keys(url)
        self.press("Inbound call")
        self.sees("call-title", "+19195551234")

    def counts(self, selector: str, number: int) -> None:
        """Wait until so many fit a selector."""
        self.until(lambda: len(self.all(selector)) == number)

    def hears(self, text: str) -> None:
        """Wait until a screen reader is told a text."""
        self.until(lambda: text in (self.one("#news").get_attribute("textContent") or ""))

    def write(self, element: WebElement, text: str) -> None:
        """Replace what stands in a field."""
        element.send_keys(Keys.CONTROL, "a")
        element.send_keys(text)

    @contextmanager
    def screen(self, width: int, height: int = 740) -> Iterator[None]:
        """Show the page on a screen of this size; a narrow one is a phone's."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        try:
            yield
        finally:
            self.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})

    @contextmanager
    def scheme(self, name: str) -> Iterator[None]:
        """Show the page as a system does that prefers `light` or `dark`."""
        self._media([{"name": "prefers-color-scheme", "value": name}])
        try:
            yield
        finally:
            self._media([])

    def _media(self, features: list[dict[str, str]]) -> None:
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def is_focused(self, element: WebElement) -> bool:
        """Whether the keyboard is at an element."""
        return bool(self.driver.switch_to.active_element == element)

    def tab_to(self, selector: str) -> WebElement:
        """Press Tab until the keyboard is at the first that fits, and the focus can be seen there."""
        wanted = self.until(lambda: self.all(selector))[0]
        for _ in range(60):
            focused = self.driver.switch_to.active_element
            if focused == wanted:
                assert focused.value_of_css_property("outline-style") == "solid"
                return focused
            focused.send_keys(Keys.TAB)
        raise AssertionError(f"Tab does not lead to {selector}")

    def _button(self, text: str) -> WebElement:
        return self.driver.find_element(By.XPATH, f"//button[normalize-space()='{text}']")
