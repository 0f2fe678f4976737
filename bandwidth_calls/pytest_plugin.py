"""Fixtures for pytest: `bandwidth_emulator`, a fresh emulator for each test, and `bandwidth_client`, a client for it.

The emulator's clock stands still until the test moves it. A test fails at its end if its application did something
wrong (a 500, invalid BXML, no reply), unless the test calls `expect_problems()`.

The fixtures work with pytest-asyncio in both of its modes; without pytest-asyncio a test that uses them is skipped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bandwidth_calls import BandwidthClient
    from bandwidth_calls.emulator import Emulator


def pytest_configure(config: pytest.Config) -> None:
    """Register the fixtures: asynchronous ones if pytest-asyncio is active, else ones that skip the test."""
    active = config.pluginmanager.hasplugin("asyncio")
    config.pluginmanager.register(_asyncio_fixtures() if active else _Skipped(), "bandwidth_calls_fixtures")


def _asyncio_fixtures() -> object:
    # Imports stand inside functions, so that a test run without these fixtures does not pay for them.
    import pytest_asyncio

    class Fixtures:
        @pytest_asyncio.fixture
        async def bandwidth_emulator(self) -> AsyncIterator[Emulator]:
            """An emulator for one test, in this process, with a clock that the test moves."""
            from bandwidth_calls.emulator import Emulator

            async with Emulator(moved_clock=True) as emulator:
                yield emulator
                emulator.assert_no_problems()

        @pytest_asyncio.fixture
        async def bandwidth_client(self, bandwidth_emulator: Emulator) -> AsyncIterator[BandwidthClient]:
            """A client for `bandwidth_emulator`, closed at the end of the test."""
            from bandwidth_calls import BandwidthClient, ClientCredentials

            emulator = bandwidth_emulator
            auth = ClientCredentials(emulator.client_id, emulator.client_secret, token_url=emulator.token_url)
            async with BandwidthClient(emulator.account_id, auth, base_url=emulator.base_url) as client:
                yield client

    return Fixtures()


class _Skipped:
    @pytest.fixture
    def bandwidth_emulator(self) -> None:
        """Skip the test: an emulator needs an event loop."""
        pytest.skip("bandwidth_emulator needs pytest-asyncio: pip install pytest-asyncio")

    @pytest.fixture
    def bandwidth_client(self, bandwidth_emulator: None) -> None:
        """Skip the test: there is no emulator."""
