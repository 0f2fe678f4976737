"""Fixtures of the tests of the transport."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator

import aiohttp
import pytest


@pytest.fixture
def free_port() -> int:
    """A port where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@pytest.fixture(params=["own session", "borrowed session"])
async def lent(request: pytest.FixtureRequest) -> AsyncIterator[aiohttp.ClientSession | None]:
    """No session, or one that the caller owns."""
    async with aiohttp.ClientSession() as session:
        yield session if request.param == "borrowed session" else None
