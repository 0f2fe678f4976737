"""Fixtures for pytest, which run an emulator and the application in the event loop of the test.

- `bandwidth_emulator`: a fresh emulator for each test; `@pytest.mark.bandwidth_emulator(status_url=...)` sets options.
- `bandwidth_client`: a client for it.
- `bandwidth_serve`: `url = await bandwidth_serve(app)` serves an ASGI or aiohttp application on loopback.
- `bandwidth_env`: the variables of `BandwidthClient.from_env`, in `os.environ` for the test alone.

The emulator's clock stands still until the test moves it. A test fails at its end if its application did something
wrong (a 500, invalid BXML, no reply), unless the test calls `expect_problems()`.

The fixtures work with pytest-asyncio in both of its modes and in each of its loop scopes. A test that pytest-asyncio
does not run fails at its set-up, and so does an asynchronous fixture that uses them in another event loop. Without
pytest-asyncio a test that uses the fixtures is skipped.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Literal

import pytest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Generator

    from bandwidth_calls import BandwidthClient
    from bandwidth_calls.emulator import Emulator

    LoopScope = Literal["function", "class", "module", "package", "session"]
    Serve = Callable[[object], Awaitable[str]]

LOOP_SCOPES: tuple[LoopScope, ...] = ("function", "class", "module", "package", "session")
_NAMES = ("bandwidth_emulator", "bandwidth_client", "bandwidth_serve", "bandwidth_env")
_NO_LOOP = (
    "bandwidth_emulator needs a test that pytest-asyncio runs: write `async def`, with @pytest.mark.asyncio in strict "
    "mode, or use bandwidth_calls.emulator.BlockingEmulator in a plain test"
)
_MARKER = "bandwidth_emulator(**options): options of the emulator, such as status_url and calls_per_second"


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker and the fixtures: asynchronous ones if pytest-asyncio is active, else ones that skip."""
    config.addinivalue_line("markers", _MARKER)
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

    @pytest.fixture
    def bandwidth_serve(self, request: pytest.FixtureRequest) -> Serve:
        """A coroutine that serves an ASGI or aiohttp application on loopback, and returns its URL without a slash.

        The same application is served once. ASGI needs uvicorn and websockets. Anything else is a `TypeError`.
        """
        serve: Serve = request.getfixturevalue(f"_bandwidth_serve_{_loop_scope(request)}")
        return serve

    @pytest.fixture
    def bandwidth_env(self, bandwidth_emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
        """The five variables by which applications reach `bandwidth_emulator`, set for this test."""
        from bandwidth_calls.emulator.first_steps import environment

        variables = environment(bandwidth_emulator)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return variables

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[object], request: pytest.FixtureRequest
    ) -> Generator[None, object, object]:
        """Fail where an asynchronous fixture uses ours in another event loop. Its requests would never be answered."""
        func = fixturedef.func
        if set(_NAMES) & set(fixturedef.argnames) and (
            inspect.iscoroutinefunction(func) or inspect.isasyncgenfunction(func)
        ):
            _need_same_loop(fixturedef, request)
        return (yield)


def _need_same_loop(fixturedef: pytest.FixtureDef[object], request: pytest.FixtureRequest) -> None:
    # Where pytest-asyncio keeps the loop scope of a fixture; without one it is that of the configuration.
    scope = getattr(fixturedef.func, "_loop_scope", None) or request.config.getini("asyncio_default_fixture_loop_scope")
    if scope in (None, "", "fixture-scope"):
        scope = fixturedef.scope
    of_test = _loop_scope(request)
    if scope != of_test:
        pytest.fail(
            f"fixture {fixturedef.argname!r} runs in the event loop of the {scope}, and its test in that of the "
            f"{of_test}, where bandwidth_emulator runs too: give both the same loop_scope",
            pytrace=False,
        )


def _loop_scope(request: pytest.FixtureRequest) -> str:
    """Return the loop scope of the test; fail at its set-up if it has none."""
    import pytest_asyncio

    mark = request.node.get_closest_marker("asyncio")
    if mark is None or not pytest_asyncio.is_async_test(request.node):
        pytest.fail(_NO_LOOP, pytrace=False)
    scope = mark.kwargs.get("loop_scope") or mark.kwargs.get("scope")  # `scope` is the deprecated name
    return str(scope or request.config.getini("asyncio_default_test_loop_scope"))


def _make_emulator(request: pytest.FixtureRequest) -> Emulator:
    """Return an emulator with the options of the test's markers; those of the test count before those of its module."""
    import attrs

    from bandwidth_calls.emulator import Emulator

    options: dict[str, object] = {"moved_clock": True}
    known = [str(field.alias) for field in attrs.fields(Emulator) if field.init]
    for mark in reversed(list(request.node.iter_markers("bandwidth_emulator"))):
        unknown = [*map(repr, mark.args), *(name for name in mark.kwargs if name not in known)]
        if unknown:
            pytest.fail(f"bandwidth_emulator: unknown: {', '.join(unknown)}; known: {', '.join(known)}", pytrace=False)
        options.update(mark.kwargs)
    try:
        return Emulator(**options)  # type: ignore[arg-type]  # the emulator checks each option
    except (TypeError, ValueError) as error:
        pytest.fail(f"bandwidth_emulator: {error.args[0]}", pytrace=False)


def _fixtures_in_loop(scope: LoopScope) -> object:
    # Imports stand inside functions, so that a test run without these fixtures does not pay for them.
    import pytest_asyncio

    class Fixtures:
        @pytest_asyncio.fixture(loop_scope=scope, name=f"_bandwidth_emulator_{scope}")
        async def emulator(self, request: pytest.FixtureRequest) -> AsyncIterator[Emulator]:
            """An emulator in the event loop of one scope."""
            async with _make_emulator(request) as emulator:
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

        @pytest_asyncio.fixture(loop_scope=scope, name=f"_bandwidth_serve_{scope}")
        async def serve(self) -> AsyncIterator[Serve]:
            """A coroutine that serves applications in the event loop of one scope."""
            from bandwidth_calls.emulator.serving import Applications

            async with Applications() as applications:
                yield applications.serve

    return Fixtures()


class _Skipped:
    @pytest.fixture
    def bandwidth_emulator(self) -> None:
        """Skip the test: an emulator needs an event loop."""
        pytest.skip("bandwidth_emulator needs pytest-asyncio: pip install pytest-asyncio")

    @pytest.fixture
    def bandwidth_client(self, bandwidth_emulator: None) -> None:
        """Skip the test: there is no emulator."""

    @pytest.fixture
    def bandwidth_serve(self, bandwidth_emulator: None) -> None:
        """Skip the test: there is no emulator."""

    @pytest.fixture
    def bandwidth_env(self, bandwidth_emulator: None) -> None:
        """Skip the test: there is no emulator."""
