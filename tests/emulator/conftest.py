"""An emulator on a clock that stands still, and sessions that speak to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aiohttp import ClientSession
from support.browser import Browser, started
from support.emulator_http import NOW

from bandwidth_calls.emulator import Emulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from selenium.webdriver import Chrome


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    """A fresh emulator, at `NOW`."""
    async with Emulator(
        no_webhooks=True, clock=lambda: NOW, forbidden_username="guest", forbidden_password="secret"
    ) as emulator:
        yield emulator


@pytest.fixture
async def played() -> AsyncIterator[Emulator]:
    """An emulator whose clock runs by itself."""
    async with Emulator() as emulator:
        yield emulator


@pytest.fixture
async def anonymous() -> AsyncIterator[ClientSession]:
    """A session without credentials."""
    async with ClientSession() as session:
        yield session


@pytest.fixture(scope="session")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    """One browser for all tests."""
    with started(tmp_path_factory.mktemp("browser")) as driver:
        yield driver


@pytest.fixture
def browser(driver: Chrome) -> Iterator[Browser]:
    """The browser, which at the end has nothing to complain of but answers that are errors."""
    driver.get_log("browser")  # type: ignore[no-untyped-call]
    yield Browser(driver)
    complaints = driver.get_log("browser")  # type: ignore[no-untyped-call]
    driver.get("about:blank")
    assert [entry for entry in complaints if "Failed to load resource" not in entry["message"]] == []
