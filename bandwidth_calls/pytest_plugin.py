"""Fixtures for pytest: `bandwidth_emulator`, a fresh emulator for each test, and `bandwidth_client`, a client for it.

The emulator's clock stands still until the test moves it. A test fails at its end if its application did something
wrong (a 500, invalid BXML, no reply), unless the test calls `expect_problems()`.

The fixtures work with pytest-asyncio in both of its modes and in each of its loop scopes: emulator and client run in
the event loop of the test. A test that pytest-asyncio does not run fails at its set-up. Without pytest-asyncio a test
that uses the fixtures is skipped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pytest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bandwidth_calls import BandwidthClient
    from bandwidth_calls.emulator import Emulator

    LoopScope = Literal["function", "class", "module", "package", "session"]

LOOP_SCOPES: tuple[LoopScope, ...] = ("function", "class", "module", "package", "session")
_NO_LOOP = (
    "bandwidth_emulator needs a test that pytest-asyncio runs: write `async def`, with @pytest.mark.asyncio in strict "
    "mode, or use bandwidth_calls.emulator.BlockingEmulator in a plain test"
)


def pytest_configure(config: pytest.Config) -> None:
    """Register the fixtures: asynchronous ones if pytest-asyncio is active, else ones that skip the test."""
    plugins = config.pluginmanager
    if not plugins.hasplugin("asyncio"):
        plugins.register(_Skipped(), "bandwidth_calls_fixtures")
        return
    plugins.register(_OfTheTest(), "bandwidth_calls_fixtures")
    for scope in LOOP_SCOPES:
        plugins.register(_fixtures_in_loop(scope), f"bandwidth_calls_fixtures_{scope}")


class _OfTheTest:
    """The fixtures that a test names. Each passes on the one of the test's event loop."""

    @pytest.fixture
    def bandwidth_emulator(self, request: pytest.FixtureRequest) -> Emulator:
        """An emulator for one test, in this process, with a clock that the test moves."""
        emulator: Emulator = request.getfixturevalue(f"_bandwidth_emulator_{_loop_scope(request)}")
        return emulator

    @pytest.fixture
    def bandwidth_client(self, request: pytest.FixtureRequest, bandwidth_emulator: Emulator) -> BandwidthClient:
        """A client for `bandwidth_emulator`, closed at the end of the test."""
        client: BandwidthClient = request.getfixturevalue(f"_bandwidth_client_{_loop_scope(request)}")
        return client


def _loop_scope(request: pytest.FixtureRequest) -> str:
    """Return the loop scope of the test; fail at its set-up if it has none."""
    import pytest_asyncio

    mark = request.node.get_closest_marker("asyncio")
    if mark is None or not pytest_asyncio.is_async_test(request.node):
        pytest.fail(_NO_LOOP, pytrace=False)
    scope = mark.kwargs.get("loop_scope") or mark.kwargs.get("scope")  # `scope` is the deprecated name
    return str(scope or request.config.getini("asyncio_default_test_loop_scope"))


def _fixtures_in_loop(scope: LoopScope) -> object:
    # Imports stand inside functions, so that a test run without these fixtures does not pay for them.
    import pytest_asyncio

    class Fixtures:
        @pytest_asyncio.fixture(loop_scope=scope, name=f"_bandwidth_emulator_{scope}")
        async def emulator(self) -> AsyncIterator[Emulator]:
            """An emulator in the event loop of one scope."""
            from bandwidth_calls.emulator import Emulator

            async with Emulator(moved_clock=True) as emulator:
                yield emulator
                emulator.assert_no_problems()

        @pytest_asyncio.fixture(loop_scope=scope, name=f"_bandwidth_client_{scope}")
        async def client(self, bandwidth_emulator: Emulator) -> AsyncIterator[BandwidthClient]:
            """A client in the event loop of one scope."""
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
