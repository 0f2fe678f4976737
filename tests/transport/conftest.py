"""Fixtures of the tests of the transport."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest
from support.program import free_port


@pytest.fixture(name="free_port")
def a_free_port() -> int:
    """A port where nobody listens."""
    return free_port()


@pytest.fixture
def full_port() -> Iterator[int]:
    """A port whose queue is full, so that connecting to it takes forever."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        port: int = server.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
        yield port
        for one in waiting:
            one.close()


@pytest.fixture(params=["own session", "borrowed session"])
async def lent(request: pytest.FixtureRequest) -> AsyncIterator[aiohttp.ClientSession | None]:
    """No session, or one that the caller owns."""
    async with aiohttp.ClientSession() as session:
        yield session if request.param == "borrowed session" else None
