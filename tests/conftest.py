"""Fixtures that every test may use."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Iterator
from importlib import import_module
from typing import Any
from unittest.mock import Mock

import aioresponses.core
import pytest
from aiohttp import ClientResponse, ClientSession
from aioresponses import aioresponses as mocked_responses
from hypothesis import HealthCheck, settings
from support.emulator_http import USER
from support.moved_clock import LoopTime, MovedClock
from support.scripted_api import MakeClient, ScriptedApi

from bandwidth_calls import BandwidthClient, BasicCredentials, ClientCredentials, CreateCall, RetryPolicy
from bandwidth_calls.emulator import Emulator

pytest_plugins = ("bandwidth_calls.pytest_plugin", "support.servers")

# Hypothesis limits the real time of each example, and of all drawing to a second. A busy machine exceeds both.
settings.register_profile("no real time", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("no real time")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the tests run on another event loop."""
    parser.addoption("--uvloop", action="store_true", help="run every event loop as uvloop's, which must be installed")


def pytest_configure(config: pytest.Config) -> None:
    """Choose the event loop: that of pytest-asyncio, of threads and of `asyncio.run` alike."""
    config.addinivalue_line("markers", "moves_loop_time: moves the event loop's time, as the fixture loop_time does")
    if config.getoption("uvloop"):
        asyncio.set_event_loop_policy(import_module("uvloop").EventLoopPolicy())


@pytest.hookimpl(trylast=True)  # Hypothesis marks its tests first
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what cannot run on uvloop, and measure no coverage of random tests.

    Coverage doubles the time of random tests, and random examples reach random lines.
    """
    for item in items if config.getoption("uvloop") else ():
        if "loop_time" in getattr(item, "fixturenames", ()) or item.get_closest_marker("moves_loop_time"):
            item.add_marker(pytest.mark.skip(reason="uvloop's timers do not follow a time that a test moves"))
    if config.getoption("no_cov", default=True):  # pytest-cov fails on its own mark where it measures nothing
        return
    for item in items:
        if item.get_closest_marker("hypothesis") or "simulation" in item.path.parts:
            item.add_marker("no_cover")


class _AnsweredAtOnce(ClientResponse):
    """A response that aioresponses can build: it does not pass `stream_writer`, which aiohttp 3.14 requires."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, stream_writer=Mock(output_size=0), **kwargs)


@pytest.fixture
def mocked() -> Iterator[mocked_responses]:
    """Answer requests without a server: for a single exchange."""
    with pytest.MonkeyPatch.context() as patch, mocked_responses() as mock:
        if "stream_writer" in inspect.signature(ClientResponse.__init__).parameters:
            patch.setattr(aioresponses.core, "ClientResponse", _AnsweredAtOnce)
        yield mock


@pytest.fixture
def moved() -> MovedClock:
    """A clock that a test moves."""
    return MovedClock()


@pytest.fixture
async def api() -> AsyncIterator[ScriptedApi]:
    """An API on loopback that a test scripts."""
    async with ScriptedApi() as scripted:
        yield scripted


@pytest.fixture
async def loop_time(api: ScriptedApi) -> AsyncIterator[LoopTime]:
    """The event loop's time, which a test moves. It moves again by itself before the API is closed."""
    with pytest.MonkeyPatch.context() as patch:
        yield LoopTime(patch)


@pytest.fixture
async def make_client(api: ScriptedApi, moved: MovedClock) -> AsyncIterator[MakeClient]:
    """Make clients for the scripted API; keywords go to the client. All are closed at the end."""
    made = []

    def make(**options: Any) -> BandwidthClient:
        auth = options.pop("auth", None) or ClientCredentials("client-id", "client-secret", token_url=api.token_url)
        options = {"base_url": api.base_url, "clock": moved.clock, **options}
        made.append(BandwidthClient("9900000", auth, **options))
        return made[-1]

    yield make
    for client in made:
        await client.close()


@pytest.fixture
def basic() -> BasicCredentials:
    """Credentials that need no token request."""
    return BasicCredentials("user", "password")


@pytest.fixture
def once() -> RetryPolicy:
    """A policy without retries."""
    return RetryPolicy(attempts=1)


@pytest.fixture
def a_call() -> CreateCall:
    """A valid request for a call."""
    return CreateCall(
        to="+19195551234",
        from_="+19195554321",
        application_id="1234-qwer",
        answer_url="https://app.example/answer",
    )


CREATED: dict[str, Any] = {
    "accountId": "9900000",
    "answerMethod": "POST",
    "answerUrl": "https://app.example/answer",
    "applicationId": "1234-qwer",
    "callId": "c-15ac29a2-1331029c-2cb0-4a07-b215-b22865662d85",
    "callUrl": "https://voice.bandwidth.com/api/v2/accounts/9900000/calls/c-15ac29a2",
    "disconnectMethod": "POST",
    "from": "+19195554321",
    "to": "+19195551234",
}


@pytest.fixture
def created() -> dict[str, Any]:
    """The JSON answer to an accepted call."""
    return dict(CREATED)


@pytest.fixture
async def bandwidth() -> AsyncIterator[Emulator]:
    """An emulator whose clock stands still until it is moved."""
    async with Emulator(moved_clock=True) as emulator:
        yield emulator


@pytest.fixture
async def http() -> AsyncIterator[ClientSession]:
    """A session that authenticates as the emulator's user."""
    async with ClientSession(headers=USER) as session:
        yield session
