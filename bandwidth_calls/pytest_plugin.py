"""Fixtures for pytest: `bandwidth_emulator`, a fresh one a test, and `bandwidth_client`, a client for it.

The emulator is on a clock that stands still until the test moves it, and a test fails at its end for what its
application did wrong (a 500, invalid BXML, no reply), unless it took that as expected by `expect_problems()`.

They work with pytest-asyncio in both of its modes; without it they skip and say so. Nothing is imported before a test
asks for a fixture, so the plugin costs a test run nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bandwidth_calls import BandwidthClient
    from bandwidth_calls.emulator import Emulator


def pytest_configure(config: pytest.Config) -> None:
    """Register the fixtures that fit: those of pytest-asyncio where it is active, else those that skip."""
    active = config.pluginmanager.hasplugin("asyncio")
    config.pluginmanager.register(_asyncio_fixtures() if active else _Skipped(), "bandwidth_calls_fixtures")


def _asyncio_fixtures() -> object:
    import pytest_asyncio

    class Fixtures:
        @pytest_asyncio.fixture
        async def bandwidth_emulator(self) -> AsyncIterator[Emulator]:
            """A Bandwidth that runs in this process, for one test, on a clock that the test moves."""
            from bandwidth_calls.emulator import Emulator

            async with Emulator(moved_clock=True) as emulator:
                yield emulator
                emulator.assert_no_problems()

        @pytest_asyncio.fixture
        async def bandwidth_client(self, bandwidth_emulator: Emulator) -> AsyncIterator[BandwidthClient]:
            """A client of that emulator, closed at the end of the test."""
            from bandwidth_calls import BandwidthClient, ClientCredentials

            emulator: Any = bandwidth_emulator
            auth = ClientCredentials(emulator.client_id, emulator.client_secret, token_url=emulator.token_url)
            async with BandwidthClient(emulator.account_id, auth, base_url=emulator.base_url) as client:
                yield client

    return Fixtures()


class _Skipped:
    @pytest.fixture
    def bandwidth_emulator(self) -> None:
        """Skip, for an emulator needs an event loop."""
        pytest.skip("bandwidth_emulator needs pytest-asyncio: pip install pytest-asyncio")

    @pytest.fixture
    def bandwidth_client(self, bandwidth_emulator: None) -> None:
        """Skip, as there is no emulator."""
